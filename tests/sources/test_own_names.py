"""A table whose columns and values have names of its own, with a map, says what the same table says in our words."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import imagefit
from imagefit.errors import InputError, UnknownNameError

THEIRS = {
    "image.architecture": ("CPU", {"x86_64": "x86", "arm64": "Arm 64"}),
    "image.status": ("Zustand", {"active": "aktiv"}),
    "image.min_disk_gib": ("Größe, GiB", {}),
    "image.encrypted": ("verschlüsselt", {"true": "ja", "false": "nein"}),
    "image.hypervisors": ("läuft auf", {"kvm": "KVM"}),
}
"""What the facts, and some of their values, are called in somebody's table."""

MAP: dict[str, Any] = {
    column: (fact, {theirs: ours for ours, theirs in values.items()}) if values else fact
    for fact, (column, values) in THEIRS.items()
}

ROWS = st.fixed_dictionaries(
    {
        "image.architecture": st.sampled_from(("x86_64", "arm64", None)),
        "image.status": st.sampled_from(("active", "queued", None)),
        "image.min_disk_gib": st.sampled_from((40, 1024, None)),
        "image.encrypted": st.sampled_from((True, False, None)),
        "image.hypervisors": st.sampled_from((["kvm"], ["kvm", "xen"], [], None)),
    }
)
Row = dict[str, Any]


def called(fact: str, value: Any) -> Any:
    """Return a value as somebody's table has it."""
    values = THEIRS[fact][1]
    if isinstance(value, list):
        return [values.get(each, each) for each in value]
    return values.get({True: "true", False: "false"}[value] if isinstance(value, bool) else value, value)


def in_their_words(rows: list[Row]) -> list[Row]:
    return [
        {"id": f"r{n}"} | {THEIRS[fact][0]: called(fact, value) for fact, value in row.items()}
        for n, row in enumerate(rows)
    ]


def as_csv(rows: list[Row], path: Path) -> object:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    for row in rows:
        cells = {name: json.dumps(value) if isinstance(value, list) else value for name, value in row.items()}
        writer.writerow(cells)
    path.with_suffix(".csv").write_text(out.getvalue(), "utf-8")
    return path.with_suffix(".csv")


def as_lines(rows: list[Row], path: Path) -> object:
    path.with_suffix(".jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return path.with_suffix(".jsonl")


def as_parquet(rows: list[Row], path: Path) -> object:
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


WAYS: dict[str, Callable[[list[Row], Path], object]] = {
    "csv": as_csv,
    "jsonl": as_lines,
    "parquet": as_parquet,
    "arrow": lambda rows, path: pa.Table.from_pylist(rows),
    "pandas": lambda rows, path: pd.DataFrame(rows),
    "polars": lambda rows, path: pl.DataFrame(rows, schema_overrides={}, strict=False),
    "mappings": lambda rows, path: rows,
}


@pytest.mark.parametrize("way", WAYS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8, deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=4))
def test_each_verb_says_the_same(tmp_path: Path, way: str, rows: list[Row]) -> None:
    theirs = in_their_words(rows)
    ours = [{"id": f"r{n}"} | row for n, row in enumerate(rows)]
    table = WAYS[way](theirs, tmp_path / "t")
    expected = [imagefit.check(row, operation="create_ecs") for row in rows]

    audited = imagefit.audit(table, operation="create_ecs", map=MAP)
    frame = audited.to_arrow().to_pylist()
    assert [row["verdict"] for row in frame] == [str(verdict.verdict) for verdict in expected]
    assert [set(row["missing_facts"]) for row in frame] == [set(verdict.missing) for verdict in expected]
    assert [row["id"] for row in frame] == [row["id"] for row in theirs]

    flavors = [{"id": "f", "ecs.architecture": "arm64"}]
    matched = imagefit.match(table, flavors, operation="create_ecs", map=MAP)
    assert matched.counts() == imagefit.match(ours, flavors, operation="create_ecs").counts()

    if isinstance(table, Path):
        read = imagefit.read(table, map=MAP, format=None if way != "parquet" else "parquet")
        assert [record.facts for record in read.records] == [facts_of(row) for row in rows]


def facts_of(row: Row) -> Row:
    return {
        name: frozenset(value) if isinstance(value, list) else value for name, value in row.items() if value is not None
    }


