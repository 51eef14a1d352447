"""The definition, by hand: strong Kleene's tables, each comparison, and what a rule's outcome is."""

from __future__ import annotations

import itertools

import pytest

from imagefit import load_pack
from imagefit.conditions import FALSE, TRUE, AllOf, AnyOf, Leaf, Relation, negate
from imagefit.evaluators import EVALUATORS, evaluate_with
from imagefit.evaluators.reference import TRUTHS, Truth, judge, kleene, leaf_truth, outcome, outcome_of, truth
from imagefit.facts import Facts, Value
from imagefit.rulepack.pack import Outcome
from packfiles import PLUGS_FOLDER
from strategies import pack_of, rule_of

T, F, U = True, False, None


def flag(name: str) -> Leaf:
    return Leaf(name, Relation.EQUALS, True)


def facts_of(**flags: Truth) -> Facts:
    return {name: value for name, value in flags.items() if value is not None}


@pytest.mark.parametrize(
    ("a", "b", "conjunction", "disjunction"),
    [
        (T, T, T, T),
        (T, U, U, T),
        (T, F, F, T),
        (U, T, U, T),
        (U, U, U, U),
        (U, F, F, U),
        (F, T, F, T),
        (F, U, F, U),
        (F, F, F, F),
    ],
)
def test_all_and_any_follow_strong_kleene(a: Truth, b: Truth, conjunction: Truth, disjunction: Truth) -> None:
    facts = facts_of(a=a, b=b)
    assert truth(AllOf((flag("a"), flag("b"))), facts) is conjunction
    assert truth(AnyOf((flag("a"), flag("b"))), facts) is disjunction


def test_each_truth_has_a_number_and_that_of_unknown_is_0_as_it_is_of_values() -> None:
    assert TRUTHS[0] is U
    assert set(TRUTHS) == {U, F, T}
    assert len(TRUTHS) == 3


@pytest.mark.parametrize(("value", "opposite"), [(T, F), (F, T), (U, U)])
def test_not_follows_strong_kleene(value: Truth, opposite: Truth) -> None:
    assert truth(negate(flag("a")), facts_of(a=value)) is opposite


def test_nothing_is_a_tautology_while_a_fact_is_unknown() -> None:
    assert truth(AnyOf((flag("a"), negate(flag("a")))), {}) is None
    assert truth(AllOf((flag("a"), negate(flag("a")))), {}) is None


def test_no_parts_make_all_true_and_any_false() -> None:
    assert truth(TRUE, {}) is True
    assert truth(FALSE, {}) is False


def test_one_deciding_part_among_many_unknown_ones_decides() -> None:
    many = [flag(f"u{n}") for n in range(50)]
    assert truth(AnyOf((*many, flag("a"))), facts_of(a=True)) is True
    assert truth(AllOf((*many, flag("a"))), facts_of(a=False)) is False


def test_kleene_asks_each_leaf_for_its_truth_and_nothing_else() -> None:
    truths = {"a": U, "b": T, "c": F}
    condition = AllOf((flag("b"), AnyOf((flag("a"), flag("c")))))
    assert kleene(condition, lambda leaf: truths[leaf.fact]) is None
    assert kleene(condition, lambda leaf: True) is True


# fact value, relation, operand, truth
COMPARISONS: list[tuple[Value, Relation, Value | frozenset[Value], bool]] = [
    ("uefi", Relation.EQUALS, "uefi", True),
    ("uefi", Relation.EQUALS, "bios", False),
    ("UEFI", Relation.EQUALS, "uefi", False),
    (False, Relation.EQUALS, False, True),
    (True, Relation.EQUALS, False, False),
    (40, Relation.EQUALS, 40, True),
    (2**53, Relation.EQUALS, 2**53 + 1, False),
    (0.1, Relation.EQUALS, 0.1, True),
    ("a", Relation.IN, frozenset({"a", "b"}), True),
    ("c", Relation.IN, frozenset({"a", "b"}), False),
    (7, Relation.IN, frozenset({7}), True),
    (40, Relation.AT_LEAST, 40, True),
    (41, Relation.AT_LEAST, 40, True),
    (39, Relation.AT_LEAST, 40, False),
    (40.5, Relation.AT_LEAST, 40.5, True),
    (40, Relation.ABOVE, 40, False),
    (41, Relation.ABOVE, 40, True),
    (-1, Relation.ABOVE, 0, False),
    (2**53 + 1, Relation.ABOVE, 2**53, True),
    (frozenset({"kvm", "xen"}), Relation.CONTAINS, "kvm", True),
    (frozenset({"xen"}), Relation.CONTAINS, "kvm", False),
    (frozenset(), Relation.CONTAINS, "kvm", False),
    (frozenset({"a", "x"}), Relation.CONTAINS_ANY, frozenset({"a", "b"}), True),
    (frozenset({"x"}), Relation.CONTAINS_ANY, frozenset({"a", "b"}), False),
    (frozenset(), Relation.CONTAINS_ANY, frozenset({"a"}), False),
    (frozenset({"a", "b", "x"}), Relation.CONTAINS_ALL, frozenset({"a", "b"}), True),
    (frozenset({"a", "b"}), Relation.CONTAINS_ALL, frozenset({"a", "b"}), True),
    (frozenset({"a"}), Relation.CONTAINS_ALL, frozenset({"a", "b"}), False),
    (frozenset(), Relation.CONTAINS_ALL, frozenset({"a"}), False),
]


