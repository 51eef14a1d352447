"""Cells: by hand, which values of a fact a few comparisons can tell apart."""

from __future__ import annotations

import math
import sys

import pytest
from hypothesis import given

from imagefit.conditions import Leaf, Relation, leaves
from imagefit.evaluators.cells import combinations, representatives
from imagefit.evaluators.reference import leaf_truth
from imagefit.facts import Field, FieldType, Value, read_value
from imagefit.rulepack.pack import Rule
from strategies import FIELDS, rules

ENUM = Field("enum", FieldType.ENUM, ("a", "b", "c"))
OTHER_ENUM = Field("other_enum", FieldType.ENUM, ("b", "c", "d"))
TEXT = Field("text", FieldType.STRING)
FLAG = Field("flag", FieldType.BOOLEAN)
WHOLE = Field("whole", FieldType.INTEGER)
OTHER_WHOLE = Field("other_whole", FieldType.INTEGER)
NUMBER = Field("number", FieldType.NUMBER)
OTHER_NUMBER = Field("other_number", FieldType.NUMBER)
SET = Field("set", FieldType.STRING_SET)
SMALL_SET = Field("small_set", FieldType.STRING_SET, ("a", "b"))
BY_NAME = {f.name: f for f in (ENUM, OTHER_ENUM, TEXT, FLAG, WHOLE, OTHER_WHOLE, NUMBER, OTHER_NUMBER, SET, SMALL_SET)}


def cells(*compared: Leaf, known: dict[str, Value] | None = None) -> dict[str, tuple[Value, ...]]:
    return representatives(compared, BY_NAME, known)


def reached(*compared: Leaf, known: dict[str, Value] | None = None) -> set[tuple[bool | None, ...]]:
    """The combinations of truths that the representatives reach."""
    known = known or {}
    return {
        tuple(leaf_truth(leaf, {**known, **facts}) for leaf in compared)
        for facts in combinations(representatives(compared, BY_NAME, known))
    }


def test_values_that_no_leaf_tells_apart_are_one_cell() -> None:
    assert cells(Leaf("enum", Relation.EQUALS, "a")) == {"enum": ("a", "b")}
    assert cells(Leaf("enum", Relation.IN, frozenset("ab"))) == {"enum": ("a", "c")}
    assert cells(Leaf("enum", Relation.IN, frozenset("abc"))) == {"enum": ("a",)}
    assert len(cells(Leaf("enum", Relation.EQUALS, "a"), Leaf("enum", Relation.EQUALS, "b"))["enum"]) == 3


def test_text_that_no_leaf_names_is_a_cell_of_its_own() -> None:
    named, other = cells(Leaf("text", Relation.EQUALS, "x"))["text"]
    assert named == "x"
    assert other != "x"
    (other, named) = sorted(cells(Leaf("text", Relation.EQUALS, "other"))["text"], key=lambda text: text == "other")
    assert other != named


def test_a_boolean_has_two_cells() -> None:
    assert cells(Leaf("flag", Relation.EQUALS, True)) == {"flag": (False, True)}


@pytest.mark.parametrize(
    ("compared", "expected"),
    [
        ([Leaf("whole", Relation.AT_LEAST, 40)], {(True,), (False,)}),
        ([Leaf("whole", Relation.AT_LEAST, -(2**63))], {(True,)}),
        ([Leaf("whole", Relation.ABOVE, 2**63 - 1)], {(False,)}),
        ([Leaf("whole", Relation.AT_LEAST, 2**63 - 1)], {(True,), (False,)}),
        (
            [Leaf("whole", Relation.ABOVE, 1), Leaf("whole", Relation.AT_LEAST, 2)],  # nothing lies between 1 and 2
            {(True, True), (False, False)},
        ),
        (
            [Leaf("number", Relation.ABOVE, 1.0), Leaf("number", Relation.AT_LEAST, 2.0)],
            {(True, True), (True, False), (False, False)},
        ),
        (
            [Leaf("number", Relation.ABOVE, 1.0), Leaf("number", Relation.AT_LEAST, math.nextafter(1.0, 2))],
            {(True, True), (False, False)},
        ),
        (
            [Leaf("number", Relation.EQUALS, -sys.float_info.max), Leaf("number", Relation.EQUALS, sys.float_info.max)],
            {(True, False), (False, True), (False, False)},
        ),
        ([Leaf("number", Relation.ABOVE, sys.float_info.max)], {(False,)}),
        ([Leaf("number", Relation.AT_LEAST, 1e300)], {(True,), (False,)}),
        (
            [Leaf("number", Relation.ABOVE, 0.0), Leaf("number", Relation.AT_LEAST, 5e-324)],
            {(True, True), (False, False)},
        ),
        (
            [Leaf("whole", Relation.EQUALS, 1), Leaf("whole", Relation.EQUALS, 3)],
            {(True, False), (False, True), (False, False)},
        ),
    ],
)
def test_numbers_are_taken_at_the_constants_and_between_them(
    compared: list[Leaf], expected: set[tuple[bool, ...]]
) -> None:
    assert reached(*compared) == expected


