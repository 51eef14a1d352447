"""Over Spark Connect, by Sail and under `spark-submit` the rows are those of one machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

pytest.importorskip("pyspark")
if "spark" not in os.environ.get("IMAGEFIT_DATABASES", ""):
    pytest.skip("`make test-spark` does this", allow_module_level=True)

import imagefit
from packfiles import shipped_pack
from spark.cluster import stop, wait_for
from spark.over_connect import AUDIT, MATCH, ODD
from spark.test_match import ECSS, IMAGES
from sparks import environment
from sql.agreement import sampled, table_for

SAIL = Path(os.environ.get("IMAGEFIT_SAIL", ".venv-sail")) / "bin"
"""An environment with Sail, and a client of Spark's that it knows."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What `over_connect` reads; the rows in three files."""
    pack = shipped_pack("huawei-ims")
    table = table_for(pack, sampled(pack, "create_ecs", 300), "spark").drop_columns("row")
    table = table.add_column(0, "id", pa.array([f"{n:03}" for n in range(table.num_rows)]))
    wrong = [name if n != int(ODD) else "actve" for n, name in enumerate(table["image.status"].to_pylist())]
    odd = table.set_column(table.schema.get_field_index("image.status"), "image.status", pa.array(wrong))
    for name, whole in (
        ("rows", table),
        ("odd", odd),
        ("images", pa.Table.from_pylist(IMAGES)),
        ("ecss", pa.Table.from_pylist(ECSS)),
    ):
        (tmp_path / name).mkdir()
        for number in range(3):
            part = whole.take(list(range(number, whole.num_rows, 3)))
            pq.write_table(part, tmp_path / name / f"{number}.parquet")
    return tmp_path


@contextmanager
def server(command: list[str], log: Path, port: int) -> Iterator[None]:
    """Start a server, wait until it takes connections, and stop it."""

    def answers() -> bool:
        with socket.socket() as own:
            return own.connect_ex(("127.0.0.1", port)) == 0

    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=os.environ | environment())
    try:
        wait_for(answers, f"{command[0]} on port {port}; see {log}", process)
        yield
    finally:
        stop([process])


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def submit() -> str:
    import pyspark

    return str(Path(pyspark.__file__).parent / "bin" / "spark-submit")


@pytest.fixture(scope="module")
def connect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Spark Connect server on this machine."""
    port = free_port()
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": port,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
    }
    options = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    main = ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "--master", "local[2]"]
    command = [submit(), *main, "--driver-memory", "1g", *options, "spark-internal"]
    with server(command, tmp_path_factory.mktemp("connect") / "log", port):
        yield f"sc://127.0.0.1:{port}"


def sorted_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows in the order of their ids, which come first."""
    return sorted(table.to_pylist(), key=repr)


def hold(folder: Path) -> None:
    """What `over_connect` wrote is what one machine says."""
    found = {path.stem: feather.read_table(str(path)) for path in folder.glob("*.arrow")}
    files = sorted(map(str, (folder / "rows").iterdir()))
    right = imagefit.audit(files, **AUDIT).to_arrow()
    names = right.schema.names
    assert right.num_rows == 300
    assert sorted_rows(found["exact"].select(names)) == sorted_rows(right)
    others = [row for row in sorted_rows(right) if row["id"] != ODD]
    assert sorted_rows(found["others"].select(names)) == others
    reported = sorted_rows(found["reported"])
    assert [(row["id"], row["bad_value"]) for row in reported if row["bad_value"] is not None] == [
        (ODD, "image.status")
    ]
    assert [{name: row[name] for name in names} for row in reported if row["bad_value"] is None] == others
    assert f"imagefit: not a value of this fact: {ODD}, image.status" in (folder / "error").read_text()
    shared = [name for name in names if name not in ("missing_facts", "reasons")]
    assert sorted_rows(found["fast"].select(shared)) == sorted_rows(right.select(shared))
    pairs = imagefit.match(IMAGES, ECSS, **MATCH)
    assert sorted_rows(found["by-image"]) == sorted_rows(pairs.by_image())
    assert sorted_rows(found["fitting"]) == sorted_rows(pairs.fitting().read_all().select(["image", "ecs"]))


def over_connect(python: str, address: str, folder: Path) -> None:
    script = str(Path(__file__).with_name("over_connect.py"))
    subprocess.run([python, script, address, str(folder)], check=True, timeout=900)


def test_over_spark_connect_it_is_what_one_machine_says(connect: str, folder: Path) -> None:
    over_connect(sys.executable, connect, folder)
    hold(folder)


def test_on_sail_it_is_what_one_machine_says(folder: Path) -> None:
    if not (SAIL / "sail").exists():
        pytest.skip("Sail is not here; `make test-spark` installs it")
    port = free_port()
    command = [str(SAIL / "sail"), "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
    with server(command, folder / "sail.log", port):
        over_connect(str(SAIL / "python"), f"sc://127.0.0.1:{port}", folder)
    hold(folder)


def written(folder: Path, *command: str) -> pa.Table:
    """Run an audit on an engine from the command line, and return what it wrote."""
    output = folder / "audited"
    options = ["--operation", "create_ecs", "--set", "image.region=r", "--assume", "ecs.account=@image.owner"]
    arguments = ["audit", str(folder / "rows"), *options, "-o", str(output), "--fail-on", "never"]
    around = os.environ | environment()
    done = subprocess.run([*command, *arguments], env=around, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    told = done.stderr + done.stdout  # spark-submit has one stream of a driver's two
    for stage in ("reading", "auditing", "counting"):
        assert f"imagefit: {stage} ...\n" in told
    return pq.read_table(output)


def test_the_command_line_takes_the_address_of_spark_connect(connect: str, folder: Path) -> None:
    table = written(folder, sys.executable, "-c", f"{RUN}sys.argv += ['--on', '{connect}']; main()")
    assert sorted_rows(table) == one_machine(folder)


def test_spark_submit_runs_an_audit(folder: Path) -> None:
    script = folder / "run.py"
    script.write_text(f"{RUN}sys.argv += ['--on', 'local[2]']; main()")
    table = written(folder, submit(), "--master", "local[2]", "--conf", "spark.ui.enabled=false", str(script))
    assert sorted_rows(table) == one_machine(folder)


RUN = "import sys; from imagefit.cli import main; "


def one_machine(folder: Path) -> list[dict[str, Any]]:
    return sorted_rows(imagefit.audit(sorted(map(str, (folder / "rows").iterdir())), **AUDIT).to_arrow())
