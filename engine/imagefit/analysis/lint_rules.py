"""Lint of one rule: can it apply, fail and pass, does each leaf matter, is it unknown only where it must be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from imagefit.analysis.decisions import RuleCases
from imagefit.analysis.enumeration import forced, partial_candidates, reach
from imagefit.analysis.findings import Finding, FindingKind
from imagefit.conditions import Leaf
from imagefit.evaluators.reference import Truth, kleene, leaf_truth, outcome, outcome_of
from imagefit.facts import Facts, Field, show_value
from imagefit.rulepack.pack import Outcome, Rule, Severity

__all__ = ["idle_leaves", "needless_unknown", "one_sided", "show_leaf"]

MAX_FACTS = 12
"""A rule of more facts is not examined for needless doubt: each subset of them may be unknown."""


def one_sided(cases: RuleCases) -> Finding | None:
    """Find a rule that never applies, never fails or never passes, on any candidate that is fully known."""
    outcomes = {cases.outcome(case.truths): case for case in reversed(cases.cases)}
    applying = outcomes.keys() - {Outcome.NOT_APPLICABLE}
    if not applying:
        return _finding(cases, FindingKind.NEVER_APPLIES, "the rule never applies: its `when` can't be true")
    if cases.rule.severity is Severity.NOTICE:
        return None
    if applying == {Outcome.PASS}:
        message = "the rule never fails: wherever its `when` is true, its `require` is true too"
        return _finding(cases, FindingKind.NEVER_FAILS, message, outcomes[Outcome.PASS].facts)
    if applying == {Outcome.FAIL}:
        message = "the rule never passes: wherever its `when` is true, its `require` is false"
        return _finding(cases, FindingKind.NEVER_PASSES, message, outcomes[Outcome.FAIL].facts)
    return None


def idle_leaves(cases: RuleCases) -> Iterator[Finding]:
    """Find comparisons that could be true, or false, for good and no outcome would change.

    All that are found can be taken out together: each is looked at with those found before it gone. The
    last one is looked at first, so that of two that say the same the second is named.
    """
    gone: dict[int, bool] = {}
    for place in reversed(cases.places):
        for constant in (True, False):
            without = cases.with_constants({**gone, place.index: constant})
            if all(without.outcome(case.truths) is cases.outcome(case.truths) for case in cases.cases):
                gone[place.index] = constant
                message = (
                    f"`{show_leaf(place.leaf)}` in the `{place.part}` never matters: "
                    f"as {show_value(constant)} for good, it changes no outcome"
                )
                yield _finding(cases, FindingKind.IDLE_LEAF, message, leaf=place.leaf)
                break


def needless_unknown(rule: Rule, fields: Mapping[str, Field]) -> Finding | None:
    """Find a candidate on which the rule is unknown though every way of completing its facts agrees.

    A comparison with an unknown operand is unknown by definition, also where any value would do (whatever
    the hypervisor, a set of all of them contains it). What is found here comes from how comparisons are
    put together: the rule is unknown even if those comparisons count as decided.

    Raises
    ------
    TooManyCases
        If the completions of a candidate are too many to look at.
    """
    conditions = (rule.when, rule.require)
    looked_at = 0
    for facts in partial_candidates(conditions, fields):
        looked_at += 1
        if outcome(rule, facts) is not Outcome.UNKNOWN or _decided_by_leaves(rule, fields, facts):
            continue
        ways = reach(conditions, fields, unknown=False, given=facts)
        outcomes = {outcome_of(*truths) for truths in ways.witnesses}
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


def show_leaf(leaf: Leaf) -> str:
    """Show a comparison in one line: ``image.type in iso``, ``ecs.region same_as image.region``."""
    operand = show_value(leaf.operand) if leaf.other is None else leaf.other  # type: ignore[arg-type]
    return f"{leaf.fact} {leaf.operator} {operand}"


def _decided_by_leaves(rule: Rule, fields: Mapping[str, Field], facts: Facts) -> bool:
    """Whether the rule is decided once comparisons that can only turn out one way count as decided."""

    def truth_of(leaf: Leaf) -> Truth:
        known = leaf_truth(leaf, facts)
        return forced(leaf, fields, facts) if known is None else known

    return outcome_of(kleene(rule.when, truth_of), kleene(rule.require, truth_of)) is not Outcome.UNKNOWN


def _finding(
    cases: RuleCases, kind: FindingKind, message: str, witness: Facts | None = None, leaf: Leaf | None = None
) -> Finding:
    position = leaf.position if leaf is not None and leaf.position is not None else cases.rule.position
    return Finding(kind, cases.rule.id, message, position, cases.combinations, witness)
