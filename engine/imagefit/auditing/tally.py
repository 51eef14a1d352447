"""Counting the results of an audit, batch after batch, into its summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.auditing.levers import levers_of
from imagefit.auditing.reasons import Reasons
from imagefit.auditing.results import Audited, Results
from imagefit.auditing.summary import MissingCount, RuleCount, Summary
from imagefit.planning.planner import Sketch
from imagefit.rulepack.pack import Pack
from imagefit.supply import flag
from imagefit.verdicts import AT_LEAST, LEVELS, PackRef, VerdictKind

__all__ = ["Tally"]

_COUNTERS = ("verdicts", "operations", "failed", "only", "unknown", "missing", "assumed", "plans")


class Tally:
    """Counts batches, each on its own and then together in the order of the rows.

    A batch is counted in the thread that judged it, so that nothing else of it has to be kept: by a tally of its own,
    which `beside` makes.
    """

    def __init__(self, pack: Pack, *, before: Reasons | None = None) -> None:
        self.pack = pack
        self.rows = self.bad_rows = 0
        self.verdicts: Counter[str] = Counter()
        self.operations: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.only: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()
        self.assumed: Counter[str] = Counter()
        self.plans: Counter[Sketch] = Counter()
        self.is_planned = False
        self.reasons = Reasons(pack, before)

    def beside(self) -> Tally:
        """Return what counts rows that follow, to be merged into this; any thread may ask for it."""
        return Tally(self.pack, before=self.reasons)

    def add(self, audited: Audited, key_of: Callable[[int], str], bad_rows: int = 0) -> Tally:
        """Count a batch and its bad rows; `key_of` says what the row at a place of it is called."""
        self.bad_rows += bad_rows
        for results, _ in audited.parts:
            self.rows += results.rows
            for level, count in zip(LEVELS, np.bincount(results.levels, minlength=3).tolist(), strict=True):
                self.verdicts[level.value] += count
            self.operations[results.task.operation] += results.rows
            self._add_rules(results)
            self._add_missing(results)
            self._add_assumed(results)
            self._add_plans(results)
        self.reasons.add(audited.parts, key_of)
        return self

    def merge(self, later: Tally) -> None:
        """Add what was counted of the rows that follow."""
        self.rows += later.rows
        self.bad_rows += later.bad_rows
        self.is_planned |= later.is_planned
        for name in _COUNTERS:
            getattr(self, name).update(getattr(later, name))
        self.reasons.merge(later.reasons)

    def summary(self) -> Summary:
        """Return what was counted."""
        severities = {rule.id: rule.severity for rule in self.pack.rules}
        rules = [
            RuleCount(rule, severities[rule], self.failed[rule], self.only[rule], self.unknown[rule])
            for rule in {*self.failed, *self.unknown}
        ]
        rules.sort(key=lambda r: (r.severity.rank, -r.failed, -r.only, -r.unknown, r.rule))
        missing = [
            MissingCount(name, rows, flag(self.pack.fields[name]))
            for name, rows in self.missing.items()
            if name != AT_LEAST
        ]
        reasons = self.reasons.counted()
        return Summary(
            pack=PackRef.of(self.pack),
            rows=self.rows,
            verdicts={level.value: self.verdicts[level.value] for level in reversed(LEVELS)},
            operations=dict(sorted(self.operations.items())),
            rules=tuple(rules),
            missing=tuple(sorted(missing, key=lambda m: (-m.rows, m.fact))),
            reasons=reasons,
            untold_reasons=self.reasons.untold,
            assumed=dict(sorted(self.assumed.items())),
            bad_rows=self.bad_rows,
            missing_at_least=self.missing[AT_LEAST],
            levers=levers_of(self.plans, self.pack) if self.is_planned else None,
        )

    def _add_rules(self, results: Results) -> None:
        task = results.task
        failing, undecided, noted = results.failing, results.undecided, results.noted
        alone = np.bincount(failing.rows, minlength=results.rows)[failing.rows] == 1
        ids = [rule.id for rule in task.errors]
        _count(self.failed, ids, failing.places)
        _count(self.only, ids, failing.places[alone])
        _count(self.unknown, ids, undecided.places)
        _count(self.failed, [rule.id for rule in task.noted_rules], noted.places)

    def _add_missing(self, results: Results) -> None:
        _count(self.missing, results.missing_facts.texts.to_pylist(), results.missing_facts.codes)

    def _add_assumed(self, results: Results) -> None:
        for name, mask in results.judged.encoded.assumed.items():
            if name in results.task.looked_at:
                self.assumed[name] += results.rows if mask is None else int(mask.sum())

    def _add_plans(self, results: Results) -> None:
        if results.planned is None:
            return
        self.is_planned = True
        is_wrong = results.levels == VerdictKind.INCOMPATIBLE.level
        counts = np.bincount(results.planned.numbers[is_wrong], minlength=len(results.planned.sketches))
        for sketch, count in zip(results.planned.sketches, counts.tolist(), strict=True):
            if count:
                self.plans[sketch] += count


def _count(counter: Counter[str], names: Sequence[str], places: NDArray[Any]) -> None:
    for name, count in zip(names, np.bincount(places, minlength=len(names)).tolist(), strict=True):
        if count:
            counter[name] += count
