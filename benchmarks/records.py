"""What was measured: a record for each tool and each thing it did, from pytest-benchmark's results."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["OURS", "Record", "Records", "from_benchmarks", "machine"]

OURS = "imagefit"


@dataclass(frozen=True, slots=True)
class Record:
    """One tool doing one thing.

    Attributes
    ----------
    measure
        What was done: ``masks from memory``, ``cross product``, ...
    data
        On what: ``skewed`` or ``adversarial``.
    items, unit
        How many rows, pairs or checks were done, and which of these they are.
    seconds
        The shortest of the rounds: on a machine that others use too, the one that was disturbed least.
    median
        The median of the rounds.
    peak_mib
        The peak memory of the process, where that was measured.
    cpu
        The median of the CPU seconds of the rounds, where those were measured.
    """

    measure: str
    tool: str
    data: str
    items: int
    unit: str
    seconds: float
    median: float
    peak_mib: float | None = None
    cpu: float | None = None

    @property
    def each_ns(self) -> float:
        """Nanoseconds an item."""
        return self.seconds / self.items * 1e9


class Records:
    """All records of a run."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.all = list(records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.all)

    def of(self, measure: str, data: str | None = None) -> list[Record]:
        """Return the records of a measure, the fastest first."""
        found = [r for r in self.all if r.measure == measure and data in (None, r.data)]
        return sorted(found, key=lambda record: record.each_ns)

    def one(self, measure: str, tool: str, data: str | None = None) -> Record | None:
        """Return the record of one tool with most items, if there is one."""
        found = [r for r in self.of(measure, data) if r.tool == tool]
        return max(found, key=lambda record: record.items, default=None)

    def series(self, measure: str) -> dict[str, list[tuple[float, float]]]:
        """Return items and seconds of each tool, ours first, for a chart."""
        tools = sorted(dict.fromkeys(r.tool for r in self.of(measure)), key=lambda tool: not tool.startswith(OURS))
        return {t: sorted((r.items, r.seconds) for r in self.of(measure) if r.tool == t) for t in tools}

    def save(self, path: Path, about: Any) -> None:
        """Write the records, and what they were measured on, as JSON."""
        path.write_text(json.dumps({"about": about, "records": [asdict(r) for r in self.all]}, indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> tuple[Records, Any]:
        """Read what `save` wrote."""
        raw = json.loads(path.read_text())
        return cls(Record(**record) for record in raw["records"]), raw["about"]


def from_benchmarks(benchmarks: Sequence[Any]) -> Records:
    """Return the records of pytest-benchmark's results; those without a measure are not ours to tell."""
    found = []
    for bench in benchmarks:
        info = bench.extra_info
        if "measure" in info and bench.stats.rounds:
            known = {key: info[key] for key in ("measure", "tool", "data", "items", "unit")}
            stats = bench.stats
            found.append(Record(**known, seconds=stats.min, median=stats.median, peak_mib=info.get("peak_mib")))
    return Records(found)


def machine() -> str:
    """Return the cores and the memory of this machine."""
    names = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    cpu = names[0] if names else platform.processor()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores of {cpu}, {memory:.0f} GiB"
