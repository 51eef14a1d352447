"""Listing pairs: those that are compatible, all verdicts row by row, and how many rules each pair fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from imagefit.evaluators.pairs.bits import bits_of, positions
from imagefit.evaluators.pairs.classes import Group, Rows
from imagefit.evaluators.pairs.compile import PairRule
from imagefit.evaluators.pairs.leaves import Lanes
from imagefit.evaluators.pairs.verdicts import Verdicts, Viewer
from imagefit.evaluators.results import Numbers
from imagefit.verdicts import VerdictKind

__all__ = ["compatible_pairs", "tally", "verdict_rows"]

MOST_PAIRS = 1 << 20


def compatible_pairs(verdicts: Verdicts, by_row: NDArray[np.int64]) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield the compatible pairs as numbers of rows and of lanes, by row, then by lane.

    Parameters
    ----------
    by_row
        How many compatible pairs each row has.
    """
    viewer = Viewer(verdicts)
    total = np.cumsum(by_row[verdicts.row_numbers])
    start = 0
    while start < len(total):
        done = total[start - 1] if start else 0
        stop = max(int(np.searchsorted(total, done + MOST_PAIRS, side="right")), start + 1)
        if total[stop - 1] > done:
            yield _listed(viewer, start, stop)
        start = stop


def _listed(viewer: Viewer, start: int, stop: int) -> tuple[Numbers, Numbers]:
    verdicts = viewer.verdicts
    rows, lanes = [], []
    for block in verdicts.blocks(start, stop):
        seen = viewer.look(block)
        row, bit = positions(seen.compatible)
        rows.append(verdicts.row_numbers[seen.rows[row]])
        lanes.append(verdicts.lane_numbers[seen.words[bit >> 6] * 64 + (bit & 63)])
    pairs = np.sort(np.concatenate(rows) * verdicts.lane_count + np.concatenate(lanes))
    row, lane = np.divmod(pairs, verdicts.lane_count)
    return row, lane


def verdict_rows(verdicts: Verdicts, rows: int, lanes: int) -> Iterator[NDArray[np.uint8]]:
    """Yield the verdicts of all pairs, some rows at a time: a row of levels, one for each lane."""
    viewer = Viewer(verdicts)
    step = max(MOST_PAIRS // max(lanes, 1), 1)
    incompatible = np.uint8(VerdictKind.INCOMPATIBLE.level)  # one more than unknown, which is one more than compatible
    for first in range(0, rows, step):
        levels = np.full((min(step, rows - first), lanes), incompatible, dtype=np.uint8)
        start, stop = np.searchsorted(verdicts.row_numbers, (first, first + step)).tolist()
        for block in verdicts.blocks(start, stop):
            seen = viewer.look(block)
            at = verdicts.row_numbers[seen.rows] - first
            places = (seen.words[:, None] * 64 + np.arange(64)).ravel()
            is_lane = places < len(verdicts.lane_numbers)
            found = incompatible - bits_of(seen.compatible) * incompatible - bits_of(seen.unknown)
            levels[at[:, None], verdicts.lane_numbers[places[is_lane]]] = found[:, is_lane]
        yield levels


def tally(rules: Sequence[PairRule], rows: Rows, lanes: Lanes) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Count for each pair the rules that fail and those that are unknown; meant for one row, or one lane."""
    fails, unknown = (np.zeros((rows.count, lanes.count), dtype=np.uint16) for _ in range(2))
    for rule in rules:
        classified = Group.of([rule]).classify(rows)
        for counts, words in zip((fails, unknown), rule.outcomes(classified, lanes), strict=False):
            bits = bits_of(words & lanes.valid, lanes.count)
            counts += bits if len(bits) == 1 else bits[classified.class_of]
    return fails, unknown
