"""Batches are judged as the reference evaluator judges their rows, however Arrow holds them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefit.columns.encoding import Encoder
from imagefit.evaluators import reference
from imagefit.evaluators.tabular import leafcolumns, setwords
from imagefit.evaluators.tabular.batches import BatchJudge, LookedUp
from imagefit.evaluators.tabular.tables import compile_rules
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack
from imagefit.supply import Supply
from rowtables import distinct_texts, table_of
from strategies import FIELDS, candidates, leaf, pack_of, packs, rule_of


def judged(pack: Pack, table: pa.Table, given: Facts | None = None, **limits: int) -> LookedUp:
    tables = compile_rules(pack.rules, pack.fields, **limits)
    return BatchJudge(tables).judge(Encoder(FIELDS, Supply(given or {})).encode(table))


@given(packs(), st.lists(candidates(), max_size=8), st.booleans(), st.sampled_from(((9, 9), (1024, 4096))))
def test_outcomes_are_those_of_the_reference(
    pack: Pack, rows: list[Facts], dictionaries: bool, limits: tuple[int, int]
) -> None:
    table = table_of(rows, dictionaries=dictionaries)
    found = judged(pack, table, rule_limit=limits[0], group_limit=limits[1])
    expected = reference.judge(pack, pack.rules)
    assert [found.outcomes(row) for row in range(len(rows))] == [list(expected(facts)) for facts in rows]


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(packs(), st.lists(candidates(), max_size=8), st.booleans(), st.sampled_from((0, setwords.MOST_ELEMENTS)))
def test_pairs_too_many_for_a_table_are_compared_as_words_or_one_by_one(
    monkeypatch: pytest.MonkeyPatch, pack: Pack, rows: list[Facts], dictionaries: bool, most_elements: int
) -> None:
    monkeypatch.setattr(leafcolumns, "LARGEST_TABLE", 0)
    monkeypatch.setattr(setwords, "MOST_ELEMENTS", most_elements)
    found = judged(pack, table_of(rows, dictionaries=dictionaries))
    expected = reference.judge(pack, pack.rules)
    assert [found.outcomes(row) for row in range(len(rows))] == [list(expected(facts)) for facts in rows]


@pytest.mark.slow
@given(packs(), st.lists(candidates(), min_size=1, max_size=5), candidates(), st.sets(st.sampled_from(list(FIELDS))))
def test_facts_that_are_the_same_in_all_rows_are_judged_alike(
    pack: Pack, rows: list[Facts], given_facts: Facts, absent: set[str]
) -> None:
    found = judged(pack, table_of(rows).drop_columns(sorted(absent)), given_facts)
    for row, facts in enumerate(rows):
        known = {name: value for name, value in facts.items() if name not in absent} | dict(given_facts)
        assert found.outcomes(row) == list(reference.judge(pack, pack.rules)(known))


@pytest.mark.slow
@given(packs(), st.lists(candidates(), max_size=8))
def test_levels_and_masks_say_what_the_outcomes_say(pack: Pack, rows: list[Facts]) -> None:
    found = judged(pack, table_of(rows))
    flags = [(place, outcome) for outcome in Outcome for place in range(len(pack.rules))]
    masks = found.masks(tuple(flags))
    for row in range(len(rows)):
        outcomes = found.outcomes(row)
        bits = [bool(masks[bit // 64][row] >> bit % 64 & 1) for bit in range(len(flags))]
        assert bits == [outcomes[place] is outcome for place, outcome in flags]
        errors = {o for o, rule in zip(outcomes, pack.rules, strict=True) if rule.severity == "error"}
        assert found.levels()[row] == (2 if Outcome.FAIL in errors else 1 if Outcome.UNKNOWN in errors else 0)


@pytest.mark.parametrize("count", [70, 400])
@settings(max_examples=4)
@given(leaves=st.lists(leaf(), min_size=8, max_size=8), rows=st.lists(candidates(), min_size=5, max_size=20))
def test_many_rules_need_several_words(count: int, leaves: list[Any], rows: list[Facts]) -> None:
    pack = pack_of([rule_of(f"made.rule-{n:03}", leaves[n % 8], leaves[n // 8 % 8]) for n in range(count)])
    found = judged(pack, table_of(rows))
    masks = found.masks(tuple((place, Outcome.FAIL) for place in range(count)))
    assert len(masks) == -(-count // 64)
    for row, facts in enumerate(rows):
        expected = reference.judge(pack, pack.rules)(facts)
        assert found.outcomes(row) == list(expected)
        assert [masks[n // 64][row] >> n % 64 & 1 for n in range(count)] == [o is Outcome.FAIL for o in expected]


@pytest.mark.slow
def test_a_hundred_thousand_distinct_texts_are_compared_by_value() -> None:
    pack, table = distinct_texts(100_000)
    found = judged(pack, table)
    masks = found.masks(((0, Outcome.FAIL), (1, Outcome.FAIL)))
    assert masks[0].tolist() == [0, 3] * 50_000
