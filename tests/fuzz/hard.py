"""Hard cases: sizes around limits, damaged binary files, paths that collide, packs that blow up, hostile texts.

Each says what has to hold between its commands, beside what holds for every command.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import xlsxwriter
from cases import SAMPLES, Case, Ran, seeds
from mutate import interesting_text

import blowups

__all__ = ["MAKERS"]

SHARE = ("--operation", "share", "--fail-on", "never")
MIB = 1 << 20
SIZES = (1, 1 << 16, MIB - 1, MIB, MIB + 1, 2 * MIB, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 16 * MIB + 1, 20 * MIB)
DEPTHS = (2, 63, 64, 65, 1000, 100_000)
COUNTS = (2, 5000, 9999, 10_000, 10_001, 30_000)
DIGITS = (18, 19, 20, 399, 400, 401, 5000, MIB)
ENDS = {"": lambda data: data, ".gz": lambda data: gzip.compress(data, 1), ".zst": lambda data: _zstd(data)}


def sized(random: Random) -> Case:
    """Something in a file is about as large as a limit, or much larger."""
    size, depth, count, digits = (random.choice(each) for each in (SIZES, DEPTHS, COUNTS, DIGITS))
    fill = random.choice(("x", "ü", '"', " ", "\\", "0", ",", "镜"))
    text = fill * (size // len(fill.encode()))
    quoted = json.dumps(text, ensure_ascii=False)
    image = json.dumps(json.loads(seeds(SAMPLES)["images.json"])["images"][0])[:-1]
    quoted_cell = '"' + text.replace('"', '""') + '"'
    name, make = random.choice(
        (
            ("a.csv", lambda: f"id,image.visibility,x\na,private,{quoted_cell}\nb,private,y\n"),
            ("a.csv", lambda: f"id,image.visibility,{quoted_cell}\na,private,y\n"),
            (
                "a.csv",
                lambda: (
                    "id,image.visibility,"
                    + ",".join(f"c{n}" for n in range(count))
                    + "\na,private"
                    + "," * count
                    + "\n"
                ),
            ),
            ("a.csv", lambda: text),
            ("a.csv", lambda: "id,image.visibility\n" + "\n" * min(size, 4 * MIB) + "a,private\n"),
            ("a.jsonl", lambda: f'{{"id": "a", "image.visibility": "private", "x": {quoted}}}\n'),
            ("a.jsonl", lambda: f'{{"id": "a", {quoted}: 1}}\n'),
            ("a.jsonl", lambda: '{"id": "a", "image.visibility": "private", "x": ' + "9" * digits + "}\n"),
            ("a.jsonl", lambda: '{"id": "a", "image.visibility": "private", "x": 0.' + "1" * digits + "e5}\n"),
            ("a.jsonl", lambda: '{"id": "a", "x": ' + "[" * depth + "]" * depth + "}\n"),
            ("a.jsonl", lambda: '{"id": "a"' + "".join(f', "c{n}": {n}' for n in range(count)) + "}\n"),
            ("a.json", lambda: f'[{image}, "x": {quoted}}}]'),
            ("a.json", lambda: f'{{"images": [{image}}}], "x": {quoted}}}'),
            ("a.json", lambda: f'{{{quoted}: 1, "images": [{image}}}]}}'),
            ("a.json", lambda: f'{{"images": [{image}, "x": {"[" * depth}{"]" * depth}}}]}}'),
            ("a.json", lambda: '{"a":' * depth + "1" + "}" * depth),
            ("a.json", lambda: f'{{"images": [{image}, "min_disk": {"9" * digits}}}]}}'),
            ("a.json", lambda: f'{{"images":{" " * size}[{image}}}]}}'),
            ("a.json", lambda: " " * size),
            ("a.json", lambda: text),
        )
    )
    end = random.choice(("", "", ".gz", ".zst"))
    data = ENDS[end](make().encode())
    commands = [["audit", name + end, *SHARE], ["check", "--image", name + end, *SHARE]]
    return Case("sized", {name + end: data}, [random.choice(commands)], cpu_seconds=8, mib=400)


DEFECTS: Sequence[Callable[[str], str]] = (
    lambda item: item,
    lambda item: item,
    lambda item: item[:-1] + ', "id": "twice"}',
    lambda item: item[:-1] + ', "x": NaN}',
    lambda item: item[:-1] + ', "x": 1e999}',
    lambda item: item[:-1] + ', "x": 123456789012345678901234567890}',
    lambda item: item[:-1] + ', "x": "\\ud800"}',
    lambda item: item[:-1] + ', "x": 01}',
    lambda item: item[:-1] + ", }",
    lambda item: item[:-1],
    lambda item: item + "]",
    lambda item: "null",
    lambda item: "7",
    lambda item: item[:-1] + ', "min_disk": "many"}',
    lambda item: item[:-1] + ', "x": "a\tb"}',
)


OUTER = (("[", "]"), ('{"images": [', "]}"), ('{"images": [', '], "x": 1}'), ('{"a": {}, "images": [', "]}"))


def padded(random: Random) -> Case:
    """The same document short and long: what is accepted does not depend on the length."""
    items = [json.dumps(item) for item in json.loads(seeds(SAMPLES)["images.json"])["images"][:4]]
    at = random.randrange(len(items))
    items[at] = random.choice(DEFECTS)(items[at])
    good = json.dumps(json.loads(seeds(SAMPLES)["images.json"])["images"][5])
    size = random.choice((70_000, MIB, 3 * MIB, 6 * MIB))
    blanks, more = " " * size, [good] * (size // len(good))
    cut = random.randrange(len(items) + 1)
    longer = random.choice(
        (
            [*items[:cut], *more, *items[cut:]],
            [blanks + items[0], *items[1:]],
            [*items[:-1], items[-1] + blanks],
            [*more, *items],
            [*items, *more],
        )
    )
    outer = random.choice(OUTER)
    after = random.choice(("", "", "\n", " x", "{}"))
    is_lines = random.random() < 0.3

    def document(parts: Sequence[str]) -> bytes:
        text = "\n".join(parts) if is_lines else outer[0] + ", ".join(parts) + outer[1] + after
        return text.encode("utf-8", "surrogatepass")

    end = random.choice(tuple(ENDS))
    files = {"short.json": document([*items, good]), f"long.json{end}": ENDS[end](document(longer))}
    verb = random.choice((["audit"], ["audit", "--on-bad-row", "report"], ["audit", "--format", "csv"]))
    commands = [[*verb, name, *SHARE] for name in files]

    def judge(ran: Sequence[Ran]) -> str | None:
        codes = [each.code for each in ran]
        return None if codes[0] == codes[1] else f"short and long: exit codes {codes}"

    return Case("padded", files, commands, judge=judge, cpu_seconds=15)


def damaged(random: Random) -> Case:
    """A binary file with flipped bits, cut or with a piece moved: refused, or read as it was."""
    name, content, has_checks = random.choice(_binary())
    data = bytearray(content)
    what = random.randrange(6)
    at = random.randrange(len(data))
    if what < 3:
        for _ in range(random.choice((1, 1, 1, 2, 10))):
            data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    elif what == 3:
        del data[at : at + random.choice((1, 4, 100, len(data)))]
    elif what == 4:
        piece = data[at : at + random.choice((1, 8, 200))]
        data[at:at] = piece
    else:
        data[at : at + 4] = random.randbytes(4)
    files = {"whole-" + name: content, name: bytes(data)}
    verb = ["audit", *random.choice((["--format", "csv"], ["--format", "csv"], ["--on-bad-row", "report"]))]
    commands = [[*verb, each, *SHARE] for each in files]
    if random.random() < 0.2:
        commands = [["match", "--images", name, "--flavor", "s6.large.2", "--operation", "create_ecs"]]

    def judge(ran: Sequence[Ran]) -> str | None:
        if not has_checks or "csv" not in verb or len(ran) < 2 or ran[1].code == 2:
            return None
        return None if ran[1].stdout == ran[0].stdout else "damage changed what is read"

    return Case("damaged", files, commands, judge=judge)


@cache
def _binary() -> list[tuple[str, bytes, bool]]:
    """Binary files of a table: name, content, and whether every byte of their data has a checksum."""
    table = pyarrow.csv.read_csv(
        io.BytesIO(seeds(SAMPLES)["facts.csv"]),
        convert_options=pyarrow.csv.ConvertOptions(strings_can_be_null=True, auto_dict_encode=True),
    )
    plain = pyarrow.csv.read_csv(io.BytesIO(seeds(SAMPLES)["facts.csv"]))
    found: list[tuple[str, bytes, bool]] = []
    for compression in ("none", "snappy", "zstd", "gzip"):
        for is_dictionary in (False, True):
            out = io.BytesIO()
            pq.write_table(
                table if is_dictionary else plain,
                out,
                compression=compression,
                use_dictionary=is_dictionary,
                write_page_checksum=True,
                row_group_size=3,
            )
            found.append(("a.parquet", out.getvalue(), False))  # headers and statistics have none
    for of in (table, plain):
        for make in (pa.ipc.new_file, pa.ipc.new_stream):
            sink = io.BytesIO()
            with make(sink, of.schema) as writer:
                writer.write_table(of)
            found.append(("a.arrow", sink.getvalue(), False))
    text = seeds(SAMPLES)["facts.csv"]
    found += [("a.xlsx", _workbook(plain, is_shared), False) for is_shared in (False, True)] * 2
    return [*found, ("a.csv.gz", gzip.compress(text, mtime=0), False), ("a.csv.zst", _zstd(text), False)] * 1


def _workbook(table: pa.Table, is_shared: bool) -> bytes:
    """Write a table as a workbook; where texts are shared, its cells name them."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"constant_memory": not is_shared})
    sheet = book.add_worksheet()
    for row, cells in enumerate([table.column_names, *(row.values() for row in table.to_pylist())]):
        sheet.write_row(row, 0, list(cells))
    book.close()
    return content.getvalue()


