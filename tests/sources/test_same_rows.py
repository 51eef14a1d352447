"""The same content gives the same rows, origins and notes: long or short, compressed or not, by path or standard input.

Each verb reads the content as it is, which it has to read in all other ways alike.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import imagefit
from imagefit.cli.match_inputs import Inputs
from imagefit.readers.own import AS_THEY_ARE
from imagefit.rulepack.pack import Pack
from imagefit.sources.files import FilesSource
from imagefit.sources.reading import open_file
from imagefit.sources.subjects import Reader
from imagefit.supply import Assumptions
from readers.payloads import create_request, flavor, ims_image, server

BEYOND_ALL_LIMITS = 9 << 20
"""Longer than any block that is read at a time, and than the longest line or element."""

LONG_CSV = 5 << 16
"""Empty lines: what blocks are to CSV has tests of its own."""

ZONES = "az1(sellout),az2(normal)"
FACTS = [
    {},
    {"id": "a", "name": "web", "image.status": "active", "image.boot_mod": "x", "operation": "delete"},
    {"id": "", "name": "db", "image.hypervisors": ["kvm", "xen"], "image.min_disk_gib": 40},
]
IMAGES = [ims_image(id="i1"), ims_image(id="i2", hw_firmware_type="odd"), ims_image(id=None, name=None)]
FLAVORS = [flavor(id="c7n.large.2"), flavor(id="odd.large.2", **{"cond:operation:az": ZONES})]
MEMBERS = [{"image_id": image, "member_id": f"m{n}", "status": "accepted"} for n, image in enumerate("xyxyx")]

GAP = "\n \n"
"""Stands where blanks may stand, and becomes long."""


def listed(objects: list[Any], **around: Any) -> str:
    """Write a list of objects as JSON, with gaps; an object is around it, where there is a key for it (None)."""
    text = f"[{GAP}" + f",{GAP}".join(map(json.dumps, objects)) + f"{GAP}]"
    values = {key: text if value is None else json.dumps(value) for key, value in around.items()}
    return "{" + ", ".join(f'"{key}": {value}' for key, value in values.items()) + "}" if around else text


def columnar(format: str) -> bytes:
    """Write facts as columns, which have no gaps."""
    table = pa.table(
        {"id": ["a", ""], "name": ["web", "db"], "image.status": ["active", None], "image.boot_mod": [1, 2]}
    )
    content = io.BytesIO()
    if format == "parquet":
        pq.write_table(table, content)
    else:
        make = pa.ipc.new_file if format == "arrow file" else pa.ipc.new_stream
        with make(content, table.schema) as writer:
            writer.write_table(table)
    return content.getvalue()


CONTENTS: Mapping[str, str | bytes] = {
    "facts-json": listed(FACTS),
    "facts-jsonl": "\n".join(map(json.dumps, FACTS)) + GAP,
    "facts-csv": 'id,name,image.status,image.boot_mod\n\na,web,active,"x, ""y"""\n,db,,\n,,active,z\n\n',
    "ims": listed(IMAGES, count=7, images=None),
    "ims in lines": "\n".join(map(json.dumps, IMAGES)) + GAP,
    "nova": listed([{"id": "n", "minDisk": 4, "metadata": {"__os_bit": "64"}}], images=None, next="https://more"),
    "disks": listed([{"resource_detail": {"id": "d", "volume_image_metadata": IMAGES[0]}}] * 2, resources=None),
    "flavors": listed(FLAVORS, flavors=None, flavors_links=[{"rel": "next"}]),
    "servers": listed([server()], servers=None, count=1),
    "request": json.dumps(create_request()).replace("{", "{" + GAP, 1),
    "members": listed(MEMBERS, members=None),
    "console-csv": (
        "Name,ID,Status,OS,Image Type,Created,Disk Capacity,Image Size,Encrypted,Colour\n"
        "web,i1,Normal,Linux,Data disk image,2026,40,--,No,red\n\n,i2,Normal,Linux,ISO image,2026,40,--,No,"
    ),
    **{format: columnar(format) for format in ("parquet", "arrow file", "arrow stream")},
}
QUICK = {"facts-jsonl", "facts-csv", "ims", "arrow file"}
"""A content for each way of reading; the others are read in one of these."""

ECS_FORMATS = {"flavors", "servers", "request"}

WAYS = [
    (verb, packed, place, length)
    for verb in ("check", "audit", "match", "match in Python")
    for packed in ("plain", "gzip", "zstd")
    for place in ("path", "stdin")
    for length in ("short", "long")
    if not (verb == "match in Python" and place == "stdin")
]


