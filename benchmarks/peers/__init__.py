"""The same rules in other tools, as someone would write them by hand who wants that tool to win.

Each module compiles the pack's conditions to expressions of its tool, each comparison once, however many
rules make it, and returns of each candidate its verdict, the rules that fail and those that are unknown.
Nothing here uses an evaluator of imagefit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Judged"]

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a tool said of a table, in one form for all, so that it can be compared.

    Attributes
    ----------
    verdicts
        Of each row: 0 compatible, 1 unknown, 2 incompatible.
    fails, unknown
        Rules by rows: whether the rule fails, or is unknown.
    """

    verdicts: npt.NDArray[np.uint8]
    fails: Flags
    unknown: Flags

    def first(self, count: int) -> Judged:
        """Return what was said of the first rows."""
        return Judged(self.verdicts[:count], self.fails[:, :count], self.unknown[:, :count])

    def assert_same(self, other: Judged, name: str) -> None:
        """Raise if another tool says something else of any candidate."""
        for what in ("verdicts", "fails", "unknown"):
            mine, its = getattr(self, what), getattr(other, what)
            if not np.array_equal(mine, its):
                places = np.argwhere(mine != its)
                raise AssertionError(f"{name} differs in {len(places)} {what}, first at {places[0].tolist()}")
