"""A bit for each of many candidates says what the reference evaluator says of each alone, after steps as before."""

from __future__ import annotations

from collections.abc import Mapping
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagefit.columns.stacking import encode_facts
from imagefit.conditions import Leaf, Relation
from imagefit.evaluators.reference import truth
from imagefit.explanations.remedies.effects import applied
from imagefit.facts import Facts, Field
from imagefit.kernel.library import is_compiled
from imagefit.planning import adding
from imagefit.planning.bitrows import sets_of, spread, told_apart
from imagefit.planning.bits import TruthBits
from imagefit.planning.formulas import FALSE, OPEN, TRUE, Formulas, Terms
from imagefit.rulepack.pack import Effect
from strategies import FEW_FIELDS, FIELDS, candidates, conditions, effects, few_candidates, more

SETS = {name: FIELDS[name] for name in ("left.set", "right.set", "left.enum", "right.enum")}


@pytest.mark.parametrize("fields", [FEW_FIELDS, SETS], ids=["few", "sets"])
@settings(max_examples=more(3))
@given(st.data())
def test_each_candidate_has_the_truth_that_it_has_alone(fields: Mapping[str, Field], data: st.DataObject) -> None:
    condition, steps = data.draw(conditions(fields)), data.draw(st.lists(effects(fields), max_size=3))
    rows = data.draw(st.lists(candidates(fields), min_size=1, max_size=9))
    terms = Terms(fields)
    formulas = Formulas(terms)
    bits, changed = TruthBits(encode_facts(rows, fields), formulas), {}
    for step in steps:
        rows, changed = [applied(step, facts) for facts in rows], dict(terms.after(step, changed))
    formula = formulas.of(condition, changed)
    found, said = bits.of(formula), [truth(condition, facts) for facts in rows]
    for row in range(len(rows)):
        assert said[row] is {(1, 0): True, (0, 1): False, (0, 0): None}[found.true >> row & 1, found.false >> row & 1]
    if formula in (TRUE, FALSE, OPEN):
        assert {*said} == {{TRUE: True, FALSE: False, OPEN: None}[formula]}


def test_a_set_contains_what_was_put_into_it_whatever_that_is() -> None:
    rows: list[Facts] = [{"left.set": frozenset("x"), "right.set": frozenset("ab")}, {"left.set": frozenset("a")}]
    terms = Terms(SETS)
    formulas = Formulas(terms)
    changed = terms.after((Effect("left.set", add_from="right.set"), Effect("left.enum", value="a")), {})
    every = Leaf("left.set", Relation.CONTAINS_ALL, None, "right.set")
    some = Leaf("left.set", Relation.CONTAINS_ANY, frozenset("a"))
    with patch("imagefit.planning.bits.with_more", side_effect=AssertionError):  # they need not be put together
        found = TruthBits(encode_facts(rows, SETS), formulas)
        assert found.of(formulas.of(every, changed)) == (1, 0)
        assert found.of(formulas.of(some, changed)) == (1, 0)
    assert formulas.of(Leaf("left.enum", Relation.IN, frozenset("ab")), changed) == TRUE


@pytest.mark.parametrize("compiled", [True, False])
@given(st.integers(1, 150).flatmap(lambda rows: st.tuples(st.just(rows), st.lists(st.integers(0, 2**rows - 1)))))
def test_a_row_of_bits_says_in_which_sets_a_candidate_is(compiled: bool, drawn: tuple[int, list[int]]) -> None:
    rows, sets = drawn
    with patch("imagefit.planning.bitrows.is_compiled", lambda: compiled and is_compiled()):
        found = spread(sets, rows)
    assert [int.from_bytes(row.tobytes(), "little") for row in found] == [
        sum(1 << number for number, each in enumerate(sets) if each >> row & 1) for row in range(rows)
    ]
    assert sets_of(found)[: len(sets)] == sets
    examples, codes = told_apart(found)
    assert np.array_equal(found[examples[codes]], found)
    assert len({found[place].tobytes() for place in examples}) == len(examples)
    assert sorted(examples) == list(examples)


@pytest.mark.parametrize("largest", [adding.LARGEST_TABLE, 0])
@given(st.lists(st.lists(few_candidates(), min_size=1, max_size=5), min_size=1, max_size=3))
def test_sets_of_later_batches_have_more_in_them_as_those_of_the_first_have(
    largest: int, batches: list[list[Facts]]
) -> None:
    whole = encode_facts([facts for rows in batches for facts in rows], FEW_FIELDS)
    effect, start = Effect("left.set", add_from="left.enum"), 0
    if not {"left.set", "left.enum"} <= whole.columns.keys():
        return
    with patch.object(adding, "LARGEST_TABLE", largest):
        for rows in batches:  # all of them share their distinct values
            part = whole.take(np.arange(start, start + len(rows)))
            found = adding.with_more(part.columns["left.set"], part.columns["left.enum"], len(rows))
            after = [applied((effect,), facts).get("left.set") for facts in rows]
            assert [found.value(row) for row in range(len(rows))] == after
            start += len(rows)
