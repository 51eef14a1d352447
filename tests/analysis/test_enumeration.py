from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from imagefit.analysis.enumeration import TooManyCases, forced, partial_candidates, reach
from imagefit.budgets import Budget
from imagefit.conditions import AllOf, Condition, Leaf, Relation
from imagefit.evaluators.reference import truth
from imagefit.facts import Facts
from imagefit.supply import set_options
from strategies import FIELDS, candidates, conditions


@given(st.lists(conditions(max_leaves=3), min_size=1, max_size=2), candidates())
def test_whatever_a_candidate_can_show_is_reached(made: list[Condition], facts: Facts) -> None:
    found = reach(made, FIELDS).witnesses
    assert tuple(truth(condition, facts) for condition in made) in found


@given(st.lists(conditions(max_leaves=3), min_size=1, max_size=2), st.booleans())
def test_each_witness_shows_what_it_is_a_witness_of(made: list[Condition], unknown: bool) -> None:
    for truths, facts in reach(made, FIELDS, unknown=unknown).witnesses.items():
        assert tuple(truth(condition, facts) for condition in made) == truths


@given(conditions(max_leaves=3), candidates())
def test_completions_of_a_candidate_include_every_way_to_learn_the_rest(condition: Condition, facts: Facts) -> None:
    some = dict(list(facts.items())[: len(facts) // 2])
    found = reach([condition], FIELDS, unknown=False, given=some).witnesses
    known = truth(condition, facts)
    assume(known is not None)
    assert (known,) in found


@given(conditions(max_leaves=3), candidates())
def test_every_partial_candidate_has_one_with_the_same_completions(condition: Condition, facts: Facts) -> None:
    looked_at = {name for name in facts if name in {n for leaf in _leaves(condition) for n in leaf.facts}}
    kept = {name: facts[name] for name in looked_at}
    every = {name for leaf in _leaves(condition) for name in leaf.facts}
    assume(kept.keys() != every)
    mine = reach([condition], FIELDS, unknown=False, given=kept).witnesses.keys()
    same = [
        other
        for other in partial_candidates([condition], FIELDS)
        if other.keys() == kept.keys()
        and reach([condition], FIELDS, unknown=False, given=other).witnesses.keys() == mine
    ]
    assert same


def _leaves(condition: Condition) -> list[Leaf]:
    return [condition] if isinstance(condition, Leaf) else [leaf for part in condition.parts for leaf in _leaves(part)]


def test_a_comparison_that_can_turn_out_one_way_only_is_forced() -> None:
    contains = Leaf("right.set", Relation.CONTAINS, None, "left.enum")
    assert forced(contains, FIELDS, {"right.set": frozenset()}) is False
    assert forced(contains, FIELDS, {"right.set": frozenset({"a"})}) is None


def test_too_much_is_refused_with_its_size_and_never_cut_short() -> None:
    every = AllOf(tuple(Leaf(name, Relation.EQUALS, True) for name in ("left.flag", "right.flag")))
    with pytest.raises(TooManyCases, match="9 combinations") as raised:
        reach([every], FIELDS, budget=Budget(3))
    assert raised.value.combinations == 9


def test_sets_of_so_many_elements_that_cells_are_cut_short_are_refused() -> None:
    many = [Leaf("left.set", Relation.CONTAINS, f"e{n}") for n in range(14)]
    with pytest.raises(TooManyCases):
        reach(many, FIELDS)


def test_facts_are_written_as_options() -> None:
    facts: Facts = {"a": "x y", "b": frozenset({"k", "m"}), "c": frozenset(), "d": True, "e": 1.5, "f": 7}
    assert set_options(facts) == "--set 'a=x y' --set 'b=k;m' --set 'c=[]' --set d=true --set e=1.5 --set f=7"
