"""What docs/scale.md shows for engines that give batches to functions, on those that are here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagefit.tables import audit_batches

ROWS = [{"id": f"r{n}", "image.status": ("active", "queued", None)[n % 3]} for n in range(30)]


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    for number in range(3):
        pq.write_table(pa.Table.from_pylist(ROWS[number * 10 : number * 10 + 10]), tmp_path / f"{number}.parquet")
    return tmp_path


def right() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = audit_batches(None, "share")(pa.RecordBatch.from_pylist(ROWS)).to_pylist()
    return rows


def by_key(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: int(row["id"][1:]))


def test_dask(inventory: Path) -> None:
    bag = pytest.importorskip("dask.bag")
    of_batch = audit_batches(None, "share")

    def of_file(path: str) -> list[dict[str, Any]]:
        return [row for batch in pq.read_table(path).to_batches() for row in of_batch(batch).to_pylist()]

    files = bag.from_sequence(sorted(map(str, inventory.glob("*.parquet"))), npartitions=3)
    assert by_key(files.map(of_file).flatten().compute(scheduler="threads")) == right()


def test_daft(inventory: Path) -> None:
    daft = pytest.importorskip("daft")
    of_batch = audit_batches(None, "share")

    @daft.func.batch(return_dtype=daft.DataType.string())
    def verdict(key: Any, status: Any) -> Any:
        batch = pa.RecordBatch.from_arrays([pa.array(s.to_pylist()) for s in (key, status)], ["id", "image.status"])
        return of_batch(batch).column("verdict")

    df = daft.read_parquet(f"{inventory}/*.parquet")
    found = df.with_column("verdict", verdict(df["id"], df["image.status"])).to_pylist()
    assert [row["verdict"] for row in by_key(found)] == [row["verdict"] for row in right()]


def test_the_command_line_needs_no_pandas_with_their_arrow(tmp_path: Path) -> None:
    """Daft brings an older pyarrow than the newest."""
    rows = [{"id": "a", "image.status": "active", "image.recipients": 3}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet")
    (tmp_path / "in.csv").write_text("id,image.status,image.recipients\na,active,3\n")
    for name in ("in.parquet", "in.csv"):
        command = [sys.executable, "-m", "imagefit", "audit", name, "--operation", "share", "--fail-on", "never"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
