"""Whole jobs, as users run them: from a file to a file, a process from start to end, checks in a service, growth.

``python benchmarks/jobs.py [--size bench] [--rounds 5] [WORDS ...]`` prints the table as Markdown, of the jobs whose
names have all the words. What is measured are CPU seconds, the median of rounds in which the tools take turns; each
job is a process of its own, and its ratio is against the tool that it is compared with.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import generators
import payloads
from imagefit.kernel.library import is_compiled
from records import OURS, Record

__all__ = ["SIZES", "Job", "JobSize", "jobs_of", "measured"]

HERE = Path(__file__).parent
IMAGEFIT = str(Path(sys.executable).with_name("imagefit"))
SAMPLES = HERE.parent / "data/samples"
FIVE_RULES = HERE / "peers/whole_files.py"
PEERS = ("DuckDB", "Polars")
OPERATION = "create_ecs"


@dataclass(frozen=True, slots=True)
class JobSize:
    """How many rows, images, checks and pairs the jobs have; of adversarial rows, one of so many."""

    parquet: int
    csv: int
    lines: int
    images: int
    checks: int
    table: int
    sides: tuple[int, int]
    fewer_adversarial: int = 1


SIZES = {
    "smoke": JobSize(2_000, 1_000, 500, 200, 200, 20_000, (500, 100)),
    "gate": JobSize(100_000, 30_000, 10_000, 4_000, 1_500, 200_000, (4_000, 500), 4),
    "bench": JobSize(200_000, 200_000, 40_000, 10_000, 8_000, 1_000_000, (10_000, 1_000)),
    "full": JobSize(1_000_000, 200_000, 100_000, 10_000, 8_000, 3_000_000, (50_000, 2_000)),
}


@dataclass(frozen=True, slots=True)
class Job:
    """One thing that several tools do.

    Attributes
    ----------
    commands
        Of each tool the command; the first is ours, and the second is what it is compared with.
    most
        So many times the CPU seconds of the second tool are aimed at; with `is_least`, the second has to need at
        least so many times ours.
    inside
        Where the tools are functions and no commands: the arguments of `inside.py`, which measures them in one process.
    check
        Asserts that all tools say the same, before anything is measured.
    """

    name: str
    data: str
    items: int
    unit: str
    commands: Mapping[str, Sequence[str]]
    most: float | None = None
    is_least: bool = False
    inside: Sequence[object] = ()
    check: Callable[[], None] | None = None

    @property
    def title(self) -> str:
        """What it is called in the gate's file."""
        return f"{self.name}, {self.data}, against {self.base}"

    @property
    def base(self) -> str:
        """The tool that ours is compared with."""
        return list(self.commands)[1]

    def ratio(self, found: Sequence[Record]) -> float:
        """Return how many times the CPU seconds of the tool that it is compared with ours needs."""
        cpu = {record.tool: record.cpu for record in found}
        return cpu[OURS] / cpu[self.base]  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took."""

    cpu: float
    wall: float
    peak_mb: float


def measured(job: Job, rounds: int) -> list[Record]:
    """Check that the tools agree, then let them take turns; returns a record of each tool."""
    if job.check is not None:
        job.check()
    if job.inside:
        command = [sys.executable, str(HERE / "inside.py"), str(rounds), *map(str, job.inside)]
        costs = {tool: [Cost(**each) for each in own] for tool, own in json.loads(_output(command)).items()}
    else:
        costs = {tool: [] for tool in job.commands}
        for _ in range(rounds):
            for tool, command in job.commands.items():
                costs[tool].append(_cost(command))
    return [
        Record(
            measure=job.name, tool=tool, data=job.data, items=job.items, unit=job.unit,
            seconds=min(cost.wall for cost in own), median=statistics.median(cost.wall for cost in own),
            peak_mib=max(cost.peak_mb for cost in own) / 1.048576, cpu=statistics.median(cost.cpu for cost in own),
        )
        for tool, own in costs.items()
    ]  # fmt: skip


def _cost(command: Sequence[str]) -> Cost:
    found = json.loads(_output([sys.executable, "-I", "-S", str(HERE / "measured.py"), *command]))
    if (code := found.pop("code")) not in (0, 1, 3, 4):
        raise SystemExit(f"{' '.join(command)}: exit code {code}")
    return Cost(**found)


def _output(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=SAMPLES, env=_environment(), check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def jobs_of(size: JobSize, folder: Path) -> Iterator[Job]:
    """Yield every job; the files that one needs are written when its commands are first asked for."""
    yield from _tables(size, folder)
    yield from _image_lists(size, folder)
    yield from _starts()
    yield from _in_process(size)


def _tables(size: JobSize, folder: Path) -> Iterator[Job]:
    ways = (  # from, to, rows, and what is aimed at for skewed and adversarial rows
        ("Parquet", "Parquet", size.parquet, (0.8, 1.2)),
        ("CSV", "CSV", size.csv, (1.0, 1.3)),
        ("JSON Lines", "CSV", size.lines, (1.3, None)),
        ("JSON Lines", "JSON Lines", size.lines, (1.8, None)),
        ("Parquet", "summary", size.parquet, (None, None)),
    )
    ending = {"Parquet": ".parquet", "CSV": ".csv", "JSON Lines": ".jsonl", "summary": None}
    for source, target, every, most in ways:
        for data, wanted in zip(generators.KINDS, most, strict=True):
            rows = every // (1 if data == "skewed" else size.fewer_adversarial)
            path = folder / f"{data}-{rows}{ending[source]}"

            def make(path: Path = path, data: str = data, rows: int = rows) -> None:
                path.exists() or generators.write(path, "candidates", rows, kind=data)

            out = folder / "out"
            where = [] if target == "summary" else ["-o", f"{out}{ending[target]}"]
            commands = {OURS: [IMAGEFIT, "audit", str(path), "--operation", OPERATION, *where]}
            for peer in PEERS:
                written = [] if target == "summary" else [f"{out}-{peer}{ending[target]}"]
                commands[peer] = [sys.executable, str(FIVE_RULES), peer.lower(), str(path), *written]
            check = _Agreement(make, path, folder, ending[target])
            yield Job(f"{source} to {target}", data, rows, "row", commands, wanted, check=check)


@dataclass(frozen=True, slots=True)
class _Agreement:
    """Asserts that a row's verdict by the five rules is the same in all tools."""

    make: Callable[[], None]
    path: Path
    folder: Path
    ending: str | None

    def __call__(self) -> None:
        from peers.whole_files import RULES

        self.make()
        if self.ending is None:
            return  # the same rows as a job to a file
        said = []
        for tool in (OURS, *PEERS):
            out = self.folder / f"said-{tool}.csv"
            if tool == OURS:
                chosen = [part for rule in RULES for part in ("--select", rule)]
                command = [IMAGEFIT, "audit", str(self.path), "--operation", OPERATION, *chosen, "-o", str(out)]
            else:
                command = [sys.executable, str(FIVE_RULES), tool.lower(), str(self.path), str(out)]
            subprocess.run(command, capture_output=True, env=_environment(), check=tool != OURS)
            said.append(_column(out, "verdict"))
            out.unlink()
        for tool, own in zip(PEERS, said[1:], strict=True):
            assert own == said[0], f"{tool} says something else of {self.path.name}"


