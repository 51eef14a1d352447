"""Lint of one rule: can it apply, fail and pass, does each leaf matter, is it unknown only where it must be."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field

from imagefit.analysis.decisions import leaf_places, with_constants
from imagefit.analysis.enumeration import MAX_STEPS, cells_of, partial_candidates, reach
from imagefit.analysis.enumeration import forced as forced_truth
from imagefit.analysis.lint.findings import Finding, FindingKind
from imagefit.budgets import Budget
from imagefit.conditions import Leaf
from imagefit.evaluators.cells import Representatives
from imagefit.evaluators.reference import Truth, kleene, leaf_truth, outcome, outcome_of
from imagefit.explanations.missing.forcing import Goals, Learnable, forced, pivotal
from imagefit.facts import Facts, Field, show_value
from imagefit.rulepack.pack import Outcome, Rule, Severity

__all__ = ["Examined", "examine", "idle_leaves", "needless_unknown", "one_sided"]

FORCING = 400
"""So many steps are taken to make a comparison matter."""


@dataclass(frozen=True)
class Examined:
    """A rule, and for each outcome that fully known candidates can have one such candidate."""

    rule: Rule
    candidates: Mapping[Outcome, Facts]
    combinations: int

    def finding(self, kind: FindingKind, message: str, witness: Facts | None = None) -> Finding:
        """Build a finding that stands where the rule does."""
        return Finding(kind, self.rule.id, message, self.rule.position, self.combinations, witness)


def examine(rule: Rule, fields: Mapping[str, Field], budget: Budget) -> Examined:
    """Look at every candidate that is fully known.

    Raises
    ------
    TooManyCases
        If there are too many.
    """
    cases = reach([rule.when, rule.required], fields, unknown=False, budget=budget)
    found: dict[Outcome, Facts] = {}
    for truths, facts in cases.witnesses.items():
        found.setdefault(outcome_of(*truths), facts)
    return Examined(rule, found, cases.combinations)


def one_sided(examined: Examined) -> Finding | None:
    """Find a rule that never applies, never fails or never passes, on any candidate that is fully known."""
    found = examined.candidates
    applying = found.keys() - {Outcome.NOT_APPLICABLE}
    if not applying:
        return examined.finding(FindingKind.NEVER_APPLIES, "the rule never applies: its `when` can't be true")
    if examined.rule.severity is Severity.NOTICE:
        return None
    if applying == {Outcome.PASS}:
        message = "the rule never fails: wherever its `when` is true, its `require` is true too"
        return examined.finding(FindingKind.NEVER_FAILS, message, found[Outcome.PASS])
    if applying == {Outcome.FAIL}:
        message = "the rule never passes: wherever its `when` is true, its `require` is false"
        return examined.finding(FindingKind.NEVER_PASSES, message, found[Outcome.FAIL])
    return None


def idle_leaves(rule: Rule, fields: Mapping[str, Field], budget: Budget | None = None) -> Iterator[Finding]:
    """Find comparisons that could be true, or false, for good and no outcome would change.

    All that are found can be taken out together: each is looked at with those found before it gone. The
    last one is looked at first, so that of two that say the same the second is named.

    Raises
    ------
    TooManyCases
        If there is too much to look at.
    """
    gone: dict[int, bool] = {}
    places = leaf_places(rule)
    own = Budget(MAX_STEPS) if budget is None else budget
    learnable = Learnable([place.leaf for place in places], fields, {})
    applies: Goals = ((rule.when, True, -1), None)
    pivots = [*pivotal(rule.when), *pivotal(rule.require, applies)]
    for place in reversed(places):
        likely = list(_shown(*pivots[place.index], learnable, own))
        for constant in (True, False):
            without = with_constants(rule, {**gone, place.index: constant})
            if any(outcome(rule, facts) is not outcome(without, facts) for facts in likely):
                continue
            conditions = [rule.when, rule.required, without.when, without.required]
            cases = reach(conditions, fields, unknown=False, budget=own)
            if all(outcome_of(*truths[:2]) is outcome_of(*truths[2:]) for truths in cases.witnesses):
                gone[place.index] = constant
                message = (
                    f"`{place.leaf}` in the `{place.part}` never matters: "
                    f"as {show_value(constant)} for good, it changes no outcome"
                )
                position = place.leaf.position or rule.position
                yield Finding(FindingKind.IDLE_LEAF, rule.id, message, position, cases.combinations)
                break


def _shown(leaf: Leaf, goals: Goals, learnable: Learnable, budget: Budget) -> Iterator[Facts]:
    """Yield fully known candidates on which a leaf probably matters: one of them mostly ends the question."""
    first = {name: learnable.values(name)[0] for name in learnable.facts}
    for truth in (True, False):
        steps = Budget(FORCING + 4 * learnable.size, budget)
        if (known := forced(((leaf, truth, -1), goals), {}, learnable, steps)) is not None:
            budget.allows(4 * learnable.size)
            yield {**first, **known}


def needless_unknown(rule: Rule, fields: Mapping[str, Field], budget: Budget | None = None) -> Finding | None:
    """Find a candidate on which the rule is unknown though every way of completing its facts agrees.

    A comparison with an unknown operand is unknown by definition, also where any value would do (whatever
    the hypervisor, a set of all of them contains it). What is found here comes from how comparisons are
    put together: the rule is unknown even if those comparisons count as decided.

    Raises
    ------
    TooManyCases, BudgetEnded
        If the candidates, or the completions of one, are too many to look at.
    """
    conditions = (rule.when, rule.required)
    names = [name for place in leaf_places(rule) for name in place.leaf.facts]
    if len(names) == len(set(names)):
        return None  # each fact stands in one comparison: only those can turn out one way whatever is learned
    own = Budget(MAX_STEPS) if budget is None else budget
    cells = cells_of(conditions, fields)
    truths = _LeafTruths(rule, fields)
    for facts in partial_candidates(conditions, fields, own):
        own.spend(2 * len(names))
        if outcome(rule, facts) is not Outcome.UNKNOWN or truths.decide(facts) or _is_open(rule, cells, facts):
            continue
        ways = reach(conditions, fields, unknown=False, given=facts, budget=own)
        outcomes = {outcome_of(*found) for found in ways.witnesses}
        if len(outcomes) == 1:
            (agreed,) = outcomes
            missing = ", ".join(name for name in rule.facts if name not in facts)
            message = (
                f"the rule is unknown without {missing}, and {agreed} whatever they are; write it so that it says so"
            )
            return Finding(
                FindingKind.NEEDLESS_UNKNOWN, rule.id, message, rule.position, ways.combinations, witness=facts
            )
    return None


def _is_open(rule: Rule, cells: Representatives, facts: Facts) -> bool:
    """Whether two ways of learning the missing facts differ: mostly the first two that are tried do."""
    first, last = ({**{name: values[at] for name, values in cells.items()}, **facts} for at in (0, -1))
    return outcome(rule, first) is not outcome(rule, last)


@dataclass(frozen=True)
class _LeafTruths:
    """The truths of a rule's comparisons, where those that can only turn out one way count as decided."""

    rule: Rule
    fields: Mapping[str, Field]
    known: dict[Hashable, Truth] = field(default_factory=dict)

    def decide(self, facts: Facts) -> bool:
        """Whether the rule is decided by them."""

        def truth_of(leaf: Leaf) -> Truth:
            if (truth := leaf_truth(leaf, facts)) is not None:
                return truth
            key = (leaf, *(facts.get(name) for name in leaf.facts))
            if key not in self.known:
                self.known[key] = forced_truth(leaf, self.fields, {n: facts[n] for n in leaf.facts if n in facts})
            return self.known[key]

        return outcome_of(kleene(self.rule.when, truth_of), kleene(self.rule.required, truth_of)) is not Outcome.UNKNOWN
