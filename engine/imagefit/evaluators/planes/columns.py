"""Digits from columns: where the kernel finds what each row has of a fact, or of a comparison of two facts.

What is done once for each distinct value, and what the kernel can't compare, is done as the decision tables do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.arrowdata import Indices
from imagefit.columns.column import MANY_CUTS, Codes, Constant, Encoded, Numbers
from imagefit.columns.distinct import Distinct, DistinctTexts, remembered, remembered_with_other
from imagefit.conditions import Leaf, Relation
from imagefit.evaluators.cells import FieldCells
from imagefit.evaluators.tabular import setwords
from imagefit.evaluators.tabular.digits import cells_of_codes
from imagefit.evaluators.tabular.leafcolumns import (
    Constants,
    codes_of,
    constants_of,
    truth_column,
    truths_of_pairs,
    truths_with,
)
from imagefit.evaluators.tabular.subjects import Subject
from imagefit.kernel.library import Kernel
from imagefit.kernel.structures import SHUFFLED, STRETCH, Column, Digit, Kind
from imagefit.values import dataclass

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


@dataclass(frozen=True, eq=False, slots=True)
class _Draft:
    """A digit but for where its values are: it is the same for all batches that have the same distinct values.

    Attributes
    ----------
    tables
        The arrays that it looks into.
    """

    digit: Digit
    tables: Sequence[NDArray[Any]] = ()

    @property
    def is_cached(self) -> bool:
        """Whether its tables stay in the processor's cache while rows are judged."""
        return sum(table.nbytes for table in self.tables) <= CACHED

    def copy(self) -> Digit:
        """Return a digit of its own."""
        return Digit.from_buffer_copy(self.digit)


class DigitColumns:
    """The digits of a batch. The arrays that the kernel is told of live as long as this does."""

    def __init__(self, kernel: Kernel, encoded: Encoded) -> None:
        self._kernel, self._encoded = kernel, encoded
        self._kept: list[Any] = []
        self._made: list[Column] = []
        self._numbers: dict[int, int] = {}
        self._bytes = 0

    def made(self) -> list[Column]:
        """Return what codes are made of while rows are judged, in the order in which digits number it.

        Asked once, when there are all digits.
        """
        block = np.empty(self._bytes, np.uint8)
        first = self._at(block)
        for column in self._made:
            column.codes = first + (column.codes or 0)
        return self._made

    def digit(self, subject: Subject, cells: FieldCells | None) -> Digit | int:
        """Return where the kernel finds the cell of a subject in each row; the cell, where all have the same."""
        if isinstance(subject, Leaf):
            return self._of_leaf(subject)
        assert cells is not None
        column = self._encoded.columns.get(subject)
        if column is None:
            return 0
        if isinstance(column, Constant):
            return cells.of(column.constant)
        if isinstance(column, Codes):
            return self._of_codes(_of_cells(column.distinct, cells), column)
        return self._of_numbers(column, cells)

    def _of_codes(self, draft: _Draft, *columns: Codes) -> Digit:
        """Return a digit of one column of codes, or of two."""
        self._kept.append(draft)  # which may be forgotten while rows are judged
        found, column, *others = draft.copy(), *columns
        found.width, found.column, found.values = self._codes(column, draft.is_cached)
        for other in others:
            found.other_width, found.other_column, found.others = self._codes(other, draft.is_cached)
        return found if draft.is_cached else self._of_cells(self._kernel.cells(found, self._encoded.rows))

    def _of_cells(self, cells: Cells) -> Digit:
        return Digit(kind=Kind.CELLS, width=cells.itemsize, values=self._at(cells))

    def _of_numbers(self, column: Numbers, cells: FieldCells) -> Digit:
        by_interval = np.array(cells.by_interval, np.uint8)
        if len(cells.cuts) > MANY_CUTS:
            intervals = column.intervals(cells.cuts)
            table = _padded(np.concatenate((np.zeros(1, np.uint8), by_interval)))
            at, width = self._at(intervals), intervals.itemsize
            return Digit(kind=Kind.CODES, width=width, size=len(cells.cuts) + 2, values=at, cells=self._at(table))
        return Digit(
            kind=Kind.INTEGERS if column.numbers.dtype.kind == "i" else Kind.NUMBERS,
            width=column.numbers.itemsize,
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
        codes = codes_of(leaf, columns)
        if len(codes) == 1:
            ((name, column),) = codes.items()
            return self._of_codes(_of_one(column.distinct, leaf, name, constants_of(leaf, columns)), column)
        if len(codes) == 2:
            first, second = codes.values()
            draft = _of_two(first.distinct, second.distinct, leaf, first.width == second.width == 1)
            found = None if draft is None else self._of_codes(draft, first, second)
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
                    width=first.numbers.itemsize,
                    other_width=second.numbers.itemsize,
                    values=self._at(first.numbers),
                    others=self._at(second.numbers),
                    known=self._known(first),
                    other_known=self._known(second),
                )
        return None

    def _of_truths(self, leaf: Leaf) -> Digit | int:
        truths = truth_column(leaf, self._encoded)
        return truths if isinstance(truths, int) else self._of_cells(truths)

    def _codes(self, column: Codes, are_made: bool) -> tuple[int, int, int | None]:
        """Return the bytes of a code, and where codes are: the number of what they are made of, or an address.

        Parameters
        ----------
        are_made
            Whether they may be made while rows are judged.
        """
        numbering = column.numbering
        if not (are_made and isinstance(numbering, Indices)):
            return column.width, 0, self._at(column.codes)
        if (number := self._numbers.get(id(numbering))) is None:
            self._kept.append(numbering)
            self._made.append(numbering.column(self._bytes))
            self._bytes += STRETCH * numbering.width
            number = self._numbers[id(numbering)] = len(self._made)
        return numbering.width, number, None

    def _known(self, column: Numbers) -> int | None:
        return None if column.is_known is None else self._at(column.is_known)

    def _at(self, array: NDArray[Any]) -> int:
        """Return where an array begins, and keep it; one that Arrow has at an odd address is copied to an even one."""
        array = np.ascontiguousarray(array)
        if not array.flags.aligned:
            array = array.copy()
        self._kept.append(array)
        return _address_of(array)


