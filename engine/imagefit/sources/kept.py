"""Rows that were read once to know their columns, kept as columns in a temporary file, to be read again without work.

What a CSV's or a Parquet file's first line needs (which facts some row of a list has) is known at the list's end only.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from imagefit.facts import Field
from imagefit.sources.batch import Batch
from imagefit.sources.rows import Kinds

__all__ = ["Kept"]

_KEY = ""
"""The column of the rows' keys, behind the others; it has none where their ids are the keys."""


class Kept:
    """The rows of a file whose rows are records, in their batches; without the records.

    Attributes
    ----------
    schema
        The columns of all of them.
    is_whole
        Whether all are here: there may be no room for them.
    """

    def __init__(self, batches: Iterable[Batch], fields: Mapping[str, Field]) -> None:
        self._file = tempfile.TemporaryFile(prefix="imagefit-")  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self._batches: list[tuple[Batch, int]] = []  # without their data; the bytes of these
        self.is_whole, self._has_keys = True, False
        kinds = Kinds(fields)
        for batch in batches:
            assert batch.rows is not None and not batch.bad
            kinds.see(batch.rows)
            if self.is_whole:
                self._keep(batch)
        self.schema = kinds.schema

    def _keep(self, batch: Batch) -> None:
        data, keys = batch.data, pa.array(batch.keys or [], pa.string())
        if "id" not in data.schema.names or not keys.equals(data.column("id")):
            data, self._has_keys = data.append_column(_KEY, keys), True
        content = pa.BufferOutputStream()
        with pa.ipc.new_stream(content, data.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as stream:
            stream.write_batch(data)
        written: Any = content.getvalue()
        try:
            self._file.write(written)
            self._file.flush()
        except OSError:
            self.is_whole = False
            self._file.close()
            return
        numbers = range(batch.number(0), batch.number(0) + batch.count)
        own = replace(batch, data=None, numbers=numbers, rows=None, keys=None, records=None)
        self._batches.append((own, len(written)))

    def batches(self, schema: Any) -> Iterator[Batch]:
        """Yield the batches, each with all columns of this file as they are in a schema."""
        kinds = pa.schema([schema.field(name) for name in self.schema.names])
        self._file.seek(0)
        for batch, size in self._batches:
            with pa.ipc.open_stream(self._file.read(size)) as stream:
                data = stream.read_next_batch()
            there = dict(zip(data.schema.names, data.columns, strict=True))
            keys: Any = there.pop(_KEY, None)
            if self._has_keys:
                keys = (there["id"] if keys is None else keys).to_pylist()
            columns = [
                there[f.name].cast(f.type) if f.name in there else pa.nulls(data.num_rows, f.type) for f in kinds
            ]
            yield replace(batch, data=pa.RecordBatch.from_arrays(columns, schema=kinds), keys=keys)