PLACES = (
    *("in.csv", "./in.csv", "sub/../in.csv", "sub/in.csv", "folder/in.csv", "link.csv", "sub/up.csv", "other.csv"),
    *("hard.csv", "out.csv", "OUT.csv", "new.csv", "dangling.csv", "out.csv.bad-rows.jsonl", "sub/new.csv", "-"),
    *("/dev/stdout", "/dev/null", "sub", "sub/", "none/x.csv", "", "in.csv.bad-rows.jsonl", "/dev/fd/1"),
)
OUTPUTS = ("-o", "--summary", "--bad-rows", "--fitting", "--matrix")


def paths(random: Random) -> Case:
    """Outputs and inputs that may be one file: no input changes, and no output is lost."""
    table = b"id,image.visibility\na,private\n" + random.choice((b"", b"b,publik\n"))
    files = {name: table for name in ("in.csv", "other.csv", "sub/in.csv")}
    links = {"link.csv": "in.csv", "sub/up.csv": "../other.csv", "dangling.csv": "new.csv", "folder": "sub"}
    pick = lambda: random.choice(PLACES)  # noqa: E731
    source = random.choice(("in.csv", "other.csv", "*.csv", "link.csv", "sub/*.csv", "hard.csv"))
    command = ["audit", source, *SHARE, "--format", "csv"]
    for option, chance in (("-o", 0.8), ("--summary", 0.6), ("--bad-rows", 0.4)):
        command += [option, pick()] if random.random() < chance else []
    command += ["--on-bad-row", "report"] if random.random() < 0.6 else []
    if random.random() < 0.25:
        command = ["match", "--images", source, "--flavor", "s6.large.2", "--operation", "create_ecs"]
        command += [part for option in ("--fitting", "--matrix") if random.random() < 0.8 for part in (option, pick())]
    given = [place for part, place in pairwise(command) if part in OUTPUTS]

    sources: list[Path] = []

    def prepare(folder: Path) -> None:
        for name, to in links.items():
            (folder / name).symlink_to(to)
        os.link(folder / "in.csv", folder / "hard.csv")
        sources.extend(path for path in folder.glob(source) if path.exists())

    def judge(ran: Sequence[Ran]) -> str | None:
        real = [os.path.realpath(name) for name in given if name not in ("-", "") and not name.startswith("/dev/")]
        if any(path.read_bytes() != table for path in sources):
            return "an input is lost"
        has_worked = ran[0].code != 2 or "could not be read" in ran[0].stderr
        if has_worked and len(set(real)) < len(real):
            return "two outputs of one path"
        left = [path.name for path in Path().rglob("*.part")]
        return f"left {left}" if left else None

    return Case("paths", files, [command, command], is_kept=False, prepare=prepare, judge=judge)


