"""The verdicts of pairs: what is left when the rules that decide have struck out what fails.

Rows and lanes that fail alone are struck out before any pair is looked at. The lanes that are left are put
in an order in which those that fit a row lie together: by what the rules that strike out most look at. So
the words of bits in which every pair fails are whole words, which nobody reads. Rows are looked at in the
order of their classes in the first group of rules, a block at a time, and of the lanes only the words in
which that group leaves something.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.widths import narrowest
from imagefit.evaluators.pairs.bits import EVERY, Words, bits_of, count_bits, pack_bits, width
from imagefit.evaluators.pairs.classes import Classified, Group, Rows, group_rules
from imagefit.evaluators.pairs.compile import PairRule
from imagefit.evaluators.pairs.leaves import Lanes
from imagefit.evaluators.results import Numbers

__all__ = ["Seen", "Verdicts", "Viewer", "lanes_alone", "rows_alone"]

Alone = tuple[NDArray[np.uint16], NDArray[np.bool_]]
"""How many rules fail, and where some rule is unknown: of each row, or of each lane."""

FEW_ROWS, MOST_ROWS = 1024, 8192
MOST_WORDS = 1 << 18
"""A block has at most so many rows, and so many words of each kind; it is no smaller than `FEW_ROWS` where it can."""

MOST_CLASSES = 1 << 16
"""Rules that look at no lane are put together as long as they have no more classes of rows."""

SAMPLE = 256
"""So many rows and lanes say which rules strike out most."""


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """A group of rules, looked up: what it says of each class of rows.

    Attributes
    ----------
    class_of
        The class of each row; unsigned integers.
    found
        For each class (second axis) the words of lanes in which one of the rules fails, then those in which
        one is unknown: twice the width, uint64. Of few of the words, what many rows have is found fastest so.
    """

    class_of: NDArray[Any]
    found: Words


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """The verdicts of some rows in some words of lanes; in all other words every pair is incompatible.

    Attributes
    ----------
    rows
        The rows, as places in `Verdicts.row_numbers`: (n,), intp.
    words
        The words, as numbers of 64 lanes each; lane ``64 * word + bit`` is a place in
        `Verdicts.lane_numbers`: (w,), intp.
    compatible, unknown
        The lanes, as bits, with which each row is compatible, and with which the verdict is unknown: (n, w),
        uint64. No lane is in both; the bits beyond the last lane are in neither.
    """

    rows: Numbers
    words: Numbers
    compatible: Words
    unknown: Words


class Verdicts:
    """Rows and lanes that do not fail alone, and the rules that judge their pairs.

    Attributes
    ----------
    row_numbers, lane_numbers
        Which rows and lanes they are, in the order in which they stand here: intp.
    lane_count
        How many lanes there are, those that fail alone included.
    rows, lanes
        Their columns, in that order.
    unknown_rows, unknown_lanes
        Where a rule that looks at one side only is unknown: a flag for each row, and the bits of the lanes.
    tables, wide
        The rules that look at both sides, in groups: looked up for all rows; or, where they tell too many
        rows apart, to be worked out for the rows that are looked at.
    """

    def __init__(self, rules: Sequence[PairRule], rows: Rows, lanes: Lanes, most_classes: int) -> None:
        self.most_classes, self.lane_count = most_classes, lanes.count
        self.row_numbers, self.rows, self.unknown_rows = _struck(rows, *rows_alone(rules, rows))
        lane_numbers, fitting, unknown_lanes = _struck(lanes, *lanes_alone(rules, lanes))
        strict_first = _by_strictness(rules, self.rows, fitting)
        order = _in_order(strict_first, fitting)
        self.lane_numbers, self.lanes = lane_numbers[order], fitting.take(order)
        self.unknown_lanes = pack_bits(unknown_lanes[order])
        self.tables, self.wide = self._looked_up(group_rules(strict_first, most_classes))

    @property
    def width(self) -> int:
        """How many words hold the lanes."""
        return width(self.lanes.count)

    def blocks(self, start: int = 0, stop: int | None = None) -> list[Numbers]:
        """Return rows in blocks to look at: those of which the same words are left stand together."""
        stop = self.rows.count if stop is None else stop
        most = max(min(MOST_ROWS, MOST_WORDS // max(self.width, 1)), 1)
        if not self.tables:
            return [np.arange(at, min(at + most, stop)) for at in range(start, stop, most)]
        patterns = self._patterns[self.tables[0].class_of[start:stop]]
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
        if not self.tables:
            return np.arange(self.width)
        classes = np.unique(self.tables[0].class_of[rows])
        return np.flatnonzero(self._is_left[classes].any(axis=0))

    @cached_property
    def _is_left(self) -> NDArray[np.bool_]:
        """Whether the first group leaves something, for each of its classes (first axis) and each word."""
        fails = self.tables[0].found[: self.width].T
        is_left: NDArray[np.bool_] = fails | ~self.lanes.valid != EVERY
        return np.ascontiguousarray(is_left)

    @cached_property
    def _patterns(self) -> NDArray[Any]:
        """For each class of the first group a number, equal where the same words are left."""
        patterns = [row.tobytes() for row in self._is_left]
        numbers = {pattern: number for number, pattern in enumerate(sorted(set(patterns)))}
        return np.array([numbers[pattern] for pattern in patterns], narrowest(len(numbers)))

    def _looked_up(self, groups: Iterable[Group]) -> tuple[list[Table], list[Group]]:
        """Return the tables of the groups that have few classes, and the other groups."""
        tables: list[Table] = []
        wide: list[Group] = []
        for group in groups:
            if (classified := self._classified(group)) is None:
                wide.append(group)
            else:
                tables.append(Table(classified.class_of, joined(classified, self.lanes)))
        return tables, wide

    def _classified(self, group: Group) -> Classified | None:
        """Return the classes of all rows, or None if there are too many for a table."""
        if group.product > self.most_classes:
            sample = group.classify(self.rows.take(slice(None, None, max(self.rows.count // self.most_classes, 1))))
            if len(sample.sizes) > self.most_classes // 2:
                return None
        classified = group.classify(self.rows)
        return classified if len(classified.sizes) <= 4 * self.most_classes else None


def joined(classified: Classified, lanes: Lanes) -> Words:
    """Return for each class (second axis) the lanes where a rule of the group fails, then where one is unknown."""
    words = width(lanes.count)
    found = np.zeros((2 * words, len(classified.sizes)), dtype=np.uint64)
    for rule in classified.group.rules:
        classes, of_class, count = classified.told_apart(rule)
        own = np.empty((2 * words, count), dtype=np.uint64)
        fails, unknown, _ = rule.outcomes(classes, lanes)
        own[:words], own[words:] = fails.T, unknown.T
        found |= own.take(of_class, axis=1)
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
        always = np.concatenate((~v.lanes.valid[words], v.unknown_lanes[words]))
        found = np.broadcast_to(always[:, None], (len(always), len(rows))).copy()
        for table, own in zip(v.tables, self._tables, strict=True):
            found |= own.take(table.class_of[rows], axis=1)
        for group in v.wide:
            classified = group.classify(v.rows, rows)
            found |= joined(classified, self._lanes).take(classified.class_of, axis=1)
        fails, unknown = found[: len(words)], found[len(words) :]
        unknown[:, v.unknown_rows[rows]] = EVERY
        return Seen(rows, words, ~(fails | unknown).T, (unknown & ~fails).T)

    def _narrow(self, words: Numbers) -> None:
        """Keep of the tables the words that are looked at; blocks that follow each other mostly look at the same."""
        if np.array_equal(words, self._words):
            return
        self._words = words
        both = np.concatenate((words, words + self.verdicts.width))
        self._tables = [table.found[both] for table in self.verdicts.tables]
        if self.verdicts.wide:
            lanes = (words[:, None] * 64 + np.arange(64)).ravel()
            self._lanes = self.verdicts.lanes.take(lanes[lanes < self.verdicts.lanes.count])


def _struck(side: Any, fails: NDArray[np.uint16], unknown: NDArray[np.bool_]) -> tuple[Numbers, Any, NDArray[np.bool_]]:
    """Return what does not fail alone: its numbers, itself, and which of it is unknown."""
    numbers = np.flatnonzero(fails == 0)
    return (numbers, side, unknown) if len(numbers) == len(fails) else (numbers, side.take(numbers), unknown[numbers])


def rows_alone(rules: Sequence[PairRule], rows: Rows) -> Alone:
    """Apply the rules that look at no lane."""
    fails, unknown = np.zeros(rows.count, dtype=np.uint16), np.zeros(rows.count, dtype=np.bool_)
    for group in group_rules([rule for rule in rules if not rule.columns], MOST_CLASSES):
        classified = group.classify(rows)
        own, open_ = np.zeros(len(classified.sizes), dtype=np.uint16), np.zeros(len(classified.sizes), dtype=np.bool_)
        for rule in group.rules:
            found = rule.outcomes(classified, Lanes({}, 0))
            own += found[0][:, 0] != 0
            open_ |= found[1][:, 0] != 0
        if own.any():
            fails += own[classified.class_of]
        if open_.any():
            unknown |= open_[classified.class_of]
    return fails, unknown


def lanes_alone(rules: Sequence[PairRule], lanes: Lanes) -> Alone:
    """Apply the rules that look at no row."""
    fails, unknown = np.zeros(lanes.count, dtype=np.uint16), np.zeros(lanes.count, dtype=np.bool_)
    none = Group.of([]).classify(Rows({}, 1))
    for rule in rules:
        if rule.columns and not rule.atoms:
            found = rule.outcomes(none, lanes)
            fails += bits_of(found[0], lanes.count)[0]
            unknown |= bits_of(found[1], lanes.count)[0].view(np.bool_)
    return fails, unknown


def _by_strictness(rules: Sequence[PairRule], rows: Rows, lanes: Lanes) -> list[PairRule]:
    """Return the rules that look at both sides, those that fail most pairs of a sample first."""
    sample = rows.take(slice(None, None, max(rows.count // SAMPLE, 1)))
    lanes = lanes.take(np.arange(0, lanes.count, max(lanes.count // SAMPLE, 1)))
    failing: dict[PairRule, int] = {}
    for rule in rules:
        if rule.columns and rule.atoms:  # each row of the sample is a class of its own
            fails, _, _ = rule.outcomes(lambda atom: atom.numbers[sample.columns[atom.column]], lanes)
            failing[rule] = int(np.broadcast_to(count_bits(fails & lanes.valid), sample.count).sum())
    return sorted(failing, key=lambda rule: -failing[rule])


def _in_order(rules: Sequence[PairRule], lanes: Lanes) -> NDArray[np.intp]:
    """Return the lanes in an order in which those that the first rules do not tell apart lie together."""
    columns = dict.fromkeys(column for rule in rules for column in rule.columns)
    if not columns or width(lanes.count) <= 1:
        return np.arange(lanes.count)
    return np.lexsort([lanes.columns[column] for column in reversed(columns)])
