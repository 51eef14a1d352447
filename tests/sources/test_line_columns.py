"""JSON Lines that are read in columns are what the careful reader gives: facts, keys, columns, numbers and errors."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import imagefit
from imagefit import InputError
from imagefit.auditing.judging import AuditPlan
from imagefit.auditing.tally import Tally
from imagefit.auditing.writing import run_audit
from imagefit.columns.encoding import Encoder
from imagefit.readers.catalogs import Catalogs
from imagefit.reports.audit.layout import audit_layout
from imagefit.reports.jsonlines import JsonLinesWriter
from imagefit.sources import linecolumns
from imagefit.sources.batch import Batch, keys_of
from imagefit.sources.factlines import FactsLines
from imagefit.sources.files import FilesSource
from imagefit.sources.reading import open_file
from strategies import more

OWN = ("image.boot_mode", "image.min_disk_gib", "image.size_gib", "image.encrypted", "image.owner", "image.hypervisors",
       "image.attributes", "image.visibility")  # fmt: skip
FIELDS = {name: imagefit.load_pack().fields[name] for name in OWN}
CATALOGS = Catalogs()
BOUNDARY = ["9007199254740992", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1" * 30, "-0"]
TEXTS = ['"x"', '"007"', '""', '"2024-01-01"', '"2024-01-01T00:00:00Z"', '"NaN"', '"\\u00e9\\/"', '"é\U0001f600"',
         '"a;b"', '"\\ud83d\\ude00"', '"[]"', '"true"', '"1.5"', '"{"', '"\x7f\u202e"', '"\\u0000"']  # fmt: skip
ODD = ["NaN", "Infinity", "-Infinity", "Inf", "nul", "01", "+1", ".5", "1.", "1e999", "-1e-999", "0." + "0" * 450,
       '"\\ud800"', '"a\tb"', "'x'", '{"a": 1}', "{}", '{"a": NaN}', "[[]]", "[1]", "[null]", '["a", 1]', '[""]',
       '["2024-01-01"]', "[" * 70 + "]" * 70, "1 // x", '"\\x41"', '{"a":1,"a":2}']  # fmt: skip
LISTS = ['["kvm"]', '["kvm", "xen"]', "[]", "null"]
USUAL = {
    "id": ['"a"', '"b c"', '""', "null"],
    "name": ['"web"', "null", '""'],
    "image.boot_mode": ['"bios"', '"uefi"', "null", '""'],
    "image.min_disk_gib": ["40", "0", "null", "-0", "9223372036854775807"],
    "image.size_gib": ["1.5", "2", "2.0", "null", "0.1"],
    "image.encrypted": ["true", "false", "null"],
    "image.owner": [*TEXTS, "null"],
    "image.hypervisors": LISTS,
    "image.attributes": ['["a=b"]', '["a=b", "c=d"]', "[]", "null", '["a=\\u00e9"]'],
    "note": [*TEXTS, "null"],
    "n": ["1", "2", "1.5", "3.0", "null", "1E5", "12345678901.0"],
    "own": LISTS,
    "": ["true", "false"],
}
UNUSUAL = ["5", "5.0", "5.5", "true", "1e30", '"uefy"', '"40"', '"007"', "40.0", "-0.0", '"1.5"', "1", '"kvm;xen"',
           '["kvn"]', '["a"]', '"x"', "null", "1e300", *BOUNDARY, *TEXTS, *LISTS]  # fmt: skip


@st.composite
def blocks(draw: st.DrawFn) -> bytes:
    """Rows of the same columns, mostly of one kind of value each, some of them damaged."""
    names = draw(st.lists(st.sampled_from(sorted(USUAL)), min_size=1, max_size=6, unique=True))
    usual = {name: draw(st.lists(st.sampled_from(USUAL[name]), min_size=1, max_size=3)) for name in names}
    lines = []
    for _ in range(draw(st.integers(1, 8))):
        cells = [(name, draw(st.sampled_from(usual[name]))) for name in names if draw(st.integers(0, 5))]
        match draw(st.sampled_from([""] * 60 + ["odd", "any", "again", "escaped", "more"])):
            case "odd":
                cells.append((draw(st.sampled_from([*names, "z"])), draw(st.sampled_from(ODD))))
            case "any":
                name = draw(st.sampled_from(names))
                cells = [*(cell for cell in cells if cell[0] != name), (name, draw(st.sampled_from(UNUSUAL)))]
            case "again":
                cells += cells[:1]
            case "escaped":
                cells += [("\\u006e\\u006fte", "1")]
            case "more":
                cells.append((draw(st.sampled_from(["later", "note", "n"])), "1"))
        space = draw(st.sampled_from(["", "", " "]))
        lines.append("{" + f",{space}".join(f'"{name}":{space}{value}' for name, value in cells) + "}")
    text = "".join(line + draw(st.sampled_from(["\n"] * 60 + ["\r\n", "\n\n", " \n", "\r"])) for line in lines)
    found = (text if draw(st.booleans()) else text.removesuffix("\n")).encode()
    for _ in range(draw(st.sampled_from([0] * 8 + [1, 2]))):
        place = draw(st.integers(0, len(found)))
        put = draw(
            st.sampled_from([b"", b"{", b"}", b"[", b'"', b",", b"\n", b"\xff", b"\xc3", b"\0", b"1", b"\\", b" "])
        )
        found = found[:place] + put + found[place + draw(st.integers(0, 1)) :]
    return found


class Careful(FactsLines):
    """The same file, always row by row."""

    def __init__(self, *of: Any) -> None:
        super().__init__(*of)
        self._is_columnar = False


def read(file: FactsLines, *, schema_first: bool) -> Any:
    """Return all that is made of a file, or what is said of it."""
    source = FilesSource([file])
    try:
        if schema_first:
            assert source.schema is not None
        encoder = Encoder(FIELDS)
        rows = [row for batch in source.batches() for row in rows_of(source, batch, encoder)]
        return str(source.schema), rows, file.account()
    except InputError as error:
        return str(error)


def rows_of(source: FilesSource, batch: Batch, encoder: Encoder) -> Iterator[Any]:
    encoded, key_of = encoder.encode(batch.data), keys_of(batch)
    assert not list(encoded.errors())
    carried = source.carried(batch)
    for row, columns in enumerate(carried.to_pylist() if carried.num_columns else [{}] * batch.count):
        yield batch.number(row), key_of(row), encoded.facts(row), repr(columns)


SEEN: Counter[bool] = Counter()


@pytest.mark.slow
@settings(max_examples=more(3), phases=[Phase.generate])
@given(text=blocks(), size=st.sampled_from([30, 100, 1 << 20]), schema_first=st.booleans())
def test_a_block_is_what_the_careful_reader_gives(
    text: bytes, size: int, schema_first: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "facts.jsonl"
    path.write_bytes(text)
    try:
        file = open_file(path, FIELDS, format="facts-jsonl", catalogs=CATALOGS)
    except InputError:
        return
    if not isinstance(file, FactsLines):
        return
    careful = Careful(file.file, file.what, file.wanted)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(linecolumns, "BLOCK", size)
        found = read(file, schema_first=schema_first)
    if isinstance(found, str) and (row := re.search(r", row (\d+)", found)):  # of several rows, it is the first block's
        path.write_text(
            "".join(
                io.StringIO(path.read_bytes().decode("utf-8", "surrogateescape"), newline="").readlines()[: int(row[1])]
            ),
            "utf-8",
            "surrogateescape",
            newline="",
        )
    assert found == read(careful, schema_first=schema_first)
    SEEN[linecolumns.LineColumns(FIELDS).read(text) is not None] += 1


@pytest.mark.slow
def test_many_of_those_blocks_are_read_in_columns_and_many_are_not() -> None:
    """It says of the test above, where that ran before, that both ways were compared."""
    assert not SEEN or min(SEEN[True], SEEN[False]) > sum(SEEN.values()) // 10


def lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_usual_lines_are_read_in_columns() -> None:
    rows = [
        {"id": f"a{n}", "image.boot_mode": "uefi", "image.size_gib": 1.5 * n, "made": "2024-01-01"} for n in range(9)
    ]
    found = linecolumns.LineColumns(FIELDS).read(lines(rows))
    assert found.to_pylist() == rows
    assert found.schema.field("made").type in ("string", pa.dictionary(pa.int32(), pa.string()))  # and not a day


@pytest.mark.parametrize("nested", ["[" * 200_000, '{"a":' * 200_000, "[null," * 200_000])
def test_what_is_nested_without_end_is_not_given_to_arrow(nested: str, tmp_path: Path) -> None:
    """It would crash."""
    path = tmp_path / "facts.jsonl"
    path.write_text('{"image.boot_mode": "uefi"}\n{"note": ' + nested + "\n")
    with pytest.raises(InputError, match=r"row 2: (nested too deeply|not JSON)"):
        list(open_file(path, FIELDS).batches())


def test_columns_that_only_a_row_each_has_fill_no_memory() -> None:
    block = "".join(f'{{"k{n}": 1}}\n' for n in range(9000)).encode()
    assert linecolumns.LineColumns(FIELDS).read(block) is None


def test_blocks_end_with_a_line_that_is_not_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linecolumns, "BLOCK", 4)
    content = b'{"a": 1}\n\n \n{}\r\n{"b": 2}\n\n'
    found = list(linecolumns.blocks_of(io.BytesIO(content)))
    assert b"".join(found) == content
    assert all(block.strip() and block.endswith(b"\n") for block in found[:-1])


def test_where_blanks_go_on_the_careful_reader_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(linecolumns, "BLOCK", 8)
    monkeypatch.setattr(linecolumns, "LONGEST", 64)
    path = tmp_path / "facts.jsonl"
    path.write_text('{"image.boot_mode": "uefi"}\n' + "\n" * 200 + '{"image.boot_mode": "bios"}\n')
    source = FilesSource([open_file(path, FIELDS)])
    for _ in range(2):
        found = [(batch.number(0), *batch.data.to_pylist()) for batch in source.batches()]
        assert found == [(1, {"image.boot_mode": "uefi"}), (202, {"image.boot_mode": "bios"})]
        assert source.names == ("image.boot_mode",)


def test_lines_are_read_once_for_whole_verdicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the columns are is asked for before the first row, not in the middle of them."""
    read: list[bytes] = []
    one = linecolumns.LineColumns.read
    monkeypatch.setattr(linecolumns.LineColumns, "read", lambda own, block: read.append(block) or one(own, block))  # type: ignore[func-returns-value]
    monkeypatch.setattr(linecolumns, "BLOCK", 100)
    content = lines([{"id": f"a{n}", "image.boot_mode": "uefi", **({"late": 1} if n > 8 else {})} for n in range(10)])
    (tmp_path / "facts.jsonl").write_bytes(content)
    pack, out = imagefit.load_pack(), io.BytesIO()
    source, plan = FilesSource([open_file(tmp_path / "facts.jsonl", pack.fields)]), AuditPlan(pack, "create_ecs")
    run_audit(source, plan, JsonLinesWriter(out, audit_layout(lambda: source.schema, plan.columns)), Tally(pack))
    assert b"".join(read) == content
    assert out.getvalue().count(b'"late": null') == 9
