"""The options of the benchmarks, and the table that is printed when they have run."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import ours
import records
import report
from peers import Judged
from workloads import SIZES, Size, Workloads

RESULTS = Path(__file__).parents[1] / ".benchmarks/results.json"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--size", choices=sorted(SIZES), default="bench", help="how many rows and pairs")
    parser.addoption("--docs", action="store_true", help="write the tables and charts of docs/ and the README")


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Do all of one kind of data in a row, so that each table is made once."""
    kinds = [item.callspec.params.get("kind", "") if hasattr(item, "callspec") else "" for item in items]
    order = sorted(range(len(items)), key=lambda n: (items[n].path.name, kinds[n] != "skewed"))
    items[:] = [items[n] for n in order]


@pytest.fixture(scope="session")
def size(pytestconfig: pytest.Config) -> Size:
    return SIZES[pytestconfig.getoption("--size")]


@pytest.fixture(scope="session")
def workloads(size: Size, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workloads]:
    """The data, made once; only what the last test needed stays in memory."""
    yield Workloads(size, tmp_path_factory.mktemp("data"))


@dataclass
class Measure:
    """Measures a function, and says what was measured."""

    benchmark: Any

    def __call__(
        self, run: Callable[[], Any], *, measure: str, tool: str, items: int, unit: str = "row",
        data: str = "skewed", rounds: int = 5, warm: bool = True, most_seconds: float = 12.0,
    ) -> Any:  # fmt: skip
        """Run it `rounds` times, fewer if it is slow; the last result comes back."""
        results: list[Any] = []

        def keep() -> None:
            results.clear()
            results.append(run())

        started = time.perf_counter()
        if warm:
            keep()
            rounds = max(1, min(rounds, int(most_seconds / max(time.perf_counter() - started, 1e-9))))
        self.benchmark.extra_info.update(measure=measure, tool=tool, data=data, items=items, unit=unit)
        self.benchmark.pedantic(keep, rounds=rounds, iterations=1)
        return results[0]


@pytest.fixture
def measure(benchmark: Any) -> Measure:
    return Measure(benchmark)


@pytest.fixture(scope="session")
def expected(workloads: Workloads) -> Callable[[str], Judged]:
    """What imagefit says of the table in memory, which every other tool has to say, too."""
    said: dict[str, Judged] = {}

    def of(kind: str) -> Judged:
        if kind not in said:
            said.clear()
            said[kind] = ours.judged(workloads.pack, ours.masks(workloads.pack, workloads.table(kind)))
        return said[kind]

    return of


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    session = getattr(config, "_benchmarksession", None)
    found = records.from_benchmarks(session.benchmarks) if session else records.Records([])
    if not found.all:
        return
    about = {
        "machine": records.machine(),
        "load": list(os.getloadavg()),
        "date": time.strftime("%Y-%m-%d"),
        **_versions(),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    found.save(RESULTS, about)
    terminalreporter.write_line(report.as_text(found, about))
    if config.getoption("--docs"):
        report.write_docs(found, about)


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for name in ("numpy", "pandas", "pyarrow", "polars", "duckdb", "pandera", "durable_rules"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
