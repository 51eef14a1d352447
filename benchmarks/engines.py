"""Audits by several engines, side by side on the same files: CPU seconds and wall seconds, memory, and what is computed
from them for 10^10 candidates and 10^13 pairs.

``make bench-engines`` runs it: ``python benchmarks/engines.py [--rows 50000] [--rounds 3] [--docs]``, where the extra
spark is installed; Sail is left out where there is no ``.venv-sail``. Each engine is made ready once, and does each job
once before it is measured; then they take turns. CPU seconds are those of all processes of an engine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

import generators
from engine_report import Found, Shape, Times, as_text, write_docs
from engine_runs import COPY, COUNTED, EXACT, PAIRS, PLAIN, REASONS

HERE = Path(__file__).resolve().parent
SAIL = HERE.parent / ".venv-sail/bin"
CORES = 2
HEAP = "1g"
ECSS, IMAGES_A_ROW = 2_000, 4
WARM = 2
"""So often a JVM does a job before it is measured, where JVMs are compared."""

PARTS = (2, 40)
UNSPLIT = "65535"
"""Spark's default of what `imagefit` sets to 8000: such a stage stays one method."""

TICKS = os.sysconf("SC_CLK_TCK")
SAID = ("id", "verdict", "failed_rules", "unknown_rules", "warnings")
ENGINES = ("audit", "duckdb", "spark", "sail")
ALL = (COPY, PLAIN, REASONS, EXACT)
JOBS = {name: (COPY, COUNTED, EXACT) if name == "audit" else ALL for name in ENGINES}
"""Of skewed rows."""


def jobs_of(engine: str, data: str) -> Sequence[str]:
    """Return what an engine does with rows of a kind."""
    if data == "skewed":
        return JOBS[engine]
    return JOBS[engine][-1:] if engine == "audit" else (REASONS,) if data == "row" else (REASONS, EXACT)


@dataclass
class Engine:
    """An engine that is ready, and its processes."""

    name: str
    process: subprocess.Popen[str]
    also: Sequence[subprocess.Popen[bytes]] = ()
    cost: Times = field(default_factory=Times)

    def __post_init__(self) -> None:
        self._answer()

    def run(self, job: str, source: Path, output: Path, **options: Any) -> Times:
        """Do a job, and return what it took."""
        for old in (output, Path(f"{output}.crc")):
            shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink(missing_ok=True)
        before = self.cpu()
        request = {"job": job, "source": str(source), "output": str(output), **options}
        _pipe(self.process.stdin).write(json.dumps(request) + "\n")
        _pipe(self.process.stdin).flush()
        wall: float = self._answer()["wall"]
        return Times(self.cpu() - before, wall)

    def _answer(self) -> Any:
        line = _pipe(self.process.stdout).readline()
        if not line:
            raise SystemExit(f"{' '.join(map(str, self.process.args))}: ended")  # type: ignore[arg-type]
        return json.loads(line)

    def cpu(self) -> float:
        """Return the CPU seconds of all its processes so far."""
        return sum(sum(map(int, _stat(pid)[11:15])) for pid in self.pids()) / TICKS

    def peaks(self) -> dict[str, float]:
        """Return the most memory, in MB, that a process of each name has had."""
        found: dict[str, float] = {}
        for pid in self.pids():
            status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
            if "VmHWM" in status:
                name = status["Name"].strip()
                found[name] = max(found.get(name, 0.0), int(status["VmHWM"].split()[0]) * 1024 / 1e6)
        return found

    def pids(self) -> list[int]:
        """Return its processes that run."""
        children: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (stat := _stat(int(entry.name))):
                children.setdefault(int(stat[1]), []).append(int(entry.name))
        found, waiting = [], [self.process.pid, *(process.pid for process in self.also)]
        while waiting:
            found.append(waiting.pop())
            waiting += children.get(found[-1], [])
        return found


