"""Rows of CSV that compiled code reads are those of Python's `csv`; others it leaves to others."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagefit.sources import compiledcells
from imagefit.sources.compiledcells import CompiledCells
from imagefit.sources.csvtext import Header
from kernels import KERNELS, needs_compiler
from strategies import more

pytestmark = needs_compiler

COLUMNS = ("a", "b", "c")
CELL = st.sampled_from(
    ["", "x", "x", "bios", " y ", "a,b", "a;b", 'say "x"', '"', "l\nm", "l\r\nm", "é", "\U0001f600", "0" * 40]
)


def reader(content: bytes, columns: tuple[str, ...] = COLUMNS, delimiter: str = ",") -> CompiledCells:
    return CompiledCells(next(iter(KERNELS.values()))(), io.BytesIO(content), Header(columns, delimiter))


def read(cells: CompiledCells) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for columns in cells.batches():
        columns.validate(full=True)
        assert all(
            pa.types.is_string(of) or of == pa.dictionary(pa.int32(), pa.string()) for of in columns.schema.types
        )
        found += zip(*columns.to_pydict().values(), strict=True)
    return found


def rows_of(content: bytes, delimiter: str = ",") -> list[tuple[str, ...]]:
    text = io.StringIO(content.decode("utf-8", "surrogateescape"), newline="")
    return [tuple(row) for row in csv.reader(text, delimiter=delimiter, strict=True) if row]


@st.composite
def contents(draw: st.DrawFn) -> tuple[bytes, str]:
    some = draw(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=4))
    rows = draw(st.lists(st.sampled_from(some), max_size=12))
    delimiter, quoting = draw(st.sampled_from(",;\t")), draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
    out = io.StringIO(newline="")
    end = draw(st.sampled_from(["\n", "\r\n"]))
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows([COLUMNS, *rows])
    text = out.getvalue()
    for _ in range(draw(st.sampled_from([0, 0, 1]))):
        text = text.replace(end, end * 2, draw(st.integers(1, 3)))
    return (text if draw(st.booleans()) else text.removesuffix(end)).encode(), delimiter


@settings(max_examples=more(3))
@given(contents(), st.integers(1, 60))
def test_rows_are_those_of_csv_wherever_blocks_end(drawn: tuple[bytes, str], block: int) -> None:
    content, delimiter = drawn
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compiledcells, "BLOCK", block)
        cells = reader(content, delimiter=delimiter)
        found = read(cells)
    assert cells.is_done
    assert found == rows_of(content, delimiter)[1:]


@settings(max_examples=more(5))
@given(contents(), st.integers(1, 60), st.data())
def test_of_damaged_rows_those_are_read_that_csv_has_and_the_rest_is_left(
    drawn: tuple[bytes, str], block: int, data: st.DataObject
) -> None:
    content, delimiter = drawn
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content)))
        put = data.draw(
            st.sampled_from([b"", b'"', b",", b";", b"\n", b"\r", b"\0", b"x", b" ", b"\xff", b"\xc3", b'""'])
        )
        content = content[:place] + put + content[place + data.draw(st.integers(0, 2)) :]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compiledcells, "BLOCK", block)
        patched.setattr(compiledcells, "LONGEST", 100)
        cells = reader(content, delimiter=delimiter)
        found = read(cells)
        left = b"".join(iter(lambda: cells.read(7), b""))
    assert content.endswith(left)
    begun = content[: len(content) - len(left)]
    assert (found and rows_of(begun, delimiter)[1:]) == found
    assert cells.is_done == (not left)
    assert all(len(row) == len(COLUMNS) for row in rows_of(begun, delimiter)) or not found


@pytest.mark.parametrize(
    "row",
    [b"x,y", b"x,y,z,w", b'x,"y,z', b'x,y"y,z',
     b'x,"y"y,z', b"x,y\0,z", b'x,"y\0",z', b"x,y\r,z", b"x,\xff,z", b'x,"y,z"',
     b"x,\xed\xa0\x80,z", b"x,\xc0\x80,z"],
)  # fmt: skip
@pytest.mark.parametrize("end", [b"", b"\n", b"\nx,y,z\n"])
def test_from_a_row_that_is_none_on_all_is_left(row: bytes, end: bytes) -> None:
    cells = reader(b"a,b,c\n1,2,3\n" + row + end)
    assert read(cells) in ([("1", "2", "3")], [])
    assert not cells.is_done
    assert b"".join(iter(lambda: cells.read(3), b"")).endswith(row + end)


def test_a_header_that_is_no_row_is_left() -> None:
    cells = reader(b'a,b,c"\n1,2,3\n')
    assert read(cells) == []
    assert not cells.is_begun
    assert cells.read(100) == b'a,b,c"\n1,2,3\n'


def test_what_was_seen_of_a_row_that_goes_on_in_the_next_block_is_not_among_texts_of_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = b"a,b,c\n" + b"x,y,z\n" * 4 + b'new,"new\n",z\n'
    monkeypatch.setattr(compiledcells, "BLOCK", len(content) - 4)
    first, second = reader(content).batches()
    assert [column.dictionary.to_pylist() for column in first.columns] == [["x"], ["y"], ["z"]]
    assert second.to_pylist() == [{"a": "new", "b": "new\n", "c": "z"}]


def test_very_wide_tables_are_left() -> None:
    names = tuple(f"c{n}" for n in range(513))
    content = b"\n".join([",".join(names).encode(), b"," * 512])
    cells = reader(content, names)
    assert read(cells) == []
    assert cells.read(len(content)) == content
    assert len(read(reader(b"\n".join([",".join(names[1:]).encode(), b"," * 511]), names[1:]))) == 1


def test_a_cell_that_is_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = reader(b"a,b,c\n" + b"x" * 2_000_000 + b",y,z\n")
    assert read(cells) == []
    assert cells.read(1) == b"x"


@settings(max_examples=more(10))
@given(
    st.binary(max_size=12) | st.text(max_size=8).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.integers(0, 9),
)
def test_utf8_is_what_python_decodes(content: bytes, before: int) -> None:
    content = b"a" * before + content
    try:
        content.decode()
        expected = True
    except UnicodeDecodeError:
        expected = False
    assert next(iter(KERNELS.values()))().is_utf8(np.frombuffer(content, np.uint8)) is expected


def test_utf8_is_what_python_decodes_for_all_beginnings_of_characters() -> None:
    kernel = next(iter(KERNELS.values()))()
    some = [0, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
    for first in range(256):
        for second in range(256):
            # A third and a fourth byte belong to the character of the first, if that begins a long one.
            longer = [[a, b] for a in some for b in (0x80, 0x41)] if first >= 0xC0 else []
            for rest in ([], [0x80], [0xC0], *longer):
                content = bytes([first, second, *rest])
                try:
                    content.decode()
                    expected = True
                except UnicodeDecodeError:
                    expected = False
                assert kernel.is_utf8(np.frombuffer(content, np.uint8)) is expected, content
