"""From a Parquet file to a Parquet file, with reasons: the peak memory of the process, which must not grow."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from conftest import Measure
from workloads import SIZES, Workloads, in_own_process


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    rows = SIZES[metafunc.config.getoption("--size")].file_rows
    # Adversarial rows have reasons of their own, each: of them, the fewest are enough.
    metafunc.parametrize(("data", "rows"), [*(("skewed", count) for count in rows), ("adversarial", rows[0])])


def test_a_file_to_a_file(measure: Measure, workloads: Workloads, benchmark: Any, data: str, rows: int) -> None:
    source = workloads.parquet(data, rows)
    target = source.with_name("result.parquet")
    found: dict[str, Any] = {}
    run = partial(lambda: found.update(in_own_process("audit", str(source), str(target))))
    measure(run, measure="Parquet to Parquet", tool="imagefit", data=data, items=rows, rounds=1, warm=False)
    target.unlink()
    if rows != workloads.size.rows:
        source.unlink()
    benchmark.extra_info.update(peak_mib=found["peak_mib"], seconds=found["seconds"])
