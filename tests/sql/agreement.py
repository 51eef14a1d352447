"""What `audit` says of rows, and what a query does, beside each other: for databases that a test brings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
from sqlglot import exp

import imagefit
from imagefit.analysis.verify.columns import Right, encoded, levels_of
from imagefit.analysis.verify.grid import Grid
from imagefit.analysis.verify.groups import groups_of
from imagefit.columns.column import Encoded
from imagefit.columns.stacking import encode_facts, stacked
from imagefit.evaluators.reference import outcome
from imagefit.evaluators.results import OUTCOMES
from imagefit.evaluators.sql.dialects import dialect_of
from imagefit.evaluators.sql.engine import AT_ONCE, TABLE, SqlEvaluator, table_of
from imagefit.evaluators.sql.query import Query
from imagefit.facts import read_value
from imagefit.rulepack.pack import Pack
from imagefit.supply import Supply, read_assumptions, read_facts
from imagefit.verdicts import json_value
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


def sampled(pack: Pack, operation: str, count: int) -> list[dict[str, Any]]:
    """Return rows of which many are incompatible; of every second one few facts are known, so that many are unknown."""
    random = Random(operation)
    sample = Grid.of(pack.rules_for(operation), pack.fields).sample(count, operation)
    return [
        {name: json_value(value) for name, value in facts.items() if number % 2 or random.random() < 0.15}
        for number, facts in enumerate(sample)
    ]


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

    Of more than that, a sample. All of a pack's rules are asked about every row: a query takes a cluster a second.
    """
    found = Enumerated()
    evaluator = SqlEvaluator(pack, pack.rules, database)
    levels = np.array([levels_of(rule) for rule in pack.rules])
    for cases in _tables(_cases(pack, limit)):
        judged = evaluator.judge_columns(stacked([each.rows for each in cases], pack.fields))
        found.rows += judged.encoded.rows
        found.queries += 1
        start = 0
        for each in cases:
            numbers = judged.numbers[:, start : start + each.rows.rows]
            for place, right in each.right.items():
                rows = np.flatnonzero(numbers[place] != right)[:3]
                found.wrong += [
                    (pack.rules[place].id, each.rows.facts(row), OUTCOMES[numbers[place, row]], OUTCOMES[right[row]])
                    for row in map(int, rows)
                ]
            start += each.rows.rows
        verdicts = np.take_along_axis(levels, judged.numbers, axis=1).max(axis=0)
        wrong = np.flatnonzero(verdicts != judged.levels())[:3]
        found.wrong += [(None, judged.encoded.facts(row), judged.levels()[row], verdicts[row]) for row in wrong]
    return found


@dataclass(frozen=True)
class _Cases:
    """Candidates, and of some rules, by their places, the outcomes by the definition."""

    rows: Encoded
    right: Mapping[int, Any]


def _cases(pack: Pack, limit: int) -> Iterator[_Cases]:
    alone = [[rule] for rule in pack.rules]
    together = [group for op in pack.operations for group in groups_of(pack.rules_for(op), pack.fields, limit)]
    distinct = {tuple(rule.id for rule in rules): rules for rules in (*alone, *together)}
    for rules in distinct.values():
        grid = Grid.of(rules, pack.fields)
        places = [pack.rules.index(rule) for rule in rules]
        if grid.size <= limit:
            points = np.arange(grid.size)
            codes = {name: points // grid.strides[name] % len(values) for name, values in grid.axes.items()}
            own = [Right.of(rule, grid).outcomes(codes, (grid.size,)) for rule in rules]
            yield _Cases(encoded(codes, grid, pack.fields, grid.size), dict(zip(places, own, strict=True)))
            continue
        facts = list(grid.sample(2_000, rules[0].id))
        sampled = [np.array([OUTCOMES.index(outcome(rule, each)) for each in facts]) for rule in rules]
        yield _Cases(encode_facts(facts, pack.fields), dict(zip(places, sampled, strict=True)))


def _tables(cases: Iterable[_Cases]) -> Iterator[list[_Cases]]:
    """Yield the cases by as many as make a table."""
    some: list[_Cases] = []
    for each in cases:
        some.append(each)
        if sum(own.rows.rows for own in some) >= AT_ONCE:
            yield some
            some = []
    if some:
        yield some
