"""Lint of two rules together: one says nothing that the other does not, or they contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from imagefit.analysis.enumeration import reach
from imagefit.analysis.lint.findings import Finding, FindingKind
from imagefit.analysis.lint.rules import Examined
from imagefit.budgets import Budget
from imagefit.evaluators.reference import outcome
from imagefit.facts import Field
from imagefit.rulepack.pack import Outcome, Rule, Severity

__all__ = ["conflict", "implied", "sharing_pairs"]


def sharing_pairs(examined: Sequence[Examined]) -> Iterator[tuple[Examined, Examined]]:
    """Yield the pairs of rules that share an operation and a fact; the first has the lesser id.

    Rules without a common fact neither imply nor contradict each other, unless one of them alone is odd.
    """
    by_fact: dict[str, list[int]] = {}
    for place, one in enumerate(examined):
        for name in one.rule.facts:
            by_fact.setdefault(name, []).append(place)
    for index, first in enumerate(examined):
        operations = set(first.rule.operations)
        others = {place for name in first.rule.facts for place in by_fact[name] if place > index}
        for place in sorted(others):
            if not operations.isdisjoint(examined[place].rule.operations):
                yield first, examined[place]


def implied(
    examined: Examined, by: Examined, fields: Mapping[str, Field], budget: Budget | None = None
) -> Finding | None:
    """Find a rule that is implied by another: without it, no verdict would be another one.

    So it is if the other holds for all its operations, is as severe, fails wherever it fails, and fails
    or is unknown wherever it is unknown.

    Raises
    ------
    TooManyCases
        If there is too much to look at.
    """
    rule, other = examined.rule, by.rule
    if not set(rule.operations) <= set(other.operations) or not _is_as_severe(other, rule):
        return None
    failing = examined.candidates.get(Outcome.FAIL)
    if failing is None or outcome(other, failing) is not Outcome.FAIL:
        return None
    both = reach([rule.violation, other.violation], fields, budget=budget)
    if any(mine is not False and theirs is not True and mine is not theirs for mine, theirs in both.witnesses):
        return None
    message = f"the rule says nothing that {other.id} does not: wherever it fails, that one fails too"
    return Finding(FindingKind.IMPLIED, rule.id, message, rule.position, both.combinations, failing, others=(other.id,))


def conflict(first: Examined, second: Examined, fields: Mapping[str, Field], budget: Budget) -> Finding | None:
    """Find two rules that contradict each other: each can be satisfied where both apply, both never can.

    So it is no contradiction if a rule forbids what the other is about (KooGallery images must not be
    withdrawn; spot ECSs take no KooGallery images), nor if a warning advises against what an error rule
    demands, for then the error rule settles it: only rules of the same severity are looked at. Nor is it if
    one of them says that it contradicts the other, as documents do.

    Raises
    ------
    TooManyCases
        If there is too much to look at.
    """
    one, two = first.rule, second.rule
    if one.severity is not two.severity or one.severity is Severity.NOTICE or _both_pass(first, second):
        return None
    if two.id in one.contradicts or one.id in two.contradicts:
        return None
    both = reach([one.when, two.when, one.require, two.require], fields, unknown=False, budget=budget)
    satisfied = {truths[2:]: facts for truths, facts in both.witnesses.items() if truths[0] and truths[1]}
    if (True, True) in satisfied or not {(True, False), (False, True)} <= satisfied.keys():
        return None
    message = f"the rule contradicts {two.id}: where both apply each can be satisfied, but never both"
    witness = satisfied[True, False]
    return Finding(FindingKind.CONFLICT, one.id, message, one.position, both.combinations, witness, others=(two.id,))


def _is_as_severe(other: Rule, rule: Rule) -> bool:
    return rule.severity is not Severity.NOTICE and other.severity.rank <= rule.severity.rank


def _both_pass(first: Examined, second: Examined) -> bool:
    """Whether a candidate on which both apply and pass is at hand, as it mostly is."""
    mine, theirs = first.candidates[Outcome.PASS], second.candidates[Outcome.PASS]
    return any(
        outcome(first.rule, facts) is outcome(second.rule, facts) is Outcome.PASS
        for facts in ({**theirs, **mine}, {**mine, **theirs})
    )
