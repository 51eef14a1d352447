"""What `engines.py` found, as the tables of docs/sizing.md: what was measured, and what is computed from it."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from engine_runs import COPY, COUNTED, EXACT, PAIRS, PLAIN, REASONS
from generators import KINDS
from records import machine
from report import ROOT, between

__all__ = ["Found", "Shape", "Times", "as_text", "write_docs"]

TITLES = {
    "audit": "`audit`, one process",
    "duckdb": "the query on DuckDB",
    "spark": "Spark, `local[2]`",
    "sail": "Sail",
}
CANDIDATES, ALL_PAIRS = 10**10, 10**13
CORES = (10, 100, 1_000)
PART = 128 * 2**20
"""Spark's default of bytes in a part."""


@dataclass(frozen=True)
class Times:
    """CPU seconds and wall seconds."""

    cpu: float = 0.0
    wall: float = 0.0

    def __str__(self) -> str:
        return f"{self.cpu:.2f} ({self.wall:.2f})"


@dataclass(frozen=True)
class Shape:
    """How many candidates there were, how many pairs, how many rounds."""

    rows: int
    pairs: int
    rounds: int


@dataclass
class Found:
    """What was measured: of an engine, a job and a source the runs; sizes in bytes; memory in MB by process."""

    shape: Shape
    runs: dict[tuple[str, str, str], list[Times]] = field(default_factory=dict)
    first: dict[tuple[str, str, str], Times] = field(default_factory=dict)
    starts: dict[str, Times] = field(default_factory=dict)
    sizes: dict[tuple[str, str], int] = field(default_factory=dict)
    peaks: dict[str, dict[str, float]] = field(default_factory=dict)

    def add(self, took: Times, engine: str, job: str, source: str) -> None:
        """Keep what a run took."""
        self.runs.setdefault((engine, job, source), []).append(took)

    def of(self, engine: str, job: str, source: str) -> Times:
        """Return the medians of a job's runs."""
        runs = self.runs[engine, job, source]
        return Times(statistics.median(run.cpu for run in runs), statistics.median(run.wall for run in runs))

    def has(self, engine: str, job: str, source: str) -> bool:
        """Return whether a job was run."""
        return (engine, job, source) in self.runs

    def text(self, engine: str, job: str, source: str) -> str:
        """Return the medians of a job's runs as text; nothing if it was not run."""
        return str(self.of(engine, job, source)) if self.has(engine, job, source) else ""

    @property
    def engines(self) -> Sequence[str]:
        """The engines that were there."""
        return list(self.starts)

    def a_second(self, engine: str, job: str, source: str) -> float:
        """Return how many rows a second of a core's time is enough for, without what a job of a single row takes."""
        before = self.of(engine, EXACT if engine == "audit" else REASONS, "row").cpu
        cpu = self.of(engine, job, source).cpu
        return self.shape.rows / max(cpu - before, cpu / 10)


# -- what was measured -----------------------------------------------------------------------------------


def measured(found: Found) -> str:
    """Return the tables of what was measured."""
    shape = found.shape
    about = (
        f"{shape.rows:,} rows of `create_ecs`, Parquet to Parquet; medians of {shape.rounds} rounds in which the "
        f"engines took turns, each warm; CPU seconds of all processes (wall seconds). {time.strftime('%Y-%m-%d')}, "
        f"{machine()}, load {os.getloadavg()[1]:.1f}."
    )
    return "\n".join(
        [about, "", *_by_engine(found), "", *_starts(found), "", *_spark_alone(found), "", *_memory(found)]
    )


def _by_engine(found: Found) -> Iterator[str]:
    yield "| | a single row | copied | without reasons | with reasons | with `missing_facts` |"
    yield "|---|---:|---:|---:|---:|---:|"
    for data in KINDS:
        for engine in found.engines:
            single = found.text(engine, EXACT if engine == "audit" else REASONS, "row") if data == "skewed" else ""
            cells = [found.text(engine, job, data) for job in (COPY, PLAIN, REASONS, EXACT)]
            if found.has(engine, COUNTED, data):
                cells[1] = f"counted only: {found.text(engine, COUNTED, data)}"
            yield f"| {TITLES[engine]}, {data} rows | {single} | {' | '.join(cells)} |"


def _starts(found: Found) -> Iterator[str]:
    yield "| until it is ready | to start | the first job, of a single row | the same, warm |"
    yield "|---|---:|---:|---:|"
    for engine in found.engines:
        key = (engine, EXACT if engine == "audit" else REASONS, "row")
        yield f"| {TITLES[engine]} | {found.starts[engine]} | {found.first[key]} | {found.text(*key)} |"


