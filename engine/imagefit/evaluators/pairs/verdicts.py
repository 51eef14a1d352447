"""The verdicts of pairs: what is left when the rules that decide have struck out what fails.

Rows are looked at in the order of their classes in the first group of rules, a block at a time, and of
the lanes only the words of bits in which that group leaves something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import narrowest
from imagefit.evaluators.pairs.bits import EVERY, Words, pack_bits, width
from imagefit.evaluators.pairs.classes import Classified, Group, Rows, group_rules
from imagefit.evaluators.pairs.compile import PairRule
from imagefit.evaluators.pairs.leaves import Lanes
from imagefit.evaluators.pairs.order import by_strictness, in_order, lanes_alone, rows_alone

__all__ = ["Seen", "Verdicts", "Viewer"]

Numbers = NDArray[np.intp]

FEW_ROWS, MOST_ROWS = 1024, 8192
MOST_WORDS = 1 << 18
"""A block has at most so many rows, and so many words of each kind; it is no smaller than `FEW_ROWS` where it can."""


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """A group of rules: the class of each row, and for each class where one of them fails and where one is unknown."""

    class_of: NDArray[Any]
    found: Words


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """The verdicts of some rows in some words of lanes; in all other words every pair is incompatible."""

    rows: Numbers
    words: Numbers
    compatible: Words
    unknown: Words


class Verdicts:
    """Rows and lanes that do not fail alone, and the rules that judge their pairs.

    Attributes
    ----------
    row_numbers, lane_numbers
        Which rows and lanes they are, in the order in which they stand here.
    lane_count
        How many lanes there are, those that fail alone included.
    """

    def __init__(self, rules: Sequence[PairRule], rows: Rows, lanes: Lanes, most_classes: int) -> None:
        self.most_classes, self.lane_count = most_classes, lanes.count
        self.row_numbers, rows, self.unknown_rows = _struck(rows, *rows_alone(rules, rows))
        self.lane_numbers, lanes, unknown_lanes = _struck(lanes, *lanes_alone(rules, lanes))
        strict_first = by_strictness(rules, rows, lanes)
        order = in_order(strict_first, lanes)
        self.lane_numbers, self.lanes, self.rows = self.lane_numbers[order], lanes.take(order), rows
        self.unknown_lanes = pack_bits(unknown_lanes[order])
        self.valid = pack_bits(np.ones(len(order), dtype=np.bool_))
        self.tables: list[Table] = []
        self.wide: list[Group] = []
        for group in group_rules(strict_first, most_classes):
            if (classified := self._classified(group)) is None:
                self.wide.append(group)
            else:
                self.tables.append(Table(classified.class_of, joined(classified, self.lanes)))
        self.width = width(self.lanes.count)
        self._is_left = self._pattern_of = None
        if self.tables:
            self._is_left = self.tables[0].found[:, : self.width] | ~self.valid != EVERY
            patterns = [row.tobytes() for row in self._is_left]
            numbers = {pattern: number for number, pattern in enumerate(sorted(set(patterns)))}
            self._pattern_of = np.array([numbers[pattern] for pattern in patterns], narrowest(len(numbers)))

    def blocks(self, start: int = 0, stop: int | None = None) -> list[Numbers]:
        """Return rows in blocks to look at: those of which the same words are left stand together."""
        stop = self.rows.count if stop is None else stop
        most = max(min(MOST_ROWS, MOST_WORDS // max(self.width, 1)), 1)
        if self._pattern_of is None:
            return [np.arange(at, min(at + most, stop)) for at in range(start, stop, most)]
        patterns = self._pattern_of[self.tables[0].class_of[start:stop]]
        order = np.argsort(patterns, kind="stable")
        cuts = np.flatnonzero(np.diff(patterns[order])) + 1
        ends, last = [], 0
        for cut in (*cuts.tolist(), len(order)):
            if cut - last >= min(FEW_ROWS, most) or cut == len(order):
                ends += [*range(last + most, cut, most), cut]
                last = cut
        return [start + block for block in np.split(order, ends[:-1]) if len(block)]

    def left(self, rows: Numbers) -> Numbers:
        """Return the words in which the first group of rules leaves something for one of the rows."""
        if self._is_left is None:
            return np.arange(self.width)
        classes = np.unique(self.tables[0].class_of[rows])
        return np.flatnonzero(self._is_left[classes].any(axis=0))

    def _classified(self, group: Group) -> Classified | None:
        """Return the classes of all rows, or None if there are too many for a table."""
        if group.product > self.most_classes:
            sample = group.classify(self.rows.take(slice(None, None, max(self.rows.count // self.most_classes, 1))))
            if len(sample.sizes) > self.most_classes // 2:
                return None
        classified = group.classify(self.rows)
        return classified if len(classified.sizes) <= 4 * self.most_classes else None


def joined(classified: Classified, lanes: Lanes) -> Words:
    """Return for each class the lanes where a rule of the group fails, then those where one is unknown."""
    words = width(lanes.count)
    found = np.zeros((len(classified.sizes), 2 * words), dtype=np.uint64)
    for rule in classified.group.rules:
        fails, unknown, _ = rule.outcomes(classified, lanes)
        found[:, :words] |= fails
        found[:, words:] |= unknown
    return found


class Viewer:
    """Looks at rows, one block after the other; each thread has its own."""

    def __init__(self, verdicts: Verdicts) -> None:
        self.verdicts = verdicts
        self._words = np.arange(verdicts.width)
        self._tables = [table.found for table in verdicts.tables]
        self._lanes = verdicts.lanes

    def look(self, rows: Numbers) -> Seen:
        """Return the verdicts of some rows (places in `Verdicts.row_numbers`)."""
        v = self.verdicts
        self._narrow(v.left(rows))
        words = self._words
        always = np.concatenate((~v.valid[words], v.unknown_lanes[words]))
        found = np.broadcast_to(always, (len(rows), len(always))).copy()
        for table, own in zip(v.tables, self._tables, strict=True):
            found |= own.take(table.class_of[rows], axis=0)
        for group in v.wide:
            classified = group.classify(v.rows, rows)
            found |= joined(classified, self._lanes).take(classified.class_of, axis=0)
        fails, unknown = found[:, : len(words)], found[:, len(words) :]
        unknown[v.unknown_rows[rows]] = EVERY
        return Seen(rows, words, ~(fails | unknown), unknown & ~fails)

    def _narrow(self, words: Numbers) -> None:
        """Keep of the tables the words that are looked at; blocks that follow each other mostly look at the same."""
        if np.array_equal(words, self._words):
            return
        self._words = words
        both = np.concatenate((words, words + self.verdicts.width))
        self._tables = [table.found.take(both, axis=1) for table in self.verdicts.tables]
        lanes = (words[:, None] * 64 + np.arange(64)).ravel()
        self._lanes = self.verdicts.lanes.take(lanes[lanes < self.verdicts.lanes.count])


def _struck(side: Any, fails: NDArray[np.uint16], unknown: NDArray[np.bool_]) -> tuple[Numbers, Any, NDArray[np.bool_]]:
    """Return what does not fail alone: its numbers, itself, and which of it is unknown."""
    numbers = np.flatnonzero(fails == 0)
    return (numbers, side, unknown) if len(numbers) == len(fails) else (numbers, side.take(numbers), unknown[numbers])
