"""Candidates of one case miss the same facts, so that each case is explained once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefit.budgets import Budget
from imagefit.columns.encoding import Encoder
from imagefit.conditions import Leaf, Relation, leaves
from imagefit.evaluators.reference import outcome
from imagefit.explanations.cases.rowcases import UnknownCases
from imagefit.explanations.missing.ofrule import Looks, Missing, missing_of_rule
from imagefit.explanations.missing.ofverdict import missing_of_verdict
from imagefit.explanations.truths.linkedfacts import linked_facts
from imagefit.facts import Facts, Field, FieldType, Value
from imagefit.rulepack.pack import Outcome, Rule
from strategies import rules

JOINED: Mapping[str, Field] = {
    f.name: f
    for f in (
        Field("image.owner", FieldType.STRING),
        Field("image.sharer", FieldType.STRING),
        Field("image.recipients", FieldType.STRING_SET),
        Field("ecs.account", FieldType.STRING),
        Field("ecs.others", FieldType.STRING_SET),
        Field("ecs.kind", FieldType.ENUM, ("a", "b")),
    )
}
"""Few facts that rules compare all the time; rules name the texts a, b, x."""

ORDERED: Mapping[str, Field] = {
    f.name: f
    for f in (
        Field("image.memory", FieldType.INTEGER),
        Field("image.most", FieldType.INTEGER),
        Field("ecs.memory", FieldType.INTEGER),
        Field("image.size", FieldType.NUMBER),
        Field("ecs.size", FieldType.NUMBER),
    )
}
"""The same of numbers; rules name -3, 0, 1, 2, 7 and -0.5, 0, 1, 1.5, 7.25."""

LEAST, NEXT = 5e-324, 1e-323


def values(field: Field) -> st.SearchStrategy[Value]:
    texts = st.sampled_from(("a", "p", "q", "r"))
    if field.type is FieldType.ENUM:
        return st.sampled_from(field.values)
    if field.type is FieldType.INTEGER:
        return st.sampled_from((-(2**63), 1, 2, 3, 4, 5, 30, 40, 2**63 - 2, 2**63 - 1))
    if field.type is FieldType.NUMBER:
        return st.sampled_from((-1.7976931348623157e308, LEAST, NEXT, 3.0, 4.0, 1.7976931348623157e308))
    return texts if field.type is FieldType.STRING else st.frozensets(texts, max_size=3)


def candidates(fields: Mapping[str, Field]) -> st.SearchStrategy[list[Facts]]:
    one = st.fixed_dictionaries({}, optional={name: values(field) for name, field in fields.items()})
    return st.lists(one, min_size=20, max_size=60)


@st.composite
def made(draw: st.DrawFn, most: int) -> tuple[list[Rule], list[Facts], Mapping[str, Field]]:
    """Rules and candidates of one of the two vocabularies."""
    fields = draw(st.sampled_from((JOINED, ORDERED)))
    some = draw(st.lists(rules(fields=fields, max_leaves=3), min_size=1, max_size=most))
    return [replace(rule, id=f"made.rule-{n}") for n, rule in enumerate(some)], draw(candidates(fields)), fields


def leaves_of(rule: Rule) -> list[Leaf]:
    return [*leaves(rule.when), *leaves(rule.require)]


@pytest.mark.slow
@given(made(1))
def test_a_rule_misses_the_same_facts_in_all_candidates_of_a_case(
    given: tuple[list[Rule], list[Facts], Mapping[str, Field]],
) -> None:
    (rule,), some, fields = given
    cases = UnknownCases(leaves_of(rule), linked_facts(leaves_of(rule), fields), fields)
    seen: dict[Hashable, Missing] = {}
    for facts in some:
        missing = missing_of_rule(rule, facts, Looks(fields), Budget())
        assert seen.setdefault(cases.key(facts), missing) == missing


@pytest.mark.slow
@given(made(3))
def test_rules_together_miss_the_same_facts_where_each_is_in_the_same_case(
    given: tuple[list[Rule], list[Facts], Mapping[str, Field]],
) -> None:
    several, some, fields = given
    every = [leaf for rule in several for leaf in leaves_of(rule)]
    cases = [UnknownCases(leaves_of(rule), linked_facts(every, fields), fields) for rule in several]
    seen: dict[Hashable, Missing] = {}
    for facts in some:
        outcomes = [outcome(rule, facts) for rule in several]
        if Outcome.FAIL in outcomes or Outcome.UNKNOWN not in outcomes:
            continue
        undecided = [place for place, own in enumerate(outcomes) if own is Outcome.UNKNOWN]
        key = tuple((place, cases[place].key(facts)) for place in undecided)
        missing = missing_of_verdict([several[p] for p in undecided], facts, Looks(fields), Budget())
        assert seen.setdefault(key, missing) == missing


@pytest.mark.slow
@given(made(1))
def test_rows_of_one_case_are_candidates_of_one_case(
    given: tuple[list[Rule], list[Facts], Mapping[str, Field]],
) -> None:
    (rule,), some, fields = given
    cases = UnknownCases(leaves_of(rule), linked_facts(leaves_of(rule), fields), fields)
    table = pa.Table.from_pylist([{name: _plain(facts.get(name)) for name in fields} for facts in some])
    found = cases.of(Encoder(fields).encode(table).part(np.arange(len(some)), cases.facts))
    codes = [0] * len(some) if found is None else found.codes.tolist()
    seen: dict[int, Hashable] = {}
    for code, facts in zip(codes, some, strict=True):
        assert seen.setdefault(code, cases.key(facts)) == cases.key(facts)


@pytest.mark.slow
@given(made(1), st.integers(1, 4), st.booleans())
def test_rows_of_one_key_are_candidates_of_one_case_in_whichever_batch_they_are(
    given: tuple[list[Rule], list[Facts], Mapping[str, Field]], size: int, is_moved: bool
) -> None:
    (rule,), some, fields = given
    cases = UnknownCases(leaves_of(rule), linked_facts(leaves_of(rule), fields), fields)
    seen: dict[Hashable, Hashable] = {}
    for of in (some, some[1:]) if is_moved else (some,):
        for start in range(0, len(of), size):
            batch = of[start : start + size]
            table = pa.Table.from_pylist([{name: _plain(facts.get(name)) for name in fields} for facts in batch])
            codes, examples, keys = cases.keyed(Encoder(fields).encode(table).part(np.arange(len(batch)), cases.facts))
            assert codes[examples].tolist() == list(range(len(keys)))
            for code, facts in zip(codes.tolist(), batch, strict=True):
                assert seen.setdefault(keys[code], cases.key(facts)) == cases.key(facts)


def test_which_account_it_is_does_not_matter_but_whether_it_is_among_the_recipients() -> None:
    def key(owner: str, *recipients: str) -> Hashable:
        return cases.key({"image.owner": owner, "image.recipients": frozenset(recipients)})

    every = [
        Leaf("image.owner", Relation.EQUALS, None, "ecs.account"),
        Leaf("image.recipients", Relation.CONTAINS, None, "ecs.account"),
    ]
    cases = UnknownCases(every, linked_facts(every, JOINED), JOINED)
    assert key("p", "q", "r") == key("t", "u", "v") != key("p", "p", "r")


def test_how_much_memory_it_is_does_not_matter_but_whether_it_is_above_the_limit() -> None:
    every = [
        Leaf("image.most", Relation.ABOVE, 0),
        Leaf("ecs.memory", Relation.ABOVE, None, "image.most"),
    ]
    cases = UnknownCases(every, linked_facts(every, ORDERED), ORDERED)
    assert cases.key({"ecs.memory": 4096}) == cases.key({"ecs.memory": 8192}) != cases.key({"ecs.memory": 0})


def _plain(value: Value | None) -> object:
    return sorted(value) if isinstance(value, frozenset) else value
