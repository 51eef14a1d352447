"""Audited tables as CSV: lists joined by ``; ``, and nothing that we add can be taken for a formula.

A spreadsheet executes cells that begin with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return; such a
cell of a result column gets an apostrophe before it. The caller's own cells are left as they are.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, types

from imagefit.auditing.summary import Summary
from imagefit.auditing.writing import AuditedRows
from imagefit.reports.audit.writers import Layout

__all__ = ["CsvWriter", "joined_texts", "neutralised"]

FORMULA = "^[=+\\-@\t\r]"


class CsvWriter:
    """Writes a header and a line for each row."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file = file
        self._names = [*layout.schema().names, *layout.results]
        header = pa.table({str(place): pa.array([name]) for place, name in enumerate(self._names)})
        self._file.write(_lines(header))

    def encode(self, rows: AuditedRows) -> Any:
        """Return the lines of a batch."""
        carried, (verdict, *lists) = rows.carried(), rows.results()
        columns: Sequence[Any] = () if carried is None else [_cells(column) for column in carried.columns]
        results = [verdict.dictionary_decode(), *(neutralised(joined_texts(column)) for column in lists)]
        return _lines(pa.Table.from_arrays([*columns, *results], [str(place) for place in range(len(self._names))]))

    def write(self, encoded: Any) -> None:
        """Write the lines of a batch."""
        self._file.write(encoded)

    def close(self, summary: Summary) -> None:
        """Write nothing more."""


def joined_texts(lists: Any) -> Any:
    """Return lists of dictionary-encoded text, each as one text."""
    texts = pa.ListArray.from_arrays(lists.offsets, lists.values.dictionary_decode())
    return pc.binary_join(texts, "; ")


def neutralised(texts: Any) -> Any:
    """Put an apostrophe before each text that a spreadsheet would take for a formula."""
    return pc.replace_substring_regex(texts, FORMULA, "'\\0")


def _lines(table: Any) -> bytes:
    out = io.BytesIO()
    csv.write_csv(table, out, csv.WriteOptions(include_header=False, quoting_style="needed"))
    return out.getvalue()


def _cells(column: Any) -> Any:
    """Return a column as CSV can hold it: a list of text with ``;`` between, what is nested otherwise as JSON."""
    if types.is_dictionary(column.type):
        return _cells(column.dictionary_decode())
    if types.is_list(column.type) or types.is_large_list(column.type):
        rows = column.to_pylist()
        return pa.array([None if row is None else _joined_list(row) for row in rows], pa.string())
    if types.is_nested(column.type):
        return pa.array([None if v is None else json.dumps(v, default=str) for v in column.to_pylist()], pa.string())
    return column


def _joined_list(row: Sequence[object]) -> str:
    if all(isinstance(element, str) for element in row):
        return ";".join(map(str, row)) or "[]"
    return json.dumps(row, default=str)
