"""Lint a pack: what no test of single candidates would notice, found by looking at every case there is.

Nothing is left out in silence: what is too large to examine is listed with its size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial

from imagefit.analysis.enumeration import TooManyCases, cells_of
from imagefit.analysis.examples import unshown_outcomes
from imagefit.analysis.lint.findings import Finding, FindingKind, LintReport, NotExamined
from imagefit.analysis.lint.pairs import conflict, implied, sharing_pairs
from imagefit.analysis.lint.rules import Examined, examine, idle_leaves, needless_unknown, one_sided
from imagefit.analysis.lint.words import unused_facts, unused_supplies, unused_values
from imagefit.facts import Field
from imagefit.rulepack.pack import Pack, Rule

__all__ = ["lint"]


def lint(pack: Pack) -> LintReport:
    """Examine every rule of a pack, every pair of rules that share facts, and the vocabulary.

    Returns
    -------
    LintReport
        The findings in the order of their places, and what was looked at. Its numbers of combinations
        are over cells: values that no rule tells apart count once, unknown counts as a value.
    """
    return _Linter(pack).report.sorted()


class _Linter:
    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.report = LintReport(rules=len(pack.rules))
        sound = [examined for rule in pack.rules if (examined := self._rule(rule)) is not None]
        for first, second in sharing_pairs(sound):
            self.report.pairs += 1
            self._pair(first, second)
        self.report.findings += unused_facts(pack)
        self.report.findings += unused_supplies(pack)
        self.report.findings += missing_examples(pack)
        for of in pack.fields.values():
            self._ask((of.name,), "are all of its values looked at", [], partial(_unused_values, of, pack))

    def _rule(self, rule: Rule) -> Examined | None:
        """Examine one rule; return it for the pairs, unless it is odd in itself."""
        self.report.combinations += self._size([rule])
        try:
            examined = examine(rule, self.pack.fields)
        except TooManyCases as error:
            self.report.not_examined.append(NotExamined((rule.id,), "the rule as a whole", error.combinations))
            return None
        if (finding := one_sided(examined)) is not None:
            self.report.findings.append(finding)
            return None
        self._ask((rule.id,), "does every comparison matter", [], lambda: idle_leaves(rule, self.pack.fields))
        self._ask(
            (rule.id,), "can it be unknown needlessly", [], lambda: _one(needless_unknown(rule, self.pack.fields))
        )
        return examined

    def _pair(self, first: Examined, second: Examined) -> None:
        rules = [first.rule, second.rule]
        ids = (first.rule.id, second.rule.id)
        fields = self.pack.fields
        self.report.combinations += self._size(rules)
        found: list[Finding] = []
        self._ask(ids, "does one imply the other", found, lambda: _one(implied(second, first, fields)))
        if not found:
            self._ask(ids, "does one imply the other", found, lambda: _one(implied(first, second, fields)))
        self._ask(ids, "do they contradict each other", found, lambda: _one(conflict(first, second, fields)))

    def _ask(
        self, subjects: tuple[str, ...], question: str, found: list[Finding], ask: Callable[[], Iterable[Finding]]
    ) -> None:
        """Put the findings of a question into the report and `found`, or the question into what was not examined."""
        try:
            answers = list(ask())
        except TooManyCases as error:
            item = NotExamined(subjects, question, error.combinations)
            if item not in self.report.not_examined:
                self.report.not_examined.append(item)
            return
        found += answers
        self.report.findings += answers

    def _size(self, rules: Iterable[Rule]) -> int:
        conditions = [condition for rule in rules for condition in (rule.when, rule.require)]
        return math.prod(len(values) + 1 for values in cells_of(conditions, self.pack.fields).values())


def missing_examples(pack: Pack) -> list[Finding]:
    """Return a finding for each outcome that a rule can have and no example of it shows."""
    return [
        Finding(
            FindingKind.MISSING_EXAMPLE, rule.id, f"no example has the outcome {outcome}", rule.position, 1, witness
        )
        for rule in pack.rules
        for outcome, witness in unshown_outcomes(rule, pack)
    ]


def _unused_values(of: Field, pack: Pack) -> list[Finding]:
    return _one(unused_values(of, pack))


def _one(finding: Finding | None) -> list[Finding]:
    return [] if finding is None else [finding]
