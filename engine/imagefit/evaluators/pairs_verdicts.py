"""The verdicts of pairs: what is left when the rules that decide have struck out what fails.

Rows are looked at in the order of their classes in the first group of rules, a block at a time, and of
the lanes only the words of bits in which that group leaves something.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.evaluators.pairs_bits import EVERY, Words, pack_bits, width
from imagefit.evaluators.pairs_classes import Classified, Group, Rows, group_rules
from imagefit.evaluators.pairs_compile import PairRule
from imagefit.evaluators.pairs_leaves import Lanes
from imagefit.evaluators.pairs_order import by_strictness, in_order, lanes_alone, rows_alone

__all__ = ["Seen", "Verdicts", "Viewer"]

Numbers = NDArray[np.intp]

MOST_ROWS = 8192
MOST_WORDS = 1 << 19


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """A group of rules: the class of each row, and for each class where one of them fails, and is unknown."""

    class_of: NDArray[Any]
    fails: Words
    unknown: Words


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
    """

    def __init__(self, rules: Sequence[PairRule], rows: Rows, lanes: Lanes, most_classes: int) -> None:
        self.most_classes = most_classes
        self.row_numbers, rows, self.unknown_rows = _struck(rows, *rows_alone(rules, rows))
        self.lane_numbers, lanes, unknown_lanes = _struck(lanes, *lanes_alone(rules, lanes))
        strict_first = by_strictness(rules, rows, lanes)
        order = in_order(strict_first, lanes)
        self.lane_numbers, self.lanes, self.rows = self.lane_numbers[order], lanes.take(order), rows
        self.unknown_lanes = pack_bits(unknown_lanes[order])
        self.valid = pack_bits(np.ones(len(order), dtype=np.bool_))
        groups = group_rules(strict_first, most_classes)
        self.wide = [group for group in groups if group.product > most_classes]
        self.tables = [self._table(group) for group in groups if group.product <= most_classes]
        first = self.tables[0] if self.tables else None
        self.is_left = None if first is None else first.fails | ~self.valid != EVERY

    def in_order(self, start: int = 0, stop: int | None = None) -> Numbers:
        """Return rows in the order in which looking at them is cheapest."""
        if not self.tables:
            return np.arange(start, self.rows.count if stop is None else stop)
        return start + np.argsort(self.tables[0].class_of[start:stop], kind="stable")

    def _table(self, group: Group) -> Table:
        classified = group.classify(self.rows)
        return Table(classified.class_of, *joined(classified, self.lanes))


def joined(classified: Classified, lanes: Lanes) -> tuple[Words, Words]:
    """Return for each class the lanes where a rule of the group fails, and where one is unknown."""
    shape = (len(classified.sizes), width(lanes.count))
    fails, unknown = np.zeros(shape, dtype=np.uint64), np.zeros(shape, dtype=np.uint64)
    for rule in classified.group.rules:
        found = rule.outcomes(classified, lanes)
        fails |= found[0]
        unknown |= found[1]
    return fails, unknown


class Viewer:
    """Looks at rows, one block after the other; each thread has its own."""

    def __init__(self, verdicts: Verdicts) -> None:
        self.verdicts = verdicts
        self._words = np.arange(width(verdicts.lanes.count))
        self._tables = [(table.fails, table.unknown) for table in verdicts.tables]
        self._lanes = verdicts.lanes

    def look(self, rows: Numbers) -> Seen:
        """Return the verdicts of some rows (places in `Verdicts.row_numbers`)."""
        v = self.verdicts
        self._narrow(self._left(rows))
        words = self._words
        fails = np.broadcast_to(~v.valid[words], (len(rows), len(words))).copy()
        unknown = np.broadcast_to(v.unknown_lanes[words], fails.shape).copy()
        unknown[v.unknown_rows[rows]] = EVERY
        for table, (table_fails, table_unknown) in zip(v.tables, self._tables, strict=True):
            classes = table.class_of[rows]
            fails |= table_fails.take(classes, axis=0)
            unknown |= table_unknown.take(classes, axis=0)
        for group in v.wide:
            classified = group.classify(v.rows, rows)
            wide_fails, wide_unknown = joined(classified, self._lanes)
            fails |= wide_fails.take(classified.class_of, axis=0)
            unknown |= wide_unknown.take(classified.class_of, axis=0)
        return Seen(rows, words, ~(fails | unknown), unknown & ~fails)

    def looks(self, rows: Numbers) -> Iterator[Seen]:
        """Yield the verdicts of rows a block at a time, in the order in which they are given."""
        step = max(min(MOST_ROWS, MOST_WORDS // max(width(self.verdicts.lanes.count), 1)), 1)
        for start in range(0, len(rows), step):
            yield self.look(rows[start : start + step])

    def _left(self, rows: Numbers) -> Numbers:
        """Return the words in which the first group of rules leaves something for one of the rows."""
        if self.verdicts.is_left is None:
            return np.arange(width(self.verdicts.lanes.count))
        classes = np.unique(self.verdicts.tables[0].class_of[rows])
        return np.flatnonzero(self.verdicts.is_left[classes].any(axis=0))

    def _narrow(self, words: Numbers) -> None:
        """Keep the tables' words that are looked at; rows that follow each other mostly look at the same."""
        if not np.array_equal(words, self._words):
            self._words = words
            tables = self.verdicts.tables
            self._tables = [(t.fails.take(words, axis=1), t.unknown.take(words, axis=1)) for t in tables]
            lanes = (words[:, None] * 64 + np.arange(64)).ravel()
            self._lanes = self.verdicts.lanes.take(lanes[lanes < self.verdicts.lanes.count])


def _struck(side: Any, fails: NDArray[np.bool_], unknown: NDArray[np.bool_]) -> tuple[Numbers, Any, NDArray[np.bool_]]:
    """Return what does not fail alone: its numbers, itself, and which of it is unknown."""
    numbers = np.flatnonzero(~fails)
    return (numbers, side, unknown) if len(numbers) == len(fails) else (numbers, side.take(numbers), unknown[numbers])
