"""Cross joins in DuckDB and Polars: the verdict of every image with every ECS, counted.

What looks at one side alone is worked out on that side before the join, and all rules that do so become one
column; only what compares the sides is evaluated per pair. An expert would write it like this by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from imagefit.conditions import FALSE, TRUE, AllOf, AnyOf, Condition, Leaf, Relation, fields, negate
from imagefit.rulepack.pack import Rule, Severity
from peers.duckdb_select import sql
from peers.polars_query import expression

__all__ = ["Query"]


class Query:
    """The rules of an operation, made ready for a cross join of images and ECSs."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        errors = [rule for rule in rules if rule.severity is Severity.ERROR]
        self.own: dict[str, dict[Condition, str]] = {"image": {}, "ecs": {}}
        self.joined = self._hoist(AnyOf(tuple(AllOf((rule.when, negate(rule.require))) for rule in errors)))

    def _hoist(self, condition: Condition) -> Condition:
        """Replace what looks at one side alone by a column of that side."""
        sides = {name.partition(".")[0] for name in fields(condition)}
        if len(sides) == 1:
            (side,) = sides
            names = self.own[side]
            name = names.setdefault(condition, f"{side}_{len(names)}")
            return Leaf(name, Relation.EQUALS, True)
        if isinstance(condition, Leaf):
            return condition
        kind = type(condition)
        parts = [part for part in condition.parts if part not in (TRUE, FALSE)]
        found: list[Condition] = []
        for side in self.own:
            alone = [part for part in parts if {n.partition(".")[0] for n in fields(part)} == {side}]
            if alone:
                found.append(self._hoist(kind(tuple(alone))))
        mixed = [part for part in parts if len({n.partition(".")[0] for n in fields(part)}) > 1]
        return kind((*found, *(self._hoist(part) for part in mixed)))

    def _compared(self, side: str) -> list[str]:
        return [name for name in fields(self.joined) if name.startswith(f"{side}.")]

    def select(self, images: str, ecss: str) -> str:
        """Return the SELECT that counts the pairs of each verdict: true is incompatible, null unknown."""
        parts = []
        for side, source in (("image", images), ("ecs", ecss)):
            columns = [f"{sql(condition)} AS {name}" for condition, name in self.own[side].items()]
            columns += [f'"{name}"' for name in self._compared(side)]
            parts.append(f"{side}s AS MATERIALIZED (SELECT {', '.join(columns)} FROM {source})")
        pairs = f"SELECT {sql(self.joined)} AS fails FROM images, ecss"
        return f"WITH {', '.join(parts)} SELECT fails, count(*) FROM ({pairs}) GROUP BY fails"

    def lazy(self, images: pl.DataFrame, ecss: pl.DataFrame) -> pl.LazyFrame:
        """Return the query that counts the pairs of each verdict."""
        sides = []
        for side, source in (("image", images), ("ecs", ecss)):
            columns = [expression(condition).alias(name) for condition, name in self.own[side].items()]
            sides.append(source.lazy().select(*columns, *self._compared(side)))
        joined = sides[0].join(sides[1], how="cross")
        return joined.select(fails=expression(self.joined)).group_by("fails").len()


def counts(rows: Sequence[tuple[Any, int]]) -> dict[str, int]:
    """Return the rows of either query as the number of pairs of each verdict."""
    names = {True: "incompatible", None: "unknown", False: "compatible"}
    return {names[fails]: 0 for fails in names} | {names[fails]: count for fails, count in rows}
