"""`audit --on` of Spark reads each format and tables, and writes the rows that one machine says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest

pytest.importorskip("pyspark")

import imagefit
from imagefit.errors import InputError
from imagefit.spark.running import audit_tables
from packfiles import shipped_pack
from sparks import local_session

ROWS = [
    {
        "id": f"{n:03}",
        "image.status": status,
        "image.encrypted": encrypted,
        "image.min_disk_gib": size,
        "note": 'a "note", of\ntwo lines',
    }
    for n, (status, encrypted, size) in enumerate(
        (s, e, g) for s in ("active", "saving", None) for e in (True, False, None) for g in (40, None)
    )
]
TABLE = pa.Table.from_pylist(ROWS)


def write(kind: str, folder: Path) -> list[str]:
    """Write the rows in two pieces, and return what is to be read."""
    folder.mkdir()
    if kind == "table":
        rows = [tuple(row.values()) for row in ROWS]
        kinds = "id STRING, `image.status` STRING, `image.encrypted` BOOLEAN, `image.min_disk_gib` BIGINT, note STRING"
        local_session().createDataFrame(rows, kinds).createOrReplaceTempView("lake_images")
        return ["lake_images"]
    for number, part in enumerate((TABLE.slice(0, 7), TABLE.slice(7))):
        place = folder / f"{number}.{kind}"
        if kind == "parquet":
            pq.write_table(part, place)
        elif kind == "orc":
            orc.write_table(part, str(place))
        elif kind == "csv":
            part.to_pandas().to_csv(place, index=False, quoting=1)
        else:
            part.to_pandas().to_json(place, orient="records", lines=True)
    return [str(folder)]


def run(inputs: list[str], output: Path, kind: str, **changed: Any) -> dict[str, int]:
    options: dict[str, Any] = {"select": (), "ignore": (), "given": {"image.visibility": "private"}, "assume": {}}
    options |= {"prefix": "", "is_fast": False, "bad_rows": None, "on_stage": lambda _: None} | changed
    pack = shipped_pack("huawei-ims")
    return audit_tables(local_session(), inputs, str(output), format=kind, operation="share", pack=pack, **options)


@pytest.mark.parametrize("kind", ["parquet", "orc", "csv", "jsonl", "table"])
def test_each_format_and_a_table(kind: str, tmp_path: Path) -> None:
    output = tmp_path / "audited"
    counts = run(write(kind, tmp_path / "lake"), output, kind)
    found = sorted(pq.read_table(output).to_pylist(), key=lambda row: row["id"])
    right = imagefit.audit(ROWS, operation="share", set={"image.visibility": "private"}).to_arrow().to_pylist()
    results = list(right[0])[len(ROWS[0]) :]
    assert [[row[name] for name in ("id", "note", *results)] for row in found] == [
        [row[name] for name in ("id", "note", *results)] for row in right
    ]
    verdicts = [row["verdict"] for row in right]
    assert {name: count for name, count in counts.items() if count} == {
        name: verdicts.count(name) for name in set(verdicts)
    }
    assert len(set(verdicts)) > 1


def test_a_wrong_value_leaves_no_output_and_is_kept_where_that_is_asked_for(tmp_path: Path) -> None:
    wrong = TABLE.set_column(1, "image.status", pa.array(["actve", *TABLE["image.status"].to_pylist()[1:]]))
    (tmp_path / "lake").mkdir()
    pq.write_table(wrong, tmp_path / "lake" / "0.parquet")
    inputs, output, bad = [str(tmp_path / "lake")], tmp_path / "audited", tmp_path / "bad"
    with pytest.raises(InputError, match=r"000, image\.status"):
        run(inputs, output, "parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]
    counts = run(inputs, output, "parquet", bad_rows=str(bad))
    assert counts["bad"] == 1
    assert [row["id"] for row in pq.read_table(bad).to_pylist()] == ["000"]
    assert pq.read_table(output).num_rows == len(ROWS) - 1


def lines(place: Path, *rows: str) -> str:
    place.write_text("".join(f"{row}\n" for row in rows))
    return str(place)


HEADER, OTHER = "id,image.status,image.visibility", "id,image.visibility,image.status"
OF_STATUS: Any = {"select": ("status",), "given": {}}


def test_columns_of_several_files_of_csv_go_by_their_names(tmp_path: Path) -> None:
    first = lines(tmp_path / "0.csv", HEADER, "a,active,private")
    second = lines(tmp_path / "1.csv", OTHER, "b,private,queued")
    third = lines(tmp_path / "2.csv", "id,image.visibility,note", "c,private,n")
    counts = run([first, second, third], tmp_path / "out", "csv", **OF_STATUS)
    assert {name: count for name, count in counts.items() if count} == {
        "compatible": 1,
        "incompatible": 1,
        "unknown": 1,
    }


@pytest.mark.parametrize(
    ("name", "rows"),
    [("header", [OTHER, "b,private,queued"]), ("MALFORMED", [HEADER, "b,active"]), ("MALFORMED", [HEADER, "b,a,p,x"])],
)
def test_files_of_a_folder_that_do_not_go_together_are_refused(tmp_path: Path, name: str, rows: list[str]) -> None:
    (folder := tmp_path / "lake").mkdir()
    lines(folder / "0.csv", HEADER, *(["a,active,private"] * 9))
    lines(folder / "1.csv", *rows)
    with pytest.raises(InputError, match=f"Spark: .*{name}"):
        run([str(folder)], tmp_path / "out", "csv", **OF_STATUS)
    assert [path.name for path in tmp_path.iterdir()] == ["lake"]


@pytest.mark.parametrize("kind", ["parquet", "orc"])
def test_no_column_of_a_later_file_is_lost(tmp_path: Path, kind: str) -> None:
    (folder := tmp_path / "lake").mkdir()
    tables = [pa.table({"id": ["a", "b"]}), pa.table({"id": ["c"], "image.status": ["queued"]})]
    tables[0] = tables[0].append_column("image.visibility", pa.array(["private", "private"]))
    for number, table in enumerate(tables):
        write_one = pq.write_table if kind == "parquet" else orc.write_table
        write_one(table, str(folder / f"{number}.{kind}"))
    counts = run([str(folder)], tmp_path / "out", kind, **OF_STATUS)
    assert (counts["unknown"], counts["incompatible"]) == (2, 1)


@pytest.mark.parametrize("line", ['{"id": "b", "image.sta', "7"])
def test_a_line_that_is_no_object_ends_it(tmp_path: Path, line: str) -> None:
    file = lines(tmp_path / "0.jsonl", '{"id": "a", "image.status": "active"}', line)
    with pytest.raises(InputError, match=r"^Spark: "):
        run([file], tmp_path / "out", "jsonl", **OF_STATUS)
    assert [path.name for path in tmp_path.iterdir()] == ["0.jsonl"]


def test_what_is_not_there_is_said_as_spark_says_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Spark: \[PATH_NOT_FOUND\] Path does not exist: .*none\.csv"):
        run([str(tmp_path / "none.csv")], tmp_path / "out", "csv")
