"""The values of a column that some leaves can tell apart: codes into few values, however many there are.

Numbers are cut at the numbers that they are compared with, and texts that nothing names are one. A value
then stands for all that have its code, so that whoever asks the leaves asks once per code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Codes, Column, Numbers, narrowest
from imagefit.columns.distinct import DistinctTexts
from imagefit.facts import Scalar, Value

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
        return _named(column, column.distinct, {value: None for value in named if isinstance(value, str)})
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
    """Code numbers by the points: at each, below it, between two, above the last."""
    ascending = np.unique(np.array(points, column.numbers.dtype))
    below = np.searchsorted(ascending, column.numbers)
    codes = (2 * below + 1).astype(narrowest(2 * len(ascending) + 2))
    if len(ascending):
        codes += ascending[np.minimum(below, len(ascending) - 1)] == column.numbers
    codes = _masked(codes, 2 * len(ascending) + 2, column.is_known)
    stands = np.full(2 * len(ascending) + 2, -1)
    stands[codes[::-1]] = np.arange(len(codes))[::-1]
    numbers = column.numbers[stands].tolist() if len(codes) else []
    return Values(codes, (None, *numbers[1:]) if numbers else (None,))


def _named(column: Codes, distinct: DistinctTexts, named: dict[str, None]) -> Values:
    """Code texts by which of the named ones they are; all others are one."""
    places = distinct.places_among(named)
    other = len(named) + 1
    new = np.where(places >= 0, places + 1, np.where(distinct.known, other, 0)).astype(narrowest(other + 1))
    fresh = "other"
    while fresh in named:
        fresh += "-"
    return Values(new[column.codes], (None, *named, fresh))


def _masked(codes: NDArray[Any], size: int, is_known: NDArray[np.bool_] | None) -> NDArray[Any]:
    codes = codes.astype(narrowest(size), copy=False)
    return codes if is_known is None else np.where(is_known, codes, codes.dtype.type(0))