def test_a_number_that_nothing_is_compared_with_has_one_cell() -> None:
    assert len(cells(Leaf("whole", Relation.EQUALS, None, "other_whole"))["whole"]) == 2


def test_facts_that_are_compared_with_each_other_can_be_equal_above_and_below() -> None:
    for fact, other in (("whole", "other_whole"), ("number", "other_number")):
        compared = [Leaf(fact, Relation.AT_LEAST, None, other), Leaf(fact, Relation.EQUALS, None, other)]
        assert reached(*compared) == {(True, True), (True, False), (False, False)}
        bounded = [*compared, Leaf(fact, Relation.ABOVE, 10), Leaf(other, Relation.ABOVE, 10)]
        assert (True, False, True, True) in reached(*bounded)  # two values above the constant
        assert (True, False, False, False) in reached(*bounded)  # and two that are not


def test_enums_that_are_compared_with_each_other_can_be_equal_where_they_have_a_value_in_common() -> None:
    same = Leaf("enum", Relation.EQUALS, None, "other_enum")
    assert reached(same) == {(True,), (False,)}
    assert reached(same, Leaf("enum", Relation.EQUALS, "a")) == {(True, False), (False, False), (False, True)}
    assert reached(same, Leaf("other_enum", Relation.EQUALS, "d")) == {(True, False), (False, False), (False, True)}


def test_an_enum_and_a_text_can_be_equal_and_differ() -> None:
    assert reached(Leaf("enum", Relation.EQUALS, None, "text")) == {(True,), (False,)}
    compared = [Leaf("enum", Relation.EQUALS, None, "text"), Leaf("text", Relation.EQUALS, "unheard-of")]
    assert reached(*compared) == {(True, False), (False, False), (False, True)}


def test_sets_are_taken_with_and_without_what_is_looked_for() -> None:
    looked = [Leaf("set", Relation.CONTAINS, "a"), Leaf("set", Relation.CONTAINS, "b")]
    assert reached(*looked) == {(True, True), (True, False), (False, True), (False, False)}
    any_and_all = [
        Leaf("set", Relation.CONTAINS_ANY, frozenset("ab")),
        Leaf("set", Relation.CONTAINS_ALL, frozenset("ab")),
    ]
    assert reached(*any_and_all) == {(True, True), (True, False), (False, False)}
    assert reached(Leaf("small_set", Relation.CONTAINS_ANY, frozenset({"x"}))) == {(False,)}


def test_sets_that_are_compared_with_each_other_can_share_and_not_share_elements() -> None:
    compared = [
        Leaf("set", Relation.CONTAINS_ANY, None, "small_set"),
        Leaf("set", Relation.CONTAINS_ALL, None, "small_set"),
    ]
    assert reached(*compared) == {(True, True), (True, False), (False, True), (False, False)}


def test_a_fact_may_be_an_element_of_a_set_or_not() -> None:
    inside = Leaf("set", Relation.CONTAINS, None, "text")
    assert reached(inside) == {(True,), (False,)}
    assert reached(inside, Leaf("text", Relation.EQUALS, "a")) == {
        (True, True), (True, False), (False, True), (False, False),
    }  # fmt: skip


def test_a_known_fact_counts_as_a_constant() -> None:
    above = Leaf("whole", Relation.ABOVE, None, "other_whole")
    assert reached(above, known={"other_whole": 2**63 - 1}) == {(False,)}
    assert reached(above, known={"whole": -(2**63)}) == {(False,)}
    assert set(cells(above, known={"other_whole": 7})) == {"whole"}
    assert cells(above, known={"other_whole": 7, "whole": 8}) == {}
    inside = Leaf("set", Relation.CONTAINS, None, "text")
    assert reached(inside, known={"set": frozenset({"x"})}) == {(True,), (False,)}
    assert reached(inside, known={"set": frozenset()}) == {(False,)}


def test_facts_come_in_the_order_of_first_mention() -> None:
    compared = [Leaf("whole", Relation.ABOVE, None, "other_whole"), Leaf("flag", Relation.EQUALS, True)]
    assert list(cells(*compared)) == ["whole", "other_whole", "flag"]
    assert list(cells(*reversed(compared))) == ["flag", "whole", "other_whole"]
    assert cells() == {}


def test_combinations_are_all_of_them_and_unknown_is_one_more_choice() -> None:
    values = {"a": (1, 2), "b": (True,)}
    assert list(combinations(values)) == [{"a": 1, "b": True}, {"a": 2, "b": True}]
    assert list(combinations(values, unknown=True)) == [
        {}, {"b": True}, {"a": 1}, {"a": 1, "b": True}, {"a": 2}, {"a": 2, "b": True},
    ]  # fmt: skip
    assert list(combinations({})) == [{}]


@given(rules(max_leaves=4))
def test_a_representative_is_a_value_of_its_field_and_none_stands_twice(rule: Rule) -> None:
    for name, values in representatives(leaves(rule.violation), FIELDS).items():
        assert values
        assert len(set(values)) == len(values)
        assert all(read_value(FIELDS[name], value) == value for value in values)
