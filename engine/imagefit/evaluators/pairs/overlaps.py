"""Leaves that look for common elements of two sets, or for one element in a set, across the sides of a pair.

Elements that do not occur among the lanes are left out; a row's set is then joined from one row of bits for
each of its elements, or its common elements with each different set of the lanes are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from imagefit.conditions import Relation
from imagefit.evaluators.pairs.bits import EVERY, Indices, Words, pack_bits, scattered, width
from imagefit.evaluators.pairs.sets import Lists, Sets
from imagefit.facts import Value

__all__ = ["Overlap", "overlapping"]

Numbers = NDArray[np.int64]

_BLOCK = 1 << 20


class _Enough(Enum):
    """What makes the relation true."""

    COMMON = auto()  # an element is in both sets
    ROW_INSIDE = auto()  # all elements of the row's set are in the lane's
    LANE_INSIDE = auto()  # all elements of the lane's set are in the row's


def overlapping(relation: Relation, rows: Sequence[Value], lanes: Sequence[Value], *, is_row_first: bool) -> Overlap:
    """Reduce the sets of the rows to what those of the lanes can tell apart; a scalar is a set of one."""
    enough = _Enough.COMMON
    if relation is Relation.CONTAINS_ALL:
        enough = _Enough.LANE_INSIDE if is_row_first else _Enough.ROW_INSIDE
    row_sets, lane_sets = Sets.of(rows), Sets.of(lanes)
    present, items = np.unique(lane_sets.lists.items, return_inverse=True)
    elements = {lane_sets.names[place]: number for number, place in enumerate(present.tolist())}
    beyond = len(elements)
    numbers = np.array([elements.get(name, beyond) for name in row_sets.names], dtype=np.int64)[row_sets.lists.items]
    owners = row_sets.lists.owners
    if enough is not _Enough.ROW_INSIDE:
        owners, numbers = owners[numbers != beyond], numbers[numbers != beyond]
    cells, lists = Lists.told_apart(owners, numbers, len(row_sets), beyond + 1)
    is_beyond = np.zeros(len(lists.lengths), dtype=np.bool_)
    is_beyond[lists.owners[lists.items == beyond]] = True  # it is the last of a list
    return Overlap(
        cells,
        max(len(lists.lengths), 1),
        Lists(lists.items, lists.starts, lists.lengths - is_beyond),
        is_beyond,
        Lists.joined(items, lane_sets.lists.lengths),
        len(elements),
        enough,
    )


@dataclass(frozen=True, slots=True)
class Overlap:
    """A cell is a set of the rows without the elements that no lane has; see `links.Link`.

    Attributes
    ----------
    is_beyond
        Whether the set had such an element, where that matters.
    """

    cells: Numbers
    kinds: int
    rows: Lists
    is_beyond: NDArray[np.bool_]
    lanes: Lists
    elements: int
    enough: _Enough

    def over(self, codes: Indices) -> Callable[[Indices], Words]:
        """Prepare the relation for lanes of which the codes are given."""
        return self._counted(codes) if self.enough is _Enough.LANE_INSIDE else self._joined(codes)

    def _joined(self, codes: Indices) -> Callable[[Indices], Words]:
        """Join the rows of bits of a set's elements, each with the lanes that have the element."""
        known = np.flatnonzero(codes)
        holders = self._holders(codes[known].astype(np.int64) - 1)
        join = np.bitwise_or if self.enough is _Enough.COMMON else np.bitwise_and

        def rows_of(cells: Indices) -> Words:
            table = np.zeros((len(cells), width(len(codes))), dtype=np.uint64)
            if self.enough is _Enough.ROW_INSIDE:
                table[~self.is_beyond[cells]] = EVERY
            at = np.flatnonzero((self.rows.lengths[cells] > 0) & ~self.is_beyond[cells])
            for part in np.array_split(at, self._steps(cells, width(len(codes)))):
                items, _ = self.rows.take(cells[part])
                wanted, local = np.unique(items, return_inverse=True)
                lanes, which = holders.take(wanted)
                by_element = scattered(which, known[lanes], len(wanted), len(codes))
                lengths = self.rows.lengths[cells[part]]
                if len(part):
                    table[part] = join.reduceat(by_element[local], np.cumsum(lengths) - lengths, axis=0)
            return table

        return rows_of

    def _counted(self, codes: Indices) -> Callable[[Indices], Words]:
        """Count the common elements with each different set of the lanes."""
        present, columns = np.unique(np.append(0, codes), return_inverse=True)  # column 0 is that of unknown lanes
        numbers = present[1:].astype(np.int64) - 1
        holders, lengths = self._holders(numbers), self.lanes.lengths[numbers]

        def rows_of(cells: Indices) -> Words:
            table = np.zeros((len(cells), width(len(codes))), dtype=np.uint64)
            for part in np.array_split(np.arange(len(cells)), self._steps(cells, len(codes))):
                items, owners = self.rows.take(cells[part])
                lanes, item = holders.take(items)
                pairs = owners[item] * len(numbers) + lanes
                overlaps = np.bincount(pairs, minlength=len(part) * len(numbers)).reshape(len(part), len(numbers))
                enough = np.zeros((len(part), len(present)), dtype=np.bool_)
                enough[:, 1:] = overlaps == lengths[None, :]
                table[part] = pack_bits(enough[:, columns[1:]])
            return table

        return rows_of

    def _holders(self, lanes: Numbers) -> Lists:
        """Return for each element which of some sets of the lanes hold it."""
        items, _ = self.lanes.take(lanes)
        lengths = self.lanes.lengths[lanes]
        return Lists.joined(items, lengths).inverted(self.elements)

    def _steps(self, cells: Indices, cost: int) -> int:
        """Return into how many parts to split cells of which each element costs so much memory."""
        return max(int(self.rows.lengths[cells].sum() + len(cells)) * cost // _BLOCK, 1)
