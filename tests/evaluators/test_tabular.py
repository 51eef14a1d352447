"""The tabular evaluator says of every candidate what the reference evaluator says, rule by rule."""

from __future__ import annotations

import itertools
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagefit.conditions import TRUE, AllOf, AnyOf, Condition, Leaf, Relation
from imagefit.evaluators import reference
from imagefit.evaluators.tabular import judge as tabular
from imagefit.evaluators.tabular.splitting import split
from imagefit.evaluators.tabular.tables import compile_rules
from imagefit.facts import Facts
from imagefit.rulepack.pack import Pack
from imagefit.verdicts import VerdictKind
from strategies import FIELDS, candidates, conditions, leaf, pack_of, packs, rule_of


@given(packs(), st.lists(candidates(), min_size=1, max_size=5))
def test_outcomes_and_verdicts_are_those_of_the_reference(pack: Pack, made: list[Facts]) -> None:
    judge, expected = tabular.judge(pack, pack.rules), reference.judge(pack, pack.rules)
    for facts in made:
        assert list(judge(facts)) == list(expected(facts))
        assert judge.verdict(facts) is VerdictKind.of(pack.rules, expected(facts))


@pytest.mark.slow
@given(packs(max_rules=4), candidates(), st.sampled_from((9, 30, 200)), st.sampled_from((9, 60, 4096)))
def test_limits_of_the_tables_change_nothing(pack: Pack, facts: Facts, rule_limit: int, group_limit: int) -> None:
    tables = compile_rules(pack.rules, pack.fields, rule_limit=rule_limit, group_limit=group_limit)
    for group in tables.groups:
        assert len(group.classes) <= max(rule_limit, group_limit)
    assert list(tabular.TabularJudge(tables)(facts)) == list(reference.judge(pack, pack.rules)(facts))


@given(st.lists(conditions(max_leaves=12), min_size=2, max_size=2), candidates())
def test_what_is_split_means_the_same_when_its_parts_are_put_back(made: list[Condition], facts: Facts) -> None:
    names = (f"part {n}" for n in itertools.count())
    *small, parts = split(*made, FIELDS, 9, names)
    truths = {}
    for part in parts:
        truths[part.leaf] = reference.kleene(
            part.condition, lambda lf: truths[lf] if lf in truths else reference.leaf_truth(lf, facts)
        )
    for condition, whole in zip(small, made, strict=True):
        found = reference.kleene(condition, lambda lf: truths[lf] if lf in truths else reference.leaf_truth(lf, facts))
        assert found == reference.truth(whole, facts)


@pytest.mark.slow
@pytest.mark.parametrize("count", [70, 400])
@settings(max_examples=8)
@given(data=st.data())
def test_many_rules_are_judged_like_few(count: int, data: st.DataObject) -> None:
    leaves = data.draw(st.lists(leaf(), min_size=8, max_size=8))
    pairs = itertools.islice(itertools.cycle(itertools.product(leaves, leaves)), count)
    pack = pack_of([rule_of(f"made.rule-{n:03}", *pair) for n, pair in enumerate(pairs)])
    judge, expected = tabular.judge(pack, pack.rules), reference.judge(pack, pack.rules)
    for facts in data.draw(st.lists(candidates(), min_size=5, max_size=20)):
        assert list(judge(facts)) == list(expected(facts))


def test_a_rule_with_thousands_of_cells_is_split_and_not_refused() -> None:
    texts = AnyOf(tuple(Leaf("left.text", Relation.EQUALS, f"t{n}") for n in range(3000)))
    counts = AllOf(tuple(Leaf("left.count", Relation.AT_LEAST, n) for n in range(3000)))
    pack = pack_of([rule_of("made.wide", texts, counts)])
    judge = tabular.judge(pack, pack.rules)
    for facts in ({"left.text": "t2999"}, {"left.text": "t0", "left.count": 2998}, {"left.count": 2999}, {}):
        assert list(judge(facts)) == list(reference.judge(pack, pack.rules)(facts))


def test_rules_that_are_not_the_packs_own_are_judged_as_they_are_given() -> None:
    own = rule_of("made.rule", TRUE, Leaf("left.flag", Relation.EQUALS, True))
    other = rule_of("made.rule", TRUE, Leaf("left.flag", Relation.EQUALS, False))
    pack = pack_of([own])
    facts = {"left.flag": True}
    assert [list(tabular.judge(pack, [rule])(facts)) for rule in (own, other)] == [["pass"], ["fail"]]


def test_one_candidate_is_judged_without_numpy() -> None:
    assert not {"numpy", "pyarrow"} & set(vars(sys.modules["imagefit.evaluators.tabular.judge"]))
