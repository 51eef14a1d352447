"""What `audit` says of rows, and what a query does, beside each other: for databases that a test brings."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from sqlglot import exp

import imagefit
from imagefit.analysis.verify.columns import wrong_in_columns
from imagefit.analysis.verify.grid import Grid
from imagefit.analysis.verify.groups import groups_of
from imagefit.columns.stacking import encode_facts
from imagefit.evaluators.reference import outcome
from imagefit.evaluators.sql.dialects import dialect_of
from imagefit.evaluators.sql.engine import TABLE, SqlEvaluator, table_of
from imagefit.evaluators.sql.query import Query
from imagefit.facts import read_value
from imagefit.rulepack.pack import Pack
from imagefit.supply import Supply, read_assumptions, read_facts
from imagefit.verdicts.missing import AT_LEAST

Rows = Sequence[Mapping[str, Any]]
Run = Callable[[str, pa.Table], list[dict[str, Any]]]
"""Runs a query on a table named `TABLE`, and returns the rows of the result, with the table's column `row` in them."""

COMPARED = ("verdict", "failed_rules", "unknown_rules", "warnings")


def table_for(pack: Pack, rows: Rows, dialect: str, names: Sequence[str] | None = None) -> pa.Table:
    """Return rows as the table that a query reads, with a column `row`."""
    facts = [{n: v for n, raw in row.items() if (v := read_value(pack.fields[n], raw)) is not None} for row in rows]
    names = list(pack.fields) if names is None else list(names)
    has_null_sets = dialect_of(dialect).has_null_sets
    return table_of(encode_facts(facts, pack.fields), names, pack.fields, has_null_sets=has_null_sets)


def differences(
    run: Run, dialect: str, pack: Pack, operation: str, rows: Rows, *, given: Any = None, assume: Any = None
) -> list[tuple[int, str, Any, Any]]:
    """Return where the query says something else than `audit`: row, column, found, right.

    Reasons are compared, too: those of unknown rules with what the query promises, and unknown facts with what is
    missing, of which they hold more.
    """
    rules = pack.rules_for(operation)
    supply = Supply(read_facts(given or {}, pack.fields), read_assumptions(assume, pack.fields))
    query = Query(pack, rules, dialect_of(dialect), supply, with_reasons=True)
    table = table_for(pack, rows, dialect)
    found = sorted(run(query.dialect.sql(query.select(exp.to_table(TABLE))), table), key=lambda row: row["row"])
    assert [row["row"] for row in found] == list(range(len(rows)))
    audit = imagefit.audit(list(rows), operation=operation, pack=pack, set=given, assume=assume).to_arrow().to_pylist()
    wrong: list[tuple[int, str, Any, Any]] = []
    for place, (own, right) in enumerate(zip(found, audit, strict=True)):
        wrong += [(place, name, own[name], right[name]) for name in COMPARED if own[name] != right[name]]
        failing = len(right["failed_rules"])
        if own["reasons"][:failing] != right["reasons"][:failing]:
            wrong.append((place, "reasons", own["reasons"][:failing], right["reasons"][:failing]))
        for said, exact in zip(own["reasons"][failing:], right["reasons"][failing:], strict=True):
            if not set(_named(exact)) <= set(_named(said)):
                wrong.append((place, "reasons", said, exact))
        if not set(right["missing_facts"]) - {AT_LEAST} <= set(own["unknown_facts"]):
            wrong.append((place, "unknown_facts", own["unknown_facts"], right["missing_facts"]))
        if bool(own["unknown_facts"]) is not (right["verdict"] == "unknown"):
            wrong.append((place, "unknown_facts", own["unknown_facts"], right["verdict"]))
    return wrong


def _named(reason: str) -> list[str]:
    return reason.removeprefix("undecided without ").removeprefix("at least ").split(", ")


@dataclass
class Enumerated:
    """What an enumeration looked at, and what was wrong."""

    rows: int = 0
    queries: int = 0
    wrong: list[Any] = field(default_factory=list)


def enumerated(database: Any, pack: Pack, limit: int) -> Enumerated:
    """Give a database every combination of cells of each rule alone and of rules together, up to a limit of each.

    Of more than that, a sample.
    """
    found = Enumerated()
    alone = [[rule] for rule in pack.rules]
    together = [group for op in pack.operations for group in groups_of(pack.rules_for(op), pack.fields, limit)]
    for rules in (*alone, *(group for group in together if len(group) > 1)):
        grid = Grid.of(rules, pack.fields)
        evaluator = SqlEvaluator(pack, rules, database)
        found.queries += 1
        if grid.size <= limit:
            found.rows += grid.size
            found.wrong += itertools.islice(wrong_in_columns(evaluator, grid, pack.fields), 3)
            continue
        sample = list(grid.sample(2_000, rules[0].id))
        found.rows += len(sample)
        for facts, outcomes in zip(sample, evaluator.judge_all(sample), strict=True):
            right = [outcome(rule, facts) for rule in rules]
            if list(outcomes) != right:
                found.wrong.append((facts, outcomes, right))
    return found
