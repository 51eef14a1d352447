"""Audits by several engines, side by side on one file: CPU seconds and wall seconds, processes of the JVM included.

Run it as ``python benchmarks/engines.py [ROWS]`` where the extras sql and spark are installed; it prints a table.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import imagefit
from imagefit.analysis.verify.grid import Grid
from imagefit.columns.stacking import encode_facts
from imagefit.evaluators.sql.engine import table_of

OPERATION = "create_ecs"
CASES = 20_000
CODE = "import sys; from imagefit.cli import main; sys.argv[1:] = {}; main()"
SPARK = """
from imagefit.spark import audit
from imagefit.spark.running import session_for
spark = session_for("local[2]")
df = spark.read.parquet({source!r})
audit(df, operation={operation!r}, columns={columns!r}).write.parquet({output!r})
spark.stop()
"""
NOTHING = "from imagefit.spark.running import session_for; s = session_for('local[2]'); s.range(1).count(); s.stop()"
WITHOUT = ["verdict", "failed_rules", "unknown_rules", "warnings", "unknown_facts"]


def inventory(path: Path, rows: int) -> None:
    """Write a file: a sample of cases, again and again, with an id for each row."""
    pack = imagefit.load_pack()
    facts = list(Grid.of(pack.rules_for(OPERATION), pack.fields).sample(CASES, "engines"))
    names = list(dict.fromkeys(name for own in facts for name in own))
    table = table_of(encode_facts(facts, pack.fields), names, pack.fields).drop_columns("row")
    whole = pa.concat_tables([table] * -(-rows // CASES)).slice(0, rows)
    pq.write_table(whole.add_column(0, "id", pa.array(range(rows))), path, row_group_size=100_000)


def measured(command: Sequence[str]) -> tuple[float, float]:
    """Return the CPU and the wall seconds of a command and all that it started."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    environment = os.environ | {"PYSPARK_PYTHON": sys.executable, "PYSPARK_SUBMIT_ARGS": SUBMIT}
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    wall = time.monotonic() - start
    while True:  # what it left behind is ours now
        try:
            os.wait()
        except ChildProcessError:
            break
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


SUBMIT = "--driver-memory 1500m --conf spark.ui.enabled=false pyspark-shell"


def main(rows: int) -> None:
    """Print the table."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # orphans become children of this process, so that they are counted
    folder = Path(tempfile.mkdtemp())
    source, output = folder / "in.parquet", folder / "out"
    inventory(source, rows)
    shared = ["audit", str(source), "--operation", OPERATION, "-o"]

    def cli(*arguments: str) -> list[str]:
        return [sys.executable, "-c", CODE.format([*shared, *arguments])]

    def spark(columns: Sequence[str]) -> list[str]:
        code = SPARK.format(source=str(source), operation=OPERATION, columns=list(columns), output=str(output))
        return [sys.executable, "-c", code]

    runs = {
        "audit, one process": cli(f"{output}.parquet"),
        "DuckDB, exact": cli(str(output), "--on", "duckdb"),
        "DuckDB, --fast": cli(str(output), "--on", "duckdb", "--fast"),
        "Spark local[2], --fast": cli(str(output), "--on", "local[2]", "--fast"),
        "Spark local[2], exact": cli(str(output), "--on", "local[2]"),
        "Spark local[2], without reasons": spark(WITHOUT),
        "Spark local[2], no rows (start and stop)": [sys.executable, "-c", NOTHING],
    }
    print(f"| {rows:,} rows of {OPERATION}, with reasons | CPU s | wall s |\n|---|---:|---:|", flush=True)
    for name, command in runs.items():
        shutil.rmtree(output, ignore_errors=True)
        cpu, wall = measured(command)
        done = output.exists() or Path(f"{output}.parquet").exists() or "no rows" in name
        print(f"| {name} | {cpu:.1f} | {wall:.1f} |{'' if done else ' FAILED'}", flush=True)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400_000)
