"""The tabular evaluator for batches: from columns of facts to the outcomes of every row.

The index of each row in each table is the sum of its cells' strides; whatever is the same in all rows
stays a single number. What comes out are classes: the combination of outcomes that a table says of a row.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any as Anything

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.conditions import Leaf
from imagefit.evaluators.atoms import CELL_OF_TRUTH, FieldAtom, FieldCells, LeafAtom
from imagefit.evaluators.columns import Codes, Column, Constant, Encoded, Numbers, narrowest
from imagefit.evaluators.distinct import Distinct, DistinctTexts
from imagefit.evaluators.gathering import gather
from imagefit.evaluators.leafcolumns import truth_column
from imagefit.evaluators.tables import Axis, DecisionTables, Group, PartTable
from imagefit.rulepack.pack import Outcome

__all__ = ["BatchJudge", "Flags", "Judged", "cell_column", "words_for"]

MANY_CUTS = 24
"""Up to so many cuts, comparing with each is faster than searching."""

WORD = 64

ByRow = NDArray[Anything] | int
"""A number for each row, or one that holds for all."""

Flags = tuple[tuple[int, Outcome], ...]
"""What `Judged.masks` has a bit for: that the rule at a place has an outcome."""

Width = type[np.unsignedinteger[Anything]]


@dataclass(frozen=True)
class Judged:
    """The outcomes of a batch.

    Attributes
    ----------
    indexes, classes
        For each group of `judge`, the index and the class of each row.
    """

    judge: BatchJudge
    encoded: Encoded
    indexes: Sequence[ByRow]
    classes: Sequence[ByRow]

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.encoded.rows

    def levels(self) -> NDArray[np.uint8]:
        """Return the verdict of each row: 0 compatible, 1 unknown, 2 incompatible."""
        level = np.zeros(self.rows, np.uint8)
        for group, classes in zip(self.judge.tables.groups, self.classes, strict=True):
            if group.first_unknown < len(group.outcomes):
                own = np.greater_equal(classes, group.first_unknown).view(np.uint8)
                np.maximum(level, own + np.greater_equal(classes, group.first_failing).view(np.uint8), out=level)
        return level

    def masks(self, flags: Flags) -> list[NDArray[np.uint64]]:
        """Return the flags of each row as bits of words of 64, the first flag as the lowest bit of the first word."""
        words = [np.zeros(self.rows, np.uint64) for _ in range(words_for(flags))]
        for tables, classes in zip(self.judge.bits_of(flags), self.classes, strict=True):
            for word, table in tables.items():
                words[word] |= np.uint64(table[classes].as_py()) if isinstance(classes, int) else gather(table, classes)
        return words

    def outcomes(self, row: int) -> list[Outcome]:
        """Return the rules' outcomes in one row."""
        found = [Outcome.NOT_APPLICABLE] * len(self.judge.tables.rules)
        for group, classes in zip(self.judge.tables.groups, self.classes, strict=True):
            class_of_row = classes if isinstance(classes, int) else int(classes[row])
            for place, outcome in zip(group.places, group.outcomes[class_of_row], strict=True):
                found[place] = outcome
        return found


class BatchJudge:
    """Judges batches with the decision tables of some rules; several threads may share it."""

    def __init__(self, tables: DecisionTables) -> None:
        self.tables = tables
        self._bits: dict[Flags, Sequence[dict[int, Anything]]] = {}
        self._classes = [pa.array(np.array(group.classes, narrowest(len(group.outcomes)))) for group in tables.groups]
        self._parts = [
            pa.array(np.array([CELL_OF_TRUTH[truth] for truth in part.truths], np.uint8)) for part in tables.parts
        ]

    def bits_of(self, flags: Flags) -> Sequence[dict[int, Anything]]:
        """Return for each group, and each word in which its rules have flags, the bits of each class."""
        if flags not in self._bits:
            self._bits[flags] = [_bits_by_word(group, flags) for group in self.tables.groups]
        return self._bits[flags]

    def judge(self, encoded: Encoded) -> Judged:
        """Look every row up in every table."""
        truths: dict[Leaf, ByRow] = {}
        intervals: dict[object, NDArray[Anything]] = {}

        def truth_of(leaf: Leaf) -> ByRow:
            if leaf not in truths:
                truths[leaf] = truth_column(leaf, encoded)
            return truths[leaf]

        def index_of(table: Group | PartTable) -> ByRow:
            index: ByRow = 0
            width = narrowest(math.prod(axis.count for axis in table.axes))
            for axis in table.axes:
                if isinstance(axis.atom, LeafAtom):
                    share = _scaled(truth_of(axis.atom.leaf), axis.stride, width)
                else:
                    column = encoded.columns.get(axis.atom.name)
                    share = 0 if column is None else _field_share(axis, column, width, intervals)
                index = _sum(index, share, width)
            return index

        for part, table in zip(self.tables.parts, self._parts, strict=True):
            truths[part.leaf] = _looked_up(table, index_of(part))
        indexes = [index_of(group) for group in self.tables.groups]
        classes = [_looked_up(table, index) for table, index in zip(self._classes, indexes, strict=True)]
        return Judged(self, encoded, indexes, classes)


