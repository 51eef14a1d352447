"""DuckDB: one SELECT. SQL's logic is Kleene's, so that a violation is a nullable boolean expression."""

from __future__ import annotations

from typing import Any

import numpy as np

from imagefit.conditions import AllOf, Condition, Leaf, Relation, negate
from imagefit.facts import FieldType
from imagefit.rulepack.pack import Pack, Rule, Severity
from peers import Judged

__all__ = ["create", "judged", "select", "sql", "violation"]

_SIGNS = {
    Relation.EQUALS: ("=", "<>"),
    Relation.AT_LEAST: (">=", "<"),
    Relation.ABOVE: (">", "<="),
}
_SETS = {
    Relation.CONTAINS: "list_contains",
    Relation.CONTAINS_ANY: "list_has_any",
    Relation.CONTAINS_ALL: "list_has_all",
}


def select(pack: Pack, source: str) -> str:
    """Return the SELECT: the verdict, then of each rule true (fails), null (unknown) or false.

    The columns of the rules are the two masks at once; packing them into words costs more.
    """
    rules = pack.rules
    violations = ", ".join(f"{violation(rule)} AS v{number}" for number, rule in enumerate(rules))
    any_error = " OR ".join(f"v{number}" for number, rule in enumerate(rules) if rule.severity is Severity.ERROR)
    names = ", ".join(f"v{number}" for number in range(len(rules)))
    verdict = "CASE WHEN e THEN 2 WHEN e IS NULL THEN 1 ELSE 0 END::UTINYINT AS verdict"
    return f"SELECT {verdict}, {names} FROM (SELECT *, ({any_error}) AS e FROM (SELECT {violations} FROM {source}))"


def violation(rule: Rule) -> str:
    """Return ``when AND NOT require`` in SQL; null where it is unknown."""
    return sql(AllOf((rule.when, negate(rule.require))))


def sql(condition: Condition, column: Any = '"{}"'.format) -> str:
    """Return a condition in SQL; `column` says how a fact is named."""
    if isinstance(condition, Leaf):
        return _leaf(condition, column)
    word = " AND " if isinstance(condition, AllOf) else " OR "
    parts = [sql(part, column) for part in condition.parts]
    flat = [part for part in parts if part != "TRUE"]
    return f"({word.join(flat)})" if flat else "TRUE"


def judged(table: Any) -> Judged:
    """Return the result of `select`, an Arrow table, in the form that all are compared in."""
    rules = [table.column(place) for place in range(1, table.num_columns)]
    fails = np.array([column.fill_null(False).to_numpy(zero_copy_only=False) for column in rules])
    unknown = np.array([column.is_null().to_numpy(zero_copy_only=False) for column in rules])
    return Judged(table.column("verdict").to_numpy(), fails, unknown)


def _leaf(leaf: Leaf, column: Any) -> str:
    name = column(leaf.fact)
    operand = column(leaf.other) if leaf.other is not None else _literal(leaf.operand)
    if leaf.relation in _SETS:
        return "NOT " * leaf.negated + _compared_sets(leaf, name, operand)
    if leaf.relation is Relation.IN:
        return f"{name} {'NOT ' * leaf.negated}IN {operand}"
    if isinstance(leaf.operand, bool):
        return name if leaf.operand is not leaf.negated else f"NOT {name}"
    return f"{name} {_SIGNS[leaf.relation][leaf.negated]} {operand}"


def _compared_sets(leaf: Leaf, name: str, operand: str) -> str:
    if leaf.other is None:
        listed = operand if leaf.relation is Relation.CONTAINS else f"[{operand[1:-1]}]"
        return f"{_SETS[leaf.relation]}({name}, {listed})"
    # Without the guard an empty list would be known not to contain what is unknown.
    return f"CASE WHEN {operand} IS NOT NULL THEN {_SETS[leaf.relation]}({name}, {operand}) END"


def _literal(value: Any) -> str:
    if isinstance(value, frozenset):
        return f"({', '.join(map(_literal, sorted(value)))})"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def create(connection: Any, name: str, table: Any, pack: Pack) -> None:
    """Store an Arrow table in DuckDB as it holds it best: a fact of few values is an ENUM."""
    connection.register("given", table)
    enums = {
        f.name: f"ENUM ({', '.join(map(_literal, f.values))})"
        for f in (pack.fields[c] for c in table.column_names if c in pack.fields)
        if f.type is FieldType.ENUM
    }
    columns = (f'"{c}"::{enums[c]} AS "{c}"' if c in enums else f'"{c}"' for c in table.column_names)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT {', '.join(columns)} FROM given")
    connection.unregister("given")
