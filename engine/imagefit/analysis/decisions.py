"""What each leaf of a rule decides: the rule as a Boolean function of its comparisons.

`RuleCases` holds every combination of leaf truths that fully known candidates can have. A leaf *decides*
a combination if the rule's decision would be the other one, were that leaf's truth the other one and all
else the same. Lint (leaves that never matter) and coverage (MC/DC) both ask this, and only here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from imagefit.analysis.enumeration import Cases, reach
from imagefit.conditions import All, Any, Condition, Leaf, leaves
from imagefit.evaluators.reference import Truth, kleene, leaf_truth, outcome_of
from imagefit.facts import Facts, Field
from imagefit.rulepack.pack import Outcome, Rule, Severity

__all__ = ["Case", "LeafPlace", "RuleCases", "Truths", "analysed", "flipped"]

Truths = tuple[Truth, ...]
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

    truths: Truths
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

    def outcome(self, truths: Truths) -> Outcome:
        """Return the rule's outcome where its leaves have these truths."""
        return outcome_of(self._truth(self._when, truths), self._truth(self._require, truths))

    def decision(self, truths: Truths) -> Truth:
        """Return what the rule decides: whether it is violated; of a notice, whether it applies."""
        when = self._truth(self._when, truths)
        if self.rule.severity is Severity.NOTICE or when is False:
            return when
        require = self._truth(self._require, truths)
        return False if require is True else None if None in (when, require) else True

    def decides(self, index: int, truths: Truths) -> bool:
        """Whether that one leaf decides: the decision is known, and the other one if it alone changes."""
        return {self.decision(flipped(truths, index, to)) for to in (True, False)} == {True, False}

    def with_constants(self, constants: Mapping[int, bool]) -> RuleCases:
        """Return the rule with some leaves replaced by true or false, over the same cases."""
        return _Replaced(self.rule, self.places, self.cases, self.combinations, constants)

    @cached_property
    def _when(self) -> Condition:
        return _numbered(self.rule.when, iter(range(len(self.places))))

    @cached_property
    def _require(self) -> Condition:
        first = sum(place.part == "when" for place in self.places)
        return _numbered(self.rule.require, iter(range(first, len(self.places))))

    def _truth(self, condition: Condition, truths: Truths) -> Truth:
        return kleene(condition, lambda leaf: truths[int(leaf.fact)])


@dataclass(frozen=True)
class _Replaced(RuleCases):
    constants: Mapping[int, bool]

    def _truth(self, condition: Condition, truths: Truths) -> Truth:
        return kleene(condition, lambda leaf: self.constants.get(int(leaf.fact), truths[int(leaf.fact)]))


def analysed(rule: Rule, fields: Mapping[str, Field]) -> RuleCases:
    """Return the rule as a function of its leaves, with every case that known candidates can have.

    Raises
    ------
    TooManyCases
        If there are too many to look at.
    """
    places = tuple(
        LeafPlace(index, part, leaf)
        for index, (part, leaf) in enumerate(
            [("when", leaf) for leaf in leaves(rule.when)] + [("require", leaf) for leaf in leaves(rule.require)]
        )
    )
    found: Cases = reach([place.leaf for place in places], fields, unknown=False)
    cases = tuple(Case(truths, facts) for truths, facts in found.witnesses.items())
    return RuleCases(rule, places, cases, found.combinations)


def flipped(truths: Truths, index: int, to: Truth) -> Truths:
    """Return the truths with one of them changed."""
    return (*truths[:index], to, *truths[index + 1 :])


def _numbered(condition: Condition, numbers: Iterator[int]) -> Condition:
    """Replace each leaf by a token whose fact is the leaf's number, so that equal leaves stay apart."""
    if isinstance(condition, Leaf):
        return Leaf(str(next(numbers)), condition.relation, True)
    parts: Sequence[Condition] = [_numbered(part, numbers) for part in condition.parts]
    return All(tuple(parts)) if isinstance(condition, All) else Any(tuple(parts))
