"""The columns of a batch that a caller says are facts, by the names of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from imagefit.columns import arrowdata
from imagefit.facts import Field
from imagefit.readers.translation import Translation
from imagefit.sources.batch import Batch

__all__ = ["named"]


def named(batch: Batch, fields: Mapping[str, Field]) -> Any:
    """Return the data of a batch with a column for each fact that a column of another name states."""
    data = batch.data
    for name in batch.data.schema.names if batch.own.names else ():
        for row in batch.own.names.get(name, ()):
            if row.fact not in fields:
                continue
            column = batch.data.column(batch.data.schema.get_field_index(name))
            if row.fact in batch.own.spelled:
                column = _spelled(column, row)
            if row.fact == name:
                data = data.set_column(data.schema.get_field_index(name), name, column)
            else:
                data = data.append_column(row.fact, column)
    return data


def _spelled(column: Any, row: Translation) -> Any:
    """Return a column whose values are called as the fact has them."""
    (name,) = row.reads
    column = arrowdata.plain(arrowdata.whole(column))
    if types.is_list(column.type) or types.is_large_list(column.type):
        return pa.array([row.translate({name: value}) for value in column.to_pylist()], pa.string())
    coded = column if types.is_dictionary(column.type) else pc.dictionary_encode(column)
    texts = pa.array([row.translate({name: value}) for value in coded.dictionary.to_pylist()], pa.string())
    return texts.take(coded.indices)
