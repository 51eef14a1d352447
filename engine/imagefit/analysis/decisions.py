"""What each leaf of a rule decides: the rule as a Boolean function of its comparisons.

`RuleCases` holds every combination of leaf truths that fully known candidates can have. A leaf *decides*
a combination if the rule's decision would be the other one, were that leaf's truth the other one and all
else the same. Coverage (MC/DC) asks this; `with_constants` is what lint asks: the rule without a leaf.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from imagefit.analysis.enumeration import Reached, reach
from imagefit.budgets import Budget
from imagefit.conditions import FALSE, TRUE, AllOf, AnyOf, Condition, Leaf, leaves
from imagefit.evaluators.reference import Truth, kleene, leaf_truth
from imagefit.facts import Facts, Field
from imagefit.rulepack.pack import Rule, Severity

__all__ = ["Case", "LeafPlace", "LeafTruths", "RuleCases", "analysed", "leaf_places", "with_constants"]

MAX_CASES = 1 << 14
"""A rule whose leaves can have more combinations of truths (fourteen independent ones can) is not analysed: memory."""

LeafTruths = tuple[Truth, ...]
"""The truths of a rule's leaves, as they are written: those of `when`, then those of `require`."""


@dataclass(frozen=True, slots=True)
class LeafPlace:
    """One leaf of a rule; the same comparison written twice is two."""

    index: int
    part: str  # "when" or "require"
    leaf: Leaf

    def is_coupled_with(self, other: LeafPlace) -> bool:
        """Whether the two can't always be changed one at a time, since they look at the same fact."""
        return not set(self.leaf.facts).isdisjoint(other.leaf.facts)


@dataclass(frozen=True, slots=True)
class Case:
    """Leaf truths that a candidate can have, and such a candidate."""

    truths: LeafTruths
    facts: Facts


@dataclass(frozen=True)
class RuleCases:
    """A rule as a function of the truths of its leaves, and the truths that known candidates can have."""

    rule: Rule
    places: tuple[LeafPlace, ...]
    cases: tuple[Case, ...]
    combinations: int

    def case_of(self, facts: Facts) -> Case:
        """Return a candidate as a case; its missing facts make leaves unknown."""
        return Case(tuple(leaf_truth(place.leaf, facts) for place in self.places), facts)

    def decision(self, truths: LeafTruths) -> Truth:
        """Return what the rule decides: whether it is violated; of a notice, whether it applies."""
        when = self._truth(self._when, truths)
        if self.rule.severity is Severity.NOTICE or when is False:
            return when
        require = self._truth(self._require, truths)
        return False if require is True else None if None in (when, require) else True

    def decides(self, index: int, truths: LeafTruths) -> bool:
        """Whether that one leaf decides: the decision is known, and the other one if it alone changes."""
        if (deciding := self._deciding.get(truths)) is None:
            deciding = self._deciding[truths] = self._found_deciding(truths)
        return index in deciding

    def _found_deciding(self, truths: LeafTruths) -> frozenset[int]:
        """Return the leaves that decide: the parts beside each way up are all true in an `all`, false in an `any`."""
        if self.rule.severity is Severity.NOTICE:
            return frozenset(_pivots(self._when, truths)[1])
        (when, of_when), (require, of_require) = _pivots(self._when, truths), _pivots(self._require, truths)
        return frozenset((*(of_when if require is False else ()), *(of_require if when is True else ())))

    @cached_property
    def _deciding(self) -> dict[LeafTruths, frozenset[int]]:
        return {}

    @cached_property
    def _when(self) -> Condition:
        return _numbered(self.rule.when, iter(range(len(self.places))))

    @cached_property
    def _require(self) -> Condition:
        first = sum(place.part == "when" for place in self.places)
        return _numbered(self.rule.require, iter(range(first, len(self.places))))

    def _truth(self, condition: Condition, truths: LeafTruths) -> Truth:
        return kleene(condition, lambda leaf: truths[int(leaf.fact)])


def _pivots(condition: Condition, truths: LeafTruths) -> tuple[Truth, list[int]]:
    """Return the truth of a numbered condition, and the leaves whose truth it has, if just that one changes."""
    if isinstance(condition, Leaf):
        index = int(condition.fact)
        return truths[index], [index]
    neutral = isinstance(condition, AllOf)
    parts = [_pivots(part, truths) for part in condition.parts]
    others = [place for place, (truth, _) in enumerate(parts) if truth is not neutral]
    if len(others) > 1:
        pivots: list[int] = []
    elif others:
        pivots = parts[others[0]][1]
    else:
        pivots = [index for _, own in parts for index in own]
    found = [truth for truth, _ in parts]
    truth = not neutral if (not neutral) in found else None if None in found else neutral
    return truth, pivots


def with_constants(rule: Rule, constants: Mapping[int, bool]) -> Rule:
    """Return the rule with some of its leaves, by their numbers, true or false for good."""
    numbers = itertools.count()

    def replaced(condition: Condition) -> Condition:
        if isinstance(condition, Leaf):
            constant = constants.get(next(numbers))
            return condition if constant is None else TRUE if constant else FALSE
        parts = tuple(replaced(part) for part in condition.parts)
        return AllOf(parts) if isinstance(condition, AllOf) else AnyOf(parts)

    when = replaced(rule.when)
    return replace(rule, when=when, require=replaced(rule.require))


def leaf_places(rule: Rule) -> tuple[LeafPlace, ...]:
    """Return the rule's leaves as they are written, those of `when` first, and numbered so."""
    parts = [("when", leaf) for leaf in leaves(rule.when)] + [("require", leaf) for leaf in leaves(rule.require)]
    return tuple(LeafPlace(index, part, leaf) for index, (part, leaf) in enumerate(parts))


def analysed(rule: Rule, fields: Mapping[str, Field], budget: Budget | None = None) -> RuleCases:
    """Return the rule as a function of its leaves, with every case that known candidates can have.

    Raises
    ------
    TooManyCases
        If there are too many to look at.
    """
    places = leaf_places(rule)
    found: Reached = reach([place.leaf for place in places], fields, unknown=False, most=MAX_CASES, budget=budget)
    cases = tuple(Case(truths, facts) for truths, facts in found.witnesses.items())
    return RuleCases(rule, places, cases, found.combinations)


def _numbered(condition: Condition, numbers: Iterator[int]) -> Condition:
    """Replace each leaf by a token whose fact is the leaf's number, so that equal leaves stay apart."""
    if isinstance(condition, Leaf):
        return Leaf(str(next(numbers)), condition.relation, True)
    parts: Sequence[Condition] = [_numbered(part, numbers) for part in condition.parts]
    return AllOf(tuple(parts)) if isinstance(condition, AllOf) else AnyOf(tuple(parts))
