"""Cases: which rows are alike in all that an explanation looks at, so that each case is explained once.

Nothing here explains. A row's case is a number; one row stands for all of its case.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.arrowdata import coded
from imagefit.columns.column import Codes, Column, Constant, Encoded
from imagefit.columns.widths import narrowest
from imagefit.conditions import Leaf
from imagefit.evaluators.tabular.digits import cell_column
from imagefit.evaluators.tabular.leafcolumns import truth_column
from imagefit.evaluators.tabular.subjects import CellMaker, count_of
from imagefit.explanations.cases.linkedcolumns import digits_of
from imagefit.explanations.truths.linkedfacts import CaseOf, Linked
from imagefit.facts import Field, Value
from imagefit.values import dataclass

__all__ = ["Cases", "UnknownCases", "cases_by_value", "cases_of"]

FEW_CASES = 1 << 16
"""So many possible cases have a table; of more, those that occur are looked for."""

MOST_CASES = 1 << 40

Numbered = tuple[NDArray[Any], int]
"""A number below a size for each row."""


@dataclass(frozen=True, slots=True)
class Cases:
    """The case of each of some rows, and a row of each case, as places among those rows."""

    codes: NDArray[Any]
    examples: NDArray[np.intp]


def cases_by_value(columns: Iterable[Column | None]) -> Cases | None:
    """Tell rows apart by the values of some columns; None if nothing differs."""
    return cases_of([digit for column in columns if (digit := _values(column)) is not None])


class UnknownCases(CaseOf):
    """As `CaseOf`, of one candidate and of columns."""

    def __init__(self, some: Iterable[Leaf], linked: Iterable[Linked] | None, fields: Mapping[str, Field]) -> None:
        super().__init__(some, linked)
        self._cells = CellMaker(fields).all_cells(self._leaves)

    def of(self, encoded: Encoded) -> Cases | None:
        """Return the cases of a batch, possibly told apart more than `key` does; None if all rows are one case."""
        digits = [found for found in self._truths(encoded) if not isinstance(found, int)]
        digits += [digit for digit, _ in self._of_compared(encoded) if digit is not None]
        digits += [digit for linked in self._linked if (digit := self._alike(linked, encoded)) is not None]
        return cases_of(digits)

    def keyed(self, encoded: Encoded) -> tuple[NDArray[Any], NDArray[np.intp], list[Hashable]]:
        """Return the case of each row, a row of each, and of each what stands for it in any batch.

        They are told apart more than by `key`, which takes the facts of a candidate, but need no more than the columns.
        """
        digits: list[Numbered] = []
        said: list[Callable[[NDArray[np.intp]], Iterable[Hashable]]] = []
        for found in self._truths(encoded):
            if isinstance(found, int):
                said.append(partial(_repeated, found))
            else:
                digits.append(found)
                said.append(partial(_at, found[0]))
        for digit, column in self._of_compared(encoded):
            if digit is not None:
                digits.append(digit)
            said.append(partial(_values_at, column, digit))
        for linked in self._linked:
            codes, meanings = self._told(linked, encoded)
            if codes is not None:
                digits.append((codes, len(meanings)))
            said.append(partial(_meant, codes, meanings))
        cases = cases_of(digits) or Cases(np.zeros(encoded.rows, np.int32), np.zeros(1, np.intp))
        keys: list[Hashable] = list(zip(*(of(cases.examples) for of in said), strict=True)) if said else [()]
        return cases.codes, cases.examples, keys

    def _truths(self, encoded: Encoded) -> Iterator[Numbered | int]:
        """Yield what the leaves say, then which of their facts are known; a number alone is that of all rows."""
        for subject, cells in self._cells.items():
            if isinstance(subject, Leaf):
                found, size = truth_column(subject, encoded), count_of(cells)
            else:
                assert cells is not None
                found, size = cell_column(cells, encoded), cells.count
            yield found if isinstance(found, int) else (found, size)
        for name in self._own:
            is_known = _known(encoded.columns.get(name))
            yield int(is_known) if isinstance(is_known, bool) else (is_known.view(np.uint8), 2)

    def _of_compared(self, encoded: Encoded) -> Iterator[tuple[Numbered | None, Column | None]]:
        """Yield the values of facts that are compared with unknown ones, as numbers that are else 0, and the column."""
        for name, unknown in self._compared:
            column = encoded.columns.get(name)
            digit = _values(column)
            is_other_known = _known(encoded.columns.get(unknown))
            yield (None if digit is None else (digit[0] * np.logical_not(is_other_known), digit[1])), column

    def _alike(self, linked: Linked, encoded: Encoded) -> Numbered | None:
        """Return a number for what is alike of linked facts, 0 where all that stand in the leaves are known."""
        rows, part = self._undecided(linked, encoded)
        digits = digits_of(linked, part, len(rows)) if len(rows) else []
        cases = cases_by_value(part.values()) if digits is None else cases_of([digit[:2] for digit in digits])
        if cases is None:
            return None
        numbers: dict[Hashable, int] = {}
        of_cases = []
        for row in cases.examples.tolist():
            of_cases.append(numbers.setdefault(linked.alike(_facts(part, row)), len(numbers) + 1))
        size = len(numbers) + 1
        found = np.zeros(encoded.rows, narrowest(size))
        found[rows] = np.array(of_cases, found.dtype)[cases.codes]
        return found, size

    def _told(self, linked: Linked, encoded: Encoded) -> tuple[NDArray[Any] | None, list[Hashable]]:
        """Return as `_alike` a number for each row (None: 0 for all), and what stands for each number in any batch."""
        rows, part = self._undecided(linked, encoded)
        if not len(rows):
            return None, [None]
        digits = digits_of(linked, part, len(rows))
        cases = cases_by_value(part.values()) if digits is None else cases_of([digit[:2] for digit in digits])
        if cases is None:
            cases = Cases(np.zeros(len(rows), np.int32), np.zeros(1, np.intp))
        if digits is None:
            meanings: list[Hashable] = [linked.alike(_facts(part, row)) for row in cases.examples.tolist()]
        else:
            columns = [(name, c.constant if isinstance(c, Constant) else None) for name, c in part.items()]
            there = [(place, digit.about) for place, digit in enumerate(digits) if digit.about is not None]
            same = tuple(columns), tuple(there)
            each = zip(*(digit.at(cases.examples) for digit in digits), strict=True) if digits else [()]
            meanings = [(same, own) for own in each]
        found = np.zeros(encoded.rows, np.int32)
        found[rows] = cases.codes + 1
        return found, [None, *meanings]

    def _undecided(self, linked: Linked, encoded: Encoded) -> tuple[NDArray[np.intp], dict[str, Column]]:
        """Return the rows in which not all linked facts are known that stand in the leaves, and the facts of these."""
        columns = {name: encoded.columns.get(name) for name in linked.names}
        is_known: Any = True
        for name in linked.names:
            if name in self._own:
                is_known = is_known & _known(columns[name])
        rows = np.flatnonzero(np.broadcast_to(np.logical_not(is_known), encoded.rows))
        return rows, {name: column.take(rows) for name, column in columns.items() if column is not None}


def _facts(columns: Mapping[str, Column], row: int) -> dict[str, Value]:
    return {name: value for name, column in columns.items() if (value := column.value(row)) is not None}


def _repeated(value: Hashable, rows: NDArray[np.intp]) -> list[Hashable]:
    return [value] * len(rows)


def _at(values: NDArray[Any], rows: NDArray[np.intp]) -> list[Hashable]:
    found: list[Hashable] = values[rows].tolist()
    return found


def _meant(codes: NDArray[Any] | None, meanings: Sequence[Hashable], rows: NDArray[np.intp]) -> list[Hashable]:
    return [meanings[code] for code in (np.zeros(len(rows), np.intp) if codes is None else codes[rows]).tolist()]


def _values_at(column: Column | None, digit: Numbered | None, rows: NDArray[np.intp]) -> list[Hashable]:
    if column is None:
        return [None] * len(rows)
    if digit is None:
        return [column.value(row) for row in rows.tolist()]
    return [column.value(row) if number else None for row, number in zip(rows.tolist(), digit[0][rows], strict=True)]


def _known(column: Column | None) -> NDArray[np.bool_] | bool:
    return False if column is None else True if isinstance(column, Constant) else column.known


def _values(column: Column | None) -> Numbered | None:
    """Return a column's values as numbers, 0 for unknown; None if they are all the same."""
    if column is None or isinstance(column, Constant):
        return None
    if isinstance(column, Codes):
        return column.codes, column.distinct.size
    numbers, places = coded(column.numbers)
    values = places + np.int32(1)
    if column.is_known is not None:
        values *= column.is_known
    return values, len(numbers) + 1


def cases_of(digits: Sequence[Numbered]) -> Cases | None:
    """Tell rows apart by several numbers of each; None if there are none."""
    if not digits:
        return None
    number, size = digits[0]
    for values, count in digits[1:]:
        if size * count > MOST_CASES:
            different, number = coded(number)
            size = len(different)
        width: type[Any] = np.uint16 if size * count < FEW_CASES else np.uint64
        number = number.astype(width) * width(count)
        number += values.astype(width)
        size *= count
    if size <= FEW_CASES:
        return _tabulated(number, size)
    different, codes = coded(number)
    return _with_examples(codes, len(different))


def _tabulated(number: NDArray[Any], size: int) -> Cases:
    occurs = np.zeros(size, np.bool_)
    occurs[number] = True
    codes = np.cumsum(occurs, dtype=np.int32) - np.int32(1)
    return _with_examples(codes[number], int(occurs.sum()))


def _with_examples(codes: NDArray[Any], count: int) -> Cases:
    examples = np.zeros(count, np.intp)
    examples[codes] = np.arange(len(codes))
    return Cases(codes, examples)