QUESTIONS = (
    *(["rules", *each] for each in (["lint"], ["test"], ["test", "--coverage"], ["docs"], ["show", "r"])),
    *(["rules", *each] for each in (["export", "--to", "durable-rules"], ["diff", "pack", "pack"])),
    *(["check", "--operation", "go", *each] for each in ([], ["--all-rules", "--format", "json"])),
    ["facts"],
)


def blown(random: Random) -> Case:
    """A pack whose tables, searches or networks would be huge: an answer or a message, in bounds."""
    kind = random.choice((*blowups.KINDS, *blowups.REFUSED))
    files = {f"pack/{name}": text.encode() for name, text in blowups.files(kind, random).items()}
    verb = random.choice(QUESTIONS)
    command = [*verb] if verb[1:2] == ["diff"] else [*verb, "--pack", "pack"]
    is_search = verb[1:2] in (["lint"], ["test"], ["diff"])
    return Case(f"blown {kind}", files, [command], cpu_seconds=45 if is_search else 10, mib=700)


def bombs(random: Random) -> Case:
    """A small file that becomes a large one, or has no end."""
    size = random.choice((10, 70, 200, 600)) * MIB
    fill = random.choice((b"\0", b"\n", b" ", b"a", b"[", b"a,b\n", b'{"id":"a"}\n', b'"'))
    start = random.choice((b"", b"id,image.visibility\na,private\n", b'{"images": [', b'{"id":"a"}\n', b'"'))
    end = random.choice((".gz", ".zst"))
    name = random.choice(("a.csv", "a.json", "a.jsonl")) + end
    content = _long(start, fill, size, end)
    command = random.choice((["audit", name, *SHARE], ["check", "--image", name, *SHARE], ["audit", "-", *SHARE]))
    if random.random() < 0.03:
        command = [*command[:1], *(["--image"] if command[0] == "check" else []), "/dev/zero", *SHARE]
    is_rows = fill in (b"a,b\n", b'{"id":"a"}\n')  # which may be millions of them
    return Case("bombs", {name: content}, [command], stdin=content, cpu_seconds=200 if is_rows else 6, mib=400)


