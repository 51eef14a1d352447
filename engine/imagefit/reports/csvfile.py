"""Tables as CSV: lists joined by ``; ``, and nothing that we add can be taken for a formula.

A spreadsheet executes cells that begin with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return; such a
cell or title of a column of ours gets an apostrophe before it. The caller's own columns are left as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, types

from imagefit.columns.arrowdata import ends, is_text, spelled_out
from imagefit.columns.older import older
from imagefit.columns.textrows import CellTexts, rows_of_text
from imagefit.kernel.library import compiled, is_compiled
from imagefit.reports.files import Layout, Rows
from imagefit.values import replace

__all__ = ["CsvWriter", "joined_texts", "neutralised"]

AT_ONCE = 2048
"""So many rows become text at a time, when they are written: text takes several times the room of columns."""

FORMULA = "^[=+\\-@\t\r]"
_STARTS = np.zeros(256, dtype=bool)
_STARTS[list(b"=+-@\t\r")] = True


class CsvWriter:
    """Writes a header and a line for each row."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file = file
        ours = neutralised(pa.array(layout.results.names, pa.string())).to_pylist()
        names = [*layout.schema().names, *ours]
        self._places = [str(place) for place in range(len(names))]  # two of the caller's columns may have one name
        self._file.write(_lines(pa.table({str(place): pa.array([name]) for place, name in enumerate(names)})))

    def encode(self, rows: Rows) -> Iterator[Any]:
        """Return what makes the lines of a batch, some at a time."""
        carried, results = rows.carried(), list(rows.results())
        own = [] if carried is None else list(map(older, carried.columns))
        count = max(map(len, (*own, *results)), default=0)
        if is_compiled() and (columns := _columns(own, results)):
            return rows_of_text(compiled(), columns, count, AT_ONCE)
        return (self._lines(own, results, start) for start in range(0, count, AT_ONCE))

    def _lines(self, own: Sequence[Any], results: Sequence[Any], start: int) -> Any:
        cells = [_cells(column.slice(start, AT_ONCE)) for column in own]
        cells += [_own_cells(column.slice(start, AT_ONCE)) for column in results]
        return _lines(pa.Table.from_arrays(cells, self._places))

    def write(self, encoded: Iterator[Any]) -> None:
        """Write the lines of a batch."""
        for lines in encoded:
            self._file.write(lines)

    def close(self, summary: object = None) -> None:
        """Write nothing more."""


def _columns(own: Sequence[Any], results: Sequence[Any]) -> list[CellTexts]:
    """Return how Arrow would write columns; none if one of them is of bytes, which need be no text."""
    if any(_is_of_bytes(column.type) for column in own):
        return []
    cells = [*map(_as_written, own), *map(_own_as_written, results)]
    ends_of = [b","] * (len(cells) - 1) + [b"\n"]
    return [replace(cell, after=cell.after + end, unknown=end) for cell, end in zip(cells, ends_of, strict=True)]


def _is_of_bytes(kind: Any) -> bool:
    kind = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind))


def _as_written(column: Any) -> CellTexts:
    """Return a column as Arrow writes it: text in quotes, null as nothing, all else as it is spelled."""
    if types.is_dictionary(column.type) and is_text(column.type.value_type) and not column.dictionary.null_count:
        return _quoted(pa.DictionaryArray.from_arrays(column.indices, _escaped(column.dictionary), safe=False))
    column = _cells(column)
    return _quoted(_escaped(column)) if is_text(column.type) else CellTexts(column.cast(pa.string()))


def _own_as_written(column: Any) -> CellTexts:
    """Return one of our columns as it is written."""
    if types.is_list(column.type) and not column.null_count and not column.values.null_count:
        texts = column.values.dictionary
        if not texts.null_count and neutralised(texts) is texts:
            elements = pa.DictionaryArray.from_arrays(column.values.indices, _escaped(texts), safe=False)
            return _quoted(pa.ListArray.from_arrays(column.offsets, elements), b"; ")
    return _as_written(_own_cells(column))


def _quoted(texts: Any, between: bytes = b"") -> CellTexts:
    return CellTexts(texts, b'"', b'"', between)


def _escaped(texts: Any) -> Any:
    """Return texts with each quote in them twice."""
    bounds, data = ends(texts), texts.buffers()[2]
    if data is None or not (np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]] == ord('"')).any():
        return texts  # nearly always
    return pc.replace_substring(texts, '"', '""')


def joined_texts(lists: Any) -> Any:
    """Return lists of dictionary-encoded text, each as one text."""
    return pc.binary_join(spelled_out(lists), "; ")


def neutralised(texts: Any) -> Any:
    """Put an apostrophe before each text, of an Arrow array, that a spreadsheet would take for a formula."""
    wide = types.is_large_string(texts.type)
    _, offsets, data = texts.buffers()
    if len(texts) == 0 or data is None or data.size == 0:
        return texts
    ends: Any = np.frombuffer(offsets, np.int64 if wide else np.int32)[texts.offset : texts.offset + len(texts) + 1]
    first = np.frombuffer(data, np.uint8)[ends[:-1][ends[1:] > ends[:-1]]]
    if not _STARTS[first].any():  # nearly always, and a look at the first bytes alone
        return texts
    return pc.replace_substring_regex(texts, FORMULA, "'\\0")


def _own_cells(column: Any) -> Any:
    """Return one of our columns as CSV can hold it, harmless."""
    if types.is_list(column.type):
        return neutralised(joined_texts(column))
    if types.is_dictionary(column.type):
        harmless = neutralised(column.dictionary)
        return pa.DictionaryArray.from_arrays(column.indices, harmless).dictionary_decode()
    if types.is_string(column.type) or types.is_large_string(column.type):
        return neutralised(column)
    return column


def _lines(table: Any) -> Any:
    out = pa.BufferOutputStream()
    csv.write_csv(table, out, csv.WriteOptions(include_header=False, quoting_style="needed"))
    return out.getvalue()


def _cells(column: Any) -> Any:
    """Return a column as CSV can hold it: a list of text with ``;`` between, what is nested otherwise as JSON."""
    if types.is_dictionary(column.type):
        return _cells(column.dictionary_decode())
    if types.is_list(column.type) or types.is_large_list(column.type):
        return _joined_lists(column)
    if types.is_nested(column.type):
        return pa.array([None if v is None else json.dumps(v, default=str) for v in column.to_pylist()], pa.string())
    if isinstance(column.type, pa.BaseExtensionType) or types.is_interval(column.type):
        return pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())
    return column


def _joined_lists(column: Any) -> Any:
    """Return lists of text as text with ``;`` between; an empty one, and one that has no text somewhere, as JSON."""
    column = spelled_out(column)
    of = column.type.value_type
    joined: Any = pa.nulls(len(column), pa.string())
    is_odd = column.is_valid()
    if types.is_string(of) or types.is_large_string(of):
        joined = pc.binary_join(column.cast(pa.list_(of)), pa.scalar(";", of))
        is_said = pc.fill_null(pc.not_equal(joined, pa.scalar("", of)), False)
        is_odd = pc.and_not(is_odd, is_said)
    is_empty = pc.fill_null(pc.equal(pc.list_value_length(column), pa.scalar(0)), False)
    joined = pc.replace_with_mask(joined, is_empty, pa.scalar("[]", joined.type))
    is_odd = pc.and_not(is_odd, is_empty)
    texts = ["[]" if row == [""] else json.dumps(row, default=str) for row in column.filter(is_odd).to_pylist()]
    return pc.replace_with_mask(joined, is_odd, pa.array(texts, joined.type)) if texts else joined
