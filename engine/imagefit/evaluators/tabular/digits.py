"""Digits: the numbers of each row that an index into a decision table is made of.

A digit is a column as it lies there, or what has to be worked out row by row: the codes of a fact, the
interval between cuts in which a number lies, the truth of a comparison. What a digit adds to an index is a
small array, which is worked out per value and never per row.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns.arrowdata import gather
from imagefit.columns.column import ByRow, Codes, Constant, Encoded, Numbers
from imagefit.columns.distinct import Distinct, DistinctTexts
from imagefit.columns.widths import narrowest
from imagefit.conditions import Leaf
from imagefit.evaluators.cells import FieldCells
from imagefit.evaluators.tabular.leafcolumns import codes_of, truth_column, truth_table
from imagefit.evaluators.tabular.tables import Axis
from imagefit.values import dataclass

__all__ = ["Digit", "Digits", "Term", "cell_column", "cells_of_codes", "term_of"]


@dataclass(frozen=True, slots=True)
class CodesOf:
    """The code of a fact."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class IntervalOf:
    """0 where a number is unknown, else 1 and how many cuts are not above it."""

    name: str
    cuts: tuple[float, ...]

    @property
    def size(self) -> int:
        """The number of intervals, and one for unknown."""
        return len(self.cuts) + 2


@dataclass(frozen=True, slots=True)
class TruthOf:
    """The truth of a leaf: 0 unknown, 1 false, 2 true."""

    leaf: Leaf
    size = 3


Digit = CodesOf | IntervalOf | TruthOf


class Digits:
    """The digits of one batch, each worked out once."""

    def __init__(self, encoded: Encoded) -> None:
        self.encoded = encoded
        self._truths: dict[Leaf, ByRow] = {}
        self._intervals: dict[IntervalOf, NDArray[Any]] = {}

    def array(self, digit: Digit) -> NDArray[Any]:
        """Return a digit of each row."""
        if isinstance(digit, CodesOf):
            column = self.encoded.columns[digit.name]
            assert isinstance(column, Codes)
            return column.codes
        if isinstance(digit, TruthOf):
            truths = self.truth_of(digit.leaf)
            assert not isinstance(truths, int)
            return truths
        if digit not in self._intervals:
            numbers = self.encoded.columns[digit.name]
            assert isinstance(numbers, Numbers)
            self._intervals[digit] = numbers.intervals(digit.cuts)
        return self._intervals[digit]

    def truth_of(self, leaf: Leaf) -> ByRow:
        """Return the truth of a leaf that is not negated."""
        if leaf not in self._truths:
            self._truths[leaf] = truth_column(leaf, self.encoded)
        return self._truths[leaf]

    def define(self, leaf: Leaf, truths: ByRow) -> None:
        """Say what the truth of a leaf is that stands for a part of a condition."""
        self._truths[leaf] = truths


@dataclass(frozen=True, slots=True)
class Term:
    """What some digits add to an index: `shares` has an axis for each of them."""

    digits: tuple[Digit, ...]
    shares: NDArray[Any]


def term_of(axis: Axis, digits: Digits, largest: int) -> Term | int:
    """Return what an axis adds to the index of its table, an integer where it is the same in all rows.

    Parameters
    ----------
    largest
        Two columns of codes that have more pairs of values are compared row by row, and not once for each pair.
    """
    if isinstance(axis.subject, Leaf):
        return _term_of_leaf(axis.subject, axis.stride, digits, largest)
    column = digits.encoded.columns.get(axis.subject)
    assert axis.cells is not None
    if column is None:
        return 0
    if isinstance(column, Constant):
        return axis.cells.of(column.constant) * axis.stride
    if isinstance(column, Codes):
        cells = cells_of_codes(column.distinct, axis.cells)
        return Term((CodesOf(axis.subject, column.distinct.size),), cells * axis.stride)
    by_interval = np.array([0, *axis.cells.by_interval])
    return Term((IntervalOf(axis.subject, tuple(axis.cells.cuts)),), by_interval * axis.stride)


def _term_of_leaf(leaf: Leaf, stride: int, digits: Digits, largest: int) -> Term | int:
    columns = digits.encoded.columns
    if columns.keys() >= set(leaf.facts):
        codes = codes_of(leaf, columns)
        sizes = [column.distinct.size for column in codes.values()]
        if len(codes) == 1 or (codes and math.prod(sizes) <= largest):
            return Term(tuple(map(CodesOf, codes, sizes)), truth_table(leaf, columns).astype(np.intp) * stride)
    truth = digits.truth_of(leaf)
    return truth * stride if isinstance(truth, int) else Term((TruthOf(leaf),), np.arange(3) * stride)


def cell_column(cells: FieldCells, encoded: Encoded) -> ByRow:
    """Return the cell of a field in each row."""
    digits = Digits(encoded)
    term = term_of(Axis(cells.field.name, cells, 1), digits, 0)
    if isinstance(term, int):
        return term
    return gather(pa.array(term.shares.astype(narrowest(cells.count))), digits.array(term.digits[0]))


def cells_of_codes(distinct: Distinct, cells: FieldCells) -> NDArray[Any]:
    """Return the cell of each code."""
    if isinstance(distinct, DistinctTexts):
        texts = list(map(str, cells.by_value))
        return np.array([0, *cells.by_value.values(), cells.otherwise])[distinct.numbered(texts)]
    return np.array([0 if value is None else cells.of(value) for value in distinct.values])
