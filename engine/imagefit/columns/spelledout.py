"""Columns of facts as Arrow data again: what `encoding` does, the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from imagefit.columns.column import Codes, Column, Constant, Encoded
from imagefit.columns.objects import TYPES
from imagefit.facts import Field, Value

__all__ = ["facts_as_arrow", "type_of"]


def type_of(field: Field) -> Any:
    """Return the type of a column of a fact; a set is a list of text."""
    return TYPES.get(field.type, pa.string())


def facts_as_arrow(encoded: Encoded, fields: Sequence[Field]) -> list[Any]:
    """Return an array for each of some facts, null where it is unknown."""
    return [_as_arrow(encoded.columns.get(field.name), field, encoded.rows) for field in fields]


def _as_arrow(column: Column | None, field: Field, rows: int) -> Any:
    kind = type_of(field)
    if column is None:
        return pa.nulls(rows, kind)
    if isinstance(column, Constant):
        return pa.array([_plain(column.constant)], kind).take(pa.array(np.zeros(rows, np.int64)))
    if isinstance(column, Codes):
        values = pa.array([None if value is None else _plain(value) for value in column.values], kind)
        return values.take(pa.array(column.codes.astype(np.int64)))
    return pa.array(column.numbers, kind, mask=~column.known)


def _plain(value: Value) -> object:
    return sorted(value) if isinstance(value, frozenset) else value
