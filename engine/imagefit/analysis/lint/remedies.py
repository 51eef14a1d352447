"""Lint of remedies: does each help some rule that names it."""

from __future__ import annotations

from collections.abc import Iterator

from imagefit.analysis.lint.findings import Finding, FindingKind
from imagefit.budgets import Budget
from imagefit.conditions import leaves
from imagefit.evaluators.cells import combinations, representatives
from imagefit.evaluators.reference import outcome, truth
from imagefit.explanations.remedies import applied
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack, Remedy, Rule
from imagefit.verdicts import NOTED

__all__ = ["helped", "useless_remedies"]


def helped(rule: Rule, remedy: Remedy, pack: Pack, budget: Budget) -> Facts | None:
    """Return a candidate on which the rule fails (a notice: applies), the remedy can be done, and then it does no more.

    Looked for among the rule's own examples that fail, and all that the remedy may see besides.

    Raises
    ------
    BudgetEnded
        If that takes more comparisons than the budget has.
    """
    bad = NOTED.get(rule.severity, Outcome.FAIL)
    seen = [*leaves(rule.violation), *leaves(remedy.requires)]
    sources = {name for effect in remedy.effects for name in (effect.same_as, effect.add_from) if name is not None}
    for example in rule.examples:
        if example.outcome is not bad:
            continue
        values = representatives(seen, pack.fields, example.facts)
        for name in sources.difference(values, example.facts):
            if (known := pack.fields[name].example) is not None:
                values[name] = (known,)
        for chosen in combinations({name: some for name, some in values.items() if name not in example.facts}):
            budget.spend(len(seen))
            facts = {**example.facts, **chosen}
            if outcome(rule, facts) is not bad or truth(remedy.requires, facts) is not True:
                continue
            if outcome(rule, applied(remedy.effects, facts)) is not bad:
                return facts
    return None


def useless_remedies(remedy: Remedy, pack: Pack, budget: Budget) -> Iterator[Finding]:
    """Find a remedy that helps none of the rules that name it: none stops failing by it, on any candidate."""
    rules = [rule for rule in pack.rules if remedy.id in rule.remedies]
    if not remedy.effects or not rules or any(helped(rule, remedy, pack, budget) is not None for rule in rules):
        return
    others = tuple(rule.id for rule in rules)
    witness = next((e.facts for rule in rules for e in rule.examples if e.outcome is Outcome.FAIL), None)
    message = "no rule that names this remedy ever stops failing by it"
    yield Finding(FindingKind.USELESS_REMEDY, remedy.id, message, rules[0].position, 0, witness, others)
