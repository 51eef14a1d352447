"""Truths as functions: what a search evaluates thousands of times is made into closures once.

They say what `evaluators.reference` says, for the cost of a lookup or two a comparison. Making them costs as much as
evaluating a condition ten times, so they are made once a rule has been evaluated often, and the reference is asked
until then.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from imagefit.conditions import AllOf, Condition, Leaf, Relation
from imagefit.evaluators.reference import RELATIONS, Truth, outcome_of, truth
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Rule

__all__ = ["OutcomeOf", "Quick", "TruthOf", "quick_truth"]

TruthOf = Callable[[Facts], Truth]
"""Takes known facts, returns the truth of one condition."""

OFTEN = 16
"""A rule that is evaluated so many times is made into functions; few of a thousand are for a first verdict."""

OutcomeOf = Callable[[Facts], Outcome]
"""Takes known facts, returns the outcome of one rule."""


def quick_truth(condition: Condition) -> TruthOf:
    """Return a function that says of facts what `reference.truth` says of the condition and them."""
    if isinstance(condition, Leaf):
        return _leaf(condition)
    parts = tuple([quick_truth(part) for part in condition.parts])
    return parts[0] if len(parts) == 1 else _all(parts) if isinstance(condition, AllOf) else _any(parts)


class Quick:
    """A rule as functions of facts: what `reference.outcome` says of it, and `reference.truth` of its violation."""

    __slots__ = ("_left", "_required", "_rule", "_when")

    def __init__(self, rule: Rule) -> None:
        self._rule, self._left = rule, OFTEN
        self._when: TruthOf = partial(truth, rule.when)
        self._required: TruthOf = partial(truth, rule.required)

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:  # of several threads one is it
            self._when, self._required = quick_truth(self._rule.when), quick_truth(self._rule.required)

    def outcome(self, facts: Facts) -> Outcome:
        """Return the rule's outcome."""
        if self._left > 0:
            self._count()
        return outcome_of(self._when(facts), self._required(facts))

    def violation(self, facts: Facts) -> Truth:
        """Return the truth of the rule's violation."""
        if self._left > 0:
            self._count()
        when = self._when(facts)
        if when is False:
            return False
        required = self._required(facts)
        return False if required is True else True if when is True and required is False else None


def _all(parts: tuple[TruthOf, ...]) -> TruthOf:
    def truth(facts: Facts) -> Truth:
        found: Truth = True
        for part in parts:
            its = part(facts)
            if its is False:
                return False
            if its is None:
                found = None
        return found

    return truth


def _any(parts: tuple[TruthOf, ...]) -> TruthOf:
    def truth(facts: Facts) -> Truth:
        found: Truth = False
        for part in parts:
            its = part(facts)
            if its is True:
                return True
            if its is None:
                found = None
        return found

    return truth


def _leaf(leaf: Leaf) -> TruthOf:
    fact, other, operand, negated = leaf.fact, leaf.other, leaf.operand, leaf.negated
    relation = RELATIONS[leaf.relation]
    if other is not None:

        def linked(facts: Facts) -> Truth:
            actual, expected = facts.get(fact), facts.get(other)
            return None if actual is None or expected is None else relation(actual, expected) is not negated

        return linked
    if leaf.relation is Relation.EQUALS:

        def equal(facts: Facts) -> Truth:
            actual = facts.get(fact)
            return None if actual is None else (actual == operand) is not negated

        return equal

    def compared(facts: Facts) -> Truth:
        actual = facts.get(fact)
        return None if actual is None else relation(actual, operand) is not negated

    return compared