def _stat(pid: int) -> list[str]:
    """Return what stands in `stat` of a process after its name; nothing if it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


@contextmanager
def started(name: str, log: Path, java_options: str = "") -> Iterator[Engine]:
    """Start an engine, and stop it."""
    options = f"--driver-memory {HEAP} --conf spark.ui.enabled=false --conf spark.driver.host=127.0.0.1"
    if java_options:
        options += f" --driver-java-options {java_options}"
    also: list[subprocess.Popen[bytes]] = []
    python, address = Path(sys.executable), {"spark": f"local[{CORES}]"}.get(name, name)
    own = {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_SUBMIT_ARGS": f"{options} pyspark-shell"}
    with log.open("a") as file:
        if name == "sail":
            python, port = SAIL / "python", _free_port()
            address = f"sc://127.0.0.1:{port}"
            command = [str(SAIL / "sail"), "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
            also.append(subprocess.Popen(command, stdout=file, stderr=file))
            _wait_for(port)
        environment = os.environ | own | {"PYSPARK_PYTHON": str(python)}
        process = subprocess.Popen(
            [str(python), str(HERE / "engine_runs.py"), address],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file, text=True,
        )  # fmt: skip
        try:
            began = time.perf_counter()
            engine = Engine(name, process, also)
            engine.cost = Times(engine.cpu(), time.perf_counter() - began)
            yield engine
        finally:
            _pipe(process.stdin).close()
            process.wait()
            for each in also:
                each.terminate()
                each.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    for _ in range(1200):
        with socket.socket() as own:
            if own.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nothing answers on port {port}")


def inventory(folder: Path, rows: int) -> None:
    """Write the files that are audited: of each kind one; one with a single row; the skewed one in parts; two sides."""
    whole = {kind: _plain(generators.table("candidates", rows, kind=kind)) for kind in generators.KINDS}
    for kind, table in whole.items():
        _write(table, folder / f"{kind}.parquet")
    _write(whole["skewed"].slice(0, 1), folder / "row.parquet")
    for parts in PARTS:
        (folder / f"{parts}-parts").mkdir()
        each = -(-rows // parts)
        for number in range(parts):
            _write(whole["skewed"].slice(number * each, each), folder / f"{parts}-parts" / f"{number:03}.parquet")
    _write(_plain(generators.table("images", rows * IMAGES_A_ROW)), folder / "images.parquet")
    _write(_plain(generators.table("ecss", ECSS)), folder / "ecss.parquet")


def _plain(table: pa.Table) -> pa.Table:
    """Return a table whose texts are no dictionaries, which Sail does not read."""
    texts = [field.with_type(pa.string()) if pa.types.is_dictionary(field.type) else field for field in table.schema]
    return table.cast(pa.schema(texts))


def _write(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, row_group_size=100_000)


def side_by_side(engines: Mapping[str, Engine], folder: Path, rounds: int, found: Found) -> None:
    """Let the engines take turns with each job, after one that is not counted; of the first, compare what they say."""
    said: dict[str, Any] = {}
    for number in range(rounds + 1):
        for data in ("row", *generators.KINDS):
            for name, engine in engines.items():
                for job in jobs_of(name, data):
                    took = engine.run(job, folder / f"{data}.parquet", folder / f"out-{name}")
                    if number:
                        found.add(took, name, job, data)
                    else:
                        found.first.setdefault((name, job, data), took)
                        _agree(said, job, data, folder / f"out-{name}", name)
                        if data == "skewed" and (folder / f"out-{name}").exists():
                            found.sizes[name, job] = _size(folder / f"out-{name}")
            print(f"round {number} of {rounds}, {data} rows: done", file=sys.stderr, flush=True)


def _agree(said: dict[str, Any], job: str, data: str, output: Path, name: str) -> None:
    """Raise an error if an engine says something else of the rows than the first one did."""
    if job in (COPY, COUNTED):
        return
    own = pq.read_table(output, columns=list(SAID)).sort_by("id")
    rows = [own[column].to_pylist() for column in SAID]
    if said.setdefault(data, rows) != rows:
        raise SystemExit(f"{name}, {job}, {data}: other results than {ENGINES[0]}")


def _size(output: Path) -> int:
    files = [output] if output.is_file() else list(output.rglob("*.parquet"))
    return sum(file.stat().st_size for file in files)


def in_turns(engine: Engine, jobs: Sequence[tuple[str, str]], folder: Path, rounds: int, found: Found) -> None:
    """Measure further jobs of one engine, after one that is not counted."""
    for number in range(rounds + 1):
        for job, source in jobs:
            took = engine.run(job, folder / source, folder / f"out-{engine.name}")
            if number:
                found.add(took, engine.name, job, source)


def compiled(folder: Path, rounds: int, found: Found, log: Path) -> None:
    """Measure ways to have the JVM compile what Spark generates, each in a JVM of its own."""
    for way, (java_options, options) in COMPILED.items():
        with started("spark", log, java_options) as engine:
            for number in range(WARM + rounds):
                took = engine.run(REASONS, folder / "skewed.parquet", folder / "out-spark", **options)
                if number >= WARM:
                    found.add(took, "spark", REASONS, way)


COMPILED: dict[str, tuple[str, dict[str, str]]] = {
    "unsplit": ("", {"at_most": UNSPLIT}),
    "flag": ("-XX:-DontCompileHugeMethods", {"at_most": UNSPLIT}),
    "split": ("", {}),
}


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--docs", action="store_true", help="write the tables of docs/sizing.md")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    log, found = folder / "log", Found(Shape(options.rows, options.rows * IMAGES_A_ROW * ECSS, options.rounds))
    try:
        inventory(folder, options.rows)
        found.sizes["", COPY] = (folder / "skewed.parquet").stat().st_size
        names = [name for name in ENGINES if name != "sail" or (SAIL / "sail").exists()]
        engines: dict[str, Engine] = {}
        with ExitStack() as stack:
            for name in names:
                engines[name] = stack.enter_context(started(name, log))
                found.starts[name] = engines[name].cost
            side_by_side(engines, folder, options.rounds, found)
            parts = [(job, f"{parts}-parts") for job in (REASONS, EXACT) for parts in PARTS]
            in_turns(engines["audit"], [(PAIRS, ".")], folder, options.rounds, found)
            in_turns(engines["spark"], [*parts, (PAIRS, ".")], folder, options.rounds, found)
            found.peaks = {name: engine.peaks() for name, engine in engines.items()}
        compiled(folder, options.rounds, found, log)
    except SystemExit:
        print(log.read_text()[-3000:], file=sys.stderr)
        raise
    finally:
        shutil.rmtree(folder)
    print(as_text(found))
    if options.docs:
        write_docs(found)


if __name__ == "__main__":
    main()
