"""Levers: which remedies would make how many rows fit, alone and few together."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.explanations.remedies.effects import filled
from imagefit.planning.planner import Sketch
from imagefit.rulepack.pack import Pack
from imagefit.values import dataclass

__all__ = ["Lever", "Levers", "levers_of"]

MOST_TOGETHER = 3
CONSIDERED = 16
"""So many remedies, those that help most rows, are looked at together."""


@dataclass(frozen=True, slots=True)
class Lever:
    """A remedy that is a whole plan of some rows.

    Attributes
    ----------
    fits
        Rows that it alone makes compatible.
    clears
        Rows that then nothing known speaks against, and that stay undecided where they were.
    """

    remedy: str
    text: str
    by: str
    cost: tuple[str, ...]
    fits: int
    clears: int

    @property
    def rows(self) -> int:
        """The rows that it helps."""
        return self.fits + self.clears

    def to_dict(self) -> dict[str, Any]:
        """Return the lever as JSON data."""
        return {
            "remedy": self.remedy,
            "text": self.text,
            "by": self.by,
            "cost": list(self.cost),
            "fits": self.fits,
            "clears": self.clears,
        }


@dataclass(frozen=True, slots=True)
class Levers:
    """What would help most rows of an audit.

    Attributes
    ----------
    single
        The remedies that help rows alone, those that help most first.
    together, together_rows
        The remedies, three at most, that help most rows together, and how many.
    planned, without
        The incompatible rows that have a plan, and those that have none.
    """

    single: tuple[Lever, ...] = ()
    together: tuple[str, ...] = ()
    together_rows: int = 0
    planned: int = 0
    without: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the levers as JSON data."""
        return {
            "single": [lever.to_dict() for lever in self.single],
            "together": {"remedies": list(self.together), "rows": self.together_rows},
            "planned": self.planned,
            "without": self.without,
        }


def levers_of(counts: Mapping[Sketch, int], pack: Pack) -> Levers:
    """Return the levers of rows whose plans were counted."""
    alone: dict[str, list[int]] = {}
    helped: dict[str, int] = {}
    for sketch, rows in counts.items():
        for plan in sketch.every:
            if len(plan) == 1:
                alone.setdefault(plan[0], [0, 0])[0 if sketch.is_compatible else 1] += rows
        for name in {name for plan in sketch.every for name in plan}:
            helped[name] = helped.get(name, 0) + rows
    order = {name: place for place, name in enumerate(pack.remedies)}
    found = [_lever(name, fits, clears, pack) for name, (fits, clears) in alone.items()]
    together, rows = _together(counts, sorted(helped, key=lambda name: (-helped[name], order[name])), order)
    return Levers(
        tuple(sorted(found, key=lambda lever: (-lever.rows, order[lever.remedy]))),
        together,
        rows,
        sum(rows for sketch, rows in counts.items() if sketch.every),
        sum(rows for sketch, rows in counts.items() if not sketch.every),
    )


def _lever(name: str, fits: int, clears: int, pack: Pack) -> Lever:
    remedy = pack.remedies[name]
    return Lever(name, filled(remedy.text, {}, pack.fields), remedy.actor, remedy.cost, fits, clears)


def _together(counts: Mapping[Sketch, int], names: list[str], order: Mapping[str, int]) -> tuple[tuple[str, ...], int]:
    """Return the few remedies whose plans cover most rows; the fewest of those that cover as many."""
    names = names[:CONSIDERED]
    weights, considered = np.array(list(counts.values()), np.int64), frozenset(names)
    planned: dict[frozenset[str], NDArray[np.bool_]] = {}  # where some remedies are a plan
    for place, sketch in enumerate(counts):
        for plan in sketch.every:
            if considered.issuperset(plan):
                if (whole := frozenset(plan)) not in planned:
                    planned[whole] = np.zeros(len(weights), np.bool_)
                planned[whole][place] = True
    best: tuple[tuple[str, ...], int] = ((), 0)
    for size in range(1, MOST_TOGETHER + 1):
        for some in combinations(sorted(names, key=order.__getitem__), size):
            parts = [frozenset(part) for less in range(size + 1) for part in combinations(some, less)]
            helped = [planned[part] for part in parts if part in planned]
            if helped and (rows := int(weights[np.logical_or.reduce(helped)].sum())) > best[1]:
                best = some, rows
    return best
