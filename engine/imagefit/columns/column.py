"""Columns of facts: a table's columns as small codes into their distinct values, or as numbers.

Arrow data comes in, encoded however it likes (dictionaries, plain text, lists, numbers), and one `Column`
for each fact comes out, in which null, NaN and empty text are unknown. A value that is none of its field's
is found per distinct value, and reported with its row. Columns that are no facts are not looked at.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.distinct import Distinct
from imagefit.columns.widths import narrowest
from imagefit.errors import InputError
from imagefit.facts import Value
from imagefit.values import dataclass

__all__ = [
    "MANY_CUTS",
    "BadValues",
    "ByRow",
    "Codes",
    "Column",
    "Constant",
    "Encoded",
    "Numbering",
    "Numbers",
]


MANY_CUTS = 24
"""Up to so many cuts, comparing with each is faster than searching."""


class Numbering(Protocol):
    """What codes can be made of: not all who judge columns need them beside what they are made of."""

    @property
    def width(self) -> int:
        """The bytes of a code."""
        ...

    def codes(self) -> NDArray[Any]:
        """Make the codes."""
        ...


class Codes:
    """A fact of each row as a code into its distinct values; code 0 is unknown.

    Parameters
    ----------
    codes
        Unsigned integers *(rows,)*, or what makes them when they are first asked for.
    """

    __slots__ = ("_codes", "_numbering", "distinct")

    def __init__(self, codes: NDArray[Any] | Numbering, distinct: Distinct) -> None:
        self.distinct = distinct
        self._codes: NDArray[Any] | None = codes if isinstance(codes, np.ndarray) else None
        self._numbering: Numbering | None = None if isinstance(codes, np.ndarray) else codes

    @property
    def codes(self) -> NDArray[Any]:
        """The codes."""
        found = self._codes
        if found is None:
            assert self._numbering is not None
            found = self._codes = self._numbering.codes()
        return found

    @property
    def width(self) -> int:
        """The bytes of a code."""
        return self.codes.itemsize if self._numbering is None else self._numbering.width

    @property
    def numbering(self) -> Numbering | None:
        """What codes can be made of that are not made yet; None if there are codes."""
        return self._numbering if self._codes is None else None

    @property
    def values(self) -> Sequence[Value | None]:
        """What each code stands for; None is unknown."""
        return self.distinct.values

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether each row's fact is known."""
        known: NDArray[np.bool_]
        known = self.codes != 0 if self.distinct.is_known_throughout else self.distinct.known[self.codes]
        return known

    def value(self, row: int) -> Value | None:
        """Return the fact of one row."""
        return self.distinct.value(int(self.codes[row]))

    def take(self, rows: NDArray[np.intp]) -> Codes:
        """Return the column of some of the rows."""
        return Codes(self.codes[rows], self.distinct)


@dataclass(frozen=True, slots=True)
class Numbers:
    """An integer or a number of each row: int64 or float64; where it is not known, any number may stand."""

    numbers: NDArray[Any]
    is_known: NDArray[np.bool_] | None  # None: in every row

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether each row's fact is known."""
        return np.ones(len(self.numbers), np.bool_) if self.is_known is None else self.is_known

    def intervals(self, cuts: Sequence[float] | NDArray[Any]) -> NDArray[np.unsignedinteger[Any]]:
        """Return for each row 0 for an unknown number, else 1 and how many of the ascending cuts are not above it."""
        width = narrowest(len(cuts) + 2)
        if len(cuts) > MANY_CUTS:
            found = np.searchsorted(np.array(cuts, self.numbers.dtype), self.numbers, side="right").astype(width)
            found += width(1)
        else:
            found = np.ones(len(self.numbers), width)
            for cut in cuts:
                found += (self.numbers >= cut).view(np.uint8)
        if self.is_known is not None:
            found *= self.is_known.view(np.uint8)
        return found

    def value(self, row: int) -> Value | None:
        """Return the fact of one row."""
        if self.is_known is not None and not self.is_known[row]:
            return None
        number: int | float = self.numbers[row].item()
        return number

    def take(self, rows: NDArray[np.intp]) -> Numbers:
        """Return the column of some of the rows."""
        return Numbers(self.numbers[rows], None if self.is_known is None else self.is_known[rows])


@dataclass(frozen=True, slots=True)
class Constant:
    """A fact that is the same in every row."""

    constant: Value

    def value(self, row: int) -> Value | None:
        """Return the fact of one row."""
        return self.constant

    def take(self, rows: NDArray[np.intp]) -> Constant:
        """Return the column of some of the rows."""
        return self


ByRow = NDArray[Any] | int
"""A number for each row, or one that holds for all."""

Column = Codes | Numbers | Constant
"""A fact of each row; a fact that no row knows has no column."""


@dataclass(frozen=True, slots=True)
class BadValues:
    """The rows of a column whose values are none of its field's, and what is wrong with each."""

    name: str
    rows: NDArray[np.intp]
    error: Callable[[int], InputError]  # of a row


@dataclass(frozen=True, slots=True)
class Encoded:
    """A batch of candidates.

    Attributes
    ----------
    columns
        The facts by name; a fact that is not there is unknown in every row.
    assumed
        For each fact that was assumed in some row, the rows (None: in all).
    bad
        What could not be read; those facts count as unknown.
    """

    rows: int
    columns: Mapping[str, Column]
    assumed: Mapping[str, NDArray[np.bool_] | None] = field(default_factory=dict)
    bad: Sequence[BadValues] = ()

    def facts(self, row: int) -> dict[str, Value]:
        """Return the known facts of one row."""
        found = ((name, column.value(row)) for name, column in self.columns.items())
        return {name: value for name, value in found if value is not None}

    def part(self, rows: NDArray[np.intp], names: Iterable[str]) -> Encoded:
        """Return some facts of some rows."""
        return Encoded(len(rows), {name: self.columns[name].take(rows) for name in names if name in self.columns})

    def take(self, rows: NDArray[np.intp]) -> Encoded:
        """Return some of the rows, without what could not be read."""
        columns = {name: column.take(rows) for name, column in self.columns.items()}
        assumed = {name: None if mask is None else mask[rows] for name, mask in self.assumed.items()}
        return Encoded(len(rows), columns, assumed)

    def errors(self) -> Iterator[tuple[int, InputError]]:
        """Yield each row that could not be read, with the first of its errors, in the order of the rows."""
        last = -1
        for row, bad in heapq.merge(*(_rows_of(bad) for bad in self.bad), key=lambda item: item[0]):
            if row != last:
                last = row
                error = bad.error(row)
                yield row, error if error.column is not None else error.at(column=bad.name)


def _rows_of(bad: BadValues) -> Iterator[tuple[int, BadValues]]:
    return ((int(row), bad) for row in bad.rows)
