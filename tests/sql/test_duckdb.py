"""The query on DuckDB: what it says of rows is what `audit` says of them, whatever names, texts and values are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

import imagefit
from imagefit.conditions import TRUE, Leaf, Relation
from imagefit.errors import EvaluatorError
from imagefit.evaluators import evaluate_with
from imagefit.evaluators.sql.dialects import dialect_of
from imagefit.evaluators.sql.engine import TABLE
from imagefit.evaluators.sql.query import Query
from imagefit.facts import Facts
from imagefit.rulepack.pack import Pack
from imagefit.verdicts import json_value
from sql.agreement import differences
from sql.databases import started
from strategies import FIELDS, candidates, pack_of, packs, rule_of


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
    pack = pack_of([rule_of("made.same", TRUE, Leaf("left.text", Relation.EQUALS, None, "right.text"))])
    rows = [{"left.text": a, "right.text": b} for a in ("a", "b", None) for b in ("a", None)]
    for options in (
        {"given": {"left.text": "b"}},
        {"assume": {"left.text": "a", "right.text": "@left.text"}},
        {"given": {"right.text": "it's"}, "assume": {"left.text": "@right.text"}},
    ):
        assert differences(run, "duckdb", pack, "use", rows, **options) == []


def test_an_integer_is_not_compared_with_a_number() -> None:
    pack = pack_of([rule_of("made.mixed", TRUE, Leaf("left.count", Relation.EQUALS, None, "left.size"))])
    with pytest.raises(EvaluatorError, match=r"mixed: .*left.count same_as left.size.*: an integer with a number"):
        evaluate_with("sql", pack, pack.rules)


def test_a_query_of_a_pack_with_waivers_says_what_an_audit_says(tmp_path: Path) -> None:
    until = "reason: known, owner: ops, until: 9999-12-31"
    (tmp_path / "waivers.yaml").write_text(
        f"waivers:\n  - {{rule: sharing.encrypted, image: 'pay*', {until}}}\n"
        f"  - {{rule: status.active, where: {{image.encrypted: true}}, {until}}}\n"
    )
    pack = imagefit.with_waivers(tmp_path / "waivers.yaml")
    rows = [
        {"image.visibility": "private", "image.encrypted": encrypted, "image.status": status, "image.called": called}
        for encrypted in (True, False, None)
        for status in ("active", "queued", None)
        for called in (["pay*"], [], None)
    ]
    with started("duckdb", tmp_path) as database:
        assert differences(database.rows, "duckdb", pack, "share", rows) == []
    audited = imagefit.audit(rows, operation="share", pack=pack).to_arrow().to_pylist()
    assert {name for row in audited for name in row["warnings"]} >= {"waived.sharing.encrypted", "waived.status.active"}


def test_postgresql_matches_texts_by_its_operator_for_what_others_call_returns_rows_there() -> None:
    pack = imagefit.load_pack()
    query = Query(pack, pack.rules_for("create_ecs"), dialect_of("postgres"), with_reasons=True)
    said = query.dialect.sql(query.select(exp.to_table(TABLE)))
    assert "regexp_matches" not in said.lower()
    assert r" ~ '\A(?:" in said
    assert "(?s" not in said
