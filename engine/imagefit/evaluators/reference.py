"""The definition: what conditions and rules mean, row by row, in strong Kleene logic.

Every other evaluator is proven against this one. `True`, `False` and `None` are true, false and
unknown. Nothing here is fast, and nothing here knows a fact by name.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from imagefit.conditions import AllOf, Condition, Leaf, Relation
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack, Rule

__all__ = ["RELATIONS", "TRUTHS", "Judge", "Truth", "judge", "kleene", "leaf_truth", "outcome", "outcome_of", "truth"]

Truth = bool | None

Judge = Callable[[Facts], Sequence[Outcome]]
"""Takes a candidate's known facts, returns one outcome per rule, in the rules' order."""

TRUTHS: tuple[Truth, ...] = (None, False, True)
"""The truths by the number that stands for each in tables and arrays: 0 is unknown, as it is of values."""

RELATIONS: Mapping[Relation, Callable[[Any, Any], bool]] = {
    Relation.EQUALS: operator.eq,
    Relation.IN: lambda actual, expected: actual in expected,
    Relation.AT_LEAST: operator.ge,
    Relation.ABOVE: operator.gt,
    Relation.CONTAINS: operator.contains,
    Relation.CONTAINS_ANY: lambda actual, expected: not actual.isdisjoint(expected),
    Relation.CONTAINS_ALL: operator.ge,
}


def leaf_truth(leaf: Leaf, facts: Facts) -> Truth:
    """Compare; a comparison with an unknown operand is unknown."""
    actual = facts.get(leaf.fact)
    expected = leaf.operand if leaf.other is None else facts.get(leaf.other)
    if actual is None or expected is None:
        return None
    return RELATIONS[leaf.relation](actual, expected) is not leaf.negated


def kleene(condition: Condition, truth_of: Callable[[Leaf], Truth]) -> Truth:
    """Evaluate a condition whose leaves have the truths that `truth_of` says.

    `AllOf` is the least of its parts and `AnyOf` the greatest, where false < unknown < true.
    """
    if isinstance(condition, Leaf):
        return truth_of(condition)
    decisive = not isinstance(condition, AllOf)  # one true part decides an `AnyOf`, one false part an `AllOf`
    found: Truth = not decisive
    for part in condition.parts:
        its = kleene(part, truth_of)
        if its is decisive:
            return decisive
        if its is None:
            found = None
    return found


def outcome_of(when: Truth, require: Truth) -> Outcome:
    """Return a rule's outcome: its violation is ``when AND NOT require``."""
    if when is False:
        return Outcome.NOT_APPLICABLE
    if require is True:
        return Outcome.PASS
    return Outcome.FAIL if when is True and require is False else Outcome.UNKNOWN


def truth(condition: Condition, facts: Facts) -> Truth:
    """Evaluate a condition on a candidate's facts."""
    return kleene(condition, lambda leaf: leaf_truth(leaf, facts))


def outcome(rule: Rule, facts: Facts) -> Outcome:
    """Evaluate a rule on a candidate's facts."""
    return outcome_of(truth(rule.when, facts), truth(rule.required, facts))


def judge(pack: Pack, rules: Sequence[Rule]) -> Judge:
    """Return a function from facts to the outcomes of `rules`, in their order."""
    return lambda facts: [outcome(rule, facts) for rule in rules]
