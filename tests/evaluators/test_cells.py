"""Cells: by hand, which values of a fact a few comparisons can tell apart."""

from __future__ import annotations

import itertools
import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefit.conditions import AllOf, AnyOf, Condition, Leaf, Relation, leaves
from imagefit.evaluators.cells import FieldCells, combinations, linked, representatives, scalar_values
from imagefit.evaluators.gaps import room
from imagefit.evaluators.reference import leaf_truth, truth
from imagefit.facts import Facts, Field, FieldType, Scalar, Value, read_value
from imagefit.rulepack.pack import Rule
from strategies import FIELDS, candidates, leaf, rules

ENUM = Field("enum", FieldType.ENUM, ("a", "b", "c"))
OTHER_ENUM = Field("other_enum", FieldType.ENUM, ("b", "c", "d"))
TEXT = Field("text", FieldType.STRING)
OTHER_TEXT = Field("other_text", FieldType.STRING)
FLAG = Field("flag", FieldType.BOOLEAN)
WHOLE = Field("whole", FieldType.INTEGER)
OTHER_WHOLE = Field("other_whole", FieldType.INTEGER)
NUMBER = Field("number", FieldType.NUMBER)
OTHER_NUMBER = Field("other_number", FieldType.NUMBER)
SET = Field("set", FieldType.STRING_SET)
SMALL_SET = Field("small_set", FieldType.STRING_SET, ("a", "b"))
PAIRED = Field("paired", FieldType.STRING_SET, elements="name=value")
OTHER_PAIRED = Field("other_paired", FieldType.STRING_SET, elements="name=value")
SIZE = Field("size", FieldType.INTEGER, at_least=0)
WEIGHT = Field("weight", FieldType.NUMBER, at_least=0.0)
PARTS = Field("parts", FieldType.INTEGER, at_least=7)
BY_NAME = {
    f.name: f
    for f in (ENUM, OTHER_ENUM, TEXT, OTHER_TEXT, FLAG, WHOLE, OTHER_WHOLE, NUMBER, OTHER_NUMBER, SET, SMALL_SET)
} | {f.name: f for f in (SIZE, WEIGHT, PARTS, PAIRED, OTHER_PAIRED)}


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


def test_no_number_is_taken_below_the_least_that_there_is() -> None:
    assert cells(Leaf("size", Relation.AT_LEAST, 0)) == {"size": (0,)}
    assert cells(Leaf("size", Relation.ABOVE, 0)) == {"size": (0, 1)}
    assert cells(Leaf("size", Relation.AT_LEAST, 40)) == {"size": (39, 40)}
    assert cells(Leaf("parts", Relation.EQUALS, 7)) == {"parts": (7, 8)}
    assert cells(Leaf("weight", Relation.AT_LEAST, 5e-324)) == {"weight": (0.0, 5e-324)}
    assert math.copysign(1, cells(Leaf("weight", Relation.AT_LEAST, 5e-324))["weight"][0]) == 1
    assert FieldCells(SIZE, [Leaf("size", Relation.AT_LEAST, 0)]).count == 2  # unknown is one of them


def test_of_numbers_that_are_compared_each_has_its_own_least() -> None:
    above = Leaf("size", Relation.ABOVE, None, "parts")
    for compared in ([above], [above, Leaf("whole", Relation.ABOVE, None, "size")]):
        values = cells(*compared)
        assert min(values["parts"]) == 7
        assert min(values["size"]) >= 0
        assert {True, False} == {truths[0] for truths in reached(*compared)}
    below = Leaf("size", Relation.AT_LEAST, None, "whole")
    assert reached(below, Leaf("whole", Relation.AT_LEAST, 0)) == {(True, True), (False, True), (True, False)}
    assert reached(below, known={"whole": -1}) == {(True,)}
    assert reached(below, known={"whole": 0}) == {(True,)}
    assert reached(below, known={"whole": 1}) == {(True,), (False,)}
    assert reached(below, known={"size": 0}) == {(True,), (False,)}


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


def test_two_texts_that_nothing_names_can_be_equal_and_differ() -> None:
    same = Leaf("text", Relation.EQUALS, None, "other_text")
    assert reached(same) == {(True,), (False,)}
    neither = [Leaf(name, Relation.EQUALS, "a") for name in ("text", "other_text")]
    assert (False, False, False) in reached(same, *neither)


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


@pytest.mark.parametrize("held", [[], ["other=other"], ["a=b", "other=other", "other-1=other-1"]])
def test_a_set_can_lack_an_element_of_another_whatever_that_has(held: list[str]) -> None:
    every = Leaf("paired", Relation.CONTAINS_ALL, None, "other_paired")
    assert reached(every, known={"paired": frozenset(held)}) == {(True,), (False,)}
    assert reached(every, known={"other_paired": frozenset([*held, "a=b"])}) == {(True,), (False,)}


