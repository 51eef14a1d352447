"""``imagefit rules sql``: what it prints is a query that runs, and says what it is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import Result

import imagefit
from commands import run
from imagefit.evaluators.sql.dialects import ClickHouse, dialect_of
from imagefit.evaluators.sql.query import Query
from imagefit.reports.sqltext import dbt_text
from imagefit.rulepack.pack import Pack
from sql.hostile import hostile_pack


def sql(*arguments: str) -> Result:
    return run("rules", "sql", *arguments)


def printed(*arguments: str) -> str:
    result = sql("--operation", "share", *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_header_says_which_pack_the_query_is_of(built_in: Pack) -> None:
    comment = [line for line in printed("--dialect", "postgres").splitlines() if line.startswith("--")]
    assert f"{built_in.name} {built_in.version}" in comment[0]
    assert built_in.digest in comment[1]
    assert "--   image.status: TEXT" in comment
    assert "-- from: candidates (--table names another)" in comment


def test_a_query_that_is_longer_than_the_database_reads_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "max_query_size" not in printed("--dialect", "clickhouse")
    monkeypatch.setattr(ClickHouse, "query_bytes", 2_000)
    assert "-- longer than clickhouse takes; first: SET max_query_size = 100000000" in printed(
        "--dialect", "clickhouse"
    )


def test_the_query_runs_and_keeps_the_columns_of_the_table() -> None:
    query = printed("--table", "inventory.images", "--facts", "image.status,image.encrypted", "--reasons")
    database = duckdb.connect()
    database.execute(
        'CREATE SCHEMA inventory; CREATE TABLE inventory.images ("image.status" TEXT, "image.encrypted" BOOL)'
    )
    database.execute("INSERT INTO inventory.images VALUES ('active', true), ('queued', NULL), ('active', false)")
    rows = database.execute(query).fetchall()
    facts = [{"image.status": status, "image.encrypted": encrypted} for status, encrypted, *_ in rows]
    audit = imagefit.audit(facts, operation="share").to_arrow().to_pylist()
    assert [row[2:5] for row in rows] == [(r["verdict"], r["failed_rules"], r["unknown_rules"]) for r in audit]
    assert [verdict for _, _, verdict, *_ in rows] == ["incompatible", "incompatible", "unknown"]
    assert rows[0][-1][0] == audit[0]["reasons"][0]


def test_given_and_assumed_facts_stand_in_the_query() -> None:
    query = printed("--facts", "image.status", "--set", "image.encrypted=true", "--assume", "image.type=system_disk")
    database = duckdb.connect()
    database.execute("CREATE TABLE candidates AS SELECT 'active' AS \"image.status\"")
    (row,) = database.execute(query).fetchall()
    assert row[1:3] == ("incompatible", ["sharing.encrypted"])
    assert "given: image.encrypted=true" in query


def test_a_dbt_model_refers_to_its_source_and_has_tests() -> None:
    model = printed("--dbt", "--table", "images")
    assert model.count("{{ ref('images') }}") == 1
    assert "accepted_values: {arguments: {values: [compatible, unknown, incompatible]}}" in model
    assert re.search(r"\{[{%#]|[}%#]\}", model.partition("{# Save")[0].replace("{{ ref('images') }}", "")[38:]) is None


def test_names_are_nothing_that_dbt_follows() -> None:
    pack = hostile_pack()
    query = Query(pack, pack.rules_for("use"), dialect_of("duckdb"), with_reasons=True)
    model = dbt_text(query, "images", "use").partition("{# Save")[0]
    followed = re.findall(r"\{\{(.*?)\}\}", model)
    assert "odd.%s{{x}}" in query.facts
    assert sorted(set(followed)) == [" '{{' ", " config(materialized='table') ", " ref('images') "]
    assert "odd.%s{{ '{{' }}x}}" in model
    assert not re.search(r"\{[%#]", model)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing option '--operation'"),
        (("--operation", "shar"), "unknown operation: 'shar'"),
        (("--operation", "share", "--dialect", "oracle"), "'oracle' is not one of"),
        (("--operation", "share", "--facts", "image.stat"), "did you mean 'image.status'?"),
        (("--operation", "share", "--table", "a..b"), "not the name of a table"),
        (("--operation", "share", "--dbt", "--table", "a.b"), "not the name of a dbt model"),
        (("--operation", "share", "--set", "image.status=x"), "image.status"),
    ],
)
def test_mistakes_are_named(arguments: tuple[str, ...], message: str) -> None:
    result = sql(*arguments)
    assert result.exit_code != 0
    assert message in (result.stderr or "") + str(result.exception)


def test_without_sqlglot_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "sqlglot.py").write_text("raise ImportError")
    code = "import sys; from imagefit.cli import main; sys.argv[1:] = ['rules', 'sql', '--operation', 'share']; main()"
    env = {"PYTHONPATH": str(tmp_path)}
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, timeout=60, check=False
    )
    assert process.returncode == 2
    assert process.stderr == "imagefit: rules sql needs sqlglot: pip install 'imagefit[sql]'\n"
