"""Digits from columns: where the kernel finds what each row has of a fact, or of a comparison of two facts.

What is done once for each distinct value, and what the kernel can't compare, is done as the decision tables do it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import MANY_CUTS, Codes, Constant, Encoded, Numbers
from imagefit.columns.distinct import Distinct, DistinctTexts, remembered, remembered_with_other
from imagefit.conditions import Leaf, Relation
from imagefit.evaluators.cells import FieldCells
from imagefit.evaluators.tabular import setwords
from imagefit.evaluators.tabular.digits import cells_of_codes
from imagefit.evaluators.tabular.leafcolumns import codes_of, truth_column, truth_table
from imagefit.evaluators.tabular.subjects import Subject
from imagefit.kernel.library import Kernel
from imagefit.kernel.structures import SHUFFLED, Digit, Kind

__all__ = ["DigitColumns"]

PAIR_LIMIT = 1 << 12
"""Up to so many pairs of distinct values are compared before rows are looked at."""

SMALL_PAIRS = 1 << 6
"""Of so many pairs, the truth is looked up as quickly as numbers are compared."""

MOST_BYTES = (1 << 8) - 1
"""Of so many distinct values, each has room in a byte, and what is none of them."""

CACHED = 1 << 15
"""Larger tables are looked into for all rows before others are, so that they stay in the processor's cache."""

_COMMON = {Relation.CONTAINS_ANY: Kind.ANY, Relation.CONTAINS_ALL: Kind.ALL}

Cells = NDArray[np.uint8]


