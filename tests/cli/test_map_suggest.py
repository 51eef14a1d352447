"""`imagefit map suggest` proposes a table of names that can be put into the project file and is read."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result

import imagefit

Run = Callable[..., Result]

ROWS: list[dict[str, Any]] = [
    {
        "id": "a",
        "Visibility": "private",
        "CPU arch": "x86",
        "Status": "Normal",
        "min disk (GB)": 40,
        "encrypted": "yes",
    },
    {"id": "b", "Visibility": "gold", "CPU arch": "arm64", "Status": "正常", "min disk (GB)": 80, "encrypted": "no"},
]
for number, row in enumerate(ROWS):
    row |= {"Farbe": ("rot", "blau")[number], "boot": ("UEFI", "bios")[number]}

FACTS = [
    {
        "image.visibility": "private",
        "image.architecture": "x86_64",
        "image.status": "active",
        "image.min_disk_gib": 40,
        "image.encrypted": True,
        "image.boot_mode": "uefi",
    },
    {
        "image.visibility": "public",
        "image.architecture": "arm64",
        "image.status": "active",
        "image.min_disk_gib": 80,
        "image.encrypted": False,
        "image.boot_mode": "bios",
    },
]
"""What a person who knows the words of the console and of the service would say that these rows mean."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text(
        "\n".join(";".join(map(str, cells)) for cells in (ROWS[0], *(row.values() for row in ROWS))), "utf-8"
    )
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "t.parquet")
    return tmp_path


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet"])
def test_what_it_prints_is_read_as_a_project_file(run: Run, place: Path, name: str) -> None:
    result = run("map", "suggest", name)
    assert result.exit_code == 0
    assert "# nothing is near to Farbe" in result.stdout
    (place / "imagefit.toml").write_text(result.stdout, "utf-8")
    result = run("convert", name, "out.jsonl")
    assert result.exit_code == 0, result.stderr
    assert [dict(record.facts) for record in imagefit.read(place / "out.jsonl").records] == FACTS


def test_columns_that_are_facts_or_say_the_operation_need_no_map(run: Run, place: Path) -> None:
    (place / "t.csv").write_text("id,operation,note,image.status,Visibility\na,share,x,active,public\n")
    text = run("map", "suggest", "t.csv").stdout
    assert tomllib.loads(text)["map"] == {"Visibility": "image.visibility"}
    assert "# facts by their names, which need no map: image.status\n# nothing is near to note\n" in text


def test_what_is_not_sure_is_a_comment_with_the_reason(run: Run, place: Path) -> None:
    (place / "t.csv").write_text("id,Visibilty,Status\na,publik,Normal\nb,private,odd\n")
    text = run("map", "suggest", "t.csv").stdout
    assert tomllib.loads(text)["map"] == {"Status": "image.status"}
    assert '# "Visibilty" = "image.visibility"  # unsure: guessed by spelling: publik' in text
    assert '# "odd" = ""  # one of ' in text


@pytest.mark.parametrize(
    ("title", "unit", "fact"),
    [
        ("Min Memory (GB)", "GB", "image.min_memory_mib"),
        ("minMemoryGB", "GB", "image.min_memory_mib"),
        ("Max Memory(G)", "G", "image.max_memory_mib"),
        ("min disk MB", "MB", "image.min_disk_gib"),
        ("Size in bytes", "bytes", "image.size_gib"),
    ],
)
def test_a_column_in_another_unit_is_a_comment_with_it(run: Run, place: Path, title: str, unit: str, fact: str) -> None:
    (place / "t.csv").write_text(f"id,{title}\na,16\nb,32\n", "utf-8")
    text = run("map", "suggest", "t.csv", "--side", "image").stdout
    assert tomllib.loads(text).get("map", {}) == {}
    assert f"by its name it is in {unit}" in text or f"# nothing is near to {title}" in text
    result = run("audit", "t.csv", "--operation", "create_ecs", "--map", f"{title}={fact}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"--map: by its name this column is in {unit}" in " ".join(result.stderr.split())


def test_what_images_are_called_is_no_fact_of_them(run: Run, place: Path) -> None:
    (place / "t.csv").write_text("Image ID,image_name,Status\na,web,Normal\nb,db,Normal\n")
    assert tomllib.loads(run("map", "suggest", "t.csv").stdout)["map"] == {"Status": "image.status"}


def test_a_fact_is_proposed_once(run: Run, place: Path) -> None:
    (place / "t.csv").write_text("id,status,Image status\na,active,queued\nb,queued,active\n")
    text = run("map", "suggest", "t.csv").stdout
    assert list(tomllib.loads(text)["map"].values()) == ["image.status"]
    assert "is nearer to it" in text


def test_the_side_is_that_of_most_columns_or_as_said(run: Run, place: Path) -> None:
    (place / "t.csv").write_text("id,architecture,memory MiB,vCPU\na,arm64,4096,2\n")
    assert '"architecture" = "ecs.architecture"' in run("map", "suggest", "t.csv", "--side", "ecs").stdout
    assert '"architecture" = "image.architecture"' in run("map", "suggest", "t.csv", "--side", "image").stdout


@pytest.mark.parametrize("title", ['st"atus', "status\x1b[31m", "status\u202e", "status = 1 #", "sta\\tus", "状态"])
def test_no_title_or_value_acts_in_what_is_printed(run: Run, place: Path, title: str) -> None:
    rows = [{"id": "a", title: "Normal", "name": f"{title}\n[set]"}, {"id": "b", title: f"odd {title}\nx = 1"}]
    (place / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    text = run("map", "suggest", "t.jsonl").stdout
    said = tomllib.loads(text)
    assert said.keys() <= {"map", "map-value"}
    assert said["map"].keys() <= {title}
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_what_a_reader_reads_needs_no_map(run: Run, images: Path) -> None:
    result = run("map", "suggest", str(images))
    assert result.exit_code == 2
    assert "read as ims, and needs no map" in result.stderr
