"""Leaves that compare a fact of one side of a pair with a fact of the other: ``image.region`` with ``ecs.region``.

The values of the one side, the *rows*, are reduced to the cells that the values of the other side, the
*lanes*, can tell apart; a cell then has a row of bits, one for each lane. So it costs a row of bits for
each cell and never a truth for each pair of values. Tested against `reference.RELATIONS`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from imagefit.conditions import Relation
from imagefit.evaluators.pairs.bits import Indices, Words, one_hot
from imagefit.evaluators.pairs.overlaps import overlapping
from imagefit.facts import Value

__all__ = ["Link", "RowsOfCells", "link_values"]

Cells = NDArray[np.int64]

RowsOfCells = Callable[[Indices], Words]
"""Takes cells of rows, ascending and each once, and returns for each the lanes of which the relation is true."""


class Link(Protocol):
    """A relation between the values of the rows and those of the lanes."""

    @property
    def cells(self) -> Cells:
        """The cell of each value of the rows."""

    @property
    def kinds(self) -> int:
        """How many cells there are."""

    def over(self, codes: Indices) -> RowsOfCells:
        """Prepare the relation for lanes with these codes (0: unknown, else the number of the value plus 1).

        What stands in the bits of lanes that do not know their value does not matter.
        """


def link_values(relation: Relation, rows: Sequence[Value], lanes: Sequence[Value], *, is_row_first: bool) -> Link:
    """Prepare a relation between distinct values; `is_row_first` if the rows hold its first operand."""
    if relation is Relation.EQUALS:
        return _equal(rows, lanes)
    if relation in (Relation.AT_LEAST, Relation.ABOVE):
        return _ordered(relation, rows, lanes, is_row_first)
    return overlapping(relation, rows, lanes, is_row_first=is_row_first)


def _equal(rows: Sequence[Value], lanes: Sequence[Value]) -> Link:
    numbers = {value: number for number, value in enumerate(lanes)}
    return _Equal(np.array([numbers.get(value, len(lanes)) for value in rows], dtype=np.int64), len(lanes) + 1)


@dataclass(frozen=True, slots=True)
class _Equal:
    """A cell is the number of the equal value of the lanes; the last one is that of the values without."""

    cells: Cells
    kinds: int

    def over(self, codes: Indices) -> RowsOfCells:
        def rows_of(cells: Indices) -> Words:
            row_of = np.full(self.kinds + 1, len(cells), dtype=np.intp)
            row_of[cells + 1] = np.arange(len(cells))
            return one_hot(row_of[codes], len(cells) + 1)[:-1]

        return rows_of


def _ordered(relation: Relation, rows: Sequence[Any], lanes: Sequence[Any], is_row_first: bool) -> Link:
    """Cut the values at those of the lanes: how many of these are less (or no more) than a row's value."""
    ascending = sorted(lanes)
    ranks = {value: rank for rank, value in enumerate(ascending)}
    cut = bisect_right if is_row_first is (relation is Relation.AT_LEAST) else bisect_left
    return _Ordered(
        np.array([cut(ascending, value) for value in rows], dtype=np.int64),
        len(lanes) + 1,
        np.array([0, *(ranks[value] for value in lanes)], dtype=np.int64),
        is_row_first,
    )


@dataclass(frozen=True, slots=True)
class _Ordered:
    """A cell is how many values of the lanes lie below the cut; true below it, or (rows second) above it."""

    cells: Cells
    kinds: int
    ranks: Cells
    is_true_below: bool

    def over(self, codes: Indices) -> RowsOfCells:
        ranks = self.ranks[codes]

        def rows_of(cells: Indices) -> Words:
            below = np.searchsorted(cells, ranks, side="right")  # the first cut that the lane lies below
            rows: Words = np.bitwise_or.accumulate(one_hot(below, len(cells) + 1)[:-1], axis=0)
            return rows if self.is_true_below else ~rows

        return rows_of