@pytest.mark.parametrize(("actual", "relation", "operand", "expected"), COMPARISONS)
def test_a_comparison_with_a_literal(
    actual: Value, relation: Relation, operand: Value | frozenset[Value], expected: bool
) -> None:
    assert leaf_truth(Leaf("f", relation, operand), {"f": actual}) is expected
    assert leaf_truth(Leaf("f", relation, operand, negated=True), {"f": actual}) is (not expected)
    assert leaf_truth(Leaf("f", relation, operand), {"g": actual}) is None
    assert leaf_truth(Leaf("f", relation, operand, negated=True), {}) is None


@pytest.mark.parametrize(
    ("actual", "relation", "operand", "expected"), [case for case in COMPARISONS if case[1] is not Relation.IN]
)
def test_a_comparison_with_another_fact(actual: Value, relation: Relation, operand: Value, expected: bool) -> None:
    leaf = Leaf("f", relation, None, "g")
    assert leaf_truth(leaf, {"f": actual, "g": operand}) is expected
    assert leaf_truth(negate(leaf), {"f": actual, "g": operand}) is (not expected)  # type: ignore[arg-type]
    assert leaf_truth(leaf, {"f": actual}) is None
    assert leaf_truth(leaf, {"g": operand}) is None
    assert leaf_truth(negate(leaf), {"f": actual}) is None  # type: ignore[arg-type]


def test_what_is_contained_in_an_empty_set_of_another_fact() -> None:
    facts: Facts = {"f": frozenset({"a"}), "g": frozenset()}
    assert leaf_truth(Leaf("f", Relation.CONTAINS_ALL, None, "g"), facts) is True
    assert leaf_truth(Leaf("f", Relation.CONTAINS_ANY, None, "g"), facts) is False


@pytest.mark.parametrize(
    ("when", "require", "expected"),
    [
        (F, T, Outcome.NOT_APPLICABLE),
        (F, U, Outcome.NOT_APPLICABLE),
        (F, F, Outcome.NOT_APPLICABLE),
        (T, T, Outcome.PASS),
        (T, F, Outcome.FAIL),
        (T, U, Outcome.UNKNOWN),
        (U, T, Outcome.PASS),
        (U, F, Outcome.UNKNOWN),
        (U, U, Outcome.UNKNOWN),
    ],
)
def test_an_outcome_is_when_and_not_require(when: Truth, require: Truth, expected: Outcome) -> None:
    assert outcome_of(when, require) is expected
    rule = rule_of("a.b", flag("w"), flag("r"))
    assert outcome(rule, facts_of(w=when, r=require)) is expected


def test_the_examples_of_the_small_pack_have_the_outcomes_that_they_say() -> None:
    pack = load_pack(PLUGS_FOLDER)
    for rule in pack.rules:
        for example in rule.examples:
            assert outcome(rule, example.facts) is example.outcome


def test_judging_gives_one_outcome_for_each_rule_in_their_order() -> None:
    made = [rule_of(f"a.{n}", TRUE, condition) for n, condition in enumerate((flag("a"), flag("b"), flag("c")))]
    pack = pack_of(made)
    for order in itertools.permutations(made):
        expected = {"a.0": Outcome.PASS, "a.1": Outcome.FAIL, "a.2": Outcome.UNKNOWN}
        found = judge(pack, order)({"a": True, "b": False})
        assert list(found) == [expected[rule.id] for rule in order]
    assert list(evaluate_with("reference", pack, made).judge({})) == [Outcome.UNKNOWN] * 3


def test_an_evaluator_that_does_not_exist_is_an_error_that_names_the_nearest() -> None:
    from imagefit import UnknownNameError

    with pytest.raises(UnknownNameError, match="did you mean 'reference'"):
        evaluate_with("refrence", pack_of([]), [])
    assert "reference" in EVALUATORS
