"""The condition tree: what an operator is called, what negation does, and what two conditions have in common."""

from __future__ import annotations

import dataclasses
import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagefit.conditions import (
    FALSE,
    TRUE,
    AllOf,
    AnyOf,
    Condition,
    Leaf,
    Relation,
    affirmed,
    canonical,
    fields,
    leaves,
    needed,
)
from imagefit.conditions import negate as negated
from imagefit.errors import Position
from imagefit.evaluators.reference import truth
from imagefit.facts import Facts
from strategies import ENUM, FIELDS, candidates, conditions, leaf, more

A = Leaf("a", Relation.EQUALS, "x")
B = Leaf("b", Relation.AT_LEAST, 1)
C = Leaf("c", Relation.CONTAINS, None, "d")


@pytest.mark.parametrize(
    ("relation", "other", "positive", "negative"),
    [
        (Relation.EQUALS, None, "equals", "not"),
        (Relation.EQUALS, "b", "same_as", "not_same_as"),
        (Relation.IN, None, "in", "not_in"),
        (Relation.AT_LEAST, None, "at_least", "below"),
        (Relation.AT_LEAST, "b", "at_least", "below"),
        (Relation.ABOVE, None, "above", "at_most"),
        (Relation.CONTAINS, None, "contains", "not_contains"),
        (Relation.CONTAINS_ANY, None, "contains_any", "not_contains_any"),
        (Relation.CONTAINS_ALL, "b", "contains_all", "not_contains_all"),
    ],
)
def test_an_operator_is_called_as_a_pack_writes_it(
    relation: Relation, other: str | None, positive: str, negative: str
) -> None:
    assert Leaf("a", relation, None, other).operator == positive
    assert Leaf("a", relation, None, other, negated=True).operator == negative


def test_a_leaf_looks_at_one_fact_or_two() -> None:
    assert A.facts == ("a",)
    assert C.facts == ("c", "d")


def test_where_a_leaf_stands_is_no_part_of_its_meaning() -> None:
    here, there = (Leaf("a", Relation.EQUALS, "x", position=Position("f.yaml", n, 1)) for n in (1, 2))
    assert here == there
    assert hash(here) == hash(there)
    assert str(here.position) == "f.yaml:1:1"


def test_the_literals_of_a_leaf_are_what_it_compares_with_and_never_another_fact() -> None:
    assert A.literals == {"x"}
    assert Leaf("a", Relation.IN, frozenset({"x", "y"}), negated=True).literals == {"x", "y"}
    assert Leaf("a", Relation.EQUALS, False).literals == {False}
    assert C.literals == frozenset()


def test_a_leaf_shows_itself_in_one_line_as_a_pack_writes_it() -> None:
    assert str(A) == "a equals x"
    assert str(Leaf("a", Relation.IN, frozenset({"y", "x"}), negated=True)) == "a not_in x, y"
    assert str(Leaf("a", Relation.ABOVE, 40, negated=True)) == "a at_most 40"
    assert str(Leaf("a", Relation.EQUALS, None, "b")) == "a same_as b"


def test_several_literals_are_shown_in_order() -> None:
    assert Leaf("a", Relation.IN, frozenset("hgfedcba")).shown_operand == "a, b, c, d, e, f, g, h"
    assert Leaf("n", Relation.IN, frozenset({1, 2, 7})).shown_operand == "1, 2, 7"


@pytest.mark.parametrize("part", [Position("f.yaml", 1, 1), A, AllOf((A,)), AnyOf((A,))])
def test_a_condition_is_an_immutable_value_and_holds_nothing_else(part: object) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(part, dataclasses.fields(part)[0].name, "other")  # type: ignore[arg-type]
    assert not hasattr(part, "__dict__")
    assert {part: 1}[dataclasses.replace(part)] == 1  # type: ignore[type-var]


def test_what_is_not_said_of_a_leaf_is_that_it_is_plain() -> None:
    assert (A.other, A.negated, A.position) == (None, False, None)


def test_the_name_of_a_condition_is_no_part_of_its_meaning() -> None:
    assert AllOf((A,), "one") == AllOf((A,), "two")
    assert AnyOf((A,), "one") == AnyOf((A,), "two")
    assert AllOf((A,)) != AnyOf((A,))


def test_negation_follows_de_morgan_and_reaches_the_leaves() -> None:
    assert negated(AllOf((A, AnyOf((B, C))))) == AnyOf((negated(A), AllOf((negated(B), negated(C)))))
    assert negated(TRUE) == FALSE
    assert negated(FALSE) == TRUE
    assert negated(A) == Leaf("a", Relation.EQUALS, "x", None, True)


def test_negation_keeps_the_name_of_a_condition_and_where_leaves_stand() -> None:
    named = AllOf((Leaf("a", Relation.EQUALS, "x", position=Position("f.yaml", 1, 1)),), "is_x")
    opposite = negated(named)
    assert isinstance(opposite, AnyOf)
    assert opposite.name == "not is_x"
    assert next(leaves(opposite)).position == Position("f.yaml", 1, 1)
    twice = negated(opposite)
    assert isinstance(twice, AllOf)
    assert twice.name == "is_x"
    assert negated(AllOf((A,))) == AnyOf((negated(A),))
    assert negated(AllOf((A,))).name is None  # type: ignore[union-attr]


def test_an_affirmed_leaf_is_the_same_without_its_negation() -> None:
    at = Position("f.yaml", 3, 7)
    for plain in (Leaf("a", Relation.IN, frozenset({"x"}), None, False, at), Leaf("a", Relation.ABOVE, None, "b")):
        for each in (plain, negated(plain)):
            assert isinstance(each, Leaf)
            assert (affirmed(each), affirmed(each).position) == (plain, plain.position)