@remembered
def _of_cells(distinct: Distinct, cells: FieldCells) -> _Draft:
    return _coded(distinct, cells_of_codes(distinct, cells).astype(np.uint8))


@remembered
def _of_one(distinct: Distinct, leaf: Leaf, name: str, constants: Constants) -> _Draft:
    return _coded(distinct, truths_with(distinct, leaf, name, constants))


def _coded(distinct: Distinct, cells: Cells) -> _Draft:
    """Return a digit that has a cell for each code."""
    table = _padded(cells)
    return _Draft(Digit(kind=Kind.CODES, size=distinct.size, cells=_address_of(table)), (table,))


@remembered_with_other
def _of_two(first: Distinct, second: Distinct, leaf: Leaf, are_bytes: bool) -> _Draft | None:
    """Return a digit of a comparison of two columns of codes; None where the kernel can't compare them.

    Parameters
    ----------
    are_bytes
        Whether the codes of both are.
    """
    tables: list[NDArray[Any]] = []

    def table(array: NDArray[Any]) -> int:
        tables.append(np.ascontiguousarray(array))
        return _address_of(tables[-1])

    found = Digit(size=first.size, other_size=second.size)
    are_texts = isinstance(first, DistinctTexts) and isinstance(second, DistinctTexts)
    if leaf.relation is Relation.EQUALS and (are_texts or first.size * second.size > SMALL_PAIRS):
        are_bytes = are_bytes and first.size <= MOST_BYTES
        found.kind = Kind.SAME_BYTES if are_bytes else Kind.SAME
        own, theirs = _alike(first, second, np.uint8 if are_bytes else np.uint32)
        found.places = None if first.canonical is None and not are_bytes else table(own)
        found.other_places = table(theirs)
    elif first.size * second.size <= PAIR_LIMIT:
        found.kind, found.cells = Kind.PAIRS, table(_padded(truths_of_pairs(first, second, leaf).ravel()))
    elif leaf.relation is Relation.CONTAINS and isinstance(second, DistinctTexts) and _has_room(first, first):
        packed, width = setwords.side_by_side(first)
        found.kind, found.stride, found.cells = Kind.MEMBERS, int(width), table(packed.to_numpy())
        found.other_places = table(setwords.elements_of_texts(second, first).to_numpy())
    elif leaf.relation in _COMMON and _has_room(first, second) and _has_room(second, second):
        kind = _COMMON[leaf.relation]
        words = setwords.words_among(first, second, kind is Kind.ALL)
        found.kind, found.stride, found.places = kind, words.shape[1], table(words)
        found.other_places = table(setwords.words(second))
    else:
        return None
    found.known, found.other_known = (None if d.is_known_throughout else table(d.known) for d in (first, second))
    return _Draft(found, tables)


def _address_of(array: NDArray[Any]) -> int:
    address: int = array.ctypes.data
    return address


def _has_room(sets: Distinct, operands: Distinct) -> bool:
    """Whether a row of bits for each set does not take too much memory: a bit for each element that operands have."""
    return setwords.is_narrow(operands) and sets.size <= setwords.MOST_SETS


def _padded(table: NDArray[Any]) -> NDArray[Any]:
    """Return a table as long as the steps in which the kernel looks at it."""
    return np.concatenate((table, np.zeros(-len(table) % SHUFFLED, table.dtype)))


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
