"""Lint of the vocabulary: facts, calls and assumptions without a use, and values that were forgotten in the rules."""

from __future__ import annotations

from collections.abc import Iterator

from imagefit.analysis.enumeration import reach
from imagefit.analysis.lint.findings import Finding, FindingKind
from imagefit.budgets import Budget
from imagefit.conditions import Condition, leaves
from imagefit.facts import Facts, Field, FieldType
from imagefit.rulepack.pack import Pack, Rule, Severity

__all__ = ["unused_facts", "unused_supplies", "unused_values"]


def unused_facts(pack: Pack) -> Iterator[Finding]:
    """Find facts that no rule looks at and that the vocabulary does not mark as ``carried``.

    A fact of a base pack that an overlay has no use for any more is not unused: its vocabulary is shared.
    """
    looked_at = {name for rule in _rules_of(pack) for name in rule.facts}
    for of in pack.fields.values():
        if of.name not in looked_at and not of.carried:
            message = "no rule looks at this fact (if none needs to, mark it with `carried: true`)"
            yield Finding(FindingKind.UNUSED_FACT, of.name, message, of.position, len(pack.rules))


def unused_supplies(pack: Pack) -> Iterator[Finding]:
    """Find calls that supply no fact, and assumptions of facts that no rule looks at."""
    supplying = {name for of in pack.fields.values() for name in of.supplied_by}
    for call in pack.calls:
        if call not in supplying:
            yield Finding(FindingKind.UNUSED_CALL, call, "no fact is `supplied_by` this call", None, len(pack.fields))
    looked_at = {name for rule in _rules_of(pack) for name in rule.facts}
    for name, default in pack.assumptions.items():
        if default.fact not in looked_at:
            message = f"no rule looks at {default.fact}, which it assumes"
            yield Finding(FindingKind.UNUSED_ASSUMPTION, name, message, None, len(pack.rules))


def unused_values(of: Field, pack: Pack, budget: Budget | None = None) -> Finding | None:
    """Find values of an enum that no rule looks at and that the vocabulary does not mark as ``carried``.

    A value is looked at if a rule, an example or a remedy names it, or if a rule that looks at the fact
    can fail (a notice: apply) where the fact has that value. Of what remains, a single value is told from
    all others by what names them; two or more were perhaps added to the vocabulary and then forgotten.

    Raises
    ------
    TooManyCases
        If a rule can tell apart more cases than can be looked at.
    """
    rules = [rule for rule in _rules_of(pack) if of.name in rule.facts]
    if of.type is not FieldType.ENUM or not rules or of.carried:
        return None
    named = _named_values(of.name, pack)
    rest = [value for value in of.values if value not in named]
    exempt = [value for value in rest if not any(_concerns(rule, {of.name: value}, pack, budget) for rule in rules)]
    forgotten = [value for value in exempt if value not in of.carried_values]
    if len(rest) < 2 or not forgotten:
        return None
    message = (
        f"no rule looks at {', '.join(forgotten)} (if none needs to, list "
        f"{'it' if len(forgotten) == 1 else 'them'} under `carried`)"
    )
    return Finding(FindingKind.UNUSED_VALUE, of.name, message, of.position, len(rules) * len(rest))


def _named_values(fact: str, pack: Pack) -> set[object]:
    named: set[object] = set()
    rules = _rules_of(pack)
    conditions: list[Condition] = [c for rule in rules for c in (rule.when, rule.require)]
    conditions += [remedy.requires for remedy in pack.remedies.values()]
    for leaf in (leaf for condition in conditions for leaf in leaves(condition) if leaf.fact == fact):
        named.update(leaf.literals)
    named.update(example.facts.get(fact) for rule in rules for example in rule.examples)
    named.update(e.value for remedy in pack.remedies.values() for e in remedy.effects if e.fact == fact)
    return named


def _rules_of(pack: Pack) -> list[Rule]:
    """Return the rules of the pack, and those that an overlay has replaced or dropped."""
    return [*pack.rules, *(adjusted.before for adjusted in pack.adjustments if adjusted.before is not None)]


def _concerns(rule: Rule, given: Facts, pack: Pack, budget: Budget | None) -> bool:
    """Whether the rule can fail (a notice: apply) where these facts hold."""
    decision = rule.when if rule.severity is Severity.NOTICE else rule.violation
    return (True,) in reach([decision], pack.fields, unknown=False, given=given, budget=budget).witnesses
