"""An audit by a cluster of two workers: the same rows whatever happens to an executor or a worker on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("pyspark")
if "spark" not in os.environ.get("IMAGEFIT_DATABASES", ""):
    pytest.skip("`make test-spark` does this", allow_module_level=True)

import imagefit
from imagefit.analysis.verify.grid import Grid
from imagefit.verdicts import json_value
from packfiles import shipped_pack
from spark.cluster import Cluster, cluster, wait_for
from sql.agreement import table_for

ROWS = 100_000
FILES = 10
CASES = 200
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
    facts = Grid.of(pack.rules_for("create_ecs"), pack.fields).sample(CASES, "cluster")
    rows = [{name: json_value(value) for name, value in own.items()} for own in facts]
    cases = table_for(pack, rows, "spark").drop_columns("row")
    table = pa.concat_tables([cases] * (ROWS // FILES // CASES))
    for number in range(FILES):
        keys = pa.array([f"{number}-{n}" for n in range(table.num_rows)])
        pq.write_table(table.add_column(0, "id", keys), folder / f"{number}.parquet")
    return folder


def digest(table: pa.Table, *more: str) -> str:
    """Return what stands for rows in the order of their keys; of reasons those of failing rules, with `more` all."""
    columns = ["id", "verdict", "failed_rules", "unknown_rules", "warnings", *more, "reasons"]
    rows = table.select(columns).sort_by("id").to_pylist()
    told = ([*row.values()][:-1] + row["reasons"][: None if more else len(row["failed_rules"])] for row in rows)
    return sha256("\n".join(map(repr, told)).encode()).hexdigest()


def audited(
    made: Cluster, inventory: Path, output: Path, hurt: Callable[[], None] = lambda: None, *, is_exact: bool = False
) -> str:
    """Audit on the cluster by the command line, hurt it while it does, and return the digest of what it wrote."""
    arguments = ["audit", str(inventory), *OPTIONS, "--on", made.master, "-o", str(output)]
    arguments += [] if is_exact else ["--fast"]
    settings = {
        "spark.executor.memory": "800m",
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.files.openCostInBytes": "128m",  # a partition a file
    }
    submit = " ".join([*(f"--conf {name}={value}" for name, value in settings.items()), "pyspark-shell"])
    environment = made.environment | {"PYSPARK_SUBMIT_ARGS": submit}
    with (made.folder / f"{output.name}.driver.log").open("wb") as log:
        driver = subprocess.Popen([sys.executable, "-m", "imagefit", *arguments], env=environment, stderr=log)
        try:
            hurt()
            code = driver.wait(900)
        finally:
            driver.kill()
    assert code == 1, (made.folder / f"{output.name}.driver.log").read_text()[-3000:]
    assert not [path for path in output.parent.iterdir() if ".part-" in path.name]
    table = pq.read_table(output)
    assert table.num_rows == ROWS
    found = digest(table, "missing_facts") if is_exact else digest(table)
    print(f"{output.name}: {table.num_rows:,} rows of {len(list(output.glob('*.parquet')))} files, {found}")
    return found


def test_the_rows_are_the_same_whatever_is_killed(two_workers: Cluster, inventory: Path, tmp_path: Path) -> None:
    made = two_workers
    files = sorted(map(str, inventory.iterdir()))
    options = {"set": {"image.region": "r"}, "assume": {"ecs.account": "@image.owner"}}
    one_machine = imagefit.audit(files, operation="create_ecs", **options).to_arrow()
    right, exact = digest(one_machine), digest(one_machine, "missing_facts")
    print(f"one machine: {right}, with missing facts {exact}")

    def kill_executor() -> None:
        wait_for(lambda: made.executors("w0"), "an executor")
        time.sleep(8)
        (pid,) = made.executors("w0")
        os.kill(pid, signal.SIGKILL)
        print(f"killed the executor {pid} of w0")

    def kill_worker() -> None:
        wait_for(lambda: made.executors("w1"), "an executor")
        time.sleep(8)
        made.kill("w1")
        print("killed the worker w1 and its executor")

    assert audited(made, inventory, tmp_path / "undisturbed") == right
    assert audited(made, inventory, tmp_path / "exact", is_exact=True) == exact
    assert audited(made, inventory, tmp_path / "executor-killed", kill_executor) == right
    assert audited(made, inventory, tmp_path / "worker-killed", kill_worker) == right
