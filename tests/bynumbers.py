"""The semantics again, as numbers, and by trying everything what could change a result: with no code of the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from imagefit.conditions import AllOf, Condition, Leaf
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Rule, Severity


def kleene_by_numbers(condition: Condition, facts: Facts) -> float:
    """False is 0, true is 1, unknown is one half; AND is min, OR is max, NOT is 1 - x."""
    if isinstance(condition, Leaf):
        actual = facts.get(condition.fact)
        expected = condition.operand if condition.other is None else facts.get(condition.other)
        if actual is None or expected is None:
            return 0.5
        met = {
            "equals": lambda: actual == expected,
            "in": lambda: any(actual == one for one in expected),
            "at_least": lambda: not actual < expected,
            "above": lambda: not actual <= expected,
            "contains": lambda: any(one == expected for one in actual),
            "contains_any": lambda: any(one in expected for one in actual),
            "contains_all": lambda: all(one in actual for one in expected),
        }[condition.relation]()
        return float(met) if not condition.negated else 1.0 - float(met)
    parts = [kleene_by_numbers(part, facts) for part in condition.parts]
    return min(parts, default=1.0) if isinstance(condition, AllOf) else max(parts, default=0.0)


def outcome_by_numbers(rule: Rule, facts: Facts) -> Outcome:
    when = kleene_by_numbers(rule.when, facts)
    if rule.severity is Severity.NOTICE:  # it applies, may apply, or does not
        return {1.0: Outcome.PASS, 0.5: Outcome.UNKNOWN, 0.0: Outcome.NOT_APPLICABLE}[when]
    violated = min(when, 1.0 - kleene_by_numbers(rule.require, facts))
    if when == 0.0:
        return Outcome.NOT_APPLICABLE
    return {1.0: Outcome.FAIL, 0.5: Outcome.UNKNOWN, 0.0: Outcome.PASS}[violated]


def deciders(result_of: Callable[[Facts], object], facts: Facts, ways: Sequence[Facts]) -> set[str]:
    """The facts whose learning changes the result after some way of learning others."""
    by_facts = {frozenset(way.items()): result_of(way) for way in ways}
    found = set()
    for way in ways:
        for name in way.keys() - facts.keys() - found:
            without = frozenset((n, v) for n, v in way.items() if n != name)
            if by_facts[frozenset(way.items())] != by_facts[without]:
                found.add(name)
    return found
