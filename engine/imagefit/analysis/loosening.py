"""Whether an adjustment of an overlay loosens a rule: asked of every candidate, not of the text.

It does if some candidate comes off better by it: where the rule made it fail, it no longer does; where it
left it unknown, it is decided; or what was an error is a warning, or the rule no longer concerns an
operation. Notices change no verdict, so nothing loosens them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from imagefit.analysis.enumeration import TooManyCases, reach
from imagefit.errors import Problem
from imagefit.evaluators.reference import outcome_of
from imagefit.facts import Facts, Field
from imagefit.rulepack.pack import Adjustment, Outcome, Pack, Rule, Severity
from imagefit.supply import set_options

__all__ = ["Loosening", "check_adjustment", "loosening"]


@dataclass(frozen=True, slots=True)
class Loosening:
    """A candidate that comes off better, and from what to what; without a candidate, there is none."""

    combinations: int
    facts: Facts | None = None
    operation: str = ""
    before: str = ""
    after: str = ""


def check_adjustment(adjustment: Adjustment, pack: Pack) -> Iterator[Problem]:
    """Yield a problem if an adjustment loosens and does not say so, or says so and does not."""
    at = adjustment.position
    assert at is not None
    try:
        found = loosening(adjustment.before, adjustment.after, pack.fields)
    except TooManyCases as error:
        message = f"can't tell whether this loosens {adjustment.rule}: too many cases"
        yield Problem(at.file, at.line, at.column, message, found=str(error))
        return
    if found.facts is not None and not adjustment.loosens:
        message = f"the adjustment loosens {adjustment.rule} and does not say so"
        shown = set_options(found.facts) or "no fact known"
        witness = f"{found.before} -> {found.after} on {found.operation} with {shown}"
        yield Problem(at.file, at.line, at.column, message, found=witness, expected="loosens: true")
    elif found.facts is None and adjustment.loosens:
        message = f"the adjustment says that it loosens {adjustment.rule}, and no candidate comes off better"
        proof = f"{found.combinations:,} combinations looked at"
        yield Problem(at.file, at.line, at.column, message, found=proof, expected="no `loosens`")


def loosening(before: Rule | None, after: Rule | None, fields: Mapping[str, Field]) -> Loosening:
    """Return a candidate on which `after` is less strict than `before`, if there is one.

    Raises
    ------
    TooManyCases
        If there is too much to look at.
    """
    if before is None:
        return Loosening(0)
    rules = [before] if after is None else [before, after]
    cases = reach([condition for rule in rules for condition in (rule.when, rule.required)], fields)
    for operation in before.operations:
        for truths, facts in cases.witnesses.items():
            was = outcome_of(*truths[:2])
            now = outcome_of(*truths[2:]) if after is not None and operation in after.operations else None
            if _strictness(before, was) > _strictness(after, now):
                return Loosening(cases.combinations, facts, operation, _show(before, was), _show(after, now))
    return Loosening(cases.combinations)


def _strictness(rule: Rule | None, outcome: Outcome | None) -> int:
    """Return how much an outcome weighs: an error's failing the most, what changes no verdict nothing."""
    if rule is None or outcome not in (Outcome.FAIL, Outcome.UNKNOWN) or rule.severity is Severity.NOTICE:
        return 0
    return (3 if rule.severity is Severity.ERROR else 1) + (outcome is Outcome.FAIL)


def _show(rule: Rule | None, outcome: Outcome | None) -> str:
    if rule is None or outcome is None:
        return "no rule"
    return f"{outcome} ({rule.severity})"
