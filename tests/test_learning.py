"""What is known of conditions while facts are learned one after the other, and the few values that searches try."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import strategies as s
from imagefit.conditions import Condition, Leaf, Relation
from imagefit.evaluators.cells import a_few_values
from imagefit.evaluators.reference import leaf_truth, truth
from imagefit.explanations.missing.forcing import has_both_truths
from imagefit.explanations.missing.learnedinorder import Learning, first_of
from imagefit.facts import Facts, Field, FieldType
from strategies import more

TEXTS = [f"t{n}" for n in range(1_000)]


@given(s.conditions(max_leaves=9), s.candidates(), s.candidates())
def test_a_condition_has_the_truth_that_the_reference_gives_it_after_each_fact(
    condition: Condition, known: Facts, more: Facts
) -> None:
    learned = [(name, value) for name, value in more.items() if name not in known]
    true, false = Learning(known, learned).truth(condition)
    for count in range(len(learned) + 1):
        is_so = truth(condition, {**known, **dict(learned[:count])})
        assert (true >> count & 1, false >> count & 1) == (is_so is True, is_so is False)


@pytest.mark.parametrize(("bits", "count"), [(0, None), (1, None), (0b110, 1), (0b1001, 3), (-1 << 2, 2), (-1, 1)])
def test_the_first_count_is_one_at_least(bits: int, count: int | None) -> None:
    assert first_of(bits) == count


@settings(max_examples=more(4))
@given(st.lists(s.leaf(), min_size=1, max_size=4))
def test_among_a_few_values_there_is_one_for_each_truth_that_a_comparison_plainly_has(own: list[Leaf]) -> None:
    own = [leaf for leaf in own if leaf.other is None]
    for leaf in own:
        if has_both_truths(leaf, s.FIELDS, {}):
            values = a_few_values(s.FIELDS[leaf.fact], [it for it in own if it.fact == leaf.fact], s.FIELDS)
            assert {leaf_truth(leaf, {leaf.fact: value}) for value in values} == {True, False}


@pytest.mark.parametrize(
    ("field", "operand"),
    [
        (Field("f", FieldType.STRING), frozenset(TEXTS)),
        (Field("f", FieldType.STRING), frozenset(TEXTS) | {"other", "other-1"}),
        (Field("f", FieldType.ENUM, (*TEXTS, "last")), frozenset(TEXTS)),
        (Field("f", FieldType.ENUM, ("first", *TEXTS)), frozenset(TEXTS[900:])),
        (Field("f", FieldType.INTEGER), frozenset(range(1_000))),
        (Field("f", FieldType.NUMBER), frozenset(n / 7 for n in range(1_000))),
    ],
)
def test_of_a_long_list_few_values_are_made_and_yet_one_that_is_in_it_and_one_that_is_not(
    field: Field, operand: frozenset[str] | frozenset[float]
) -> None:
    leaf = Leaf("f", Relation.IN, operand)  # type: ignore[arg-type]
    values = a_few_values(field, [leaf], {"f": field})
    assert len(values) < 100
    assert {leaf_truth(leaf, {"f": value}) for value in values} == {True, False}


def test_of_long_enums_that_are_compared_a_value_is_made_that_both_have() -> None:
    one = Field("one", FieldType.ENUM, tuple(f"v{n}" for n in range(5_000)))
    other = Field("other", FieldType.ENUM, tuple(f"v{n}" for n in range(4_000, 9_000)))
    leaf, fields = Leaf("one", Relation.EQUALS, None, "other"), {"one": one, "other": other}
    values, others = (frozenset(a_few_values(field, [leaf], fields)) for field in (one, other))
    assert values & others and values - others and len(values | others) < 200


def test_of_a_set_of_many_elements_few_large_ones_are_made() -> None:
    field = Field("f", FieldType.STRING_SET, values=tuple(TEXTS))
    own = [Leaf("f", Relation.CONTAINS, text) for text in TEXTS[:3]] + [
        Leaf("f", Relation.CONTAINS_ANY, frozenset(TEXTS))
    ]
    values = a_few_values(field, own, {"f": field})
    assert len(values) < 100
    for leaf in own:
        assert {leaf_truth(leaf, {"f": value}) for value in values} == {True, False}
