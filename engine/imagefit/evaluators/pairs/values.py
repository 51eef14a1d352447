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

from imagefit.columns.column import Codes, Column, Numbers
from imagefit.columns.distinct import Distinct, DistinctTexts
from imagefit.columns.widths import narrowest
from imagefit.evaluators.cells import other_texts
from imagefit.evaluators.pairs.sets import Lists, Sets
from imagefit.facts import INTEGER_LIMIT, FieldType, Scalar, Value

__all__ = ["Values", "present_values", "told_apart"]


@dataclass(frozen=True, slots=True)
class Values:
    """A fact of each row as a code: 0 is unknown, the others are those of `known` values, which stand for some each."""

    codes: NDArray[Any]
    known: Sequence[Value]

    @property
    def values(self) -> Sequence[Value | None]:
        """The value of each code."""
        return (None, *self.known)


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
        return Values(_masked(codes + 1, len(numbers) + 1, column.is_known), numbers.tolist())
    assert isinstance(column, Codes)
    present, codes = np.unique(np.append(column.codes, 0), return_inverse=True)
    if column.distinct.field.type is FieldType.STRING_SET:
        return _present_sets(column.distinct, present, codes[:-1])
    values = column.distinct.values if len(present) > 1 else (None,)
    return _each_once([values[code] for code in present.tolist()], codes[:-1])


def _all_values(column: Column) -> Values:
    """Return the values of the column's dictionary, each once, whether they occur or not."""
    assert isinstance(column, Codes)
    return _each_once(column.values, column.codes)


def _each_once(values: Sequence[Value | None], codes: NDArray[Any]) -> Values:
    """Return codes of values, of which the first is unknown, as codes of the different ones."""
    numbered: dict[Value | None, int] = {None: 0}
    new = [numbered.setdefault(value, len(numbered)) for value in values]
    if len(numbered) < len(new):
        codes = np.array(new, narrowest(len(numbered)))[codes]
    return Values(codes, tuple(value for value in numbered if value is not None))


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
    return Values(column.intervals(cuts), (below, *values))


def _named(column: Codes, distinct: DistinctTexts, named: list[str]) -> Values:
    """Code texts by which of the named ones they are; all others are one."""
    new = distinct.numbered(named).astype(narrowest(len(named) + 2))
    return Values(new[column.codes], (*named, *other_texts(named, 1)))


def _of_named(column: Codes, named: list[str]) -> Values:
    """Code sets by which of the named elements each has, and whether it has others: these are one."""
    members = column.distinct.members
    places = {name: place for place, name in enumerate(named)}
    numbers = np.array([places.get(name, len(named)) for name in members.names], np.int64)
    names = [*named, *other_texts(named, 1)]
    return _sets(column.distinct.known, members.owners, numbers[members.places], names, column.codes)


def _present_sets(distinct: Distinct, present: NDArray[Any], codes: NDArray[Any]) -> Values:
    """Return the sets that occur; `codes` are places in the codes that are `present`."""
    members = distinct.members
    place_of = np.full(distinct.size, -1, np.int64)
    place_of[present] = np.arange(len(present))
    owners = place_of[members.owners]
    is_present = owners >= 0
    numbers, places = np.unique(members.places[is_present], return_inverse=True)
    names = [members.names[number] for number in numbers.tolist()]
    return _sets(distinct.known[present], owners[is_present], places, names, codes)


def _sets(
    known: NDArray[np.bool_], owners: NDArray[Any], places: NDArray[Any], names: Sequence[str], codes: NDArray[Any]
) -> Values:
    """Return codes of sets as codes of the different ones.

    Parameters
    ----------
    known
        Whether each of the sets is known; the first is not.
    owners, places
        Of each element the set that it is of, and its place among the names.
    """
    numbers, lists = Lists.told_apart(owners, places, len(known), max(len(names), 1))
    new = ((numbers + 1) * known).astype(narrowest(len(lists.lengths) + 1))
    return Values(new[codes], Sets(names, lists))


def _masked(codes: NDArray[Any], size: int, is_known: NDArray[np.bool_] | None) -> NDArray[Any]:
    codes = codes.astype(narrowest(size), copy=False)
    return codes if is_known is None else np.where(is_known, codes, codes.dtype.type(0))