def _column(path: Path, name: str) -> list[str]:
    import pyarrow.csv

    options = pyarrow.csv.ConvertOptions(include_columns=[name])
    found: list[str] = pyarrow.csv.read_csv(path, convert_options=options)[name].to_pylist()
    return found


def _image_lists(size: JobSize, folder: Path) -> Iterator[Job]:
    for data in payloads.KINDS:
        path = folder / f"{data}-{size.images}.json"

        def make(path: Path = path, data: str = data) -> None:
            path.exists() or payloads.image_list(path, size.images, data)

        commands = {
            OURS: [IMAGEFIT, "audit", str(path), "--operation", "share", "-o", str(folder / "out.csv")],
            "json.load": [sys.executable, "-c", f"import json; json.load(open({str(path)!r}))"],
        }
        yield Job("image list to CSV", data, size.images, "image", commands, check=make)


def _starts() -> Iterator[Job]:
    nothing = [sys.executable, "-c", "pass"]
    line = ["--image", "images.json#shelf-camera", "--flavor", "kai1s.3xlarge.2", "--operation", OPERATION]
    ways = (
        ("imagefit --help", ["--help"], 3.0),
        ("imagefit check, one candidate", ["check", *line], 4.0),
        ("imagefit check, one candidate as JSON", ["check", *line, "--format", "json"], 4.0),
    )
    for name, arguments, most in ways:
        commands = {OURS: [IMAGEFIT, *arguments], "python -c pass": nothing}
        yield Job("a process", name, 1, "run", commands, most)


def _in_process(size: JobSize) -> Iterator[Job]:
    def job(name: str, data: str, items: int, unit: str, peer: str, wanted: float | None, *inside: object) -> Job:
        commands: dict[str, Sequence[str]] = {OURS: (), peer: ()}
        is_least = inside[0] in ("table", "pairs")
        return Job(name, data, items, unit, commands, wanted, is_least, inside)

    for data in ("seen", "distinct", "distinct, as JSON"):
        yield job("a check (tabular), explained", data, size.checks, "check", "JSON", None, "check", data, size.checks)
    rows, (images, ecss) = size.table // 2, size.sides
    yield job("400 rules", "generated", rows, "row", "100 rules", 3.0, "rules", rows)
    adversarial = 4.0 if is_compiled() else 1.8
    of_tables = {"skewed": {"Polars": 3.0, "DuckDB": 10.0, "pandas": 5.0}, "adversarial": {"Polars": adversarial}}
    for data, peers in of_tables.items():
        for peer, wanted in peers.items():
            yield job("a table in memory", data, size.table, "row", peer, wanted, "table", peer, data, size.table)
    for data in generators.KINDS:
        for peer, wanted in (("DuckDB", 150.0), ("Polars", 60.0)):
            inside = ("pairs", peer, data, images, ecss)
            yield job("every image with every ECS", data, images * ecss, "pair", peer, wanted, *inside)


def main() -> None:
    import report

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("words", nargs="*", help="of the titles of jobs")
    parser.add_argument("--size", choices=SIZES, default="bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--docs", action="store_true", help="write the tables of docs/performance.md and the README")
    options = parser.parse_args()
    found: list[tuple[Job, list[Record]]] = []
    with tempfile.TemporaryDirectory() as folder:
        print(report.JOBS_HEAD, flush=True)
        for job in jobs_of(SIZES[options.size], Path(folder)):
            if all(word.lower() in job.title.lower() for word in options.words):
                found.append((job, measured(job, options.rounds)))
                print(report.job_line(*found[-1]), flush=True)
    if options.docs:
        report.write_jobs(found)


if __name__ == "__main__":
    main()
