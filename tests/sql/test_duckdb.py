"""The query on DuckDB: what it says of rows is what `audit` says of them, whatever names, texts and values are."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagefit.conditions import TRUE, Leaf, Relation
from imagefit.errors import EvaluatorError
from imagefit.evaluators import evaluate_with
from imagefit.evaluators.sql.engine import TABLE
from imagefit.facts import Facts
from imagefit.rulepack.pack import Pack
from imagefit.verdicts import json_value
from rowtables import rule_of
from sql.agreement import differences
from strategies import FIELDS, candidates, pack_of, packs


def run(query: str, table: pa.Table) -> list[dict[str, Any]]:
    connection = duckdb.connect(config={"threads": "1"})
    connection.register(TABLE, table)
    connection.execute(query)
    names = [column[0] for column in connection.description or ()]
    return [dict(zip(names, row, strict=True)) for row in connection.fetchall()]


@settings(max_examples=25)
@given(packs(max_rules=4), st.lists(candidates(), min_size=1, max_size=6))
def test_the_query_says_what_audit_says(pack: Pack, rows: list[Facts]) -> None:
    plain = [{name: json_value(row.get(name)) for name in FIELDS} for row in rows]
    assert differences(run, "duckdb", pack, "use", plain) == []


def test_given_facts_count_before_columns_and_assumed_ones_after_them() -> None:
    pack = pack_of([rule_of("same", TRUE, Leaf("left.text", Relation.EQUALS, None, "right.text"))])
    rows = [{"left.text": a, "right.text": b} for a in ("a", "b", None) for b in ("a", None)]
    for options in (
        {"given": {"left.text": "b"}},
        {"assume": {"left.text": "a", "right.text": "@left.text"}},
        {"given": {"right.text": "it's"}, "assume": {"left.text": "@right.text"}},
    ):
        assert differences(run, "duckdb", pack, "use", rows, **options) == []


def test_an_integer_is_not_compared_with_a_number() -> None:
    pack = pack_of([rule_of("mixed", TRUE, Leaf("left.count", Relation.EQUALS, None, "left.size"))])
    with pytest.raises(EvaluatorError, match=r"mixed: .*left.count same_as left.size.*: an integer with a number"):
        evaluate_with("sql", pack, pack.rules)