def packed_as(content: bytes, way: str) -> bytes:
    if way == "gzip":
        return gzip.compress(content, 1)
    return bytes(pa.Codec("zstd").compress(content, asbytes=True)) if way == "zstd" else content


Seen = tuple[list[Any], list[str]]


def checked(pack: Pack, place: str, option: str) -> Seen:
    """Return the records that `check` makes of a place, and what it warns of."""
    reader = Reader(pack.fields, may_be_empty=True)
    found = reader.images([place], "nowhere") if option == "image" else reader.ecss([place], [], "nowhere")
    return [subject.record for subject in found], reader.warnings


def audited(pack: Pack, place: str, option: str) -> Seen:
    """Return the rows that `audit` makes of a place, with their keys and origins, and what it notes."""
    source = FilesSource([open_file(place, pack.fields, region="nowhere")])
    rows = []
    for batch in source.batches():
        key_of = source.key_of(batch)
        origins = [record.origins for record in batch.records or ()] or [None] * batch.count
        values = [{name: value for name, value in row.items() if value is not None} for row in batch.data.to_pylist()]
        rows += [(key_of(n), batch.number(n), row, origins[n]) for n, row in enumerate(values)]
    assert source.schema.names
    return rows, list(source.files[0].notes)


def matched(pack: Pack, place: str, option: str) -> Seen:
    """Return the rows of a side that `imagefit match` makes of a place, and what it notes."""
    inputs = Inputs(pack, None, None, {f"{option}.region": "nowhere"}, Assumptions(), AS_THEY_ARE)
    side = inputs.images([place]) if option == "image" else inputs.ecss([place], [])
    rows = [(side.key(n), side.label(n), side.facts(n), side.origins_of(n)) for n in range(side.count)]
    return rows, [*inputs.reader.warnings, *inputs.notes]


def matched_in_python(pack: Pack, place: str, option: str) -> Seen:
    """Return the rows of a side that `imagefit.match` makes of a place, and what it notes."""
    other = [{"id": "other"}]
    sides = (place, other) if option == "image" else (other, place)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = imagefit.match(*sides, operation="create_ecs", pack=pack)
    side = found.images if option == "image" else found.ecss
    rows = [(side.key(n), side.label(n), side.facts(n), side.origins_of(n)) for n in range(side.count)]
    assert [str(warning.message) for warning in warned] == list(side.warnings)
    return rows, [*side.warnings, *side.notes]


VERBS: Mapping[str, Callable[[Pack, str, str], Seen]] = {
    "check": checked,
    "audit": audited,
    "match": matched,
    "match in Python": matched_in_python,
}


def is_new(way: tuple[str, str, str, str], format: str) -> bool:
    """Whether a format shows anything in a way: what is decompressed and where it comes from, is the same for all."""
    _, packed, place, length = way
    if length == "long" and isinstance(CONTENTS[format], bytes):
        return False  # there are no gaps in it
    if format in QUICK and length == "short":
        return True
    ways = {("plain", "path"), ("zstd", "stdin")}
    more = length == "short" or format in QUICK
    return (packed, place) in (ways | {("plain", "stdin"), ("gzip", "path")} if more else ways)


class TestEveryFormat:
    """Every format, in every verb, in every way that its content may come."""

    @pytest.fixture(params=[pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in CONTENTS])
    def format(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    @pytest.fixture
    def seen(self, built_in: Pack, format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Seen]:
        """See what a verb sees of the content, which comes in some way."""
        monkeypatch.chdir(tmp_path)
        option = "ecs" if format in ECS_FORMATS else "image"

        def see(verb: str, packed: str, place: str, length: str) -> Seen:
            content = CONTENTS[format]
            if isinstance(content, str):
                long = LONG_CSV if format.endswith("csv") else BEYOND_ALL_LIMITS
                gap = long // content.count("\n") if length == "long" else 1
                blanks = "\n" * gap if format.endswith("csv") else "\n" + " " * gap
                content = content.replace("\n", blanks).encode()
            if place == "stdin":
                monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(packed_as(content, packed))))
            else:
                Path("standard input").write_bytes(packed_as(content, packed))
            return VERBS[verb](built_in, "-" if place == "stdin" else "standard input", option)

        return see

    @pytest.mark.parametrize("verb", VERBS)
    def test_the_way_in_which_it_comes_changes_nothing(self, seen: Callable[..., Seen], verb: str, format: str) -> None:
        ways = [way for way in WAYS if way[0] == verb and is_new(way, format)]
        rows, notes = seen(*ways[0])
        assert rows
        for way in ways[1:]:
            assert seen(*way) == (rows, notes), way
