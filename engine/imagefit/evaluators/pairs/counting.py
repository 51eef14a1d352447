"""Counting pairs on all cores: by verdict, by row and by lane, and those that one rule alone stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from imagefit.cores import core_count, in_order
from imagefit.evaluators.pairs.bits import Words, count_bits, count_columns, width
from imagefit.evaluators.pairs.classes import Classified, Group, Rows, group_rules
from imagefit.evaluators.pairs.compile import PairRule
from imagefit.evaluators.pairs.leaves import Lanes
from imagefit.evaluators.pairs.verdicts import Seen, Verdicts, Viewer, lanes_alone, rows_alone
from imagefit.evaluators.results import Counts, Numbers, OnRows, Totals

__all__ = ["count_alone", "count_by_row", "count_verdicts", "thread_count"]

B = TypeVar("B")

MOST_THREADS = 8
WORDS = 1 << 16
"""Rows are looked at together as long as they have no more words of lanes."""


def thread_count() -> int:
    """Return how many threads to look with; the results do not depend on it."""
    return core_count(MOST_THREADS)


def count_by_row(verdicts: Verdicts, rows: int) -> tuple[Counts, Counts]:
    """Count the compatible and the unknown pairs of each row."""
    by_row = np.zeros((2, rows), dtype=np.int64)

    def count(blocks: Sequence[Numbers]) -> None:
        for seen in map(Viewer(verdicts).look, blocks):
            _add_rows(by_row, verdicts, seen)

    _each(count, verdicts.blocks())
    return by_row[0], by_row[1]


def count_verdicts(verdicts: Verdicts, rows: int, lanes: int, on_rows: OnRows | None = None) -> Totals:
    """Count the compatible and the unknown pairs of each row and of each lane."""
    by_row = np.zeros((2, rows), dtype=np.int64)

    def count(blocks: Sequence[Numbers]) -> Counts:
        by_word = np.zeros((2, verdicts.width, 64), dtype=np.int64)
        for seen in map(Viewer(verdicts).look, blocks):
            _add_rows(by_row, verdicts, seen)
            for number, bits in enumerate((seen.compatible, seen.unknown)):
                by_word[number, seen.words] += count_columns(bits).reshape(-1, 64)
            if on_rows is not None:
                on_rows(len(seen.rows))
        return by_word.reshape(2, -1)[:, : verdicts.lanes.count]

    by_lane = np.zeros((2, lanes), dtype=np.int64)
    by_lane[:, verdicts.lane_numbers] = sum(_each(count, verdicts.blocks()))
    return Totals((by_row[0], by_row[1]), (by_lane[0], by_lane[1]))


def count_alone(rules: Sequence[PairRule], rows: Rows, lanes: Lanes, most_classes: int) -> Counts:
    """Count for each rule the pairs that it fails and no other of the rules does."""
    rows = rows.take(np.flatnonzero(rows_alone(rules, rows)[0] <= 1))
    lanes = lanes.take(np.flatnonzero(lanes_alone(rules, lanes)[0] <= 1))
    counter = _AloneCounter(rules, rows, lanes, most_classes)
    step = max(WORDS // max(width(lanes.count), 1), 1)

    def count(starts: Sequence[int]) -> Counts:
        counts = np.zeros(len(rules), dtype=np.int64)
        for start in starts:
            counter.add(counts, np.arange(start, min(start + step, rows.count)))
        return counts

    total: Counts = np.sum(_each(count, range(0, rows.count, step)), axis=0)
    return total


R = TypeVar("R")


def _each(work: Callable[[Sequence[B]], R], blocks: Sequence[B]) -> list[R]:
    """Deal blocks out to threads, each with sums of its own, and return these."""
    threads = thread_count()
    return list(in_order(work, [blocks[first::threads] for first in range(threads)], threads))


def _add_rows(by_row: Counts, verdicts: Verdicts, seen: Seen) -> None:
    numbers = verdicts.row_numbers[seen.rows]  # of each row once, so that threads do not meet
    for number, bits in enumerate((seen.compatible, seen.unknown)):
        by_row[number, numbers] = count_bits(bits)


class _Fails:
    """Where each rule of a group fails, for each class, and where one or more, and two or more of them do."""

    def __init__(self, classified: Classified, lanes: Lanes) -> None:
        shape = (len(classified.sizes), width(lanes.count))
        self.once, self.twice = np.zeros(shape, dtype=np.uint64), np.zeros(shape, dtype=np.uint64)
        self.by_rule: list[Words] = []
        for rule in classified.group.rules:
            fails = np.broadcast_to(rule.outcomes(classified, lanes)[0], shape)
            self.twice |= self.once & fails
            self.once |= fails
            self.by_rule.append(fails)


class _AloneCounter:
    """Adds up the pairs that one rule alone stops; groups of few classes have their fails from the start."""

    def __init__(self, rules: Sequence[PairRule], rows: Rows, lanes: Lanes, most_classes: int) -> None:
        self.rows, self.lanes = rows, lanes
        self.places = {rule: place for place, rule in enumerate(rules)}
        self.groups = [(group, self._table(group, most_classes)) for group in group_rules(rules, most_classes)]

    def add(self, counts: Counts, rows: Numbers) -> None:
        """Add the pairs of some rows."""
        once, twice = (np.zeros((len(rows), width(self.lanes.count)), dtype=np.uint64) for _ in range(2))
        looked_up = [(group, *self._classes(group, table, rows)) for group, table in self.groups]
        for _, fails, classes in looked_up:
            own = fails.once.take(classes, axis=0)
            twice |= once & own
            twice |= fails.twice.take(classes, axis=0)
            once |= own
        alone = once & ~twice & self.lanes.valid
        for group, fails, classes in looked_up:
            for rule, own in zip(group.rules, fails.by_rule, strict=True):
                counts[self.places[rule]] += count_bits(own.take(classes, axis=0) & alone).sum()

    def _table(self, group: Group, most_classes: int) -> tuple[Classified, _Fails] | None:
        if group.product > most_classes:
            return None
        classified = group.classify(self.rows)
        return classified, _Fails(classified, self.lanes)

    def _classes(
        self, group: Group, table: tuple[Classified, _Fails] | None, rows: Numbers
    ) -> tuple[_Fails, NDArray[np.intp]]:
        if table is not None:
            classified, fails = table
            return fails, classified.class_of[rows]
        classified = group.classify(self.rows, rows)
        return _Fails(classified, self.lanes), classified.class_of
