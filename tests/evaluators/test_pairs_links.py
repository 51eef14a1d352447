"""The building blocks of cross products: bits, relations between values, values that are told apart."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from imagefit.columns.encoding import Encoder
from imagefit.conditions import Leaf, Relation
from imagefit.evaluators.pairs.bits import (
    bits_of,
    count_bits,
    count_columns,
    one_hot,
    pack_bits,
    positions,
    width,
)
from imagefit.evaluators.pairs.links import link_values
from imagefit.evaluators.pairs.sets import Lists, Sets
from imagefit.evaluators.pairs.values import present_values, told_apart
from imagefit.evaluators.reference import RELATIONS, leaf_truth
from imagefit.facts import Facts, Value
from rowtables import table_of
from strategies import ELEMENTS, FIELDS, candidates, leaf

texts = st.sampled_from(("a", "b", "x", "ö"))
numbers = st.integers(-3, 3) | st.sampled_from((2**53 + 1, 2**53, -(2**63), 2**63 - 1))
floats = st.sampled_from((-1.5, 0.0, 0.1, 1e300))
sets = st.frozensets(st.sampled_from((*ELEMENTS, "y", "z")))


@st.composite
def relations(draw: st.DrawFn) -> tuple[Relation, list[Value], list[Value]]:
    """A relation with distinct first and second operands."""
    relation = draw(st.sampled_from([r for r in Relation if r is not Relation.IN]))
    if relation is Relation.EQUALS:
        first = second = draw(st.sampled_from((texts, numbers, floats)))
    elif relation in (Relation.AT_LEAST, Relation.ABOVE):
        first = second = draw(st.sampled_from((numbers, floats)))
    else:
        first, second = sets, texts if relation is Relation.CONTAINS else sets
    return relation, draw(st.lists(first, unique=True)), draw(st.lists(second, unique=True))


@given(relations(), st.data())
def test_a_link_says_of_each_row_and_lane_what_the_relation_says(
    made: tuple[Relation, list[Value], list[Value]], data: st.DataObject
) -> None:
    relation, firsts, seconds = made
    is_row_first = data.draw(st.booleans())
    rows, lanes = (firsts, seconds) if is_row_first else (seconds, firsts)
    codes = np.array(data.draw(st.lists(st.integers(0, len(lanes)), max_size=130)), dtype=np.int64)
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=5)) if rows else []
    link = link_values(relation, rows, lanes, is_row_first=is_row_first)
    cells, back = np.unique(link.cells[np.array(chosen, dtype=np.intp)], return_inverse=True)
    found = bits_of(link.over(codes)(cells), len(codes))[back]
    assert link.cells.max(initial=0) < link.kinds
    for row, bits in zip(chosen, found, strict=True):
        for code, bit in zip(codes.tolist(), bits.tolist(), strict=True):
            if code:  # what an unknown lane's bit is does not matter
                operands = (rows[row], lanes[code - 1]) if is_row_first else (lanes[code - 1], rows[row])
                assert bool(bit) is RELATIONS[relation](*operands)


@given(relations(), st.lists(sets))
def test_sets_by_their_elements_are_the_sets(
    made: tuple[Relation, list[Value], list[Value]], values: list[Value]
) -> None:
    relation, _, operands = made
    found = Sets.of(values)
    assert [*found] == values
    assert [found[number] for number in range(len(found))] == values
    if "contains" in relation:
        for operand in operands:
            assert found.contain(relation, operand).tolist() == [RELATIONS[relation](v, operand) for v in values]


@given(st.lists(st.lists(st.integers(0, 4), max_size=5)))
def test_lists_are_told_apart_by_the_items_that_are_in_them(values: list[list[int]]) -> None:
    items = np.array([item for own in values for item in own], np.int64)
    owners = np.repeat(np.arange(len(values)), [*map(len, values)])
    of_each, lists = Lists.told_apart(owners, items, len(values), 5)
    found = [lists.take(np.array([number]))[0].tolist() for number in of_each.tolist()]
    assert found == [sorted(set(own)) for own in values]
    assert len(lists.lengths) == len({tuple(own) for own in found})


@given(leaf(), st.lists(candidates(), min_size=1, max_size=6))
def test_a_value_stands_for_all_that_a_leaf_does_not_tell_apart(of: Leaf, rows: list[Facts]) -> None:
    columns = Encoder(FIELDS).encode(table_of(rows)).columns
    if of.fact not in columns or of.other is not None:
        return
    assert of.operand is not None
    operand = of.operand if isinstance(of.operand, frozenset) else {of.operand}
    found = told_apart(columns[of.fact], operand)
    assert found.values[0] is None
    for code, facts in zip(found.codes.tolist(), rows, strict=True):
        value = found.values[code]
        assert leaf_truth(of, {} if value is None else {of.fact: value}) is leaf_truth(of, facts)


@given(st.lists(candidates(), max_size=6))
def test_present_values_are_the_values_that_occur_each_once(rows: list[Facts]) -> None:
    for name, column in Encoder(FIELDS).encode(table_of(rows)).columns.items():
        found = present_values(column)
        assert [found.values[code] for code in found.codes] == [facts.get(name) for facts in rows]
        assert len(set(found.values)) == len(found.values)


flags = st.integers(0, 5).flatmap(
    lambda rows: st.integers(0, 200).flatmap(
        lambda bits: st.lists(st.lists(st.booleans(), min_size=bits, max_size=bits), min_size=rows, max_size=rows).map(
            lambda found: np.array(found, dtype=np.bool_).reshape(rows, bits)
        )
    )
)


@given(flags)
def test_bits_come_out_as_they_went_in(found: np.ndarray) -> None:
    words = pack_bits(found)
    assert words.shape == (len(found), width(found.shape[1]))
    assert np.array_equal(bits_of(words, found.shape[1]), found)
    assert count_bits(words).tolist() == found.sum(axis=1).tolist()
    assert count_columns(words)[: found.shape[1]].tolist() == found.sum(axis=0).tolist()
    assert np.array_equal(np.stack(positions(words)), np.stack(np.nonzero(found)))


def test_many_rows_are_counted_exactly() -> None:
    found = np.random.default_rng(1).random((2500, 70)) < 0.9
    assert count_columns(pack_bits(found))[:70].tolist() == found.sum(axis=0).tolist()


@given(st.lists(st.integers(0, 4), max_size=150))
def test_one_hot_has_a_row_for_each_code(codes: list[int]) -> None:
    words = one_hot(np.array(codes, dtype=np.intp), 5)
    assert bits_of(words, len(codes)).tolist() == [[int(code == kind) for code in codes] for kind in range(5)]