def _spark_alone(found: Found) -> Iterator[str]:
    yield "| Spark, skewed rows | with reasons | with `missing_facts` |"
    yield "|---|---:|---:|"
    yield f"| a stage is one method, Spark's default | {found.text('spark', REASONS, 'unsplit')} | |"
    yield f"| the same with `-XX:-DontCompileHugeMethods` | {found.text('spark', REASONS, 'flag')} | |"
    yield f"| split above 8,000 bytes, what `audit --on` sets | {found.text('spark', REASONS, 'split')} | |"
    for parts in _parts(found):
        cells = [found.text("spark", job, f"{parts}-parts") for job in (REASONS, EXACT)]
        yield f"| the same in {parts} parts | {' | '.join(cells)} |"


def _parts(found: Found) -> list[int]:
    return sorted({int(source.removesuffix("-parts")) for _, _, source in found.runs if source.endswith("-parts")})


def _memory(found: Found) -> Iterator[str]:
    yield "| most memory of a process | MB |"
    yield "|---|---:|"
    for engine, peaks in found.peaks.items():
        for name, peak in sorted(peaks.items(), key=lambda each: -each[1])[:2]:
            yield f"| {TITLES[engine]}: {name} | {peak:.0f} |"


# -- what is computed ------------------------------------------------------------------------------------


def computed(found: Found) -> str:
    """Return the tables of what is computed."""
    return "\n".join([*_candidates(found), "", *_pairs(found), "", *_files(found)])


def _candidates(found: Found) -> Iterator[str]:
    yield f"| 10^10 candidates, computed | rows a core-second | {' | '.join(f'{n:,} cores' for n in CORES)} |"
    yield f"|---|---:|{'---:|' * len(CORES)}"
    titles = {PLAIN: "without reasons", REASONS: "with reasons", EXACT: "with `missing_facts`"}
    for engine in found.engines:
        for job, title in titles.items():
            rates = [
                found.a_second(engine, job, data) for data in ("skewed", "adversarial") if found.has(engine, job, data)
            ]
            if rates:
                name = "`audit_batches`, as `audit`" if engine == "audit" else f"{TITLES[engine]}, {title}"
                yield f"| {name} | {_range(rates, _rounded)} | {_times(CANDIDATES, rates)} |"


def _pairs(found: Found) -> Iterator[str]:
    pairs = found.shape.pairs
    yield f"| 10^13 pairs, computed | ns a pair and core | {' | '.join(f'{n:,} cores' for n in CORES)} |"
    yield f"|---|---:|{'---:|' * len(CORES)}"
    for engine, title in (("audit", "`match`, one process"), ("spark", "`imagefit.spark.match`")):
        cpu = found.of(engine, PAIRS, ".").cpu
        yield f"| {title}, {pairs:,} pairs measured | {cpu / pairs * 1e9:.2f} | {_times(ALL_PAIRS, [pairs / cpu])} |"


def _files(found: Found) -> Iterator[str]:
    rows = found.shape.rows
    read, written = (size / rows for size in (found.sizes["", COPY], found.sizes["spark", REASONS]))
    in_part = PART / read
    work = in_part / found.a_second("spark", REASONS, "skewed")
    yield "| files and parts | |"
    yield "|---|---:|"
    yield f"| bytes of a candidate: read, and written by Spark with reasons | {read:.0f}, {written:.0f} |"
    yield f"| 10^10 candidates, computed: read, and written | {_terabytes(read)}, {_terabytes(written)} |"
    yield f"| a part of 128 MiB, computed: rows, and core-seconds | {_rounded(in_part)}, {_rounded(work)} |"
    yield f"| 10^10 candidates in such parts, computed | {_rounded(CANDIDATES / in_part)} |"
    few, *_, many = _parts(found)
    for job, title in ((REASONS, "with reasons"), (EXACT, "with `missing_facts`")):
        more = found.of("spark", job, f"{many}-parts").cpu - found.of("spark", job, f"{few}-parts").cpu
        yield f"| what a part costs whatever is in it, {title}, from those above | {more / (many - few):.2f} CPU s |"


def _times(items: int, rates: Sequence[float]) -> str:
    return " | ".join(_range([items / rate / cores for rate in rates], _duration) for cores in CORES)


def _range(values: Sequence[float], written: Callable[[float], str]) -> str:
    texts = dict.fromkeys(written(value) for value in values)
    return " to ".join(texts)


def _rounded(number: float) -> str:
    """Return a number with two digits that count."""
    return f"{float(f'{number:.2g}'):,.0f}" if number >= 10 else f"{number:.2g}"


def _duration(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{_rounded(seconds / size)} {unit}"
    return f"{_rounded(seconds)} s"


def _terabytes(each: float) -> str:
    return f"{each * CANDIDATES / 1e12:.2g} TB"


def as_text(found: Found) -> str:
    """Return all tables."""
    return f"{measured(found)}\n\n{computed(found)}"


def write_docs(found: Found) -> None:
    """Write the tables into docs/sizing.md."""
    page = ROOT / "docs/sizing.md"
    between(page, "measured", measured(found))
    between(page, "computed", computed(found))
