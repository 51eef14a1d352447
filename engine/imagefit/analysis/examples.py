"""Check a rule's examples against the reference evaluator, and find an example that is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imagefit.budgets import COMMAND, SHARE, Budget, BudgetEnded
from imagefit.conditions import TRUE, Leaf, leaves
from imagefit.errors import Problem
from imagefit.evaluators.cells import Representatives, cost_of, representatives
from imagefit.evaluators.reference import outcome
from imagefit.explanations.missing.forcing import Goals, Learnable, forced
from imagefit.explanations.truths.residuals import open_leaves
from imagefit.facts import Facts
from imagefit.rulepack.pack import Example, Outcome, Pack, Rule, Severity
from imagefit.rulepack.yamltext import yaml_value

__all__ = ["check_examples", "expected_outcomes", "is_right", "unshown_outcomes", "witness", "wrong_examples"]

FORCING = 400
QUICK = 20_000
MAX_COMPARISONS = 300_000


def check_examples(rule: Rule, pack: Pack, budget: Budget | None = None) -> Iterator[Problem]:
    """Yield a problem for each wrong example, and for each outcome the rule can have and no example shows.

    Where the budget ends before it is known whether the rule can have it, that is the problem.
    """
    yield from wrong_examples(rule, pack)
    for missing, facts in unshown_outcomes(rule, pack, budget):
        at_rule = rule.position
        assert at_rule is not None
        if facts is None:
            message = f"not decided within the budget whether {rule.id} can have the outcome {missing}"
            yield Problem(at_rule.file, at_rule.line, at_rule.column, message)
            continue
        example_text = ", ".join(f"{name}: {yaml_value(value)}" for name, value in facts.items())
        message = f"{rule.id} has no example with outcome {missing}"
        expected = f"one, such as {{facts: {{{example_text}}}, outcome: {missing}}}"
        yield Problem(at_rule.file, at_rule.line, at_rule.column, message, expected=expected)


def wrong_examples(rule: Rule, pack: Pack) -> Iterator[Problem]:
    """Yield a problem for each example whose outcome is another one."""
    for example in rule.examples:
        if (actual := outcome(rule, example.facts)) is not example.outcome:
            at = example.position
            message = f"the example's outcome is wrong for {rule.id}"
            yield Problem(at.file, at.line, at.column, message, found=example.outcome, expected=actual)


def unshown_outcomes(rule: Rule, pack: Pack, budget: Budget | None) -> Iterator[tuple[Outcome, Facts | None]]:
    """Yield each outcome that the rule can have and no example shows, with facts that show it.

    Parameters
    ----------
    budget
        The comparisons that may be made, of which each outcome gets a tenth of what is left. If it ends, no facts
        come with the outcome.
    """
    own = Budget(COMMAND) if budget is None else budget
    shown = {example.outcome for example in rule.examples}
    for missing in expected_outcomes(rule):
        if missing not in shown:
            try:
                facts = witness(rule, pack, missing, own.part(SHARE))
            except BudgetEnded:
                yield missing, None
            else:
                if facts is not None:
                    yield missing, facts


def is_right(rule: Rule, example: Example) -> bool:
    """Whether the rule has the outcome that the example states."""
    return outcome(rule, example.facts) is example.outcome


def expected_outcomes(rule: Rule) -> tuple[Outcome, ...]:
    """Return the outcomes that a rule of this form has examples for, if it can have them."""
    conditional = (Outcome.NOT_APPLICABLE,) if rule.when != TRUE else ()
    if rule.severity is Severity.NOTICE:
        return (Outcome.PASS, Outcome.UNKNOWN, *conditional) if conditional else (Outcome.PASS,)
    return (Outcome.FAIL, Outcome.PASS, Outcome.UNKNOWN, *conditional)


def witness(rule: Rule, pack: Pack, wanted: Outcome, budget: Budget | None = None) -> Facts | None:
    """Return facts, and no more than are needed, on which the rule has the `wanted` outcome; None if there are none.

    Raises
    ------
    BudgetEnded
        If there is too much to look at within the budget; by default that is `MAX_COMPARISONS`.
    """
    own = Budget(MAX_COMPARISONS) if budget is None else budget
    every_leaf = [*leaves(rule.when), *leaves(rule.require)]
    if wanted is Outcome.NOT_APPLICABLE and open_leaves(rule.when, {}) is True:
        return None
    try:
        found = _searched(rule, every_leaf, pack, wanted, Budget(QUICK, own))
    except BudgetEnded:
        found = _forced(rule, every_leaf, pack, wanted, own) or _searched(rule, every_leaf, pack, wanted, own)
    for name in list(found or ()):
        assert found is not None
        without = {other: value for other, value in found.items() if other != name}
        found = without if outcome(rule, without) is wanted else found
    return found


def _forced(rule: Rule, every_leaf: Sequence[Leaf], pack: Pack, wanted: Outcome, budget: Budget) -> Facts | None:
    """Return facts with the outcome that are found by forcing what it takes, if they are."""
    truths = {Outcome.FAIL: (True, False), Outcome.PASS: (True, True), Outcome.NOT_APPLICABLE: (False,)}
    goals: Goals = None
    for condition, truth in zip((rule.when, rule.required), truths.get(wanted, ()), strict=False):
        goals = ((condition, truth, -1), goals)
    steps = Budget(FORCING + 4 * len(every_leaf), budget)
    found = forced(goals, {}, Learnable(every_leaf, pack.fields, {}), steps)
    return found if found is not None and outcome(rule, found) is wanted else None


def _searched(rule: Rule, every_leaf: Sequence[Leaf], pack: Pack, wanted: Outcome, budget: Budget) -> Facts | None:
    budget.spend(cost_of(every_leaf, pack.fields) // 8)
    values = representatives(every_leaf, pack.fields)
    names = list(values)
    way: list[Iterator[Facts]] = [iter([{}])]
    while way:
        if (facts := next(way[-1], None)) is None:
            way.pop()
            continue
        budget.spend(max(1, len(every_leaf)))
        found = outcome(rule, facts)
        if found is wanted:
            return facts
        is_final = found in (Outcome.FAIL, Outcome.NOT_APPLICABLE) or wanted is not Outcome.NOT_APPLICABLE
        if len(way) <= len(names) and (found is Outcome.UNKNOWN or not is_final):
            way.append(_choices(facts, names[len(way) - 1], values, wanted))
    return None


def _choices(facts: Facts, name: str, values: Representatives, wanted: Outcome) -> Iterator[Facts]:
    for value in values[name]:
        yield {**facts, name: value}
    if wanted in (Outcome.PASS, Outcome.UNKNOWN):  # which a rule may have only while a fact is unknown
        yield facts
