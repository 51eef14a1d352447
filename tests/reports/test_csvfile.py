"""Lists in CSV: their texts with semicolons between, and as JSON where that would say something else."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pyarrow as pa
import pytest

import imagefit
from imagefit.reports.csvfile import CsvWriter
from imagefit.reports.files import Layout

LISTS: list[tuple[Any, str]] = [
    (["a", "b"], "a;b"),
    (["é;", ""], "é;;"),
    ([], "[]"),
    ([""], "[]"),
    (None, ""),
    (["a", None], '["a", null]'),
    ([None], "[null]"),
]


class Rows:
    def __init__(self, carried: Any) -> None:
        self._carried = carried

    def carried(self) -> Any:
        return self._carried

    def results(self) -> list[Any]:
        return []


def cells_of(column: Any) -> list[str]:
    out, batch = io.BytesIO(), pa.RecordBatch.from_arrays([column, pa.array(["x"] * len(column))], ["lists", "x"])
    writer = CsvWriter(out, Layout(lambda: batch.schema, pa.schema([])))
    writer.write(writer.encode(Rows(batch)))
    return [row[0] for row in csv.reader(io.StringIO(out.getvalue().decode()))][1:]


@pytest.mark.parametrize("start", [0, 1, 3])
@pytest.mark.parametrize("kind", [pa.list_(pa.string()), pa.large_list(pa.large_string()), "dictionary"])
def test_lists_of_text(kind: Any, start: int) -> None:
    array = pa.array([value for value, _ in LISTS], pa.list_(pa.string()))
    if kind == "dictionary":
        array = pa.ListArray.from_arrays(array.offsets, array.values.dictionary_encode(), mask=array.is_null())
    else:
        array = array.cast(kind)
    assert cells_of(array.slice(start)) == [cell for _, cell in LISTS[start:]]


@pytest.mark.parametrize("values", [[[1, 2], None, [], [None]], [[["a"]], [["b", None]]], [[{"a": 1}], []]])
def test_lists_of_something_else(values: list[Any]) -> None:
    expected = ["" if value is None else json.dumps(value) for value in values]
    assert cells_of(pa.array(values)) == expected


def test_a_list_is_read_as_it_was_written(tmp_path: Any) -> None:
    rows = [{"id": "a", "image.shared_with": list(value)} for value in (["x"], ["x", "y"], [])]
    pack = imagefit.load_pack()
    path = tmp_path / "out.csv"
    imagefit.audit(rows, operation="share", pack=pack).write(path)
    with open(path, newline="") as file:
        assert [row["image.shared_with"] for row in csv.DictReader(file)] == ["x", "x;y", "[]"]