def test_a_fact_may_be_an_element_of_a_set_or_not() -> None:
    inside = Leaf("set", Relation.CONTAINS, None, "text")
    assert reached(inside) == {(True,), (False,)}
    assert reached(inside, Leaf("text", Relation.EQUALS, "a")) == {
        (True, True), (True, False), (False, True), (False, False),
    }  # fmt: skip


def test_what_a_known_fact_is_counts_only_where_the_other_can_be_it() -> None:
    same = Leaf("enum", Relation.EQUALS, None, "other_enum")
    assert cells(same, known={"other_enum": "d"}) == {"enum": ("a",)}
    assert cells(same, known={"other_enum": "b"}) == {"enum": ("b", "a")}


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


@given(rules(max_leaves=4), candidates())
def test_a_representative_is_a_value_of_its_field_and_none_stands_twice(rule: Rule, known: Facts) -> None:
    for name, values in representatives(leaves(rule.violation), FIELDS, known).items():
        assert values
        assert len(set(values)) == len(values)
        assert all(read_value(FIELDS[name], value) == value for value in values)


# -- properties: one field, and literals anywhere ---------------------------------------------------------

SCALARS = (ENUM, TEXT, FLAG, WHOLE, NUMBER, SIZE, WEIGHT, PARTS)
LARGEST_WHOLE, LARGEST_NUMBER = 2**63 - 1, sys.float_info.max


def any_value(field: Field) -> st.SearchStrategy[Scalar]:
    """Any value of a scalar field: often one that is near another, or at the end of what there is."""
    least = -math.inf if field.at_least is None else field.at_least
    return {
        FieldType.ENUM: st.sampled_from(field.values or ("a",)),
        FieldType.STRING: st.sampled_from(("a", "b", "other", "other-1", "0", "")).filter(bool) | st.text(min_size=1),
        FieldType.BOOLEAN: st.booleans(),
        FieldType.INTEGER: st.integers(-3, 4)
        | st.integers(-LARGEST_WHOLE - 1, 2 - LARGEST_WHOLE)
        | st.integers(LARGEST_WHOLE - 3, LARGEST_WHOLE),
        FieldType.NUMBER: st.sampled_from((-1.0, 0.0, 1.0, 1e300, LARGEST_NUMBER, -LARGEST_NUMBER)).flatmap(
            lambda start: st.sampled_from((-math.inf, math.inf)).flatmap(
                lambda way: st.integers(0, 3).map(lambda steps: stepped(start, way, steps))
            )
        ),
    }[field.type].map(lambda value: max(value, least) if field.type.is_ordered else value)


def stepped(number: float, way: float, steps: int) -> float:
    """The finite float that lies so many floats beside another one."""
    for _ in range(steps):
        beside = math.nextafter(number, way)
        number = beside if math.isfinite(beside) else number
    return number


@st.composite
def compared(draw: st.DrawFn, field: Field) -> list[Leaf]:
    """Comparisons of a field with literals."""
    simple = [Relation.EQUALS, *([Relation.AT_LEAST, Relation.ABOVE] if field.type.is_ordered else [])]
    one = st.builds(Leaf, st.just(field.name), st.sampled_from(simple), any_value(field), negated=st.booleans())
    several = st.frozensets(any_value(field), min_size=1, max_size=3)
    among = st.builds(Leaf, st.just(field.name), st.just(Relation.IN), several, negated=st.booleans())
    return draw(st.lists(one | among, min_size=1, max_size=5))


def conditions_over(some: list[Leaf]) -> st.SearchStrategy[Condition]:
    parts = st.lists(st.sampled_from(some), min_size=1, max_size=3).map(tuple)
    return st.one_of(st.sampled_from(some), parts.map(AllOf), parts.map(lambda own: AnyOf((AllOf(own[:1]), *own))))


@given(st.sampled_from(SCALARS), st.data())
def test_no_condition_tells_two_values_of_one_cell_apart(field: Field, data: st.DataObject) -> None:
    own = data.draw(compared(field))
    cells_of_field = FieldCells(field, own)
    condition = data.draw(conditions_over(own))
    first, second = data.draw(any_value(field)), data.draw(any_value(field))
    if cells_of_field.of(first) == cells_of_field.of(second):
        assert truth(condition, {field.name: first}) is truth(condition, {field.name: second})


@given(st.sampled_from(SCALARS), st.data())
def test_every_value_has_a_cell_with_its_truths_and_no_two_cells_have_the_same(
    field: Field, data: st.DataObject
) -> None:
    own = data.draw(compared(field))
    cells_of_field = FieldCells(field, own)
    value = data.draw(any_value(field) | st.sampled_from(sorted({v for leaf in own for v in leaf.literals}, key=repr)))
    cell = cells_of_field.of(value)
    assert 1 <= cell < cells_of_field.count
    assert cells_of_field.truths[cell] == tuple(leaf_truth(leaf, {field.name: value}) for leaf in own)
    assert cells_of_field.truths[0] == (None,) * len(own)
    assert len(set(cells_of_field.truths)) == cells_of_field.count


