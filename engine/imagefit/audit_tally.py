"""Counting the results of an audit, batch after batch, into its summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any as Anything

import numpy as np
from numpy.typing import NDArray

from imagefit.audit_plan import LEVELS
from imagefit.audit_results import Audited, Results
from imagefit.audit_summary import MissingCount, ReasonCount, RuleCount, Summary
from imagefit.reports.words import flag as option_for
from imagefit.rulepack.pack import Outcome, Pack, Severity
from imagefit.verdicts import PackRef

__all__ = ["Tally"]

MOST_REASONS = 100_000
"""So many distinct reasons are told apart; the rows of further ones are counted together."""

_SEVERITIES = tuple(Severity)


class Tally:
    """Counts what `add` is given, in the order of the rows."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.rows = self.bad_rows = self.untold = 0
        self.verdicts: Counter[str] = Counter()
        self.operations: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.only: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()
        self.assumed: Counter[str] = Counter()
        self._reasons: dict[tuple[str, Outcome, str], tuple[int, str]] = {}  # rows, key of the first

    @staticmethod
    def prepare(audited: Audited) -> Audited:
        """Work out, in a thread, what `add` will count."""
        for results, _ in audited.parts:
            _ = results.levels, results.failing, results.undecided, results.noted
            _ = results.missing_facts, results.explained
        return audited

    def add(self, audited: Audited, key_of: Callable[[int], str], bad_rows: int = 0) -> None:
        """Count a batch and its bad rows; `key_of` says what the row at a place of it is called."""
        self.bad_rows += bad_rows
        for results, _ in audited.parts:
            self.rows += results.rows
            for level, count in zip(LEVELS, np.bincount(results.levels, minlength=3).tolist(), strict=True):
                self.verdicts[level.value] += count
            self.operations[results.plan.operation] += results.rows
            self._add_rules(results)
            self._add_missing(results)
            self._add_assumed(results)

        for row, reason, count in sorted(_first_rows(audited)):
            before, example = self._reasons.get(reason, (0, ""))
            if before:
                self._reasons[reason] = (before + count, example)
            elif len(self._reasons) < MOST_REASONS:
                self._reasons[reason] = (count, key_of(row))
            else:
                self.untold += count

    def summary(self) -> Summary:
        """Return what was counted."""
        severities = {rule.id: rule.severity for rule in self.pack.rules}
        rules = [
            RuleCount(rule, severities[rule], self.failed[rule], self.only[rule], self.unknown[rule])
            for rule in {*self.failed, *self.unknown}
        ]
        rules.sort(key=lambda r: (_SEVERITIES.index(r.severity), -r.failed, -r.only, -r.unknown, r.rule))
        missing = [MissingCount(name, rows, option_for(self.pack.fields[name])) for name, rows in self.missing.items()]
        reasons = [ReasonCount(rule, o.value, text, *found) for (rule, o, text), found in self._reasons.items()]
        return Summary(
            pack=PackRef(self.pack.name, self.pack.version, self.pack.digest),
            rows=self.rows,
            verdicts={level.value: self.verdicts[level.value] for level in reversed(LEVELS)},
            operations=dict(sorted(self.operations.items())),
            rules=tuple(rules),
            missing=tuple(sorted(missing, key=lambda m: (-m.rows, m.fact))),
            reasons=tuple(sorted(reasons, key=lambda r: (-r.rows, r.outcome, r.rule, r.reason))),
            untold_reasons=self.untold,
            assumed=dict(sorted(self.assumed.items())),
            bad_rows=self.bad_rows,
        )

    def _add_rules(self, results: Results) -> None:
        plan = results.plan
        failing, undecided, noted = results.failing, results.undecided, results.noted
        alone = np.bincount(failing.rows, minlength=results.rows)[failing.rows] == 1
        ids = [rule.id for rule in plan.errors]
        _count(self.failed, ids, failing.places)
        _count(self.only, ids, failing.places[alone])
        _count(self.unknown, ids, undecided.places)
        _count(self.failed, [rule.id for rule in plan.noted_rules], noted.places)

    def _add_missing(self, results: Results) -> None:
        _count(self.missing, results.missing_facts.texts.to_pylist(), results.missing_facts.codes)

    def _add_assumed(self, results: Results) -> None:
        for name, mask in results.judged.encoded.assumed.items():
            if name in results.plan.looked_at:
                self.assumed[name] += results.rows if mask is None else int(mask.sum())


def _first_rows(audited: Audited) -> Iterator[tuple[int, tuple[str, Outcome, str], int]]:
    """Yield each distinct reason with the first row that has it and the number of rows."""
    for results, rows in audited.parts:
        lists, errors = results.explained.lists, results.plan.errors
        counts = np.bincount(lists.codes, minlength=len(lists.texts))
        firsts = np.zeros(len(lists.texts), np.intp)
        backwards = np.arange(len(lists.codes) - 1, -1, -1)
        firsts[lists.codes[backwards]] = backwards
        of_rows = np.searchsorted(lists.offsets, firsts, side="right") - 1
        places = of_rows if rows is None else rows[of_rows]
        found = zip(
            places.tolist(), results.explained.flags.tolist(), lists.texts.to_pylist(), counts.tolist(), strict=True
        )
        for row, flag, text, count in found:
            if count:
                outcome = Outcome.FAIL if flag < len(errors) else Outcome.UNKNOWN
                yield row, (errors[flag % len(errors)].id, outcome, text), count


def _count(counter: Counter[str], names: Sequence[str], places: NDArray[Anything]) -> None:
    for name, count in zip(names, np.bincount(places, minlength=len(names)).tolist(), strict=True):
        if count:
            counter[name] += count
