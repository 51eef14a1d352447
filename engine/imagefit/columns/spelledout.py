"""Columns of facts as Arrow data again: what `encoding` does, the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from imagefit.columns.column import Codes, Column, Constant, Encoded
from imagefit.columns.objects import as_data, type_of
from imagefit.facts import Field

__all__ = ["fact_as_arrow", "facts_as_arrow"]


def facts_as_arrow(encoded: Encoded, fields: Sequence[Field]) -> list[Any]:
    """Return an array for each of some facts, null where it is unknown."""
    return [fact_as_arrow(encoded.columns.get(field.name), field, encoded.rows) for field in fields]


def fact_as_arrow(column: Column | None, field: Field, rows: int) -> Any:
    """Return the array of one fact of so many rows; without a column, it is unknown in all of them."""
    kind = type_of(field)
    if column is None:
        return pa.nulls(rows, kind)
    if isinstance(column, Constant):
        return pa.array([as_data(column.constant)], kind).take(pa.array(np.zeros(rows, np.int64)))
    if isinstance(column, Codes):
        values = pa.array([as_data(value) for value in column.values], kind)
        return values.take(pa.array(column.codes.astype(np.int64)))
    return pa.array(column.numbers, kind, mask=~column.known)
