"""Columns in Arrow's newer layouts, as polars gives them, are written as the same values in the older ones are."""

from __future__ import annotations

import csv
import uuid
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import imagefit

TEXTS = ["a", None, "ü;\n"]
STATUSES = pa.array(["active", "queued", None])


def of_views(texts: list[str | None], places: list[int | None], width: Any) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(places, width), pa.array(texts, pa.string_view()))


CATEGORIES = of_views(["a", "ü;\n", "unused"], [0, None, 1], pa.uint32())
LAYOUTS: dict[str, tuple[Any, Any]] = {
    "views of text": (pa.array(TEXTS, pa.string_view()), pa.array(TEXTS)),
    "views of bytes": (pa.array([b"a", None, b"b"], pa.binary_view()), pa.array([b"a", None, b"b"])),
    "a dictionary of views": (CATEGORIES, pa.array(TEXTS).dictionary_encode()),
    "lists of views": (pa.array([["a", "b"], None, []], pa.list_(pa.string_view())), pa.array([["a", "b"], None, []])),
    "views of lists": (pa.array([["a", "b"], None, []], pa.list_view(pa.string())), pa.array([["a", "b"], None, []])),
    "lists of a dictionary of views": (
        pa.ListArray.from_arrays(pa.array([0, 1, None, 3]), CATEGORIES),
        pa.array([["a"], [None, "ü;\n"], None]),
    ),
    "objects with a dictionary of views": (
        pa.StructArray.from_arrays([CATEGORIES], ["q"], mask=pa.array([False, False, True])),
        pa.array([{"q": "a"}, {"q": None}, None]),
    ),
    "lists of as many views each": (
        pa.array([["a", "b"], None, ["c", None]], pa.list_(pa.string_view(), 2)),
        pa.array([["a", "b"], None, ["c", None]], pa.list_(pa.string(), 2)),
    ),
    "pairs of views": (
        pa.array([[("k", "a")], None, []], pa.map_(pa.string_view(), pa.string_view())),
        pa.array([[("k", "a")], None, []], pa.map_(pa.string(), pa.string())),
    ),
    "runs": (pc.run_end_encode(pa.array(["a", "a", None])), pa.array(["a", "a", None])),
    "a dictionary of lists": (
        pa.DictionaryArray.from_arrays(pa.array([0, None, 0]), pa.array([["a"]])),
        pa.array([["a"], None, ["a"]]),
    ),
}


def tables(layout: str, *, pieces: bool) -> tuple[pa.Table, pa.Table]:
    new, old = LAYOUTS[layout]
    table = pa.table({"image.status": STATUSES, "own": new})
    if pieces:
        table = pa.concat_tables([table.slice(0, 2), table.slice(2)])
    return table, pa.table({"image.status": STATUSES, "own": old})


@pytest.mark.parametrize("pieces", [False, True])
@pytest.mark.parametrize("ending", ["csv", "jsonl", "xlsx", "html", "parquet"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_they_are_written_as_what_they_are(layout: str, ending: str, pieces: bool, tmp_path: Path) -> None:
    if ending == "parquet":
        try:
            pq.write_table(pa.table({"own": LAYOUTS[layout][1]}), tmp_path / "own.parquet")
        except pa.ArrowNotImplementedError as error:  # older ones write no null of as many elements
            pytest.skip(str(error))
    paths = []
    for place, table in enumerate(tables(layout, pieces=pieces)):
        (tmp_path / str(place)).mkdir()
        paths.append(tmp_path / str(place) / f"out.{ending}")
        imagefit.audit(table, operation="delete", plans=True).write(paths[-1])
    if ending == "parquet":
        assert pq.read_table(paths[0]).to_pylist() == pq.read_table(paths[1]).to_pylist()
    else:
        assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_they_are_data_frames_as_what_they_are(layout: str) -> None:
    pytest.importorskip("pandas")
    new, old = (imagefit.audit(table, operation="delete").to_pandas() for table in tables(layout, pieces=True))
    assert new.astype(object).map(repr).equals(old.astype(object).map(repr))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_they_come_back_as_they_were_given(layout: str) -> None:
    table, _ = tables(layout, pieces=False)
    assert imagefit.audit(table, operation="delete").to_arrow().select(["own"]).to_pylist() == [
        {"own": each} for each in table["own"].to_pylist()
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_table_of_no_rows_may_have_them(layout: str, tmp_path: Path) -> None:
    table = tables(layout, pieces=False)[0].slice(0, 0)
    for no_rows in (table, pa.Table.from_batches([], table.schema)):
        audit = imagefit.audit(no_rows, operation="delete")
        assert len(audit) == 0 and audit.to_arrow().column_names[:2] == ["image.status", "own"]
        audit.write(tmp_path / "out.csv")
        assert (tmp_path / "out.csv").read_text().startswith('"image.status","own","verdict",')


def test_a_data_frame_of_no_rows_may_have_categories() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"image.status": pandas.Categorical([])})
    assert len(imagefit.audit(frame, operation="delete").to_pandas()) == 0


def test_a_frame_of_polars_is_written(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    own = {"text": ["a", "b"], "category": polars.Series(["x", None], dtype=polars.Categorical), "list": [["y"], []]}
    frame = polars.DataFrame({"image.status": ["active", "queued"], **own})
    imagefit.audit(frame, operation="delete", select="status").write(tmp_path / "out.csv")
    with open(tmp_path / "out.csv", newline="") as file:
        _, *lines = csv.reader(file)
    assert [line[:5] for line in lines] == [
        ["active", "a", "x", "y", "compatible"],
        ["queued", "b", "", "[]", "incompatible"],
    ]


def test_what_csv_and_parquet_have_no_type_for(tmp_path: Path) -> None:
    ids = pa.array([uuid.UUID(int=1).bytes, None, uuid.UUID(int=2).bytes], pa.uuid())
    imagefit.audit(pa.table({"image.status": STATUSES, "own": ids}), operation="delete").write(tmp_path / "out.csv")
    assert str(uuid.UUID(int=1)) in (tmp_path / "out.csv").read_text()
    months = pa.table({"image.status": STATUSES, "own": pa.array([None] * 3, pa.month_day_nano_interval())})
    with pytest.raises(imagefit.InputError, match=r"own: Parquet has no such type: 'month_day_nano_interval'"):
        imagefit.audit(months, operation="delete").write(tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()
