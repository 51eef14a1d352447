"""``imagefit audit --on duckdb``: the columns and the rows of `audit`, from Parquet, CSV and JSON Lines."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result

import imagefit
from commands import run
from packfiles import shipped_pack
from sql.agreement import sampled, table_for


def audit_on_duckdb(*arguments: str) -> Result:
    return run("audit", *arguments, "--on", "duckdb")


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return sorted(pq.read_table(folder).to_pylist(), key=lambda row: str(row["id"]))


def test_it_says_what_audit_says(tmp_path: Path) -> None:
    pack = shipped_pack("huawei-ims")
    table = table_for(pack, sampled(pack, "create_ecs", 300), "duckdb")
    table = table.rename_columns(["id", *table.schema.names[1:]])
    (tmp_path / "in").mkdir()
    pq.write_table(table.slice(0, 100), tmp_path / "in" / "a.parquet")
    pq.write_table(table.slice(100), tmp_path / "in" / "b.parquet")
    options = ["--operation", "create_ecs", "--set", "image.region=r", "--assume", "ecs.account=@image.owner"]
    result = audit_on_duckdb(str(tmp_path / "in"), *options, "-o", str(tmp_path / "out"))
    assert result.exit_code == 1, result.stderr
    right = imagefit.audit(
        table, operation="create_ecs", set={"image.region": "r"}, assume={"ecs.account": "@image.owner"}
    )
    assert rows_of(tmp_path / "out") == sorted(right.to_arrow().to_pylist(), key=lambda row: str(row["id"]))
    counts = right.summary().verdicts
    shown = ", ".join(f"{counts[name]:,} {name}" for name in ("incompatible", "unknown", "compatible"))
    assert f"300 rows: {shown}" in result.stderr


ROWS = [
    {"id": "007", "image.status": "active", "image.recipients": "3", "image.encrypted": "FALSE", "note": "2026-01-01"},
    {"id": "1e5", "image.status": "queued", "image.recipients": " +4 ", "image.encrypted": "", "note": "x"},
]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_texts_stay_what_they_are(tmp_path: Path, ending: str) -> None:
    place = tmp_path / f"in.{ending}"
    if ending == "csv":
        lines = [",".join(ROWS[0]), *(",".join(row.values()) for row in ROWS)]
    else:
        lines = [json.dumps(row) for row in ROWS]
    place.write_text("\n".join(lines) + "\n")
    assert audit_on_duckdb(str(place), "--operation", "share", "-o", str(tmp_path / "out")).exit_code == 1
    right = imagefit.audit(pa.Table.from_pylist(ROWS), operation="share").to_arrow().to_pylist()
    found = rows_of(tmp_path / "out")
    if ending == "csv":  # an empty cell is null there
        found = [{name: "" if value is None else value for name, value in row.items()} for row in found]
    assert found == right


def test_a_wrong_value_ends_it_or_its_row_is_put_aside(tmp_path: Path) -> None:
    place = tmp_path / "in.csv"
    place.write_text("id,image.status,image.encrypted\n007,active,yes\n008,queued,\n")
    out = tmp_path / "out"
    result = audit_on_duckdb(str(place), "--operation", "share", "-o", str(out))
    assert result.exit_code == 2
    assert "007, image.encrypted: not a value of this fact: 'yes'; expected true or false" in result.stderr + str(
        result.exception
    )
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
    result = audit_on_duckdb(str(place), "--operation", "share", "-o", str(out), "--on-bad-row", "report")
    assert result.exit_code == 2
    assert [row["id"] for row in rows_of(out)] == ["008"]
    assert [(row["id"], row["bad_value"]) for row in rows_of(tmp_path / "out.bad-rows.parquet")] == [
        ("007", "image.encrypted")
    ]


def test_a_column_of_the_table_may_be_called_like_that_of_wrong_values(tmp_path: Path) -> None:
    place = tmp_path / "in.csv"
    place.write_text("id,image.status,bad_value\na,active,x\nb,actve,y\n")
    out = tmp_path / "out"
    assert "b, image.status: not a value" in audit_on_duckdb(str(place), "--operation", "share", "-o", str(out)).stderr
    reporting = ["--operation", "share", "-o", str(out), "--on-bad-row", "report"]
    assert "a column of this name already" in audit_on_duckdb(str(place), *reporting).stderr
    assert audit_on_duckdb(str(place), *reporting, "--prefix", "x_").exit_code == 2
    assert [(row["id"], row["bad_value"]) for row in rows_of(out)] == [("a", "x")]
    (bad,) = rows_of(tmp_path / "out.bad-rows.parquet")
    assert (bad["id"], bad["bad_value"], bad["x_bad_value"]) == ("b", "y", "image.status")


def test_empty_sets_in_json_are_sets(tmp_path: Path) -> None:
    rows = [{"id": "a", "image.shared_with": [], "image.status": "active"}, {"id": "b", "image.status": "active"}]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    audit_on_duckdb(str(tmp_path / "in.jsonl"), "--operation", "share", "-o", str(tmp_path / "out"))
    right = imagefit.audit(rows, operation="share").to_arrow().to_pylist()
    assert [row["verdict"] for row in rows_of(tmp_path / "out")] == [row["verdict"] for row in right]


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="pyspark is here")
def test_without_pyspark_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,image.status\na,active\n")
    arguments = [
        "audit",
        str(tmp_path / "in.csv"),
        "--operation",
        "share",
        "-o",
        str(tmp_path / "o"),
        "--on",
        "local[2]",
    ]
    result = run(*arguments)
    assert "--on needs pyspark for Spark: pip install 'imagefit[spark]'" in result.stderr


def test_fast_has_unknown_facts_in_place_of_missing_facts(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a"], "image.status": ["active"]}), tmp_path / "in.parquet")
    assert (
        audit_on_duckdb(
            str(tmp_path / "in.parquet"), "--operation", "share", "-o", str(tmp_path / "o"), "--fast"
        ).exit_code
        == 3
    )
    (row,) = rows_of(tmp_path / "o")
    assert "image.encrypted" in row["unknown_facts"] and "missing_facts" not in row


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--operation", "share"], "--on needs a folder to write to"),
        (["-o", "out"], "--on needs --operation"),
        (["--operation", "shar", "-o", "out"], "did you mean 'share'"),
        (["--operation", "share", "-o", "out", "--from", "orc"], "a format that DuckDB does not read here"),
        (["--operation", "share", "-o", "out", "--from", "xls"], "unknown format"),
        (["--operation", "share", "-o", "out", "--all-rules"], "--all-rules: not with --on"),
        (["--operation", "share", "-o", "out", "--log", "l"], "--log: not with --on"),
        (["--operation", "share", "-o", "out", "--baseline", "b"], "--baseline: not with --on"),
    ],
)
def test_mistakes_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("id,image.status\na,active\n")
    result = audit_on_duckdb("in.csv", *arguments)
    assert result.exit_code == 2 and message in result.stderr
    assert not Path("out").exists()


def test_a_type_that_no_value_of_the_fact_has_is_found_before_anything_is_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a"], "image.status": [1]}), tmp_path / "in.parquet")
    result = audit_on_duckdb(str(tmp_path / "in.parquet"), "--operation", "share", "-o", str(tmp_path / "o"))
    assert "image.status: not a type for this fact: 'BIGINT'" in result.stderr


def test_the_log_and_the_baseline_of_the_project_are_left_out_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("imagefit.toml").write_text('log = "a.log"\nbaseline = "known.json"\n')
    Path("in.csv").write_text("id,image.status\na,active\n")
    result = audit_on_duckdb("in.csv", "--operation", "share", "-o", "out")
    assert result.exit_code == 3
    assert "log and baseline of the project file: left out with --on" in result.stderr
    assert not Path("a.log").exists()
