"""Every image with every ECS: how many pairs fit, do not fit, or are undecided; cold, from both sides' tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import duckdb
import pytest

import imagefit
import ours
from conftest import Measure
from generators import KINDS
from peers import cross_joins, duckdb_select, polars_query
from workloads import Workloads, in_own_process

OPERATION = "create_ecs"

Counted = dict[str, int]
Prepared = tuple[Callable[[], Any], Callable[[Any], Counted]]


def in_imagefit(images: Any, ecss: Any) -> Prepared:
    return partial(ours.counts, images, ecss, OPERATION), dict


def in_duckdb(images: Any, ecss: Any) -> Prepared:
    pack, connection = imagefit.load_pack(), duckdb.connect()
    duckdb_select.create(connection, "images", images, pack)
    duckdb_select.create(connection, "ecss", ecss, pack)
    select = cross_joins.Query(pack.rules_for(OPERATION)).select("images", "ecss")
    return lambda: connection.execute(select).fetchall(), cross_joins.counts


def in_polars(images: Any, ecss: Any) -> Prepared:
    query = cross_joins.Query(imagefit.load_pack().rules_for(OPERATION))
    lazy = query.lazy(polars_query.frame(images), polars_query.frame(ecss))
    return lambda: lazy.collect(engine="streaming").rows(), cross_joins.counts


TOOLS = {"imagefit": in_imagefit, "DuckDB": in_duckdb, "Polars": in_polars}


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_image_with_every_ecs(measure: Measure, workloads: Workloads, kind: str, tool: str) -> None:
    size = workloads.size
    check_agreement(workloads, kind, tool)
    run, _ = TOOLS[tool](*workloads.sides(kind, size.images, size.ecss))
    measure(
        run, measure="cross product", tool=tool, data=kind, items=size.images * size.ecss, unit="pair",
        rounds=5 if tool == "imagefit" else 1, warm=tool == "imagefit",
    )  # fmt: skip


def check_agreement(workloads: Workloads, kind: str, tool: str) -> None:
    """Assert that a tool counts what imagefit counts, on the first images."""
    images, ecss = workloads.sides(kind, workloads.size.images, workloads.size.ecss)
    few = images.slice(0, 1000), ecss.slice(0, 500)
    said = [counted(run()) for run, counted in (in_imagefit(*few), TOOLS[tool](*few))]
    assert said[0] == said[1], tool


def test_very_many_images(measure: Measure, workloads: Workloads) -> None:
    """From both sides' tables in memory to the counts, as in the smaller cross product."""
    size = workloads.size
    images, ecss = workloads.sides("skewed", size.many_images, size.ecss)
    run = partial(ours.counts, images, ecss, OPERATION)
    measure(run, measure="large cross product", tool="imagefit", items=size.many_images * size.ecss, unit="pair")


def test_very_many_images_from_files(measure: Measure, workloads: Workloads, benchmark: Any) -> None:
    """Count in a process of its own, reading included, whose peak memory is the answer's cost."""
    size = workloads.size
    paths = workloads.side_files("skewed", size.many_images, size.ecss)
    found: dict[str, Any] = {}
    run = partial(_keep, found, partial(in_own_process, "match", *map(str, paths)))
    measure(
        run,
        measure="large cross product from files",
        tool="imagefit",
        items=size.many_images * size.ecss,
        unit="pair",
        rounds=1,
        warm=False,
    )
    benchmark.extra_info.update(peak_mib=found["peak_mib"], seconds=found["seconds"])


def _keep(found: dict[str, Any], run: Callable[[], dict[str, Any]]) -> None:
    found.update(run())
