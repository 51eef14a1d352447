"""What files say as a table of facts: what each row is called, what it asks for, and the facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from imagefit.columns.encoding import Encoder
from imagefit.columns.objects import type_of
from imagefit.columns.spelledout import facts_as_arrow
from imagefit.facts import Facts, Field
from imagefit.rulepack.pack import Pack
from imagefit.sources.batch import Batch
from imagefit.sources.files import FilesSource
from imagefit.sources.names import KEY_COLUMNS, OPERATION_COLUMN
from imagefit.sources.ownnames import named
from imagefit.supply import Supply

__all__ = ["FactColumns"]

_ID = KEY_COLUMNS[0]

ROWS = 65_536
"""So many rows are facts at a time, fewer where they are long."""


class FactColumns:
    """The rows of files as facts.

    Parameters
    ----------
    given
        Facts that hold for all rows.

    Attributes
    ----------
    fields
        The facts that have a column, in the order of the pack: those of which a file says something.
    schema
        The columns, a ``pyarrow.Schema``.
    """

    def __init__(self, source: FilesSource, pack: Pack, given: Facts) -> None:
        self._source, self._fields = source, pack.fields
        self._encoder = Encoder(pack.fields, Supply(given))
        names = dict.fromkeys(map(str, source.names))
        stated = {row.fact for file in source.files for name in names for row in file.own.names.get(name, ())}
        self.fields: list[Field] = [f for n, f in pack.fields.items() if n in names or n in stated or n in given]
        self._keys = [name for name in (*KEY_COLUMNS[1:], OPERATION_COLUMN) if name in names]
        kinds = [(_ID, pa.string()), *((name, pa.string()) for name in self._keys)]
        self.schema = pa.schema([*kinds, *((field.name, type_of(field)) for field in self.fields)])

    def batches(self) -> Iterator[Any]:
        """Yield the rows; raises `InputError` if a value is none of its fact's."""
        for whole in self._source.batches():
            for batch in whole.slices(ROWS, is_written=True):
                encoded = self._encoder.encode(named(batch, self._fields))
                for row, error in encoded.errors():
                    raise batch.located(row, error)
                columns = [*self._names(batch), *facts_as_arrow(encoded, self.fields)]
                yield pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _names(self, batch: Batch) -> Iterator[Any]:
        yield batch.key_texts().cast(pa.string())
        for name in self._keys:
            place = batch.data.schema.get_field_index(name)
            column = pa.nulls(batch.count, pa.string()) if place < 0 else batch.data.column(place)
            yield (column.dictionary_decode() if pa.types.is_dictionary(column.type) else column).cast(pa.string())
