"""Lists in CSV: their texts with semicolons between, and as JSON where that would say something else."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit.reports import csvfile
from imagefit.reports.csvfile import CsvWriter
from imagefit.reports.files import Layout
from kernels import needs_compiler
from packfiles import shipped_pack

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
    def __init__(self, carried: Any, results: Any) -> None:
        self._carried, self._results = carried, results

    def carried(self) -> Any:
        return self._carried

    def results(self) -> list[Any]:
        return list(self._results.columns)


def written(carried: Any, results: Any) -> str:
    out = io.BytesIO()
    writer = CsvWriter(out, Layout(lambda: carried.schema, results.schema))
    writer.write(writer.encode(Rows(carried, results)))
    return out.getvalue().decode()


def cells_of(column: Any) -> list[str]:
    batch = pa.RecordBatch.from_arrays([column, pa.array(["x"] * len(column))], ["lists", "x"])
    text = written(batch, pa.RecordBatch.from_arrays([], []))
    return [row[0] for row in csv.reader(io.StringIO(text))][1:]


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


WORDS = st.sampled_from(("=1", "a", 'b"', "-", "é;", "one,two"))
TEXTS = st.none() | st.just("") | WORDS
DICTIONARIES = pa.dictionary(pa.int32(), pa.string())


@given(
    st.lists(st.tuples(TEXTS, st.none() | st.lists(TEXTS, max_size=3), st.none() | st.integers(-2, 2)), max_size=9),
    st.integers(1, 4),
    st.integers(0, 3),
)
def test_a_table_is_the_same_however_many_rows_become_text_at_a_time(
    rows: list[tuple[str | None, list[str | None] | None, int | None]], at_once: int, start: int
) -> None:
    texts, lists, numbers = ([row[place] for row in rows] for place in range(3))
    carried = pa.RecordBatch.from_pydict({
        "a": pa.array(texts, pa.string()).dictionary_encode(),
        "b": pa.array(lists, pa.list_(pa.string())),
        "c": pa.array(numbers, pa.int64()),
    }).slice(start)  # fmt: skip
    said = pa.array([[text or "" for text in own or ()] for own in lists], pa.list_(pa.string()))
    coded = pa.ListArray.from_arrays(said.offsets, said.values.dictionary_encode())
    results = pa.RecordBatch.from_arrays([pa.array(texts, DICTIONARIES), coded], ["=d", "e"]).slice(start)
    whole = written(carried, results)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csvfile, "AT_ONCE", at_once)
        assert written(carried, results) == whole
    assert list(csv.reader(io.StringIO(whole)))[1:] == [
        [*(row[:3]), _harmless(text or ""), _harmless("; ".join(text or "" for text in own or ()))]
        for row, text, own in zip(list(csv.reader(io.StringIO(whole)))[1:], texts[start:], lists[start:], strict=True)
    ]


KINDS = [pa.int8(), pa.uint64(), pa.float32(), pa.float64(), pa.bool_(), pa.null(), pa.timestamp("ms"), pa.date32()]
KINDS += [pa.timestamp("us", "UTC"), pa.time64("ns"), pa.duration("s"), pa.decimal128(9, 2), pa.float16(), pa.uint8()]
KINDS += [pa.binary(), pa.large_binary(), pa.binary(2), pa.date64(), pa.time32("s"), pa.month_day_nano_interval()]


@needs_compiler
@given(st.data(), st.integers(0, 12), st.integers(0, 3))
def test_compiled_code_writes_what_arrow_does(data: st.DataObject, rows: int, start: int) -> None:
    columns = {"text": (pa.string(), TEXTS), "long": (pa.large_string(), TEXTS), "view": (pa.string_view(), TEXTS)}
    columns |= {"word": (DICTIONARIES, TEXTS), "list": (pa.list_(pa.string()), st.none() | st.lists(TEXTS, max_size=3))}
    of_kind = {pa.null(): st.none(), pa.bool_(): st.none() | st.booleans(), pa.float64(): st.none() | st.floats()}
    of_kind |= {kind: st.none() | st.sampled_from([b"ab", b'"\n']) for kind in KINDS if "binary" in str(kind)}
    of_kind |= {pa.month_day_nano_interval(): st.sampled_from([None, (1, 2, 3)])}
    of_kind |= {pa.float16(): st.sampled_from([None, np.float16(0), np.float16(1)])}
    columns |= {str(kind): (kind, of_kind.get(kind, st.sampled_from([None, 0, 1]))) for kind in KINDS}
    chosen = data.draw(st.lists(st.sampled_from(sorted(columns)), unique=True, min_size=1))
    batch = pa.RecordBatch.from_pydict({
        name: pa.array(data.draw(st.lists(values, min_size=rows, max_size=rows)), kind)
        for name in chosen
        for kind, values in [columns[name]]
    }).slice(start)  # fmt: skip
    words = data.draw(st.lists(st.lists(WORDS, max_size=3), min_size=rows, max_size=rows))
    said = pa.array(words, pa.list_(pa.string()))
    coded = pa.ListArray.from_arrays(said.offsets, said.values.dictionary_encode())
    results = pa.RecordBatch.from_arrays([coded], ["own"]).slice(start)
    by_compiled_code = written(batch, results)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csvfile, "is_compiled", lambda: False)
        assert written(batch, results) == by_compiled_code


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def test_a_list_is_read_as_it_was_written(tmp_path: Any) -> None:
    rows = [{"id": "a", "image.shared_with": list(value)} for value in (["x"], ["x", "y"], [])]
    pack = shipped_pack()
    path = tmp_path / "out.csv"
    imagefit.audit(rows, operation="share", pack=pack).write(path)
    with open(path, newline="") as file:
        assert [row["image.shared_with"] for row in csv.DictReader(file)] == ["x", "x;y", "[]"]
