"""Lines of JSON of all kinds, many of them damaged, and all that is made of a file of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from imagefit import InputError
from imagefit.columns.encoding import Encoder
from imagefit.readers.catalogs import Catalogs
from imagefit.sources.batch import Batch, keys_of
from imagefit.sources.factlines import FactsLines
from imagefit.sources.files import FilesSource
from packfiles import shipped_pack

__all__ = ["CATALOGS", "FIELDS", "blocks", "read"]

OWN = ("image.boot_mode", "image.min_disk_gib", "image.size_gib", "image.encrypted", "image.owner", "image.hypervisors",
       "image.attributes", "image.visibility")  # fmt: skip
FIELDS = {name: shipped_pack().fields[name] for name in OWN}
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
