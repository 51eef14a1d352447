"""Counting the verdicts of all pairs, by row and by lane, on all cores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagefit.evaluators.pairs_bits import count_bits, count_columns, width
from imagefit.evaluators.pairs_verdicts import Verdicts, Viewer

__all__ = ["Totals", "count_verdicts"]

Counts = NDArray[np.int64]

FEW = 8192
THREADS = 2


@dataclass(frozen=True, eq=False, slots=True)
class Totals:
    """How many pairs of each row, and of each lane, are compatible, and how many unknown; the others are neither."""

    by_row: tuple[Counts, Counts]
    by_lane: tuple[Counts, Counts]


def count_verdicts(verdicts: Verdicts, rows: int, lanes: int) -> Totals:
    """Count the verdicts of each row and of each lane."""
    by_row = np.zeros((2, rows), dtype=np.int64)
    order = verdicts.in_order()
    parts = np.array_split(order, THREADS if len(order) > FEW else 1)

    def count(part: NDArray[np.intp]) -> Counts:
        by_word = np.zeros((2, width(verdicts.lanes.count), 64), dtype=np.int64)
        for seen in Viewer(verdicts).looks(part):
            for number, bits in enumerate((seen.compatible, seen.unknown)):
                by_row[number, verdicts.row_numbers[seen.rows]] = count_bits(bits)
                if bits.any():
                    by_word[number, seen.words] += count_columns(bits).reshape(-1, 64)
        return by_word.reshape(2, -1)[:, : verdicts.lanes.count]

    with ThreadPoolExecutor(THREADS) as pool:
        of_lanes = sum(pool.map(count, parts))
    by_lane = np.zeros((2, lanes), dtype=np.int64)
    by_lane[:, verdicts.lane_numbers] = of_lanes
    return Totals((by_row[0], by_row[1]), (by_lane[0], by_lane[1]))
