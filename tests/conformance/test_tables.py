"""The truth tables that others have published hold for our conditions, in every evaluator."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import imagefit
from imagefit.evaluators import evaluate_with
from imagefit.rulepack.pack import Outcome, Pack
from imagefit.supply import read_facts

UNKNOWN = "unknown"
DATA = yaml.safe_load(Path(__file__).with_name("tables.yaml").read_text("utf-8"))

FACTS = {
    "a": {"type": "boolean", "example": True},
    "b": {"type": "boolean", "example": True},
    "x": {"type": "integer", "example": 1},
    "y": {"type": "integer", "example": 1},
    "z": {"type": "integer", "example": 1},
    "t": {"type": "string", "example": "a"},
    "u": {"type": "string", "example": "a"},
    "s": {"type": "set", "example": ["a"]},
    "r": {"type": "set", "example": ["a"]},
    "never": {"type": "boolean", "example": False},
}
SQL_TYPES = {"boolean": "BOOLEAN", "integer": "BIGINT", "string": "VARCHAR", "set": "VARCHAR[]"}

OUTCOMES = {
    "required": {True: Outcome.PASS, UNKNOWN: Outcome.UNKNOWN, False: Outcome.FAIL},
    "negated": {True: Outcome.FAIL, UNKNOWN: Outcome.UNKNOWN, False: Outcome.PASS},
    "when": {True: Outcome.FAIL, UNKNOWN: Outcome.UNKNOWN, False: Outcome.NOT_APPLICABLE},
    "notice": {True: Outcome.PASS, UNKNOWN: Outcome.UNKNOWN, False: Outcome.NOT_APPLICABLE},
}
"""What a rule says where its condition is true, unknown and false."""


@dataclass(frozen=True)
class Table:
    name: str
    origins: Mapping[str, str]
    condition: Any
    sql: str
    facts: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def known(self, row: Sequence[Any]) -> dict[str, Any]:
        return {name: value for name, value in zip(self.facts, row[:-1], strict=True) if value != UNKNOWN}


TABLES = [Table(t["name"], t["from"], t["condition"], t["sql"], t["facts"], t["rows"]) for t in DATA["tables"]]
every_table = pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])


def rule(table: Table, form: str) -> dict[str, Any]:
    """A table as a rule of a pack, in one of four forms; its rows are the rule's examples."""
    never = {"never": False} if form == "when" else {}
    examples = [{"facts": {**table.known(row), **never}, "outcome": str(OUTCOMES[form][row[-1]])} for row in table.rows]
    if form == "when":
        decided = next((row for row in table.rows if row[-1] is True), table.rows[-1])
        examples.append({"facts": {**table.known(decided), "never": True}, "outcome": "pass"})
        conditions = {"when": table.condition, "require": {"never": True}}
    elif form == "notice":
        conditions = {"when": table.condition, "severity": "notice"}
    else:
        conditions = {"require": table.condition if form == "required" else {"not": table.condition}}
    return {
        "id": f"tables.{table.name}-{form}",
        "title": table.name,
        "operations": "all",
        **conditions,
        "message": table.name,
        "source": {"document": "tables"},
        "examples": [e for n, e in enumerate(examples) if e not in examples[:n]],
    }


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The pack of all tables; that it loads says that the reference evaluator gives each row's outcome."""
    words = {
        "operations": {"ask": {"title": "ask"}},
        "fields": {name: {"meaning": name, **of} for name, of in FACTS.items()},
        "sources": {"tables": {"title": "Published truth tables", "address": "", "read": "2026-11-24"}},
    }
    files = {
        "pack.yaml": {"name": "tables", "version": "1", "title": "Tables", "includes": ["words.yaml", "tables.yaml"]},
        "words.yaml": words,
        "tables.yaml": [rule(table, form) for table in TABLES for form in OUTCOMES],
    }
    folder = tmp_path_factory.mktemp("tables")
    for name, data in files.items():
        (folder / name).write_text(json.dumps(data), "utf-8")
    return imagefit.load_pack(folder)


@every_table
def test_an_evaluator_says_what_the_table_says(table: Table, any_evaluator: str, pack: Pack) -> None:
    for form, expected in OUTCOMES.items():
        own = pack.rule(f"tables.{table.name}-{form}")
        judge = evaluate_with(any_evaluator, pack, [own]).judge
        for row in table.rows:
            facts = read_facts({**table.known(row), "never": False}, pack.fields)
            assert list(judge(facts)) == [expected[row[-1]]], (form, row)


@every_table
def test_a_table_is_restated_as_an_sql_engine_has_it(table: Table) -> None:
    duckdb = pytest.importorskip("duckdb")
    columns = ", ".join(f"?::{SQL_TYPES[FACTS[name]['type']]} AS {name}" for name in table.facts)
    for row in table.rows:
        values = [None if value == UNKNOWN else value for value in row[:-1]]
        (found,) = duckdb.execute(f"SELECT {table.sql} FROM (SELECT {columns})", values).fetchone()
        assert found == (None if row[-1] == UNKNOWN else row[-1]), row


@every_table
def test_a_table_names_its_origins(table: Table) -> None:
    assert table.origins
    assert set(table.origins) <= set(DATA["origins"])


@pytest.mark.parametrize("name", ["and", "or"])
def test_the_tables_of_the_connectives_are_whole(name: str) -> None:
    (table,) = (table for table in TABLES if table.name == name)
    assert len({tuple(map(str, row[:-1])) for row in table.rows}) == len(table.rows) == 9


def test_a_conjunction_is_the_least_and_a_disjunction_the_greatest() -> None:
    """As Kleene puts it in one sentence: false < unknown < true."""
    order = {False: 0, UNKNOWN: 1, True: 2}
    for name, choose in (("and", min), ("or", max)):
        (table,) = (table for table in TABLES if table.name == name)
        for *operands, result in table.rows:
            assert order[result] == choose(order[operand] for operand in operands)
