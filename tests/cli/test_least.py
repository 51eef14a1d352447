"""A number below the least that its fact can be is refused wherever it comes in, by its row and its column."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import imagefit
from commands import run

FACT = "image.min_disk_gib"
EXPECTED = "not a value of this fact: {}; expected a whole number of GiB, at least 0"

ROWS: list[dict[str, Any]] = [{FACT: 40, "ecs.system_disk_gib": 40}, {FACT: -40, "ecs.system_disk_gib": 40}]


def table(kind: Any, *, dictionary: bool = False) -> pa.Table:
    columns = {name: pa.array([row[name] for row in ROWS]).cast(kind) for name in ROWS[0]}
    return pa.table({name: own.dictionary_encode() if dictionary else own for name, own in columns.items()})


def lines(of: Callable[[int], object]) -> str:
    return "".join(json.dumps({name: of(value) for name, value in row.items()}) + "\n" for row in ROWS)


def arrow_file(path: Path) -> None:
    with pa.ipc.new_file(path, table(pa.int32()).schema) as file:
        file.write(table(pa.int32()))


FILES: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "list": ("f.json", lambda path: path.write_text(json.dumps(ROWS)), "-40"),
    "lines": ("f.jsonl", lambda path: path.write_text(lines(int)), "-40"),
    "lines of floats": ("f.jsonl", lambda path: path.write_text(lines(float)), "-40.0"),
    "lines of texts": ("f.jsonl", lambda path: path.write_text(lines(str)), "'-40'"),
    "csv": ("f.csv", lambda path: path.write_text(f"{FACT},ecs.system_disk_gib\n40,40\n-40,40\n"), "'-40'"),
    "integers": ("f.parquet", lambda path: pq.write_table(table(pa.int64()), path), "-40"),
    "small integers": ("f.parquet", lambda path: pq.write_table(table(pa.int8()), path), "-40"),
    "floats": ("f.parquet", lambda path: pq.write_table(table(pa.float32()), path), "-40.0"),
    "texts": ("f.parquet", lambda path: pq.write_table(table(pa.string()), path), "'-40'"),
    "dictionary": ("f.parquet", lambda path: pq.write_table(table(pa.int64(), dictionary=True), path), "-40"),
    "dictionary of texts": (
        "f.parquet",
        lambda path: pq.write_table(table(pa.string(), dictionary=True), path),
        "'-40'",
    ),
    "arrow": ("f.arrow", arrow_file, "-40"),
}


@pytest.mark.parametrize("called", FILES)
def test_in_a_file(tmp_path: Path, called: str) -> None:
    name, write, shown = FILES[called]
    file, operation = tmp_path / name, ("--operation", "create_ecs")
    write(file)
    says = f"{file}, row 2, {FACT}: {EXPECTED.format(shown)}"
    ways = (
        ("audit", str(file), *operation, "-o", str(tmp_path / "out.csv")),
        ("match", "--images", str(file), "--ecs", str(file), *operation),
        ("convert", str(file), str(tmp_path / "out.parquet")),
    )
    for way in ways if file.suffix != ".arrow" else ways[:1]:
        result = run(*way)
        assert (result.exit_code, result.stdout) == (2, "")
        assert says in result.stderr.replace("\n", " ")
    assert [*tmp_path.iterdir()] == [file]


@pytest.mark.parametrize("called", ["list", "lines", "csv"])
def test_in_a_file_of_which_bad_rows_are_reported(tmp_path: Path, called: str) -> None:
    name, write, _ = FILES[called]
    file = tmp_path / name
    write(file)
    result = run(
        *("audit", str(file), "--operation", "create_ecs"),
        *("-o", str(tmp_path / "out.csv"), "--on-bad-row", "report"),
    )
    assert "1 row could not be read" in result.stderr
    (bad,) = (tmp_path / "out.csv.bad-rows.jsonl").read_text().splitlines()
    assert json.loads(bad)["row"] == 2


@pytest.mark.parametrize("called", ["lines", "lines of floats", "lines of texts", "csv", "integers", "floats", "texts"])
def test_in_a_file_on_duckdb(tmp_path: Path, called: str) -> None:
    pytest.importorskip("duckdb")
    name, write, shown = FILES[called]
    file = tmp_path / name
    write(file)
    result = run("audit", str(file), "--operation", "create_ecs", "--on", "duckdb", "-o", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert f"a row without a key, {FACT}: {EXPECTED.format(shown)}" in result.stderr


@pytest.mark.parametrize("option", ["--set", "--assume"])
@pytest.mark.parametrize(
    ("fact", "value", "expected"),
    [
        (FACT, "-40", "a whole number of GiB, at least 0"),
        ("image.max_memory_mib", "-1", "a whole number of MiB, at least 0"),
        ("image.size_gib", "-0.5", "a number of GiB, at least 0"),
        ("image.recipients", "-1.0", "a whole number, at least 0"),
    ],
)
def test_in_an_option(option: str, fact: str, value: str, expected: str) -> None:
    result = run("check", "--operation", "create_ecs", option, f"{fact}={value}")
    assert result.exit_code == 2
    assert f"{option}, {fact}: not a value of this fact: '{value}'; expected {expected}" in result.stderr


@pytest.mark.parametrize("section", ["set", "assume"])
@pytest.mark.parametrize("value", ["-1", '"-1"'])
def test_in_the_project_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, section: str, value: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "imagefit.toml").write_text(f'[{section}]\n"{FACT}" = {value}\n')
    result = run("check", "--operation", "create_ecs", "--set", "ecs.system_disk_gib=1")
    assert result.exit_code == 2
    assert f"imagefit.toml:2, {FACT}: {EXPECTED.format(repr('-1'))}" in result.stderr


TABLES: dict[str, tuple[object, str]] = {
    "mappings": (ROWS, "-40"),
    "pandas": (pd.DataFrame(ROWS), "-40"),
    "pandas, with a gap": (pd.DataFrame([*ROWS, {}]), "-40.0"),
    "pandas, nullable": (pd.DataFrame({FACT: pd.array([40, -40, None], "Int64")}), "-40"),
    "pandas, texts": (pd.DataFrame({FACT: ["40", "-40"]}), "'-40'"),
    "arrow": (table(pa.int16()), "-40"),
}


@pytest.mark.parametrize("called", TABLES)
def test_in_python(called: str) -> None:
    own, shown = TABLES[called]
    says = f"row 2, {FACT}: {EXPECTED.format(shown)}"
    with pytest.raises(imagefit.InputError, match=says):
        imagefit.audit(own, operation="create_ecs")
    with pytest.raises(imagefit.InputError, match=says):
        imagefit.match(own, [{}], operation="create_ecs")


def test_in_a_mapping() -> None:
    with pytest.raises(imagefit.InputError, match=EXPECTED.format("-1")):
        imagefit.check({FACT: -1}, operation="create_ecs")
    with pytest.raises(imagefit.InputError, match=EXPECTED.format("-1")):
        imagefit.check({}, operation="create_ecs", assume={FACT: -1})


def test_a_negative_zero_is_a_zero() -> None:
    """IMS: `max_ram` 0 is no limit; so is it however it is written."""
    for zero in ("0", "-0", "-0.0"):
        result = run(
            *("check", "--operation", "create_ecs", "--select", "sizing.memory-max"),
            *("--set", f"image.max_memory_mib={zero}", "--set", "ecs.memory_mib=8192"),
        )
        assert result.exit_code == 0, result.stderr
