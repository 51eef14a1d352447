"""An evaluator that judges pairs, over every combination of cells: what cross products are judged with.

A grid's axes are dealt out to two sides; the pairs of what the one side can know with what the other can
are then the points of the grid. It is cut in two ways, and each cut looked at from both sides, since a
comparison of two facts is another thing where they stand on one side, and where they stand on two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from imagefit.analysis.verify.columns import Right, Wrong, encoded, levels_of
from imagefit.analysis.verify.grid import Grid
from imagefit.evaluators.protocol import Evaluator
from imagefit.evaluators.results import OUTCOMES
from imagefit.facts import Facts, Field
from imagefit.verdicts import LEVELS

__all__ = ["cuts", "wrong_in_pairs"]


def cuts(grid: Grid) -> list[tuple[Grid, Grid]]:
    """Return the grid as two, in several ways: a family of facts (`image.`) apart from the rest, and every other fact.

    Ways that come to the same are there once.
    """
    names = list(grid.axes)
    family = names[0].partition(".")[0] if names else ""
    ways = {
        frozenset(name for name in names if name.partition(".")[0] == family),
        frozenset(names[::2]),
    }
    sides = dict.fromkeys(side for way in sorted(ways, key=sorted) for side in (way, frozenset(names) - way))
    return [(grid.without(set(names) - side), grid.without(side)) for side in sides]


def wrong_in_pairs(evaluator: Evaluator, grid: Grid, fields: Mapping[str, Field]) -> Iterator[Wrong]:
    """Yield what an evaluator says wrongly of the pairs that are a grid's points."""
    right = [Right.of(rule, grid) for rule in evaluator.rules]
    for rows, lanes in cuts(grid):
        row_codes, lane_codes = _codes(rows), _codes(lanes)
        sides = encoded(row_codes, grid, fields, rows.size), encoded(lane_codes, grid, fields, lanes.size)
        product = evaluator.pairs(*sides)
        by_pair = {name: own[:, None] for name, own in row_codes.items()} | lane_codes
        shape = rows.size, lanes.size
        level = np.zeros(shape, np.uint8)
        for place, rule in enumerate(evaluator.rules):
            expected, found = right[place].outcomes(by_pair, shape), product.outcomes_of(place)
            for row, lane in np.argwhere(expected != found):
                yield rule.id, _facts(rows, lanes, row, lane), OUTCOMES[found[row, lane]], OUTCOMES[expected[row, lane]]
            np.maximum(level, levels_of(rule)[expected], out=level)
        levels = np.concatenate([*product.levels()])
        for row, lane in np.argwhere(level != levels):
            yield None, _facts(rows, lanes, row, lane), LEVELS[levels[row, lane]], LEVELS[level[row, lane]]


def _codes(side: Grid) -> dict[str, NDArray[np.intp]]:
    points = np.arange(side.size)
    return {name: points // side.strides[name] % len(values) for name, values in side.axes.items()}


def _facts(rows: Grid, lanes: Grid, row: int, lane: int) -> Facts:
    return {**lanes.facts(int(lane)), **rows.facts(int(row))}
