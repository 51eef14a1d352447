"""Leaves that look for common elements of two sets, or for one element in a set, across the sides of a pair.

Elements that do not occur among the lanes are left out; a row's set is then joined from one row of bits for
each of its elements, or its common elements with each different set of the lanes are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from imagefit.conditions import Relation
from imagefit.evaluators.pairs.bits import EVERY, Indices, Words, pack_bits, scattered, width
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
    lane_sets = [*map(_as_set, lanes)]
    elements = {e: number for number, e in enumerate(dict.fromkeys(e for lane in lane_sets for e in sorted(lane)))}
    known = frozenset(elements)
    cells: dict[tuple[frozenset[str], bool], int] = {(frozenset(), False): 0}  # a row that is unknown takes this one
    cell_of = []
    for row in map(_as_set, rows):
        common = row & known
        is_beyond = enough is _Enough.ROW_INSIDE and len(common) < len(row)
        cell_of.append(cells.setdefault((common, is_beyond), len(cells)))
    return Overlap(
        np.array(cell_of, dtype=np.int64),
        len(cells),
        Lists.of([[elements[e] for e in common] for common, _ in cells]),
        np.array([is_beyond for _, is_beyond in cells], dtype=np.bool_),
        Lists.of([[elements[e] for e in lane] for lane in lane_sets]),
        len(elements),
        enough,
    )


def _as_set(value: Value) -> frozenset[str]:
    return value if isinstance(value, frozenset) else frozenset([str(value)])


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists of numbers, one after the other: list n is ``items[starts[n]:starts[n] + lengths[n]]``."""

    items: Numbers
    starts: Numbers
    lengths: Numbers

    @classmethod
    def of(cls, lists: Iterable[Sequence[int]]) -> Lists:
        """Join the lists."""
        parts = list(lists)
        lengths = np.array([len(part) for part in parts], dtype=np.int64)
        items = np.array([item for part in parts for item in part], dtype=np.int64)
        return cls(items, np.cumsum(lengths) - lengths, lengths)

    def take(self, numbers: Indices) -> tuple[Numbers, Numbers]:
        """Return the items of some lists, joined, and for each item which of the chosen lists it is of."""
        lengths = self.lengths[numbers]
        owners = np.repeat(np.arange(len(numbers)), lengths)
        ends = np.cumsum(lengths)
        within = np.arange(len(owners)) - np.repeat(ends - lengths, lengths)
        return self.items[self.starts[numbers][owners] + within], owners

    def inverted(self, kinds: int) -> Lists:
        """Return for each item which lists hold it."""
        items, owners = self.take(np.arange(len(self.lengths)))
        lengths = np.bincount(items, minlength=kinds).astype(np.int64)
        return Lists(owners[np.argsort(items, kind="stable")], np.cumsum(lengths) - lengths, lengths)


@dataclass(frozen=True, slots=True)
class Overlap:
    """A cell is a set of the rows without the elements that no lane has; see `pairs_links.Link`.

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
        return Lists(items, np.cumsum(lengths) - lengths, lengths).inverted(self.elements)

    def _steps(self, cells: Indices, cost: int) -> int:
        """Return into how many parts to split cells of which each element costs so much memory."""
        return max(int(self.rows.lengths[cells].sum() + len(cells)) * cost // _BLOCK, 1)