def _long(start: bytes, fill: bytes, size: int, end: str) -> bytes:
    block = fill * (MIB // len(fill))
    if end == ".gz":
        out = zlib.compressobj(1, wbits=31)
        return b"".join([out.compress(start), *(out.compress(block) for _ in range(size // len(block))), out.flush()])
    sink = io.BytesIO()
    with pa.CompressedOutputStream(pa.PythonFile(sink, "w"), "zstd") as stream:
        stream.write(start)
        for _ in range(size // len(block)):
            stream.write(block)
        stream.flush()
        stream.close()
        return sink.getvalue() if not sink.closed else b""


def _zstd(data: bytes) -> bytes:
    found: Any = pa.Codec("zstd").compress(data, asbytes=True)
    return bytes(found)


def texts(random: Random) -> Case:
    """Texts that act, as names, cells and values of options."""
    acting = random.choice(("\x1b]52;c;x\x07", "\u202e", "\U000e0041", "\nimagefit: x", "\x9b2J"))
    hostile = "".join(interesting_text(random) for _ in range(3)) + acting
    raw = hostile.replace("/", "").encode("utf-8", "surrogateescape")
    name = "x" + raw[:60].decode("utf-8", "ignore")
    cell = json.dumps(hostile.encode("utf-8", "replace").decode())
    content = f'{{"id": {cell}, "image.visibility": "private", "image.name": {cell}, {cell}: 1}}\n'.encode()
    verb = random.choice(
        (["audit", name], ["check", "--image", name, "-v"], ["check", "--image", name, "--format", "json", "--explain"],
         ["audit", name, "--on-bad-row", "report"], ["match", "--images", name, "--flavor", "s6.large.2"])
    )  # fmt: skip
    how = random.choice(([], ["--set", f"image.name={hostile}"], ["--select", hostile], ["--set", hostile]))
    return Case("texts", {name: content}, [[*verb, "--operation", "share", *how]], mib=400)


MAKERS: Sequence[Callable[[Random], Case]] = (sized, padded, damaged, damaged, paths, blown, bombs, texts)
