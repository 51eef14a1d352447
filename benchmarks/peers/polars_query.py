"""Polars: one lazy query. Its boolean expressions are Kleene's too."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import polars as pl

from imagefit.conditions import AllOf, Condition, Leaf, Relation, negate
from imagefit.rulepack.pack import Pack, Severity
from peers import Judged

__all__ = ["expression", "fastest_engine", "frame", "judged", "query"]


def query(pack: Pack, source: pl.LazyFrame) -> pl.LazyFrame:
    """Return the query: the verdict, then of each rule true (fails), null (unknown) or false."""
    violations = [
        expression(AllOf((rule.when, negate(rule.require)))).alias(f"v{number}")
        for number, rule in enumerate(pack.rules)
    ]
    errors = [f"v{number}" for number, rule in enumerate(pack.rules) if rule.severity is Severity.ERROR]
    any_error = pl.any_horizontal(errors)  # null where none is true and some are null
    verdict = (any_error.cast(pl.UInt8) * 2).fill_null(1)
    return source.select(violations).with_columns(verdict.alias("verdict"))


def expression(condition: Condition, column: Any = pl.col) -> pl.Expr:
    """Return a condition as an expression; null where it is unknown."""
    if isinstance(condition, Leaf):
        return _leaf(condition, column)
    parts = [expression(part, column) for part in condition.parts if part != AllOf(())]
    if not parts:
        return pl.lit(True)
    found = parts[0]
    for part in parts[1:]:
        found = found & part if isinstance(condition, AllOf) else found | part
    return found


def _leaf(leaf: Leaf, column: Any) -> pl.Expr:
    own = column(leaf.fact)
    operand: Any = column(leaf.other) if leaf.other is not None else leaf.operand
    if isinstance(leaf.operand, bool):
        return own if leaf.operand is not leaf.negated else ~own
    if leaf.relation is Relation.EQUALS:
        return own != operand if leaf.negated else own == operand
    if leaf.relation is Relation.AT_LEAST:
        return own < operand if leaf.negated else own >= operand
    if leaf.relation is Relation.ABOVE:
        return own <= operand if leaf.negated else own > operand
    if leaf.relation is Relation.IN:
        found = own.is_in(sorted(leaf.operand))  # type: ignore[type-var, arg-type]
    elif leaf.relation is Relation.CONTAINS:
        found = own.list.contains(operand)
        if leaf.other is not None:  # else an empty list would be known not to contain what is unknown
            found = pl.when(operand.is_not_null()).then(found)
    else:
        found = _compared_sets(leaf, own, operand)
    return ~found if leaf.negated else found


def _compared_sets(leaf: Leaf, own: pl.Expr, operand: Any) -> pl.Expr:
    operand = operand if leaf.other is not None else pl.lit(sorted(leaf.operand))  # type: ignore[arg-type, type-var]
    if leaf.relation is Relation.CONTAINS_ANY:
        return own.list.set_intersection(operand).list.len() > 0
    return operand.list.set_difference(own).list.len() == 0


def fastest_engine(lazy: pl.LazyFrame) -> str:
    """Return the engine that collects a query faster."""
    seconds = {}
    for engine in ("streaming", "in-memory"):
        started = time.perf_counter()
        lazy.collect(engine=engine)
        seconds[engine] = time.perf_counter() - started
    return min(seconds, key=seconds.__getitem__)


def frame(table: Any) -> pl.DataFrame:
    """Return an Arrow table as Polars holds it best: texts are categories, in lists too."""
    found = pl.DataFrame(table)
    lists = [name for name, kind in found.schema.items() if isinstance(kind, pl.List)]
    return found.with_columns(pl.col(name).cast(pl.List(pl.Categorical)) for name in lists).rechunk()


def judged(result: pl.DataFrame) -> Judged:
    """Return the result of `query` in the form that all are compared in."""
    rules = [result[name] for name in result.columns if name != "verdict"]
    fails = np.array([column.fill_null(False).to_numpy() for column in rules])
    unknown = np.array([column.is_null().to_numpy() for column in rules])
    return Judged(result["verdict"].to_numpy(), fails, unknown)