def cell_column(cells: FieldCells, column: Column) -> ByRow:
    """Return the cell of a field in each row."""
    return _field_share(Axis(FieldAtom(cells.field.name), cells, 1), column, narrowest(cells.count), {})


def words_for(flags: Flags) -> int:
    """Return how many words of 64 bits hold the flags."""
    return max(1, -(-len(flags) // WORD))


def _bits_by_word(group: Group, flags: Flags) -> dict[int, Anything]:
    own = [(bit, group.places.index(place), o) for bit, (place, o) in enumerate(flags) if place in group.places]
    found: dict[int, Anything] = {}
    for word in sorted({bit // WORD for bit, _, _ in own}):
        here = [(1 << bit % WORD, member, o) for bit, member, o in own if bit // WORD == word]
        values = [sum(bit for bit, member, o in here if outcomes[member] is o) for outcomes in group.outcomes]
        found[word] = pa.array(values, pa.uint64())
    return found


def _looked_up(table: Anything, index: ByRow) -> ByRow:
    return int(table[index].as_py()) if isinstance(index, int) else gather(table, index)


def _sum(index: ByRow, share: ByRow, width: Width) -> ByRow:
    """Add, into `index` where that is an array already: then it is one that was made here."""
    if isinstance(index, int):
        return index + share if isinstance(share, int) else share + width(index)
    if not isinstance(share, int):
        index += share
    elif share:
        index += width(share)
    return index


def _scaled(truths: ByRow, stride: int, width: Width) -> ByRow:
    if isinstance(truths, int):
        return truths * stride
    shares = truths.astype(width)
    shares *= width(stride)
    return shares


def _field_share(axis: Axis, column: Column, width: Width, intervals: dict[object, NDArray[Anything]]) -> ByRow:
    """Return what the cells of a field's values add to the index."""
    cells = axis.cells
    assert cells is not None
    if isinstance(column, Constant):
        return cells.of(column.constant) * axis.stride
    if isinstance(column, Codes):
        distinct = column.distinct
        shares = distinct.remembered((axis, width), lambda: _shares(_cells_of(distinct, cells), axis.stride, width))
        return gather(shares, column.codes)
    key = (cells.field.name, *cells.cuts)
    if key not in intervals:
        intervals[key] = _intervals(column, cells.cuts)
    return gather(_shares(np.array([0, *cells.by_interval]), axis.stride, width), intervals[key])


def _shares(cells: NDArray[Anything], stride: int, width: Width) -> Anything:
    return pa.array((cells * stride).astype(width))


def _cells_of(distinct: Distinct, cells: FieldCells) -> NDArray[Anything]:
    """Return the cell of each code."""
    if isinstance(distinct, DistinctTexts):
        named = [*cells.by_value.values(), cells.otherwise]  # the last is at -1: none of the names
        texts = (str(value) for value in cells.by_value)
        return np.array(named)[distinct.places_among(texts)] * distinct.known
    return np.array([0 if value is None else cells.of(value) for value in distinct.values])


def _intervals(column: Numbers, cuts: Sequence[float]) -> NDArray[Anything]:
    """Return 0 for an unknown number, else 1 and how many cuts are not above it."""
    width = narrowest(len(cuts) + 2)
    if len(cuts) > MANY_CUTS:
        found = np.searchsorted(np.array(cuts, column.numbers.dtype), column.numbers, side="right").astype(width)
        found += width(1)
    else:
        found = np.ones(len(column.numbers), width)
        for cut in cuts:
            found += (column.numbers >= cut).view(np.uint8)
    if column.is_known is not None:
        found *= column.is_known
    return found
