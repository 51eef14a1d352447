"""The values of a column that some leaves can tell apart: codes into few values, however many there are.

Numbers are cut at the numbers that they are compared with, and texts that nothing names are one. A value
then stands for all that have its code, so that whoever asks the leaves asks once per code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.column import Codes, Column, Numbers, narrowest
from imagefit.columns.distinct import DistinctTexts
from imagefit.evaluators.cells import other_texts
from imagefit.facts import INTEGER_LIMIT, FieldType, Scalar, Value

__all__ = ["Values", "present_values", "told_apart"]


@dataclass(frozen=True, slots=True)
class Values:
    """A fact of each row as a code into `values`, of which each stands for some; code 0 is unknown (None)."""

    codes: NDArray[Any]
    values: Sequence[Value | None]


def told_apart(column: Column, named: Iterable[Scalar]) -> Values:
    """Return the values that comparing with the `named` values can tell apart.

    Parameters
    ----------
    named
        What the fact is compared with by equality, by size, or as an element of sets.
    """
    if isinstance(column, Numbers):
        return _cut(column, [value for value in named if isinstance(value, int | float)])
    if isinstance(column, Codes) and isinstance(column.distinct, DistinctTexts):
        return _named(column, column.distinct, list(dict.fromkeys(value for value in named if isinstance(value, str))))
    if isinstance(column, Codes) and column.distinct.field.type is FieldType.STRING_SET:
        return _of_named(column, list(dict.fromkeys(value for value in named if isinstance(value, str))))
    return _all_values(column)


def present_values(column: Column) -> Values:
    """Return the values that occur, each once."""
    if isinstance(column, Numbers):
        numbers, codes = np.unique(column.numbers, return_inverse=True)
        return Values(_masked(codes + 1, len(numbers) + 1, column.is_known), (None, *numbers.tolist()))
    assert isinstance(column, Codes)
    present, codes = np.unique(np.append(column.codes, 0), return_inverse=True)
    values = column.distinct.values if len(present) > 1 else (None,)
    found = [values[code] for code in present.tolist()]
    numbered: dict[Value | None, int] = {None: 0}
    new = np.array([numbered.setdefault(value, len(numbered)) for value in found], narrowest(len(numbered)))
    return Values(new[codes[:-1]], tuple(numbered))


def _all_values(column: Column) -> Values:
    """Return the values of the column's dictionary, each once, whether they occur or not."""
    assert isinstance(column, Codes)
    numbered: dict[Value | None, int] = {None: 0}
    new = [numbered.setdefault(value, len(numbered)) for value in column.values]
    if len(numbered) == len(new):  # code 0 is unknown there, too
        return Values(column.codes, tuple(numbered))
    return Values(np.array(new, narrowest(len(numbered)))[column.codes], tuple(numbered))


def _cut(column: Numbers, points: list[int | float]) -> Values:
    """Code numbers by the points: at each, below it, between two, above the last; the least number stands for all."""
    ascending = np.unique(np.array(points, column.numbers.dtype))
    if ascending.dtype.kind == "i":
        above = ascending[ascending < INTEGER_LIMIT - 1] + 1
    else:
        above = np.nextafter(ascending, np.inf)
    cuts = np.union1d(ascending, above)
    values = cuts.tolist()
    below = min(values, default=0) - 1 if ascending.dtype.kind == "i" else -np.inf
    return Values(column.intervals(cuts), (None, below, *values))


def _named(column: Codes, distinct: DistinctTexts, named: list[str]) -> Values:
    """Code texts by which of the named ones they are; all others are one."""
    new = distinct.numbered(named).astype(narrowest(len(named) + 2))
    return Values(new[column.codes], (None, *named, *other_texts(named, 1)))


def _of_named(column: Codes, named: list[str]) -> Values:
    """Code sets by which of the named elements each has, and whether it has others: these are one."""
    distinct, names = column.distinct, [*named, *other_texts(named, 1)]
    members = distinct.members
    places = {name: place for place, name in enumerate(named)}
    numbers = np.array([places.get(name, len(named)) for name in members.names], np.int64)[members.places]
    owners, found = np.divmod(np.unique(members.owners * len(names) + numbers), len(names))
    ends = np.append(0, np.cumsum(np.bincount(owners, minlength=distinct.size)))
    items = found.astype(np.int32)
    buffers: list[Any] = [None, pa.py_buffer((ends * items.itemsize).data), pa.py_buffer(items.data)]
    encoded: Any = pc.dictionary_encode(pa.Array.from_buffers(pa.large_binary(), distinct.size, buffers))
    lists = (np.frombuffer(raw, np.int32).tolist() for raw in encoded.dictionary.to_pylist())
    values = (None, *(frozenset(names[place] for place in each) for each in lists))
    new = ((encoded.indices.to_numpy() + 1) * distinct.known).astype(narrowest(len(values)))
    return Values(new[column.codes], values)


def _masked(codes: NDArray[Any], size: int, is_known: NDArray[np.bool_] | None) -> NDArray[Any]:
    codes = codes.astype(narrowest(size), copy=False)
    return codes if is_known is None else np.where(is_known, codes, codes.dtype.type(0))
