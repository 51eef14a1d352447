"""Lint a pack: what no test of single candidates would notice, found by looking at every case there is.

Nothing is left out in silence: what is too large to examine is listed with its size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from imagefit.analysis.enumeration import MAX_SIZE, TooManyCases, cells_of, size_of
from imagefit.analysis.examples import unshown_outcomes
from imagefit.analysis.lint.findings import Finding, FindingKind, LintReport, NotExamined
from imagefit.analysis.lint.pairs import conflict, implied, sharing_pairs
from imagefit.analysis.lint.remedies import breaking_remedies, unsatisfied, useless_remedies
from imagefit.analysis.lint.rules import Examined, examine, idle_leaves, needless_unknown, one_sided
from imagefit.analysis.lint.words import unused_facts, unused_supplies, unused_values
from imagefit.budgets import COMMAND, SHARE, Budget, BudgetEnded
from imagefit.conditions import leaves
from imagefit.evaluators.cells import cost_of
from imagefit.rulepack.pack import Pack, Rule

__all__ = ["lint"]


PAIR = 40
"""What a pair of rules costs, in comparisons, whatever is asked of it."""

PAIRS = "does one imply the other, do they contradict each other"


def lint(pack: Pack, budget: Budget | None = None) -> LintReport:
    """Examine every rule of a pack, every pair of rules that share facts, and the vocabulary.

    Parameters
    ----------
    budget
        The comparisons that may be made, of which a question gets a tenth of what is left; by default, `COMMAND`.
        A question that is not decided within it is a finding of its own.

    Returns
    -------
    LintReport
        The findings in the order of their places, and what was looked at. Its numbers of combinations
        are over cells: values that no rule tells apart count once, unknown counts as a value.
    """
    return _Linter(pack, Budget(COMMAND) if budget is None else budget).report.sorted()


class _Linter:
    def __init__(self, pack: Pack, budget: Budget) -> None:
        self.pack, self.budget = pack, budget
        self.report = LintReport(rules=len(pack.rules))
        self._places = {rule.id: rule.position for rule in pack.rules}
        self._places |= {of.name: of.position for of in pack.fields.values()}
        sound = [examined for rule in pack.rules if (examined := self._rule(rule)) is not None]
        self.report.findings += unused_facts(pack)
        self.report.findings += unused_supplies(pack)
        for rule in pack.rules:
            self._examples(rule)
        for of in pack.fields.values():
            self._ask((of.name,), "are all of its values looked at", [], partial(unused_values, of, pack))
        for remedy in pack.remedies.values():
            self._ask((remedy.id,), "does this remedy ever help", [], partial(useless_remedies, remedy, pack))
            self._ask((remedy.id,), "does this remedy break a rule", [], partial(breaking_remedies, remedy, pack))
        for rule in pack.rules:
            self._ask((rule.id,), "does a remedy satisfy it", [], partial(unsatisfied, rule, pack))
        of_notes = [each for each in self.report.findings if each.kind is FindingKind.UNSATISFIED]
        self.report.notes += of_notes
        self.report.findings = [each for each in self.report.findings if each not in of_notes]
        self._pairs(sound)
        self.report.findings += [item.finding(self._places.get(item.subjects[0])) for item in self.report.not_examined]

    def _rule(self, rule: Rule) -> Examined | None:
        """Examine one rule; return it for the pairs, unless it is odd in itself."""
        fields, ids = self.pack.fields, (rule.id,)
        self.report.combinations += self._size([rule])
        try:
            examined = examine(rule, fields, self.budget.part(SHARE))
        except TooManyCases as error:
            self.report.not_examined.append(NotExamined(ids, "the rule as a whole", error.combinations))
            return None
        if (finding := one_sided(examined)) is not None:
            self.report.findings.append(finding)
            return None
        self._ask(ids, "does every comparison matter", [], lambda own: idle_leaves(rule, fields, own))
        self._ask(ids, "can it be unknown needlessly", [], lambda own: needless_unknown(rule, fields, own))
        return examined

    def _examples(self, rule: Rule) -> None:
        """Look for outcomes that a rule can have and no example of it shows."""
        for outcome, witness in unshown_outcomes(rule, self.pack, self.budget):
            if witness is None:
                question = f"can it have the outcome {outcome}, of which there is no example"
                self.report.not_examined.append(NotExamined((rule.id,), question, 0))
            else:
                message = f"no example has the outcome {outcome}"
                kind = FindingKind.MISSING_EXAMPLE
                self.report.findings.append(Finding(kind, rule.id, message, rule.position, 1, witness))

    def _pairs(self, sound: Sequence[Examined]) -> None:
        left = 0
        for first, second in sharing_pairs(sound):
            if self.budget.allows(PAIR):
                self.report.pairs += 1
                self._pair(first, second)
            else:
                left += 1
        if left:
            self.report.not_examined.append(NotExamined((self.pack.name,), f"{left:,} pairs of rules: {PAIRS}", 0))

    def _pair(self, first: Examined, second: Examined) -> None:
        rules = [first.rule, second.rule]
        ids = (first.rule.id, second.rule.id)
        fields = self.pack.fields
        self.report.combinations = min(MAX_SIZE, self.report.combinations + self._size(rules))
        found: list[Finding] = []
        self._ask(ids, "does one imply the other", found, lambda own: implied(second, first, fields, own))
        if not found:
            self._ask(ids, "does one imply the other", found, lambda own: implied(first, second, fields, own))
        self._ask(ids, "do they contradict each other", found, lambda own: conflict(first, second, fields, own))

    def _ask(
        self,
        subjects: tuple[str, ...],
        question: str,
        found: list[Finding],
        ask: Callable[[Budget], Iterable[Finding] | Finding | None],
    ) -> None:
        """Put the findings of a question into the report and `found`, or the question into what was not examined."""
        try:
            answer = ask(self.budget.part(SHARE))
            answers = [] if answer is None else [answer] if isinstance(answer, Finding) else list(answer)
        except (TooManyCases, BudgetEnded) as error:
            size = error.combinations if isinstance(error, TooManyCases) else 0
            item = NotExamined(subjects, question, size)
            if item not in self.report.not_examined[-3:]:
                self.report.not_examined.append(item)
            return
        found += answers
        self.report.findings += answers

    def _size(self, rules: Sequence[Rule]) -> int:
        """Return how many combinations of cells there are; 0 where it would cost too much to work that out."""
        conditions = [condition for rule in rules for condition in (rule.when, rule.require)]
        cost = cost_of((leaf for condition in conditions for leaf in leaves(condition)), self.pack.fields)
        return size_of(cells_of(conditions, self.pack.fields)) if self.budget.allows(cost // 8) else 0
