"""Columns of Python objects as Arrow data: what JSON and mappings hold, of mixed types as they come."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.arrowdata import arrow
from imagefit.columns.distinct import DistinctValues
from imagefit.errors import InputError
from imagefit.facts import Field, FieldType, Value

__all__ = ["arrow_of_objects", "as_data", "objects_as_arrow", "type_of"]

_TYPES: dict[FieldType, Any] = {
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.INTEGER: pa.int64(),
    FieldType.NUMBER: pa.float64(),
    FieldType.STRING_SET: pa.list_(pa.string()),
}


def type_of(field: Field) -> Any:
    """Return the type of an Arrow array of a fact; a set is a list of text."""
    return _TYPES.get(field.type, pa.string())


def as_data(value: Value | None) -> object:
    """Return a value as Arrow takes it: a set as a sorted list."""
    return sorted(value) if isinstance(value, frozenset) else value


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
    kinds = set(map(type, values)) - {type(None)}
    if (array := _as_they_are(field, values, kinds)) is not None:
        return array, {}
    distinct, indices = _coded(values, kinds)
    read = DistinctValues(field, distinct)
    errors: dict[int, InputError] = {}
    if read.errors:
        errors = {row: read.errors[code + 1] for row, code in enumerate(indices.tolist()) if code + 1 in read.errors}
    known = [as_data(value) for value in read.values[1:]]
    dictionary = pa.array(known, type_of(field))
    return dictionary.take(arrow(indices)), errors


def _as_they_are(field: Field, values: Sequence[object], kinds: set[type]) -> Any:
    """Return values that are all what the field's values are in Python; None if one may be another, or unknown."""
    if kinds != {_IN_PYTHON.get(field.type)} or (field.type is FieldType.STRING and "" in values):
        return None
    try:
        array = pa.array(values, type_of(field))
    except (pa.ArrowException, UnicodeEncodeError, OverflowError):
        return None
    if field.at_least is not None and len(array) and pc.min(array).as_py() < field.at_least:
        return None
    if field.type is not FieldType.NUMBER:
        return array
    is_finite = pc.all(pc.is_finite(array)).as_py()
    return pc.add(array, 0.0) if is_finite else None  # -0.0 becomes 0.0


_IN_PYTHON = {FieldType.BOOLEAN: bool, FieldType.INTEGER: int, FieldType.NUMBER: float, FieldType.STRING: str}


def _coded(values: Sequence[object], kinds: set[type]) -> tuple[Sequence[object], NDArray[np.int32]]:
    """Return the distinct values, and for each value its place among them."""
    is_plain = len(kinds) <= 1 and kinds <= _PLAIN
    keys: Sequence[Hashable] = values if is_plain else list(map(_key, values))
    codes = {key: code for code, key in enumerate(dict.fromkeys(keys))}
    indices = np.fromiter(map(codes.__getitem__, keys), np.int32, len(values))
    if is_plain:
        return list(codes), indices
    first = dict(zip(reversed(keys), reversed(values), strict=True))
    return [first[key] for key in codes], indices


_PLAIN = frozenset({bool, int, float, str, frozenset})
"""Types whose values, if all are of one, are told apart by being equal or not."""


def _key(value: object) -> Hashable:
    """Return what tells a value from those that it equals but is not read like: ``True`` and 1, 1 and ``1.0``."""
    if isinstance(value, list | tuple | set | frozenset):
        return (type(value), *map(_key, value))
    try:
        hash(value)
    except TypeError:
        return (type(value), id(value))
    return (type(value), value)
