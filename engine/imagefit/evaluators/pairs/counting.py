"""Counting the verdicts of all pairs, by row and by lane, on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagefit.evaluators.pairs.bits import count_bits, count_columns
from imagefit.evaluators.pairs.verdicts import Seen, Verdicts, Viewer

__all__ = ["OnRows", "Totals", "count_by_row", "count_verdicts", "thread_count"]

Counts = NDArray[np.int64]

MOST_THREADS = 8


@dataclass(frozen=True, eq=False, slots=True)
class Totals:
    """How many pairs of each row, and of each lane, are compatible, and how many unknown; the others are neither."""

    by_row: tuple[Counts, Counts]
    by_lane: tuple[Counts, Counts]


OnRows = Callable[[int], object]
"""Is told of rows that are done, from any thread."""


def thread_count() -> int:
    """Return how many threads to look with; the results do not depend on it."""
    return min(os.cpu_count() or 1, MOST_THREADS)


def count_by_row(verdicts: Verdicts, rows: int) -> tuple[Counts, Counts]:
    """Count the compatible and the unknown pairs of each row."""
    by_row = np.zeros((2, rows), dtype=np.int64)

    def count(first: int) -> None:
        for seen in _looks(verdicts, first, threads):
            _add_rows(by_row, verdicts, seen)

    threads = thread_count()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(count, range(threads)))
    return by_row[0], by_row[1]


def count_verdicts(verdicts: Verdicts, rows: int, lanes: int, on_rows: OnRows | None = None) -> Totals:
    """Count the compatible and the unknown pairs of each row and of each lane."""
    by_row = np.zeros((2, rows), dtype=np.int64)

    def count(first: int) -> Counts:
        by_word = np.zeros((2, verdicts.width, 64), dtype=np.int64)
        for seen in _looks(verdicts, first, threads):
            _add_rows(by_row, verdicts, seen)
            for number, bits in enumerate((seen.compatible, seen.unknown)):
                by_word[number, seen.words] += count_columns(bits).reshape(-1, 64)
            if on_rows is not None:
                on_rows(len(seen.rows))
        return by_word.reshape(2, -1)[:, : verdicts.lanes.count]

    threads = thread_count()
    with ThreadPoolExecutor(threads) as pool:
        of_lanes = sum(pool.map(count, range(threads)))
    by_lane = np.zeros((2, lanes), dtype=np.int64)
    by_lane[:, verdicts.lane_numbers] = of_lanes
    return Totals((by_row[0], by_row[1]), (by_lane[0], by_lane[1]))


def _looks(verdicts: Verdicts, first: int, threads: int) -> Iterator[Seen]:
    """Yield what one of the threads has to look at."""
    viewer = Viewer(verdicts)
    return map(viewer.look, verdicts.blocks()[first::threads])


def _add_rows(by_row: Counts, verdicts: Verdicts, seen: Seen) -> None:
    numbers = verdicts.row_numbers[seen.rows]  # of each row once, so that threads do not meet
    for number, bits in enumerate((seen.compatible, seen.unknown)):
        by_row[number, numbers] = count_bits(bits)
