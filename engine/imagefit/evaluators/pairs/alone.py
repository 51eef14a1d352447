"""Counting the pairs that one rule alone stops: they would not fail if it were not for that rule."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from imagefit.evaluators.pairs.bits import Words, count_bits, pack_bits, width
from imagefit.evaluators.pairs.classes import Classified, Group, Rows, group_rules
from imagefit.evaluators.pairs.compile import PairRule
from imagefit.evaluators.pairs.counting import thread_count
from imagefit.evaluators.pairs.leaves import Lanes
from imagefit.evaluators.pairs.order import lanes_alone, rows_alone

__all__ = ["count_alone"]

WORDS = 1 << 16


def count_alone(rules: Sequence[PairRule], rows: Rows, lanes: Lanes, most_classes: int) -> NDArray[np.int64]:
    """Count for each rule the pairs that it fails and no other of the rules does."""
    rows = rows.take(np.flatnonzero(rows_alone(rules, rows)[0] <= 1))
    lanes = lanes.take(np.flatnonzero(lanes_alone(rules, lanes)[0] <= 1))
    counter = _Counter(rules, rows, lanes, most_classes)
    step = max(WORDS // max(width(lanes.count), 1), 1)
    starts = range(0, rows.count, step)

    threads = thread_count()

    def count(first: int) -> NDArray[np.int64]:
        counts = np.zeros(len(rules), dtype=np.int64)
        for start in starts[first::threads]:
            counter.add(counts, np.arange(start, min(start + step, rows.count)))
        return counts

    with ThreadPoolExecutor(threads) as pool:
        total: NDArray[np.int64] = np.sum(list(pool.map(count, range(threads))), axis=0)
    return total


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


class _Counter:
    def __init__(self, rules: Sequence[PairRule], rows: Rows, lanes: Lanes, most_classes: int) -> None:
        self.rows, self.lanes = rows, lanes
        self.places = {rule: place for place, rule in enumerate(rules)}
        self.valid = pack_bits(np.ones(lanes.count, dtype=np.bool_))
        self.groups = [(group, self._table(group, most_classes)) for group in group_rules(rules, most_classes)]

    def add(self, counts: NDArray[np.int64], rows: NDArray[np.intp]) -> None:
        """Add the pairs of some rows."""
        once, twice = (np.zeros((len(rows), len(self.valid)), dtype=np.uint64) for _ in range(2))
        looked_up = [(group, *self._classes(group, table, rows)) for group, table in self.groups]
        for _, fails, classes in looked_up:
            own = fails.once.take(classes, axis=0)
            twice |= once & own
            twice |= fails.twice.take(classes, axis=0)
            once |= own
        alone = once & ~twice & self.valid
        for group, fails, classes in looked_up:
            for rule, own in zip(group.rules, fails.by_rule, strict=True):
                counts[self.places[rule]] += count_bits(own.take(classes, axis=0) & alone).sum()

    def _table(self, group: Group, most_classes: int) -> tuple[Classified, _Fails] | None:
        if group.product > most_classes:
            return None
        classified = group.classify(self.rows)
        return classified, _Fails(classified, self.lanes)

    def _classes(
        self, group: Group, table: tuple[Classified, _Fails] | None, rows: NDArray[np.intp]
    ) -> tuple[_Fails, NDArray[np.intp]]:
        if table is not None:
            classified, fails = table
            return fails, classified.class_of[rows]
        classified = group.classify(self.rows, rows)
        return _Fails(classified, self.lanes), classified.class_of
