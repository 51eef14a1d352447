"""How time grows: with rows, with rules, with pairs."""

from __future__ import annotations

from functools import partial

import duckdb
import polars as pl
import pytest

import ours
import rulesets
from candidates import lists_as_such
from conftest import Measure
from peers import duckdb_select, pandas_masks, polars_query
from rulesets import facts_of
from workloads import SIZES, Workloads

ECSS = 2000


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    size = SIZES[metafunc.config.getoption("--size")]
    growing = {"rows": size.growing_rows, "rules": size.growing_rules, "images": size.growing_images}
    for name, values in growing.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, values)


@pytest.mark.parametrize("tool", ["imagefit", "Polars", "DuckDB", "pandas"])
def test_growth_with_rows(measure: Measure, workloads: Workloads, rows: int, tool: str) -> None:
    table, pack = workloads.table("skewed").slice(0, rows), workloads.pack
    if tool == "imagefit":
        run = partial(ours.masks, pack, table)
    elif tool == "Polars":
        query = polars_query.query(pack, polars_query.frame(lists_as_such(table)).lazy())
        run = partial(query.collect, engine=polars_query.fastest_engine(query))
    elif tool == "DuckDB":
        run = _in_duckdb(table, pack)
    else:
        run = partial(pandas_masks.judge, pack, pandas_masks.frame(table, pack))
    measure(run, measure="growth with rows", tool=tool, items=rows, rounds=3)


@pytest.mark.parametrize("tool", ["imagefit", "Polars", "DuckDB"])
def test_growth_with_rules(measure: Measure, workloads: Workloads, rules: int, tool: str) -> None:
    pack = rulesets.generated(rules)
    every = rulesets.generated(40)
    fields = list({f.name: f for f in (*facts_of(every), *facts_of(pack))}.values())
    table = workloads.generated(fields)
    if tool == "imagefit":
        run = partial(ours.masks, pack, table)
        said = ours.judged(pack, run())
    elif tool == "Polars":
        query = polars_query.query(pack, pl.DataFrame(table).lazy())
        run = partial(query.collect, engine=polars_query.fastest_engine(query))
        said = polars_query.judged(run())
    else:
        run = _in_duckdb(table, pack)
        said = duckdb_select.judged(run())
    ours.judged(pack, ours.masks(pack, table)).assert_same(said, tool)
    measure(run, measure="growth with rules", tool=tool, items=rules, unit="rule", rounds=3)


def test_growth_with_pairs(measure: Measure, workloads: Workloads, images: int) -> None:
    sides = workloads.sides("skewed", images, ECSS)
    run = partial(ours.counts, *sides, "create_ecs")
    measure(run, measure="growth with pairs", tool="imagefit", items=images * ECSS, unit="pair", rounds=3)


def _in_duckdb(table: object, pack: object) -> partial[object]:
    connection = duckdb.connect()
    duckdb_select.create(connection, "candidates", lists_as_such(table), pack)  # type: ignore[arg-type]
    select = duckdb_select.select(pack, "candidates")  # type: ignore[arg-type]
    return partial(lambda: connection.sql(select).to_arrow_table())
