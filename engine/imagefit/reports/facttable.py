"""Facts as a table in a file, as it is read again: nothing is joined that would not come back, nothing is cut."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from imagefit.columns.arrowdata import known
from imagefit.columns.ragged import tuples_of
from imagefit.errors import InputError, UnknownNameError
from imagefit.facts import show_value
from imagefit.reports.files import Layout
from imagefit.reports.formats import writer_for
from imagefit.values import dataclass

__all__ = ["TABLES", "table_format", "write_facts"]

TABLES = ("csv", "jsonl", "parquet", "arrow", "xlsx")
"""The formats of tables."""

SHEET_ROWS, CELL = 1_048_575, 32_767
"""So many rows, and characters of a cell, a sheet has room for."""


def table_format(path: str | os.PathLike[str], named: str | None) -> str:
    """Return the format of a table, or the one that a file's name ends in; raises `UnknownNameError` if it is none."""
    kind = named or PurePath(path).suffix.lstrip(".").lower()
    if kind not in TABLES:
        raise UnknownNameError.of("format of a table", kind, TABLES).at(file=None if named else str(path))
    return kind


def write_facts(file: Any, kind: str, schema: Any, batches: Iterable[Any]) -> int:
    """Write batches of facts to a file that is open for bytes; returns the number of rows.

    Raises
    ------
    InputError
        If a sheet has no room for all of it; and whatever reading the batches raises.
    """
    if kind == "arrow":
        return _write_arrow(file, schema, batches)
    if kind in ("csv", "xlsx"):
        schema = pa.schema([(each.name, pa.string() if types.is_list(each.type) else each.type) for each in schema])
        batches = map(_with_sets_as_text, batches)
    if kind == "xlsx":
        batches = _on_a_sheet(batches)
    own = pa.schema([])
    layout = Layout(lambda: own, schema, compression="zstd") if kind == "jsonl" else Layout(lambda: schema, own)
    writer = writer_for(kind, file, layout)
    rows = 0
    for batch in batches:
        writer.write(writer.encode(_Rows(batch, is_ours=kind == "jsonl")))
        rows += batch.num_rows
    writer.close()
    return rows


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows whose columns are the caller's; JSON Lines are made of ours alone."""

    batch: Any
    is_ours: bool

    def carried(self) -> Any:
        return None if self.is_ours else self.batch

    def results(self) -> Iterable[Any]:
        columns: Iterable[Any] = self.batch.columns if self.is_ours else ()
        return columns


def _write_arrow(file: Any, schema: Any, batches: Iterable[Any]) -> int:
    rows = 0
    with pa.ipc.new_file(file, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _with_sets_as_text(batch: Any) -> Any:
    columns = [_as_text(column) if types.is_list(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, batch.schema.names)


def _as_text(lists: Any) -> Any:
    """Return lists of text as texts, each of which is made once."""
    tuples, is_known = tuples_of(lists).tolist(), known(lists)
    shown = {each: show_value([*each]) for each in dict.fromkeys(tuples)}
    return pa.array([shown[each] for each in tuples], pa.string(), mask=None if is_known is None else ~is_known)


def _on_a_sheet(batches: Iterable[Any]) -> Iterator[Any]:
    rows = 0
    for batch in batches:
        rows += batch.num_rows
        if rows > SHEET_ROWS:
            raise InputError("more rows than a sheet has", expected=f"at most {SHEET_ROWS:,}, or another format")
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if types.is_string(column.type) and (pc.max(pc.utf8_length(column)).as_py() or 0) > CELL:
                raise InputError("a longer text than a cell of a sheet", column=name, expected=f"at most {CELL:,}")
        yield batch
