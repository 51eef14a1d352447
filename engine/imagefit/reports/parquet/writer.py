"""Tables as Parquet: the caller's columns with their types, and ours."""

from __future__ import annotations

import base64
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import types

from imagefit.columns.arrowdata import is_text, numbers
from imagefit.columns.older import older, older_schema
from imagefit.errors import InputError
from imagefit.reports.files import Layout, Rows
from imagefit.reports.parquet.chunks import CarriedChunks, carried_chunks

__all__ = ["ParquetWriter"]


MANY_BYTES = 8 << 20
"""So much makes a row group, too, however few rows it is."""

AT_ONCE = 16_384
"""So many values of a column are written at a time: with Arrow's own 1,024, a tenth of the time goes into beginning."""

MANY_IN_DICTIONARY = 4 << 20
"""Dictionaries with so much in them take longer, and more memory, to be made one than what they spare."""

SAMPLE = 1024
"""In so many of its first rows, text is looked at for whether it repeats."""


class ParquetWriter:
    """Writes row groups of about `Layout.group_rows` rows, or fewer where they are large.

    Text that is dictionary-encoded in memory is written as it is, without being spelled out; the file says
    that it is plain text, as the caller's was. Text and numbers of which few values repeat in the first rows have no
    dictionary there, and such text no statistics, nor has text of which another one comes every few rows: each row
    group has the least and the greatest of it. Lists have no statistics: nobody looks for the least list.

    Of files that are all Parquet, the caller's columns are copied as they lie, where that serves: then row groups are
    those of the files.
    """

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._layout = layout
        carried = older_schema(layout.schema())
        _check_types(carried)
        self._schema = pa.schema([*carried, *layout.results], carried.metadata)
        self._chunks = carried_chunks(layout.carried_from, file)
        self._file: Any = self._chunks or file
        self._waiting: list[Any] = []
        self._waiting_bytes = 0
        self._writer: Any = None

    def encode(self, rows: Rows) -> Any:
        """Put the caller's columns, unless they are copied, and the results side by side."""
        if self._chunks is not None:
            return pa.RecordBatch.from_arrays(list(rows.results()), self._layout.results.names)
        carried, results = rows.carried(), rows.results()
        columns = [*(map(older, carried.columns) if carried is not None else ()), *results]
        return pa.RecordBatch.from_arrays(columns, self._schema.names)

    def write(self, encoded: Any) -> None:
        """Write a batch, once there is enough."""
        if self._chunks is not None:
            self._write_beside(self._chunks, encoded)
            return
        self._waiting.append(encoded)
        self._waiting_bytes += encoded.get_total_buffer_size()
        rows = sum(batch.num_rows for batch in self._waiting)
        if rows >= self._layout.group_rows or self._waiting_bytes >= MANY_BYTES:
            self._write_waiting()

    def _write_beside(self, chunks: CarriedChunks, encoded: Any) -> None:
        """Write a batch beside what is copied: a row group is full when that is."""
        while encoded.num_rows and chunks.lacking:
            piece = encoded.slice(0, chunks.lacking)
            encoded = encoded.slice(piece.num_rows)
            self._waiting.append(piece)
            chunks.took(piece.num_rows)
            if not chunks.lacking:
                self._write_waiting()
                chunks.copy()
        chunks.refuse_more(encoded.num_rows)

    def close(self, summary: object = None) -> None:
        """Write what is left, and the end of the file."""
        if self._waiting:
            self._write_waiting()
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._file, self._schema, compression=self._layout.compression)
        else:
            schema = base64.b64encode(self._schema.serialize().to_pybytes()).decode()
            self._writer.add_key_value_metadata({"ARROW:schema": schema})
        if self._chunks is not None:
            self._chunks.finish(self._writer.close)
        else:
            self._writer.close()

    def __del__(self) -> None:
        """Let a file alone that was given up: it is closed, and Arrow's writer would try to write its end."""
        if (writer := getattr(self, "_writer", None)) is not None:
            writer.is_open = False

    def _write_waiting(self) -> None:
        if self._writer is None:
            self._writer = self._opened(self._waiting[0])
        batches = [batch.cast(self._writer.schema) for batch in self._waiting]
        table = pa.Table.from_batches(batches)
        self._writer.write_table(_with_one_dictionary(table) if len(batches) > 1 else table)
        self._waiting, self._waiting_bytes = [], 0

    def _opened(self, batch: Any) -> Any:
        """Begin a file of batches like the first one."""
        columns = list(zip(batch.schema.names, batch.columns, strict=True))
        varied = {name for name, column in columns if _is_varied(column)}
        mixed = {name for name, column in columns if _is_mixed(column)} | varied
        schema = pa.schema([pa.field(f.name, _spelled_out(f.type)) if f.name in varied else f for f in batch.schema])
        return pq.ParquetWriter(
            self._file,
            schema,
            store_schema=False,
            compression=self._layout.compression,
            write_batch_size=AT_ONCE,
            use_dictionary=[path for path in _paths(schema) if path not in varied],  # type: ignore[arg-type]
            write_statistics=[
                f.name for f in schema if _is_number(f.type) or not (types.is_nested(f.type) or f.name in mixed)
            ],
        )


def _with_one_dictionary(table: Any) -> Any:
    """Return the table with a dictionary for each column; where there is much in it, Arrow is to write plain text."""
    columns = [
        column if sum(map(_dictionary_bytes, column.chunks)) > MANY_IN_DICTIONARY else column.unify_dictionaries()
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _dictionary_bytes(array: Any) -> int:
    while types.is_list(array.type):
        array = array.values
    return array.dictionary.nbytes if types.is_dictionary(array.type) else 0


def _check_types(schema: Any) -> None:
    """Raise `InputError` if Parquet has no such type, with the column's name."""
    try:
        _paths(schema)
    except pa.ArrowNotImplementedError:
        if len(schema) > 1:
            for of in schema:
                _check_types(pa.schema([of]))
        message, expected = "Parquet has no such type", "another format, or the table without the column"
        of = schema.field(0)
        raise InputError(message, column=of.name, value=str(of.type), expected=expected) from None


def _is_varied(column: Any) -> bool:
    """Whether a column is of text or numbers that hardly repeat."""
    if types.is_dictionary(column.type):
        return len(column) > SAMPLE and len(column.dictionary) * 4 > len(column) and is_text(column.type.value_type)
    if not (is_text(column.type) or _is_number(column.type)) or len(column) < SAMPLE:
        return False
    return int(pc.count_distinct(column.slice(0, SAMPLE)).as_py()) * 8 > SAMPLE * 7


def _is_mixed(column: Any) -> bool:
    """Whether another text comes every few rows, so that a row group has them all."""
    if not types.is_dictionary(column.type) or len(column) < SAMPLE:
        return False
    codes = numbers(column.indices.slice(0, SAMPLE))
    return int(np.count_nonzero(codes[1:] != codes[:-1])) > SAMPLE // 64


def _is_number(kind: Any) -> bool:
    return bool(types.is_integer(kind) or types.is_float32(kind) or types.is_float64(kind))


def _spelled_out(kind: Any) -> Any:
    return kind.value_type if types.is_dictionary(kind) else kind


def _paths(schema: Any) -> list[str]:
    """Return what Parquet calls the columns, those inside of others too."""
    out = pa.BufferOutputStream()
    with pq.ParquetWriter(out, schema, store_schema=False):
        pass
    found = pq.read_metadata(pa.BufferReader(out.getvalue())).schema
    return [found.column(number).path for number in range(len(found))]
