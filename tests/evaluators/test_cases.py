"""Candidates of one case miss the same facts, so that each case is explained once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from imagefit.conditions import Leaf, Relation, leaves
from imagefit.evaluators.cases import UnknownCases
from imagefit.evaluators.encoding import Encoder
from imagefit.evaluators.reference import outcome
from imagefit.facts import Facts, Field, FieldType, Value
from imagefit.missing import missing_of_rule, missing_of_verdict
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


def values(field: Field) -> st.SearchStrategy[Value]:
    texts = st.sampled_from(("a", "p", "q", "r"))
    if field.type is FieldType.ENUM:
        return st.sampled_from(field.values)
    return texts if field.type is FieldType.STRING else st.frozensets(texts, max_size=3)


candidates = st.fixed_dictionaries({}, optional={name: values(field) for name, field in JOINED.items()})
joined_rules = rules(fields=JOINED, max_leaves=3)


def leaves_of(rule: Rule) -> list[Leaf]:
    return [*leaves(rule.when), *leaves(rule.require)]


@given(joined_rules, st.lists(candidates, min_size=20, max_size=60))
def test_a_rule_misses_the_same_facts_in_all_candidates_of_a_case(rule: Rule, some: list[Facts]) -> None:
    cases = UnknownCases(leaves_of(rule), leaves_of(rule), JOINED)
    seen: dict[Hashable, tuple[str, ...]] = {}
    for facts in some:
        missing = missing_of_rule(rule, facts, JOINED)
        assert seen.setdefault(cases.key(facts), missing) == missing


@given(st.lists(joined_rules, min_size=2, max_size=3), st.lists(candidates, min_size=20, max_size=60))
def test_rules_together_miss_the_same_facts_where_each_is_in_the_same_case(made: list[Rule], some: list[Facts]) -> None:
    every = [leaf for rule in made for leaf in leaves_of(rule)]
    cases = [UnknownCases(leaves_of(rule), every, JOINED) for rule in made]
    seen: dict[Hashable, tuple[str, ...]] = {}
    for facts in some:
        outcomes = [outcome(rule, facts) for rule in made]
        if Outcome.FAIL in outcomes or Outcome.UNKNOWN not in outcomes:
            continue
        undecided = [place for place, own in enumerate(outcomes) if own is Outcome.UNKNOWN]
        key = tuple((place, cases[place].key(facts)) for place in undecided)
        missing = missing_of_verdict([made[place] for place in undecided], facts, JOINED)
        assert seen.setdefault(key, missing) == missing


@given(joined_rules, st.lists(candidates, min_size=1, max_size=20))
def test_rows_of_one_case_are_candidates_of_one_case(rule: Rule, some: list[Facts]) -> None:
    cases = UnknownCases(leaves_of(rule), leaves_of(rule), JOINED)
    table = pa.Table.from_pylist([{name: _plain(facts.get(name)) for name in JOINED} for facts in some])
    found = cases.of(Encoder(JOINED).encode(table).part(pa.array(range(len(some))).to_numpy(), cases.facts))
    codes = [0] * len(some) if found is None else found.codes.tolist()
    seen: dict[int, Hashable] = {}
    for code, facts in zip(codes, some, strict=True):
        assert seen.setdefault(code, cases.key(facts)) == cases.key(facts)


def test_which_account_it_is_does_not_matter_but_whether_it_is_among_the_recipients() -> None:
    def key(owner: str, *recipients: str) -> Hashable:
        return cases.key({"image.owner": owner, "image.recipients": frozenset(recipients)})

    every = [
        Leaf("image.owner", Relation.EQUALS, None, "ecs.account"),
        Leaf("image.recipients", Relation.CONTAINS, None, "ecs.account"),
    ]
    cases = UnknownCases(every, every, JOINED)
    assert key("p", "q", "r") == key("t", "u", "v") != key("p", "p", "r")


def _plain(value: Value | None) -> object:
    return sorted(value) if isinstance(value, frozenset) else value
