"""Cases: which rows are alike in all that an explanation looks at, so that each case is explained once.

Nothing here explains. A row's case is a number; one row stands for all of its case.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.column import Codes, Column, Constant, Encoded, narrowest
from imagefit.conditions import Leaf
from imagefit.evaluators.tabular.digits import cell_column
from imagefit.evaluators.tabular.leafcolumns import truth_column
from imagefit.evaluators.tabular.subjects import CellMaker, count_of
from imagefit.explanations.alike import CaseOf, Linked
from imagefit.explanations.alikecolumns import digits_of
from imagefit.facts import Field

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
        digits: list[Numbered] = []
        for subject, cells in self._cells.items():
            if isinstance(subject, Leaf):
                found, size = truth_column(subject, encoded), count_of(cells)
            else:
                assert cells is not None
                found, size = cell_column(cells, encoded), cells.count
            if not isinstance(found, int):
                digits.append((found, size))
        known = {name: _known(encoded.columns.get(name)) for name in self.facts}
        of_own = (known[name] for name in self._own)
        digits += [(is_known.view(np.uint8), 2) for is_known in of_own if isinstance(is_known, np.ndarray)]
        for name, unknown in self._compared:
            digit = _values(encoded.columns.get(name))
            if digit is not None:
                digits.append((digit[0] * np.logical_not(known[unknown]), digit[1]))
        digits += [digit for linked in self._linked if (digit := self._alike(linked, encoded)) is not None]
        return cases_of(digits)

    def _alike(self, linked: Linked, encoded: Encoded) -> Numbered | None:
        """Return a number for what is alike of linked facts, 0 where all that stand in the leaves are known."""
        columns = {name: encoded.columns.get(name) for name in linked.names}
        is_known: Any = True
        for name in linked.names:
            if name in self._own:
                is_known = is_known & _known(columns[name])
        if is_known is True:
            return None
        rows = np.flatnonzero(np.broadcast_to(np.logical_not(is_known), encoded.rows))
        part = {name: column.take(rows) for name, column in columns.items() if column is not None}
        digits = digits_of(linked, part, len(rows)) if len(rows) else []
        cases = cases_by_value(part.values()) if digits is None else cases_of(digits)
        if cases is None:
            return None
        numbers: dict[Hashable, int] = {}
        of_cases = []
        for row in cases.examples.tolist():
            facts = {name: value for name, column in part.items() if (value := column.value(row)) is not None}
            of_cases.append(numbers.setdefault(linked.alike(facts), len(numbers) + 1))
        size = len(numbers) + 1
        found = np.zeros(encoded.rows, narrowest(size))
        found[rows] = np.array(of_cases, found.dtype)[cases.codes]
        return found, size


def _known(column: Column | None) -> NDArray[np.bool_] | bool:
    return False if column is None else True if isinstance(column, Constant) else column.known


def _values(column: Column | None) -> Numbered | None:
    """Return a column's values as numbers, 0 for unknown; None if they are all the same."""
    if column is None or isinstance(column, Constant):
        return None
    if isinstance(column, Codes):
        return column.codes, column.distinct.size
    encoded: Any = pc.dictionary_encode(pa.array(column.numbers))
    values = encoded.indices.to_numpy() + np.int32(1)
    if column.is_known is not None:
        values *= column.is_known
    return values, len(encoded.dictionary) + 1


def cases_of(digits: Sequence[Numbered]) -> Cases | None:
    """Tell rows apart by several numbers of each; None if there are none."""
    if not digits:
        return None
    number, size = digits[0]
    for values, count in digits[1:]:
        if size * count > MOST_CASES:
            encoded: Any = pc.dictionary_encode(pa.array(number))
            number, size = encoded.indices.to_numpy(), len(encoded.dictionary)
        width: type[Any] = np.uint16 if size * count < FEW_CASES else np.uint64
        number = number.astype(width) * width(count)
        number += values.astype(width)
        size *= count
    if size <= FEW_CASES:
        return _tabulated(number, size)
    encoded = pc.dictionary_encode(pa.array(number))
    return _with_examples(encoded.indices.to_numpy(), len(encoded.dictionary))


def _tabulated(number: NDArray[Any], size: int) -> Cases:
    occurs = np.zeros(size, np.bool_)
    occurs[number] = True
    codes = np.cumsum(occurs, dtype=np.int32) - np.int32(1)
    return _with_examples(codes[number], int(occurs.sum()))


def _with_examples(codes: NDArray[Any], count: int) -> Cases:
    examples = np.zeros(count, np.intp)
    examples[codes] = np.arange(len(codes))
    return Cases(codes, examples)
