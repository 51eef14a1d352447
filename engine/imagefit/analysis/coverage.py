"""Condition coverage of examples: MC/DC, each leaf of a rule shown to decide by itself.

A pair of examples shows it: the leaf is true in one and false in the other, it decides in both (see
`decisions`), so one of them fails and the other does not; every other leaf has the same truth in both,
or looks at a fact that the leaf looks at too and so can't always be held (unique-cause MC/DC, with
masking where leaves are coupled). Where no candidates make such a pair, any other leaf may differ.
A leaf for which no pair of candidates exists can't decide: it is left out, with the reason.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from imagefit.analysis.decisions import Case, LeafPlace, RuleCases, analysed
from imagefit.analysis.enumeration import TooManyCases
from imagefit.budgets import COMMAND, SHARE, Budget
from imagefit.facts import Field
from imagefit.rulepack.pack import Pack, Rule

__all__ = [
    "COMPARED",
    "LeafCoverage",
    "PackCoverage",
    "RuleCoverage",
    "cover",
    "coverage_of",
    "halves",
    "held",
    "pairs_with",
    "shows",
]


COMPARED = 8
"""So many comparisons are about as much as a comparison of a case with the others."""


@dataclass(frozen=True, slots=True)
class LeafCoverage:
    """Whether the examples show that a leaf decides; if it can't, `excluded` says why."""

    place: LeafPlace
    is_shown: bool
    excluded: str | None = None


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """The coverage of one rule's leaves; `not_examined` is the number of combinations that were too many."""

    rule: Rule
    leaves: tuple[LeafCoverage, ...]
    not_examined: int = 0

    @property
    def missing(self) -> tuple[LeafPlace, ...]:
        """The leaves that could be shown to decide and are not."""
        return tuple(leaf.place for leaf in self.leaves if not leaf.is_shown and leaf.excluded is None)


@dataclass(frozen=True, slots=True)
class PackCoverage:
    """The coverage of a pack's rules."""

    rules: tuple[RuleCoverage, ...]

    @property
    def total(self) -> int:
        """How many leaves can decide."""
        return sum(leaf.excluded is None for rule in self.rules for leaf in rule.leaves)

    @property
    def shown(self) -> int:
        """How many of them are shown to."""
        return sum(leaf.is_shown for rule in self.rules for leaf in rule.leaves)

    @property
    def is_full(self) -> bool:
        """Whether every leaf that can decide is shown to, and every rule was examined."""
        return self.shown == self.total and not any(rule.not_examined for rule in self.rules)

    @property
    def percent(self) -> float:
        """The share of the leaves that can decide and are shown to."""
        return 100.0 * self.shown / self.total if self.total else 100.0


def coverage_of(pack: Pack, rules: Sequence[Rule] | None = None, budget: Budget | None = None) -> PackCoverage:
    """Return the condition coverage of the examples of `rules` (by default, all of the pack).

    Parameters
    ----------
    budget
        The comparisons that may be made, of which a rule gets a tenth of what is left; by default, `COMMAND`.
    """
    own = Budget(COMMAND) if budget is None else budget
    chosen = pack.rules if rules is None else rules
    return PackCoverage(tuple(_rule_coverage(rule, pack.fields, own.part(SHARE)) for rule in chosen))


def cover(cases: RuleCases, budget: Budget) -> RuleCoverage:
    """Return which leaves of a rule its examples show to decide.

    Raises
    ------
    TooManyCases
        If there is too much to look at within the budget.
    """
    if not budget.allows(len(cases.cases) * len(cases.places) * COMPARED):
        raise TooManyCases(cases.combinations)
    examples = [cases.case_of(example.facts) for example in cases.rule.examples]
    found = []
    for place in cases.places:
        pair = pairs_with(cases, place)
        if pair is None:
            found.append(LeafCoverage(place, False, "no two candidates show that it decides by itself"))
        else:
            found.append(LeafCoverage(place, shows(cases, place, examples, strict=pair)))
    return RuleCoverage(cases.rule, tuple(found))


def shows(cases: RuleCases, place: LeafPlace, candidates: Iterable[Case], *, strict: bool) -> bool:
    """Whether two of the candidates show that the leaf decides (`strict`: see `halves`)."""
    return any(len(truths) == 2 for truths in halves(cases, place, candidates, strict=strict).values())


def halves(
    cases: RuleCases, place: LeafPlace, candidates: Iterable[Case], *, strict: bool
) -> dict[Hashable, dict[bool, Case]]:
    """Return the candidates on which the leaf decides, by what must be the same in both of a pair and its truth.

    Parameters
    ----------
    strict
        Whether leaves that are not coupled with it must have the same truth in both.
    """
    found: dict[Hashable, dict[bool, Case]] = {}
    for case in candidates:
        truth = case.truths[place.index]
        if truth is not None and cases.decides(place.index, case.truths):
            found.setdefault(held(cases, place, case, strict=strict), {}).setdefault(truth, case)
    return found


def pairs_with(cases: RuleCases, place: LeafPlace) -> bool | None:
    """Whether pairs that hold all uncoupled leaves exist (True), only others do (False), or none (None)."""
    if shows(cases, place, cases.cases, strict=True):
        return True
    return False if shows(cases, place, cases.cases, strict=False) else None


def held(cases: RuleCases, place: LeafPlace, case: Case, *, strict: bool) -> Hashable:
    """Return what must be the same in both candidates of a pair."""
    if not strict:
        return ()
    return tuple(
        case.truths[other.index]
        for other in cases.places
        if other.index != place.index and not place.is_coupled_with(other)
    )


def _rule_coverage(rule: Rule, fields: Mapping[str, Field], budget: Budget) -> RuleCoverage:
    try:
        return cover(analysed(rule, fields, budget), budget)
    except TooManyCases as error:
        return RuleCoverage(rule, (), error.combinations)