@pytest.mark.parametrize("way", WAYS)
class TestMistakes:
    ROWS = ({"id": "a", "CPU": "x86_64", "cpu": None}, {"id": "b", "CPU": "x86", "cpu": "arm64"})

    def table(self, way: str, path: Path) -> object:
        return WAYS[way](list(self.ROWS), path)

    def test_a_value_that_is_none_is_an_error_with_its_row_and_both_names(self, tmp_path: Path, way: str) -> None:
        table = self.table(way, tmp_path / "t")
        with pytest.raises(
            InputError, match=r"CPU( \(image.architecture\))?: not a value of this fact: 'x86'"
        ) as error:
            len(imagefit.audit(table, operation="share", map={"CPU": "image.architecture"}))
        assert error.value.row == 2

    def test_two_columns_of_one_fact_are_an_error(self, tmp_path: Path, way: str) -> None:
        table = self.table(way, tmp_path / "t")
        with pytest.raises(InputError, match=r"CPU and cpu: two columns state image\.architecture"):
            both = {"CPU": "image.architecture", "cpu": "image.architecture"}
            len(imagefit.audit(table, operation="share", map=both))

    def test_a_column_that_is_not_there_is_an_error_with_the_nearest(self, tmp_path: Path, way: str) -> None:
        table, said = self.table(way, tmp_path / "t"), {"cpu": "image.architecture", "CPUs": "image.status"}
        expected = r"map=: no table has this column: 'CPUs'.*did you mean '(CPU|cpu)'"
        with pytest.raises(InputError, match=expected):
            len(imagefit.audit(table, operation="share", map=said))
        with pytest.raises(InputError, match=expected):
            imagefit.match(table, [{"ecs.architecture": "arm64"}], operation="create_ecs", map=said)
        if isinstance(table, Path):
            with pytest.raises(InputError, match=expected):
                imagefit.read(table, map=said)
            with pytest.raises(InputError, match=expected):
                imagefit.check(image=f"{table}#b", operation="share", map=said)


def test_a_fact_that_there_is_not_is_an_error_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"map=: unknown fact: 'image\.archtecture'; did you mean"):
        imagefit.audit([{"CPU": "x86"}], operation="share", map={"CPU": "image.archtecture"})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"x86": "x68_64"}, "not a value of this fact: 'x68_64'.*did you mean 'x86_64'"),
        ({"": "x86_64"}, "an empty cell is unknown.*--assume image.architecture=x86_64"),
    ],
)
def test_a_value_that_there_is_not_is_an_error(values: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        imagefit.audit([{"CPU": "x86"}], operation="share", map={"CPU": ("image.architecture", values)})


def test_a_value_may_mean_that_nobody_knows() -> None:
    rows = [{"CPU": "n/a"}, {"CPU": "arm64"}]
    document = imagefit.audit(rows, operation="create_ecs", map={"CPU": ("image.architecture", {"n/a": ""})})
    missing = [set(row["missing_facts"]) for row in document.to_arrow().to_pylist()]
    assert ["image.architecture" in each for each in missing] == [True, False]


def test_values_are_said_once_and_not_again_of_what_they_became(tmp_path: Path) -> None:
    swap = {"CPU": ("image.architecture", {"arm64": "x86_64", "x86_64": "arm64"})}
    (tmp_path / "t.jsonl").write_text('{"id": "a", "CPU": "arm64"}\n{"id": "b", "CPU": "x86_64"}\n')
    records = imagefit.read(tmp_path / "t.jsonl", map=swap).records
    assert [record.facts["image.architecture"] for record in records] == ["x86_64", "arm64"]
    flavors = [{"id": "f", "ecs.architecture": "x86_64"}]
    match = imagefit.match(tmp_path / "t.jsonl", flavors, operation="create_ecs", select="arch.matches", map=swap)
    assert match.fitting().read_all()["image"].to_pylist() == ["a"]


def test_where_a_fact_comes_from_names_the_column(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,CPU\na,arm64\n")
    path, said = str(tmp_path / "t.csv"), {"CPU": "image.architecture"}
    (record,) = imagefit.read(path, map=said).records
    assert str(record.origins["image.architecture"]) == f"file: CPU in {path}"
    verdict = imagefit.audit(path, operation="create_ecs", map=said).explain(0)
    assert str(verdict.origins["image.architecture"]) == f"file: CPU in {path}"


def test_what_a_vendor_calls_so_is_not_a_table_of_ones_own(tmp_path: Path) -> None:
    image = {"id": "a", "name": "web", "__imagetype": "private", "__os_bit": "64", "visibility": "private"}
    (tmp_path / "images.json").write_text(json.dumps({"images": [image]}))
    said = {"__imagetype": "image.boot_mode"}
    with pytest.raises(InputError, match="no table has this column"):
        imagefit.read(tmp_path / "images.json", map=said)
