"""Leaves that look for common elements of two sets, or for one element in a set, across the sides of a pair.

Counts the common elements of each set of the rows with each set of the lanes through the lists of the
sets that hold an element, so that only elements which occur on both sides cost anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagefit.conditions import Relation
from imagefit.evaluators.pairs_bits import Indices, Words, pack_bits, width
from imagefit.facts import Value

__all__ = ["Overlap", "overlapping"]

Numbers = NDArray[np.int64]

_BLOCK = 1 << 20


def overlapping(relation: Relation, rows: Sequence[Value], lanes: Sequence[Value], *, is_row_first: bool) -> Overlap:
    """Reduce the sets of the rows to what those of the lanes can tell apart; a scalar is a set of one."""
    row_sets, lane_sets = [*map(_as_set, rows)], [*map(_as_set, lanes)]
    elements = {e: number for number, e in enumerate(dict.fromkeys(e for lane in lane_sets for e in sorted(lane)))}
    is_inside = relation is Relation.CONTAINS_ALL and not is_row_first  # the row's set has to be inside the lane's
    cells: dict[tuple[frozenset[str], bool], int] = {(frozenset(), False): 0}  # a row that is unknown takes this one
    cell_of = []
    for row in row_sets:
        common = frozenset(e for e in row if e in elements)
        cell_of.append(cells.setdefault((common, is_inside and len(common) < len(row)), len(cells)))
    common_sets = [[elements[e] for e in common] for common, _ in cells]
    lane_lists = [[elements[e] for e in lane] for lane in lane_sets]
    wanted: _Wanted = _any
    if relation is Relation.CONTAINS_ALL and is_row_first:
        wanted = _whole_lane
    elif is_inside:
        wanted = _whole_row
    lengths = [-1 if is_open else len(common) for common, is_open in cells]
    return Overlap(
        np.array(cell_of, dtype=np.int64),
        len(cells),
        Lists.of(common_sets),
        np.array(lengths, dtype=np.int64),
        Lists.of(lane_lists),
        len(elements),
        wanted,
    )


def _as_set(value: Value) -> frozenset[str]:
    return value if isinstance(value, frozenset) else frozenset([str(value)])


_Wanted = Callable[[Numbers, Numbers, Numbers], NDArray[np.bool_]]
"""Takes the sizes of overlaps, of the rows' sets and of the lanes' sets; says which overlaps are enough."""


def _any(overlaps: Numbers, rows: Numbers, lanes: Numbers) -> NDArray[np.bool_]:
    enough: NDArray[np.bool_] = overlaps > 0
    return enough


def _whole_row(overlaps: Numbers, rows: Numbers, lanes: Numbers) -> NDArray[np.bool_]:
    enough: NDArray[np.bool_] = overlaps == rows
    return enough


def _whole_lane(overlaps: Numbers, rows: Numbers, lanes: Numbers) -> NDArray[np.bool_]:
    enough: NDArray[np.bool_] = overlaps == lanes
    return enough


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
    """A cell is a set of the rows without the elements that no lane has; see `pairs_links.Link`."""

    cells: Numbers
    kinds: int
    rows: Lists
    row_sizes: Numbers
    lanes: Lists
    elements: int
    wanted: _Wanted

    def over(self, codes: Indices) -> Callable[[Indices], Words]:
        """Prepare the relation for lanes of which the codes are given."""
        present, columns = np.unique(codes, return_inverse=True)
        if len(present) and present[0] == 0:  # column 0 is that of the lanes which are not known
            present = present[1:]
        else:
            columns = columns + 1
        numbers = present.astype(np.int64) - 1
        items, _ = self.lanes.take(numbers)
        lengths = self.lanes.lengths[numbers]
        holders = Lists(items, np.cumsum(lengths) - lengths, lengths).inverted(self.elements)

        def rows_of(cells: Indices) -> Words:
            table = np.zeros((len(cells), width(len(codes))), dtype=np.uint64)
            size = len(self.rows.items) / self.kinds
            step = max(int(_BLOCK / (len(codes) + size * len(present) + 1)), 1)
            for start in range(0, len(cells), step):
                part = cells[start : start + step]
                overlaps = self._overlaps(part, holders, len(present))
                enough = np.zeros((len(part), len(present) + 1), dtype=np.bool_)
                enough[:, 1:] = self.wanted(overlaps, self.row_sizes[part][:, None], lengths[None, :])
                table[start : start + step] = pack_bits(enough[:, columns])
            return table

        return rows_of

    def _overlaps(self, cells: Indices, holders: Lists, lanes: int) -> Numbers:
        """Count the common elements of each cell with each lane's set."""
        items, owners = self.rows.take(cells)
        lane, item = holders.take(items)
        pairs = owners[item] * lanes + lane
        return np.bincount(pairs, minlength=len(cells) * lanes).astype(np.int64).reshape(len(cells), lanes)
