"""Tables as Parquet: the caller's columns with their types, and ours."""

from __future__ import annotations

import base64
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from imagefit.reports.files import Layout, Rows

__all__ = ["ParquetWriter"]


class ParquetWriter:
    """Writes row groups of about `Layout.group_rows` rows.

    Text that is dictionary-encoded in memory is written as it is, without being spelled out; the file says
    that it is plain text, as the caller's was. Lists have no statistics: nobody looks for the least list.
    """

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file, self._layout = file, layout
        carried = layout.schema()
        self._schema = pa.schema([*carried, *layout.results], carried.metadata)
        self._waiting: list[Any] = []
        self._writer: Any = None

    def encode(self, rows: Rows) -> Any:
        """Put the caller's columns and the results side by side."""
        carried, results = rows.carried(), rows.results()
        columns = [*(carried.columns if carried is not None else ()), *results]
        return pa.RecordBatch.from_arrays(columns, self._schema.names)

    def write(self, encoded: Any) -> None:
        """Write a batch, once there are enough rows."""
        self._waiting.append(encoded)
        if sum(batch.num_rows for batch in self._waiting) >= self._layout.group_rows:
            self._write_waiting()

    def close(self, summary: object = None) -> None:
        """Write what is left, and the end of the file."""
        if self._waiting:
            self._write_waiting()
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._file, self._schema, compression=self._layout.compression)
        else:
            schema = base64.b64encode(self._schema.serialize().to_pybytes()).decode()
            self._writer.add_key_value_metadata({"ARROW:schema": schema})
        self._writer.close()

    def _write_waiting(self) -> None:
        if self._writer is None:
            schema = self._waiting[0].schema
            self._writer = pq.ParquetWriter(
                self._file,
                schema,
                store_schema=False,
                compression=self._layout.compression,
                write_statistics=[field.name for field in schema if not types.is_nested(field.type)],
            )
        batches = [batch.cast(self._writer.schema) for batch in self._waiting]
        self._writer.write_table(pa.Table.from_batches(batches).unify_dictionaries())
        self._waiting = []
