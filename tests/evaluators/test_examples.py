"""Examples of rules: which are wrong, which are missing, and facts that show an outcome."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given

from imagefit.analysis.examples import check_examples, expected_outcomes, witness
from imagefit.budgets import BudgetEnded
from imagefit.conditions import TRUE, AllOf, AnyOf, Condition, Leaf, Relation, leaves, negate
from imagefit.errors import Position
from imagefit.evaluators.cells import combinations, representatives
from imagefit.evaluators.reference import outcome
from imagefit.facts import Facts, Field, FieldType
from imagefit.rulepack.pack import Example, Outcome, Pack, Rule, Severity
from strategies import FIELDS, pack_of, rule_of, rules

BOOLEANS = {f"f{n}": Field(f"f{n}", FieldType.BOOLEAN) for n in range(40)}
FAIL, PASS, UNKNOWN, AWAY = Outcome.FAIL, Outcome.PASS, Outcome.UNKNOWN, Outcome.NOT_APPLICABLE


def is_(name: str) -> Leaf:
    return Leaf(name, Relation.EQUALS, True)


def rule(require: Condition, when: Condition = TRUE, severity: Severity = Severity.ERROR) -> Rule:
    return replace(rule_of("r.r", when, require, severity), position=Position("r.yaml", 1, 3))


def pack(*made: Rule) -> Pack:
    return replace(pack_of(made), fields={**FIELDS, **BOOLEANS})


def shown(base: Rule, *examples: tuple[Facts, Outcome]) -> list[str]:
    made = [Example(facts, outcome, Position("r.yaml", 10 + n, 5)) for n, (facts, outcome) in enumerate(examples)]
    found = replace(base, examples=tuple(made))
    return [str(problem) for problem in check_examples(found, pack(found))]


@pytest.mark.parametrize(
    ("made", "outcomes"),
    [
        (rule(is_("f0")), (FAIL, PASS, UNKNOWN)),
        (rule(is_("f0"), when=is_("f1")), (FAIL, PASS, UNKNOWN, AWAY)),
        (rule(TRUE, severity=Severity.NOTICE), (PASS,)),
        (rule(TRUE, when=is_("f1"), severity=Severity.NOTICE), (PASS, UNKNOWN, AWAY)),
        (rule(is_("f0"), severity=Severity.WARNING), (FAIL, PASS, UNKNOWN)),
    ],
)
def test_the_outcomes_that_a_rule_has_examples_for(made: Rule, outcomes: tuple[Outcome, ...]) -> None:
    assert expected_outcomes(made) == outcomes


def test_right_and_complete_examples_are_no_problem() -> None:
    assert shown(rule(is_("f0")), ({"f0": True}, PASS), ({"f0": False}, FAIL), ({}, UNKNOWN)) == []


def test_a_wrong_example_is_named_at_its_place_with_what_is_right() -> None:
    problems = shown(rule(is_("f0")), ({"f0": True}, PASS), ({"f0": False}, FAIL), ({"f0": False}, UNKNOWN))
    assert problems == ["r.yaml:12:5: the example's outcome is wrong for r.r: unknown; expected fail"]


def test_a_missing_example_is_suggested_at_the_rule() -> None:
    problems = shown(rule(is_("f0"), when=is_("f1")), ({"f1": True, "f0": True}, PASS), ({"f1": False}, AWAY))
    assert problems == [
        "r.yaml:1:3: r.r has no example with outcome fail; expected one, such as "
        "{facts: {f1: true, f0: false}, outcome: fail}",
        "r.yaml:1:3: r.r has no example with outcome unknown; expected one, such as {facts: {}, outcome: unknown}",
    ]


def test_an_outcome_that_is_impossible_needs_no_example() -> None:
    always = rule(AnyOf((is_("f0"), negate(is_("f0")))))
    assert shown(always, ({"f0": True}, PASS), ({}, UNKNOWN)) == []


def test_a_witness_names_no_more_facts_than_it_needs_in_the_order_of_the_rule() -> None:
    either = rule(AnyOf((is_("f0"), is_("f1"), is_("f2"))))
    assert witness(either, pack(either), FAIL) == {"f0": False, "f1": False, "f2": False}
    assert witness(either, pack(either), PASS) == {"f2": True}
    away = rule(is_("f0"), when=AllOf((is_("f1"), is_("f2"))))
    assert witness(away, pack(away), AWAY) == {"f1": False}


def test_a_rule_may_pass_only_while_it_is_unknown_whether_it_applies() -> None:
    never = rule(is_("f0"), when=negate(Leaf("f1", Relation.IN, frozenset({True, False}))))
    assert witness(never, pack(never), PASS) == {"f0": True}
    assert witness(never, pack(never), FAIL) is None


def test_a_rule_that_passes_already_may_still_turn_out_not_to_apply() -> None:
    both = rule(AnyOf((is_("f0"), negate(is_("f1")))), when=AllOf((is_("f0"), is_("f1"))))
    found = witness(both, pack(both), AWAY)
    assert found is not None
    assert outcome(both, found) is AWAY


def test_a_needle_in_a_large_haystack_is_found() -> None:
    needle = rule(AnyOf(tuple(negate(is_(f"f{n}")) for n in range(30))))  # fails in one of 2^30 cases
    assert witness(needle, pack(needle), FAIL) == {f"f{n}": True for n in range(30)}
    assert witness(needle, pack(needle), AWAY) is None


def test_a_search_that_would_never_end_is_given_up() -> None:
    parity: Condition = is_("f0")
    for n in range(1, 12):  # true where an odd number of facts is
        other = is_(f"f{n}")
        parity = AnyOf((AllOf((parity, negate(other))), AllOf((negate(parity), other))))
    never = rule(AnyOf((parity, negate(parity))))
    with pytest.raises(BudgetEnded):
        witness(never, pack(never), FAIL)


@given(rules(max_leaves=3))
def test_a_witness_has_the_outcome_and_there_is_none_only_if_no_combination_has_it(made: Rule) -> None:
    values = representatives([*leaves(made.when), *leaves(made.require)], FIELDS)
    reached = {outcome(made, facts) for facts in itertools.islice(combinations(values, unknown=True), 3_000)}
    for wanted in Outcome:  # a few of which are impossible
        found = witness(made, pack(made), wanted)
        if found is None:
            assert wanted not in reached
        else:
            assert outcome(made, found) is wanted
