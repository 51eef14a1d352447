"""Check a rule's examples against the reference evaluator, and find an example that is missing."""

from __future__ import annotations

from collections.abc import Iterator

from imagefit.conditions import TRUE, leaves
from imagefit.errors import Problem
from imagefit.evaluators.cells import representatives
from imagefit.evaluators.reference import outcome
from imagefit.facts import Facts
from imagefit.rulepack.pack import Example, Outcome, Pack, Rule, Severity
from imagefit.rulepack.yamltext import yaml_value

__all__ = ["check_examples", "expected_outcomes", "is_right", "unshown_outcomes", "witness", "wrong_examples"]

MAX_COMPARISONS = 300_000


def check_examples(rule: Rule, pack: Pack) -> Iterator[Problem]:
    """Yield a problem for each wrong example, and for each outcome the rule can have and no example shows."""
    yield from wrong_examples(rule, pack)
    for missing, facts in unshown_outcomes(rule, pack):
        at_rule = rule.position
        assert at_rule is not None
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


def unshown_outcomes(rule: Rule, pack: Pack) -> Iterator[tuple[Outcome, Facts]]:
    """Yield each outcome that the rule can have and no example shows, with facts that show it."""
    shown = {example.outcome for example in rule.examples}
    for missing in expected_outcomes(rule):
        if missing not in shown and (facts := witness(rule, pack, missing)) is not None:
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


def witness(rule: Rule, pack: Pack, wanted: Outcome) -> Facts | None:
    """Return facts, and no more than are needed, on which the rule has the `wanted` outcome; None if there are none.

    Raises nothing; gives up (None) on a rule that would take millions of comparisons to search through.
    """
    every_leaf = [*leaves(rule.when), *leaves(rule.require)]
    values = representatives(every_leaf, pack.fields)
    names = list(values)
    tries = MAX_COMPARISONS // max(1, len(every_leaf))

    def search(facts: Facts, index: int) -> Facts | None:
        nonlocal tries
        tries -= 1
        found = outcome(rule, facts)
        if found is wanted:
            return facts
        is_final = found in (Outcome.FAIL, Outcome.NOT_APPLICABLE) or wanted is not Outcome.NOT_APPLICABLE
        if tries < 0 or index == len(names) or (found is not Outcome.UNKNOWN and is_final):
            return None
        choices: list[Facts] = [{**facts, names[index]: value} for value in values[names[index]]]
        if wanted in (Outcome.PASS, Outcome.UNKNOWN):  # which a rule may have only while a fact is unknown
            choices.append(facts)
        further = (search(choice, index + 1) for choice in choices)
        return next((facts for facts in further if facts is not None), None)

    found = search({}, 0)
    for name in list(found or ()):
        assert found is not None
        without = {other: value for other, value in found.items() if other != name}
        found = without if outcome(rule, without) is wanted else found
    return found
