"""Lint of remedies: does each help some rule that names it, does it break another, and is there one for each error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imagefit.analysis.lint.findings import Finding, FindingKind
from imagefit.budgets import Budget
from imagefit.conditions import Leaf, leaves
from imagefit.evaluators.cells import combinations, representatives
from imagefit.evaluators.reference import outcome, truth
from imagefit.explanations.remedies.effects import applied
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack, Remedy, Rule, Severity
from imagefit.verdicts import NOTED

__all__ = ["breaking_remedies", "helped", "satisfying", "unsatisfied", "useless_remedies"]


def helped(rule: Rule, remedy: Remedy, pack: Pack, budget: Budget) -> Facts | None:
    """Return a candidate on which the rule fails (a notice: applies), the remedy can be done, and then it does no more.

    Looked for among the rule's own examples that fail, and all that the remedy may see besides.

    Raises
    ------
    BudgetEnded
        If that takes more comparisons than the budget has.
    """
    bad = NOTED.get(rule.severity, Outcome.FAIL)
    for facts in _failing(rule, remedy, pack, (), budget):
        if outcome(rule, applied(remedy.effects, facts)) is not bad:
            return facts
    return None


def satisfying(rule: Rule, pack: Pack, budget: Budget) -> list[str]:
    """Return the ids of the remedies that help a rule, those that it names first; raises as `helped` does."""
    could = (each for each in pack.remedies.values() if not {e.fact for e in each.effects}.isdisjoint(rule.facts))
    named = sorted(could, key=lambda remedy: remedy.id not in rule.remedies)
    return [each.id for each in named if _shares(each, rule) and helped(rule, each, pack, budget) is not None]


def _shares(remedy: Remedy, *rules: Rule) -> bool:
    """Whether there is an operation of all these rules for which the remedy can be done, and goes on."""
    common = set(rules[0].operations).intersection(*(rule.operations for rule in rules))
    return any(remedy.is_for(name) and remedy.instead != name for name in common)


def _failing(rule: Rule, remedy: Remedy, pack: Pack, more: Sequence[Leaf], budget: Budget) -> Iterator[Facts]:
    """Yield candidates on which a rule fails (a notice: applies) and a remedy can be done.

    They are the rule's own examples that fail, completed in every way that the remedy, or `more`, can tell apart.
    """
    bad = NOTED.get(rule.severity, Outcome.FAIL)
    seen = [*leaves(rule.violation), *leaves(remedy.requires), *more]
    sources = {name for effect in remedy.effects for name in (effect.same_as, effect.add_from) if name is not None}
    for example in rule.examples:
        if example.outcome is not bad:
            continue
        values = dict(representatives(seen, pack.fields, example.facts))
        if more:  # which look at what is there after the remedy
            after = representatives(more, pack.fields, applied(remedy.effects, example.facts))
            values |= {name: tuple(dict.fromkeys((*values.get(name, ()), *some))) for name, some in after.items()}
        for name in sources.difference(values, example.facts):
            if (known := pack.fields[name].example) is not None:
                values[name] = (known,)
        for chosen in combinations({name: some for name, some in values.items() if name not in example.facts}):
            budget.spend(len(seen))
            facts = {**example.facts, **chosen}
            if outcome(rule, facts) is bad and truth(remedy.requires, facts) is True:
                yield facts


def breaking_remedies(remedy: Remedy, pack: Pack, budget: Budget) -> Iterator[Finding]:
    """Find the error rules that a remedy makes fail whenever it is done for an error that names it."""
    changed = {effect.fact for effect in remedy.effects}
    errors = [rule for rule in pack.rules if rule.severity is Severity.ERROR]
    named = [rule for rule in errors if remedy.id in rule.remedies]
    for other in errors:
        if other in named or remedy.instead or changed.isdisjoint(other.facts):
            continue
        rules = [rule for rule in named if _shares(remedy, rule, other)]
        broken = [_broken(rule, remedy, other, pack, budget) for rule in rules]
        if broken and all(facts is not None for facts in broken):
            message = f"whenever it is done for a rule that names it, {other.id} fails afterwards"
            others = (*(rule.id for rule in rules), other.id)
            yield Finding(FindingKind.BREAKING_REMEDY, remedy.id, message, rules[0].position, 0, broken[0], others)


def _broken(rule: Rule, remedy: Remedy, other: Rule, pack: Pack, budget: Budget) -> Facts | None:
    """Return a candidate on which another rule does not fail and then does, if it fails after the remedy on all."""
    witness = None
    for facts in _failing(rule, remedy, pack, list(leaves(other.violation)), budget):
        if outcome(other, applied(remedy.effects, facts)) is not Outcome.FAIL:
            return None
        if witness is None and outcome(other, facts) is not Outcome.FAIL:
            witness = facts
    return witness


def unsatisfied(rule: Rule, pack: Pack, budget: Budget) -> Finding | None:
    """Find an error that no remedy ever satisfies: of kind `HOPELESS` where it names some, else worth a note."""
    if rule.severity is not Severity.ERROR or satisfying(rule, pack, budget):
        return None
    if any(pack.remedies[name].instead for name in rule.remedies):  # another operation is done, which has other rules
        return None
    witness = next((each.facts for each in rule.examples if each.outcome is Outcome.FAIL), None)
    kind = FindingKind.HOPELESS if rule.remedies else FindingKind.UNSATISFIED
    message = (
        "none of the remedies that it names satisfies it" if rule.remedies else "no remedy of the pack satisfies it"
    )
    return Finding(kind, rule.id, message, rule.position, 0, witness, rule.remedies)


def useless_remedies(remedy: Remedy, pack: Pack, budget: Budget) -> Iterator[Finding]:
    """Find a remedy that helps none of the rules that name it: none stops failing by it, on any candidate."""
    rules = [rule for rule in pack.rules if remedy.id in rule.remedies]
    if not remedy.effects or not rules or any(helped(rule, remedy, pack, budget) is not None for rule in rules):
        return
    others = tuple(rule.id for rule in rules)
    witness = next((e.facts for rule in rules for e in rule.examples if e.outcome is Outcome.FAIL), None)
    message = "no rule that names this remedy ever stops failing by it"
    yield Finding(FindingKind.USELESS_REMEDY, remedy.id, message, rules[0].position, 0, witness, others)
