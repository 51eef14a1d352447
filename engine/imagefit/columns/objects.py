"""Columns of Python objects as Arrow data: what JSON and mappings hold, of mixed types as they come."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from imagefit.columns.arrowdata import arrow
from imagefit.columns.distinct import DistinctValues
from imagefit.errors import InputError
from imagefit.facts import Field, FieldType

__all__ = ["TYPES", "arrow_of_objects", "objects_as_arrow"]

TYPES: dict[FieldType, Any] = {
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.INTEGER: pa.int64(),
    FieldType.NUMBER: pa.float64(),
    FieldType.STRING_SET: pa.list_(pa.string()),
}


def arrow_of_objects(field: Field, values: Sequence[object]) -> Any:
    """Return values of a field as an Arrow array of the field's own type.

    Raises
    ------
    InputError
        If one is no value of the field; names the first row.
    """
    array, errors = objects_as_arrow(field, values)
    for row, error in sorted(errors.items()):
        raise error.at(row=row + 1)
    return array


def objects_as_arrow(field: Field, values: Sequence[object]) -> tuple[Any, dict[int, InputError]]:
    """Return values of a field as an Arrow array, null where one is wrong, and what is wrong by row from 0."""
    codes: dict[Hashable, int] = {}
    distinct: list[object] = []
    indices = np.empty(len(values), np.int32)
    for row, value in enumerate(values):
        key = _key(value)
        if (code := codes.get(key)) is None:
            code = codes[key] = len(distinct)
            distinct.append(value)
        indices[row] = code
    read = DistinctValues(field, distinct)
    errors: dict[int, InputError] = {}
    if read.errors:
        errors = {row: read.errors[code + 1] for row, code in enumerate(indices.tolist()) if code + 1 in read.errors}
    known = [sorted(value) if isinstance(value, frozenset) else value for value in read.values[1:]]
    dictionary = pa.array(known, TYPES.get(field.type, pa.string()))
    return dictionary.take(arrow(indices)), errors


def _key(value: object) -> Hashable:
    """Return what tells a value from those that it equals but is not read like: ``True`` and 1, 1 and ``1.0``."""
    if isinstance(value, list | tuple | set | frozenset):
        return (type(value), *map(_key, value))
    try:
        hash(value)
    except TypeError:
        return (type(value), id(value))
    return (type(value), value)
