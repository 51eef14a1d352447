"""An audit by a cluster of two workers: the same rows whatever happens to an executor or a worker on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("pyspark")
if "spark" not in os.environ.get("IMAGEFIT_DATABASES", ""):
    pytest.skip("`make test-spark` does this", allow_module_level=True)

import imagefit
from packfiles import shipped_pack
from spark.cluster import PATIENCE, Cluster, cluster, stop, wait_for
from sql.agreement import sampled, table_for

ROWS = 100_000
FILES = 10
PARTS = 2 * FILES
"""Of each file there is one part of rows that are decided, and one of rows that are not."""

CASES = 200
COLUMNS = ("verdict", "failed_rules", "unknown_rules", "warnings", "missing_facts", "reasons")
SETTINGS = {
    "spark.executor.memory": "800m",
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.cores.max": "2",
    "spark.scheduler.minRegisteredResourcesRatio": "1.0",  # both workers are there when it begins
    "spark.scheduler.maxRegisteredResourcesWaitingTime": f"{PATIENCE}s",
    "spark.sql.files.openCostInBytes": "128m",  # a part a file
}
OPTIONS = ("--operation", "create_ecs", "--set", "image.region=r", "--assume", "ecs.account=@image.owner")


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), 2) as made:
        yield made


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows in files, with a key that tells each from the others."""
    folder = tmp_path_factory.mktemp("inventory")
    pack = shipped_pack("huawei-ims")
    cases = table_for(pack, sampled(pack, "create_ecs", CASES), "spark").drop_columns("row")
    table = pa.concat_tables([cases] * (ROWS // FILES // CASES))
    for number in range(FILES):
        keys = pa.array([f"{number}-{n}" for n in range(table.num_rows)])
        pq.write_table(table.add_column(0, "id", keys), folder / f"{number}.parquet")
    return folder


def digest(table: pa.Table) -> str:
    """Return what stands for the rows, in the order of their keys, with all that an audit says of them."""
    rows = table.select(["id", *COLUMNS]).sort_by("id").to_pylist()
    return sha256("\n".join(repr(list(row.values())) for row in rows).encode()).hexdigest()


class Audit:
    """An audit on the cluster by the command line, in a process of its own, which ends with the `with` it stands in."""

    def __init__(self, made: Cluster, inventory: Path, output: Path) -> None:
        self.made, self.output, self.log = made, output, made.folder / f"{output.name}.driver.log"
        submit = " ".join([*(f"--conf {name}={value}" for name, value in SETTINGS.items()), "pyspark-shell"])
        arguments = ["audit", str(inventory), *OPTIONS, "--on", made.master, "-o", str(output)]
        with self.log.open("wb") as log:
            self.driver = subprocess.Popen(
                [sys.executable, "-m", "imagefit", *arguments],
                env=made.environment | {"PYSPARK_SUBMIT_ARGS": submit},
                stderr=log,
            )

    def __enter__(self) -> Audit:
        return self

    def __exit__(self, *_: object) -> None:
        stop([self.driver])

    def wait_for_work(self, worker: str) -> None:
        """Wait until an executor has finished a part of the audit, while others are still to be done."""

        def is_at_work() -> bool:
            return self.made.finished(worker) > 1 and self.written() > 0  # the first task may be a look at the files

        try:
            wait_for(is_at_work, f"work done by {worker}", self.driver)
        except (ChildProcessError, TimeoutError) as error:
            error.add_note(self.said())
            raise

    def written(self) -> int:
        """Return how many parts of the output are there for good."""
        parts = self.output.parent.glob(f"{self.output.name}.part-*")
        return sum("attempt_" not in str(file) for part in parts for file in part.rglob("*.parquet"))

    def said(self) -> str:
        """Return what it said last."""
        return self.log.read_text(errors="replace")[-3000:]

    def ended(self) -> int:
        """Wait until it has ended, and return its exit code; nothing that is not whole may be there."""
        code = self.driver.wait(PATIENCE)
        assert not list(self.output.parent.glob(f"{self.output.name}.part-*"))
        return code

    def digest(self) -> str:
        """Wait until it has ended, and return the digest of what it wrote."""
        assert self.ended() == 1, self.said()
        table = pq.read_table(self.output)
        assert table.num_rows == ROWS
        found = digest(table)
        print(
            f"{self.output.name}: {table.num_rows:,} rows of {len(list(self.output.glob('*.parquet')))} files, {found}"
        )
        return found


@pytest.fixture(scope="module")
def right(inventory: Path) -> str:
    """What one machine says."""
    options = {"set": {"image.region": "r"}, "assume": {"ecs.account": "@image.owner"}}
    files = sorted(map(str, inventory.iterdir()))
    audit = imagefit.audit(files, operation="create_ecs", **options)
    assert min(len(audit.where(verdict=verdict)) for verdict in ("incompatible", "unknown")) > ROWS // 4
    found = digest(audit.to_arrow())
    print(f"one machine: {found}")
    return found


def test_the_rows_are_those_of_one_machine(two_workers: Cluster, inventory: Path, tmp_path: Path, right: str) -> None:
    with Audit(two_workers, inventory, tmp_path / "undisturbed") as audit:
        assert audit.digest() == right


def test_what_is_interrupted_is_cancelled(two_workers: Cluster, inventory: Path, tmp_path: Path) -> None:
    with Audit(two_workers, inventory, tmp_path / "interrupted") as audit:
        audit.wait_for_work("w0")
        audit.driver.send_signal(signal.SIGINT)
        assert audit.ended() == 130, audit.said()
        assert not audit.output.exists()
        assert "was not written" in audit.said()
    wait_for(lambda: not two_workers.executors("w0") + two_workers.executors("w1"), "an end of the executors")


def test_an_executor_that_is_killed_changes_nothing(
    two_workers: Cluster, inventory: Path, tmp_path: Path, right: str
) -> None:
    with Audit(two_workers, inventory, tmp_path / "executor-killed") as audit:
        audit.wait_for_work("w0")
        (pid,) = two_workers.executors("w0")
        os.kill(pid, signal.SIGKILL)
        print(f"killed the executor {pid} of w0 when {audit.written()} of {PARTS} parts were there")
        assert audit.written() < PARTS
        assert audit.digest() == right
        assert "Lost executor" in audit.said()


def test_a_worker_that_is_killed_changes_nothing(
    two_workers: Cluster, inventory: Path, tmp_path: Path, right: str
) -> None:
    """The last: one worker is left."""
    with Audit(two_workers, inventory, tmp_path / "worker-killed") as audit:
        audit.wait_for_work("w1")
        two_workers.kill("w1")
        print(f"killed the worker w1 and its executor when {audit.written()} of {PARTS} parts were there")
        assert audit.written() < PARTS
        assert audit.digest() == right
        assert "Lost executor" in audit.said()