@given(st.sampled_from(SCALARS), st.data())
def test_every_cell_has_one_representative_which_lies_in_it(field: Field, data: st.DataObject) -> None:
    cells_of_field = FieldCells(field, data.draw(compared(field)))
    found = [cells_of_field.of(value) for value in cells_of_field.representatives]
    assert sorted(found) == list(range(1, cells_of_field.count))
    assert all(read_value(field, value) == value for value in cells_of_field.representatives)


@given(st.sampled_from(SCALARS), st.data())
def test_of_each_value_there_is_one_that_no_comparison_with_the_literals_tells_from_it(
    field: Field, data: st.DataObject
) -> None:
    literals = data.draw(st.sets(any_value(field), max_size=4))
    relations = [Relation.EQUALS, *([Relation.AT_LEAST, Relation.ABOVE] if field.type.is_ordered else [])]
    every = [Leaf(field.name, relation, literal) for relation in relations for literal in literals]

    def truths(value: Value) -> tuple[bool | None, ...]:
        return tuple(leaf_truth(leaf, {field.name: value}) for leaf in every)

    values = scalar_values(field, literals)
    assert truths(data.draw(any_value(field))) in set(map(truths, values))
    assert all(read_value(field, value) == value for value in values)
    if field.type in (FieldType.INTEGER, FieldType.NUMBER, FieldType.STRING):
        assert len(set(map(truths, values))) == len(values)


@pytest.mark.parametrize(
    ("field", "literal", "least", "largest"),
    [
        (WHOLE, -(2**63), -(2**63), -(2**63) + 1),
        (WHOLE, -(2**63) + 1, -(2**63), -(2**63) + 2),
        (WHOLE, 2**63 - 2, 2**63 - 3, 2**63 - 1),
        (WHOLE, 2**63 - 1, 2**63 - 2, 2**63 - 1),
        (NUMBER, stepped(-LARGEST_NUMBER, math.inf, 1), -LARGEST_NUMBER, None),
        (NUMBER, stepped(LARGEST_NUMBER, -math.inf, 1), None, LARGEST_NUMBER),
        (NUMBER, -LARGEST_NUMBER, -LARGEST_NUMBER, None),
        (NUMBER, LARGEST_NUMBER, None, LARGEST_NUMBER),
    ],
)
def test_the_last_number_that_there_is_has_a_cell_and_none_beyond_it(
    field: Field, literal: Value, least: Value | None, largest: Value | None
) -> None:
    values = scalar_values(field, {literal})
    assert least in (None, values[0])
    assert largest in (None, values[-1])
    assert all(read_value(field, value) == value for value in values)


@given(st.sampled_from((WHOLE, NUMBER)), st.data(), st.integers(1, 4))
def test_in_each_gap_are_as_many_numbers_as_are_asked_for_or_as_there_are(
    field: Field, data: st.DataObject, count: int
) -> None:
    literals = data.draw(st.sets(any_value(field), min_size=2, max_size=4))
    values = scalar_values(field, literals, count)
    assert values == sorted(set(values))
    ascending = sorted(literals)
    for low, high in itertools.pairwise(ascending):
        inside = [value for value in values if low < value < high]
        assert len(inside) == room(field, low, high, count)
        if len(inside) < count:  # then they are all that there are
            beside = (lambda n: n + 1) if field is WHOLE else (lambda n: math.nextafter(n, math.inf))
            steps = [low]
            while steps[-1] < high:
                steps.append(beside(steps[-1]))
            assert inside == steps[1:-1]


@given(st.lists(leaf(), min_size=1, max_size=3), candidates(), st.sets(st.sampled_from(sorted(FIELDS))))
def test_whatever_a_candidate_makes_true_some_representatives_make_true(
    some: list[Leaf], facts: Facts, kept: set[str]
) -> None:
    known = {name: value for name, value in facts.items() if name in kept}
    found = {
        tuple(leaf_truth(one, {**known, **chosen}) for one in some)
        for chosen in combinations(representatives(some, FIELDS, known), unknown=True)
    }
    assert tuple(leaf_truth(one, facts) for one in some) in found


def test_facts_that_hang_together_are_one_group_however_they_do() -> None:
    links = [Leaf("a", Relation.EQUALS, None, "b"), Leaf("c", Relation.EQUALS, None, "d")]
    assert linked("abcde", links) == [["a", "b"], ["c", "d"], ["e"]]
    assert linked("abcde", [*links, Leaf("d", Relation.EQUALS, None, "b")]) == [["c", "d", "a", "b"], ["e"]]