class DigitColumns:
    """The digits of a batch. The arrays that the kernel is told of live as long as this does."""

    def __init__(self, kernel: Kernel, encoded: Encoded) -> None:
        self._kernel, self._encoded = kernel, encoded
        self._kept: list[Any] = []
        self._in_tables = 0

    def digit(self, subject: Subject, cells: FieldCells | None) -> Digit | int:
        """Return where the kernel finds the cell of a subject in each row; the cell, where all have the same."""
        self._in_tables = 0
        found = self._found(subject, cells)
        if isinstance(found, int) or self._in_tables <= CACHED:
            return found
        return Digit(kind=Kind.CELLS, values=self._at(self._kernel.cells(found, self._encoded.rows)))

    def _found(self, subject: Subject, cells: FieldCells | None) -> Digit | int:
        if isinstance(subject, Leaf):
            return self._of_leaf(subject)
        assert cells is not None
        column = self._encoded.columns.get(subject)
        if column is None:
            return 0
        if isinstance(column, Constant):
            return cells.of(column.constant)
        if isinstance(column, Codes):
            return self._of_codes(column, _padded_cells(column.distinct, cells))
        return self._of_numbers(column, cells)

    def _of_codes(self, column: Codes, cells: Cells) -> Digit:
        return Digit(
            kind=Kind.CODES,
            width=column.codes.itemsize,
            size=column.distinct.size,
            values=self._at(column.codes),
            cells=self._table(cells),
        )

    def _of_numbers(self, column: Numbers, cells: FieldCells) -> Digit:
        by_interval = np.array(cells.by_interval, np.uint8)
        if len(cells.cuts) > MANY_CUTS:
            intervals = column.intervals(cells.cuts)
            table = _padded(np.concatenate((np.zeros(1, np.uint8), by_interval)))
            at, width = self._at(intervals), intervals.itemsize
            return Digit(kind=Kind.CODES, width=width, size=len(cells.cuts) + 2, values=at, cells=self._table(table))
        return Digit(
            kind=Kind.INTEGERS if column.numbers.dtype.kind == "i" else Kind.NUMBERS,
            cuts=len(cells.cuts),
            values=self._at(column.numbers),
            known=self._known(column),
            cells=self._at(_padded(by_interval)),
            places=self._at(np.array(cells.cuts, column.numbers.dtype)),
        )

    def _of_leaf(self, leaf: Leaf) -> Digit | int:
        columns = self._encoded.columns
        if not columns.keys() >= set(leaf.facts):
            return 0
        codes = list(codes_of(leaf, columns).values())
        if len(codes) == 1:
            return self._of_codes(codes[0], _padded(truth_table(leaf, columns)))
        if len(codes) == 2:
            found = self._of_two_codes(leaf, *codes)
        else:
            found = self._of_two_numbers(leaf, *(columns[name] for name in leaf.facts))
        return self._of_truths(leaf) if found is None else found

    def _of_two_numbers(self, leaf: Leaf, *columns: object) -> Digit | None:
        match columns:
            case Numbers() as first, Numbers() as second if first.numbers.dtype == second.numbers.dtype:
                if leaf.relation not in (Relation.AT_LEAST, Relation.ABOVE):
                    return None
                is_integer = first.numbers.dtype.kind == "i"
                return Digit(
                    kind=Kind.INTEGERS_COMPARED if is_integer else Kind.NUMBERS_COMPARED,
                    above=leaf.relation is Relation.ABOVE,
                    values=self._at(first.numbers),
                    others=self._at(second.numbers),
                    known=self._known(first),
                    other_known=self._known(second),
                )
        return None

    def _of_two_codes(self, leaf: Leaf, column: Codes, other: Codes) -> Digit | None:
        first, second = column.distinct, other.distinct
        found = Digit(
            width=column.codes.itemsize,
            other_width=other.codes.itemsize,
            size=first.size,
            other_size=second.size,
            values=self._at(column.codes),
            others=self._at(other.codes),
        )
        are_texts = isinstance(first, DistinctTexts) and isinstance(second, DistinctTexts)
        if leaf.relation is Relation.EQUALS and (are_texts or first.size * second.size > SMALL_PAIRS):
            are_bytes = column.codes.itemsize == other.codes.itemsize == 1 and first.size <= MOST_BYTES
            found.kind = Kind.SAME_BYTES if are_bytes else Kind.SAME
            own, theirs = _alike(first, second, np.uint8 if are_bytes else np.uint32)
            found.places = None if first.canonical is None and not are_bytes else self._table(own)
            found.other_places = self._table(theirs)
        elif first.size * second.size <= PAIR_LIMIT:
            found.kind, found.cells = Kind.PAIRS, self._table(_padded(truth_table(leaf, self._encoded.columns).ravel()))
        elif leaf.relation is Relation.CONTAINS and isinstance(second, DistinctTexts) and _has_room(first, first):
            packed, width = setwords.side_by_side(first)
            found.kind, found.stride, found.cells = Kind.MEMBERS, int(width), self._table(packed.to_numpy())
            found.other_places = self._table(setwords.elements_of_texts(second, first).to_numpy())
        elif leaf.relation in _COMMON and _has_room(first, second) and _has_room(second, second):
            kind = _COMMON[leaf.relation]
            words = setwords.words_among(first, second, kind is Kind.ALL)
            found.kind, found.stride, found.places = kind, words.shape[1], self._table(words)
            found.other_places = self._table(setwords.words(second))
        else:
            return None
        found.known, found.other_known = self._known_codes(first), self._known_codes(second)
        return found

    def _of_truths(self, leaf: Leaf) -> Digit | int:
        truths = truth_column(leaf, self._encoded)
        return truths if isinstance(truths, int) else Digit(kind=Kind.CELLS, values=self._at(truths))

    def _known(self, column: Numbers) -> int | None:
        return None if column.is_known is None else self._at(column.is_known)

    def _known_codes(self, distinct: Distinct) -> int | None:
        return None if distinct.is_known_throughout else self._table(distinct.known)

    def _table(self, array: NDArray[Any]) -> int:
        """Return where a table begins that is looked into at any place."""
        self._in_tables += array.nbytes
        return self._at(array)

    def _at(self, array: NDArray[Any]) -> int:
        """Return where an array begins, and keep it; one that Arrow has at an odd address is copied to an even one."""
        array = np.ascontiguousarray(array)
        if not array.flags.aligned:
            array = array.copy()
        self._kept.append(array)
        address: int = array.ctypes.data
        return address


def _has_room(sets: Distinct, operands: Distinct) -> bool:
    """Whether a row of bits for each set does not take too much memory: a bit for each element that operands have."""
    return setwords.is_narrow(operands) and sets.size <= setwords.MOST_SETS


def _padded(table: NDArray[Any]) -> NDArray[Any]:
    """Return a table as long as the steps in which the kernel looks at it."""
    return np.concatenate((table, np.zeros(-len(table) % SHUFFLED, table.dtype)))


@remembered
def _padded_cells(distinct: Distinct, cells: FieldCells) -> Cells:
    return _padded(cells_of_codes(distinct, cells).astype(np.uint8))


@remembered_with_other
def _alike(distinct: Distinct, other: Distinct, width: type[np.uint8 | np.uint32]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return a number for each code of both, the same where values are; 0 where one is unknown."""
    own = distinct.first
    if isinstance(distinct, DistinctTexts) and isinstance(other, DistinctTexts):
        theirs = other.places_in(distinct).astype(np.uint32)
    else:
        codes = {value: code for code, value in zip(own.tolist(), distinct.values, strict=True)}
        theirs = np.array([codes.get(value, 0) for value in other.values], np.uint32)
    theirs[(theirs == 0) & other.known] = distinct.size  # what none of the others is
    return _padded(own.astype(width)), _padded(theirs.astype(width))
