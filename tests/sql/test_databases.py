"""The same query on each database for real: on every case that packs can tell apart, and on hostile rows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from sqlglot import exp

from imagefit.analysis.verify.grid import Grid
from imagefit.api.packs import shipped_packs
from imagefit.evaluators.sql.dialects import dialect_of
from imagefit.evaluators.sql.engine import TABLE
from imagefit.evaluators.sql.query import Query
from imagefit.verdicts import json_value
from packfiles import shipped_pack
from sql.agreement import Enumerated, differences, enumerated, sampled, table_for
from sql.databases import Database, started
from sql.hostile import hostile_pack, hostile_rows

LIMIT = {"duckdb": 2_000, "postgres": 4_000, "clickhouse": 20_000, "spark": 4_000}
"""So many combinations of a rule, or of rules together, are looked at."""


NAMED = os.environ.get("IMAGEFIT_DATABASES", "").split(",")
ALL = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in LIMIT]


@pytest.fixture(scope="module", params=ALL)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with started(request.param, tmp_path_factory.mktemp(request.param)) as found:
        yield found


def test_names_and_texts_are_only_that(database: Database) -> None:
    assert differences(database.rows, database.dialect, hostile_pack(), "use", hostile_rows()) == []


@pytest.mark.parametrize("element", [None, ""])
def test_a_set_with_an_unknown_element_is_unknown(database: Database, element: str | None) -> None:
    pack = hostile_pack()
    table = table_for(pack, [{"odd.set": ["'"], "odd.more": ["'"], "odd.few": ["a", "b"]}] * 2, database.dialect)
    for name in ("odd.set", "odd.more", "odd.few"):
        own = [table[name][0].as_py(), [*table[name][1].as_py(), element]]
        table = table.set_column(table.schema.get_field_index(name), name, pa.array([own[0], own[1]]))
    query = Query(pack, pack.rules_for("use", ["set"]), dialect_of(database.dialect))
    whole, broken = database.rows(query.dialect.sql(query.select(exp.to_table(TABLE))), table)
    assert whole["unknown_rules"] == []
    assert broken["unknown_rules"] == [rule.id for rule in query.rules]
    assert set(broken["unknown_facts"]) == {"odd.set", "odd.more", "odd.few"}


def test_nan_is_unknown(database: Database) -> None:
    pack = hostile_pack()
    table = table_for(pack, [{"odd.size": 2.0}, {"odd.size": 0.0}, {}], database.dialect)
    sizes = pa.array([float("nan"), 2.0, None], pa.float64())
    table = table.set_column(table.schema.get_field_index("odd.size"), "odd.size", sizes)
    query = Query(pack, pack.rules_for("use", ["size.above"]), dialect_of(database.dialect))
    rows = database.rows(query.dialect.sql(query.select(exp.to_table(TABLE))), table)
    assert [row["verdict"] for row in sorted(rows, key=lambda row: row["row"])] == ["unknown", "compatible", "unknown"]


@pytest.mark.parametrize("name", shipped_packs())
def test_every_case_of_the_packs_has_the_outcome_of_the_definition(database: Database, name: str) -> None:
    if database.dialect not in NAMED:
        pytest.skip("`rules verify` does this with DuckDB; `make test-sql` with others")
    found: Enumerated = enumerated(database, shipped_pack(name), LIMIT[database.dialect])
    print(f"{database.dialect}, {name}: {found.rows:,} rows in {found.queries} queries, {len(found.wrong)} differences")
    assert found.rows > 10_000
    assert found.wrong == []


def test_rows_of_the_built_in_pack_are_as_audit_says(database: Database) -> None:
    pack = shipped_pack("huawei-ims")
    for operation in pack.operations:
        rows = sampled(pack, operation, 300)
        assert differences(database.rows, database.dialect, pack, operation, rows) == [], operation


def test_four_hundred_rules_are_one_query(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if database.dialect not in NAMED:
        pytest.skip("`make test-sql` and `make test-spark` do this")
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    from rulesets import OPERATION, generated

    pack = generated(400)
    sample = Grid.of(pack.rules, pack.fields).sample(300, "many")
    rows = [{name: json_value(value) for name, value in facts.items()} for facts in sample]
    assert differences(database.rows, database.dialect, pack, OPERATION, rows) == []