@given(conditions())
def test_negating_twice_changes_nothing(condition: Condition) -> None:
    assert negated(negated(condition)) == condition


@given(conditions(), candidates())
def test_a_negated_condition_is_true_where_the_other_is_false_and_unknown_where_it_is_unknown(
    condition: Condition, facts: Facts
) -> None:
    value, opposite = truth(condition, facts), truth(negated(condition), facts)
    assert opposite is (None if value is None else not value)


def test_leaves_come_in_the_order_in_which_they_are_written_repetitions_included() -> None:
    assert list(leaves(AllOf((B, AnyOf((A, B)), C)))) == [B, A, B, C]
    assert list(leaves(A)) == [A]
    assert list(leaves(TRUE)) == []


def test_fields_are_named_once_in_the_order_of_first_mention() -> None:
    assert fields(AllOf((C, A)), AnyOf((B, Leaf("d", Relation.EQUALS, "x")))) == ("c", "d", "a", "b")
    assert fields() == ()


def test_what_a_condition_needs_is_what_it_can_t_be_true_without() -> None:
    d, e = Leaf("d", Relation.EQUALS, "x"), Leaf("e", Relation.EQUALS, "x", negated=True)
    assert set(needed(AllOf((A, AnyOf((B, d)), AllOf((C, e)))))) == {"a", "c", "d", "e"}  # C looks at d, too
    assert list(needed(AnyOf((A, B)))) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (AllOf((A, B)), AllOf((B, A))),
        (AnyOf((A, B, C)), AnyOf((C, B, A))),
        (AllOf((A, AllOf((B, C)))), AllOf((A, B, C))),
        (AllOf((A, A)), A),
        (AnyOf((A,)), A),
        (AllOf((AnyOf((A,)),)), A),
        (Leaf("a", Relation.IN, frozenset({"x"})), A),
        (Leaf("s", Relation.CONTAINS_ALL, frozenset({"x"})), Leaf("s", Relation.CONTAINS, "x")),
        (Leaf("s", Relation.CONTAINS_ALL, frozenset({"x", "y"})), Leaf("s", Relation.CONTAINS_ALL, frozenset("yx"))),
        (AllOf((A,), "named"), A),
    ],
)
def test_conditions_that_differ_in_order_and_spelling_alone_have_one_canonical_form(
    one: Condition, other: Condition
) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (AllOf((A, B)), AnyOf((A, B))),
        (AllOf((A, AnyOf((B, C)))), AnyOf((A, AllOf((B, C))))),
        (A, negated(A)),
        (A, Leaf("b", Relation.EQUALS, "x")),
        (A, Leaf("a", Relation.EQUALS, "y")),
        (A, Leaf("a", Relation.EQUALS, None, "x")),
        (B, Leaf("b", Relation.ABOVE, 1)),
        (B, Leaf("b", Relation.AT_LEAST, 2)),
        (C, Leaf("c", Relation.CONTAINS, None, "e")),
        (C, Leaf("c", Relation.CONTAINS, "d")),
        (Leaf("s", Relation.CONTAINS_ANY, frozenset("xy")), Leaf("s", Relation.CONTAINS_ALL, frozenset("xy"))),
        (Leaf("c", Relation.EQUALS, None, "d"), Leaf("d", Relation.EQUALS, None, "c")),
        (TRUE, FALSE),
        (TRUE, A),
    ],
)
def test_conditions_that_are_written_otherwise_have_other_canonical_forms(one: Condition, other: Condition) -> None:
    assert canonical(one) != canonical(other)


def test_conditions_with_one_canonical_form_mean_the_same() -> None:
    few = {name: FIELDS[name] for name in ("left.enum", "left.flag")}
    alike = 0

    @settings(max_examples=more(40))  # most two conditions have different forms
    @given(conditions(few, 3), conditions(few, 3))
    def check(one: Condition, other: Condition) -> None:
        nonlocal alike
        if one != other and canonical(one) == canonical(other):
            alike += 1
            for value, flag in itertools.product((None, *ENUM), (None, False, True)):
                facts = {name: its for name, its in (("left.enum", value), ("left.flag", flag)) if its is not None}
                assert truth(one, facts) is truth(other, facts)

    check()
    assert alike > 5


@given(conditions(), st.randoms(use_true_random=False), candidates())
def test_shuffling_and_repeating_parts_changes_neither_form_nor_meaning(
    condition: Condition, random, facts: Facts
) -> None:
    def shuffled(part: Condition) -> Condition:
        if isinstance(part, Leaf):
            return part
        parts = [shuffled(inner) for inner in part.parts]
        parts.append(random.choice(parts))
        random.shuffle(parts)
        return type(part)(tuple(parts))

    other = shuffled(condition)
    assert canonical(other) == canonical(condition)
    assert truth(other, facts) is truth(condition, facts)


def test_a_canonical_form_stays_what_it_is_for_digests_rest_on_it() -> None:
    assert canonical(AnyOf((AllOf((A, B)), C, negated(A), Leaf("n", Relation.IN, frozenset({10, 9}))))) == [
        "any",
        [
            ["all", [["leaf", "a", "in", False, ["x"], None], ["leaf", "b", "at_least", False, 1, None]]],
            ["leaf", "a", "in", True, ["x"], None],
            ["leaf", "c", "contains", False, None, "d"],
            ["leaf", "n", "in", False, [10, 9], None],
        ],
    ]
    same = Leaf("a", Relation.EQUALS, None, "b")
    assert canonical(same) == ["leaf", "a", "equals", False, None, "b"]
    assert canonical(TRUE) == ["all", []]


@given(leaf(FIELDS))
def test_a_canonical_form_is_json(one: Leaf) -> None:
    assert json.loads(json.dumps(canonical(one))) == canonical(one)
