"""Plans of the rows of an audit: worked out for all rows of a batch at once, never row by row.

Rows that have the same facts, as far as plans look at them, are one case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.explanations.cases.rowcases import Cases, cases_by_value, cases_of
from imagefit.planning.planner import PackPlanner, Sketch
from imagefit.planning.sketches import ManyPlans, Sketched
from imagefit.verdicts import VerdictKind

__all__ = ["Planning"]

NOTHING = Sketch()

SAMPLE = 1024
"""So many rows say whether rows repeat: where fewer than half do, telling them apart costs more than it saves."""


MOST = 0.75
"""Of a batch of which more than this part has plans, all rows are looked at."""


class Planning:
    """Works out the plans of the rows of one operation; several threads may share it."""

    def __init__(self, planner: PackPlanner) -> None:
        self._plans = ManyPlans(planner)

    def of(self, encoded: Encoded, levels: NDArray[np.uint8]) -> Sketched:
        """Return the plans of a batch; a row that is not incompatible has none.

        Parameters
        ----------
        levels
            The verdict of each row, as its place in `LEVELS`.
        """
        is_wanted = levels == VerdictKind.INCOMPATIBLE.level
        rows = np.flatnonzero(is_wanted)
        if not len(rows):
            return Sketched(np.zeros(encoded.rows, np.int32), [NOTHING])
        if self._repeat(encoded, rows):
            part = _part(encoded, rows, self._plans.facts)
            cases = _cases(part)
            found = self._plans.of(part if cases is None else _part(part, cases.examples, self._plans.facts))
            own = found.numbers if cases is None else found.numbers[cases.codes]
        elif MOST * encoded.rows < len(rows):  # to look at a few more takes less than to leave them out
            found = self._plans.of(_facts(encoded, self._plans.facts), is_wanted)
            own = found.numbers[rows]
        else:
            found = self._plans.of(_part(encoded, rows, self._plans.facts))
            own = found.numbers
        numbers = np.zeros(encoded.rows, np.int32)
        numbers[rows] = 1 + own
        return Sketched(numbers, [NOTHING, *found.sketches])

    def _repeat(self, encoded: Encoded, rows: NDArray[np.intp]) -> bool:
        """Whether many rows seem to be like others."""
        sample = rows if len(rows) <= SAMPLE else rows[np.linspace(0, len(rows) - 1, SAMPLE).astype(np.intp)]
        cases = _cases(_part(encoded, sample, self._plans.facts))
        return cases is None or 2 * len(cases.examples) < len(sample)


def _facts(encoded: Encoded, names: Collection[str]) -> Encoded:
    columns = {name: encoded.columns[name] for name in sorted(names) if name in encoded.columns}
    return Encoded(encoded.rows, columns, {n: mask for n, mask in encoded.assumed.items() if n in columns})


def _part(encoded: Encoded, rows: NDArray[np.intp], names: Iterable[str]) -> Encoded:
    part = encoded.part(rows, sorted(names))
    assumed = {
        name: None if mask is None else mask[rows] for name, mask in encoded.assumed.items() if name in part.columns
    }
    return Encoded(part.rows, part.columns, assumed)


def _cases(part: Encoded) -> Cases | None:
    """Tell rows apart by all facts, and by which of them are assumed; None if nothing differs."""
    digits = [(mask.view(np.uint8), 2) for mask in part.assumed.values() if mask is not None]
    if (by_value := cases_by_value(part.columns.values())) is not None:
        digits.append((by_value.codes, len(by_value.examples)))
    return cases_of(digits)
