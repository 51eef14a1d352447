"""A table of candidates: the verdict of each row, the rules that fail and those that are unknown.

Each tool holds the data as it holds it best before the clock starts, and must say of every row what the
others say. What comes out are masks, in the form that is cheapest for the tool: columns of booleans, or words.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest

import ours
from candidates import lists_as_such
from conftest import Measure
from generators import KINDS
from peers import Judged, bounds, duckdb_select, pandas_masks, pandera_checks, polars_query, row_engines
from workloads import Workloads

Prepared = tuple[Callable[[], Any], Callable[[Any], Judged]]


def in_imagefit(w: Workloads, kind: str) -> Prepared:
    return partial(ours.masks, w.pack, w.table(kind)), partial(ours.judged, w.pack)


def in_imagefit_from_lists(w: Workloads, kind: str) -> Prepared:
    return partial(ours.masks, w.pack, lists_as_such(w.table(kind))), partial(ours.judged, w.pack)


def in_pandas(w: Workloads, kind: str) -> Prepared:
    return partial(pandas_masks.judge, w.pack, pandas_masks.frame(w.table(kind), w.pack)), pandas_masks.judged


def in_polars(w: Workloads, kind: str) -> Prepared:
    query = polars_query.query(w.pack, polars_query.frame(lists_as_such(w.table(kind))).lazy())
    engine = polars_query.fastest_engine(query)
    return partial(query.collect, engine=engine), polars_query.judged


def in_duckdb(w: Workloads, kind: str) -> Prepared:
    connection = duckdb.connect()
    duckdb_select.create(connection, "candidates", lists_as_such(w.table(kind)), w.pack)
    select = duckdb_select.select(w.pack, "candidates")
    return lambda: connection.sql(select).to_arrow_table(), duckdb_select.judged


TOOLS = {
    "imagefit": in_imagefit,
    "imagefit, sets as plain lists": in_imagefit_from_lists,
    "pandas": in_pandas,
    "Polars": in_polars,
    "DuckDB": in_duckdb,
}


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_table_in_memory(measure: Measure, workloads: Workloads, expected: Any, kind: str, tool: str) -> None:
    run, judged = TOOLS[tool](workloads, kind)
    expected(kind).assert_same(judged(run()), tool)
    measure(run, measure="masks from memory", tool=tool, data=kind, items=workloads.size.rows)


@pytest.mark.parametrize("kind", KINDS)
def test_reading_the_codes_once(measure: Measure, workloads: Workloads, kind: str) -> None:
    arrays = bounds.codes_of(workloads.table(kind))
    run = partial(bounds.read_codes, arrays)
    measure(run, measure="masks from memory", tool="reading the codes once", data=kind, items=workloads.size.rows)


@pytest.mark.parametrize("tool", ["reference", "durable_rules"])
@pytest.mark.parametrize("kind", KINDS)
def test_one_candidate_after_the_other(
    measure: Measure, workloads: Workloads, expected: Any, kind: str, tool: str
) -> None:
    if tool == "durable_rules":
        pytest.importorskip("durable.engine", reason="durable_rules is not installed")
    count = workloads.size.few_rows
    rows = row_engines.candidates(workloads.table(kind).slice(0, count))
    judge = row_engines.judger(workloads.pack, {"durable_rules": "durable"}.get(tool, tool))
    run = partial(row_engines.judge_all, judge, rows)
    expected(kind).first(count).assert_same(row_engines.judged(workloads.pack, run()), tool)
    name = tool if tool == "durable_rules" else "imagefit's reference, row by row"
    measure(run, measure="masks from memory", tool=name, data=kind, items=count, rounds=3)


@pytest.mark.parametrize("kind", KINDS)
def test_pandera(measure: Measure, workloads: Workloads, expected: Any, kind: str) -> None:
    count = workloads.size.few_rows
    frame = pandas_masks.frame(workloads.table(kind).slice(0, count), workloads.pack)
    run = partial(pandera_checks.judge, workloads.pack, frame)
    expected(kind).first(count).assert_same(pandera_checks.judged(workloads.pack, run(), count), "pandera")
    measure(run, measure="columns and reasons", tool="pandera", data=kind, items=count, rounds=3)


# -- from a file -------------------------------------------------------------------------------------------------------


def from_file_in_imagefit(w: Workloads, kind: str) -> Prepared:
    return partial(ours.masks_of_file, w.pack, w.parquet(kind)), partial(ours.judged, w.pack)


def from_file_in_polars(w: Workloads, kind: str) -> Prepared:
    query = polars_query.query(w.pack, pl.scan_parquet(w.parquet(kind)))
    engine = polars_query.fastest_engine(query)
    return partial(query.collect, engine=engine), polars_query.judged


def from_file_in_duckdb(w: Workloads, kind: str) -> Prepared:
    connection = duckdb.connect()
    select = duckdb_select.select(w.pack, f"read_parquet('{w.parquet(kind)}')")
    return lambda: connection.sql(select).to_arrow_table(), duckdb_select.judged


FILE_TOOLS = {"imagefit": from_file_in_imagefit, "Polars": from_file_in_polars, "DuckDB": from_file_in_duckdb}


@pytest.mark.parametrize("tool", FILE_TOOLS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_parquet_file(measure: Measure, workloads: Workloads, expected: Any, kind: str, tool: str) -> None:
    run, judged = FILE_TOOLS[tool](workloads, kind)
    expected(kind).assert_same(judged(run()), tool)
    measure(run, measure="masks from Parquet", tool=tool, data=kind, items=workloads.size.rows)


@pytest.mark.parametrize("kind", KINDS)
def test_decoding_the_columns(measure: Measure, workloads: Workloads, kind: str) -> None:
    path, columns = workloads.parquet(kind), [f.name for f in workloads.fields]
    run = partial(bounds.decode, path, columns, bounds.text_columns(path))
    measure(run, measure="masks from Parquet", tool="pyarrow decoding", data=kind, items=workloads.size.rows)


# -- with reasons ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_all_columns_but_the_reasons(measure: Measure, workloads: Workloads, kind: str) -> None:
    table = with_reasons_of_their_own(workloads, kind)
    run = partial(ours.columns, workloads.pack, table)
    measure(run, measure="columns", tool="imagefit", data=kind, items=table.num_rows)


@pytest.mark.parametrize("kind", KINDS)
def test_all_columns(measure: Measure, workloads: Workloads, kind: str) -> None:
    table = with_reasons_of_their_own(workloads, kind)
    run = partial(ours.columns_and_reasons, workloads.pack, table)
    measure(run, measure="columns and reasons", tool="imagefit", data=kind, items=table.num_rows)


def with_reasons_of_their_own(workloads: Workloads, kind: str) -> pa.Table:
    """The table; of adversarial rows, whose texts all differ and are all kept here, at most a million."""
    return workloads.table(kind).slice(0, 1_000_000 if kind == "adversarial" else None)
