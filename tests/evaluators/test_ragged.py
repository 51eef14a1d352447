"""Lists that lie one after the other: as places of their elements, as bytes, and as tuples."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefit.columns.ragged import as_bytes, entries_of, places_in, tuples_of


@pytest.mark.parametrize("kind", [pa.string(), pa.dictionary(pa.int8(), pa.string())], ids=str)
@given(
    rows=st.lists(st.lists(st.none() | st.sampled_from(["a", "b", "", "é"]), max_size=3), max_size=9),
    start=st.integers(0, 9),
)
def test_lists_are_tuples_of_which_equal_ones_are_one(
    kind: pa.DataType, rows: list[list[str | None]], start: int
) -> None:
    found = tuples_of(pa.array(rows, pa.list_(kind)).slice(start)).tolist()
    assert found == [tuple(row) for row in rows[start:]]
    assert len({id(each) for each in found}) == len(set(found))
    texts = [text for each in found for text in each if text is not None]
    assert len({id(text) for text in texts}) == len(set(texts))


@given(lengths=st.lists(st.integers(0, 4), max_size=6), gap=st.integers(0, 2))
def test_the_elements_of_lists_are_found_list_after_list(lengths: list[int], gap: int) -> None:
    starts = [sum(lengths[:place]) + gap * place for place in range(len(lengths))]
    found = places_in(np.array(starts, np.int32), np.array(lengths, np.int32))
    assert found.tolist() == [start + n for start, length in zip(starts, lengths, strict=True) for n in range(length)]


def test_lists_are_the_bytes_of_their_numbers() -> None:
    numbers = np.array([1, 2, 256], np.int16)
    found = as_bytes(numbers, np.array([0, 1, 1, 3]), np.array([True, False, True]))
    assert found.to_pylist() == [b"\x01\x00", None, b"\x02\x00\x00\x01"]


@pytest.mark.parametrize(("count", "width"), [(128, pa.int8()), (256, pa.uint8()), (32768, pa.int16()), (5, pa.int8())])
def test_a_null_among_as_many_texts_as_have_room_in_a_code_is_none_of_them(count: int, width: pa.DataType) -> None:
    codes = pa.array([0, count - 1, None, 1], width)
    elements = pa.DictionaryArray.from_arrays(codes, [f"t{number}" for number in range(count)])
    entries, texts = entries_of(elements)
    assert [texts[entry] for entry in entries] == ["t0", f"t{count - 1}", None, "t1"]
    lists = pa.ListArray.from_arrays([0, 2, 3, 4], elements)
    assert tuples_of(lists).tolist() == [("t0", f"t{count - 1}"), (None,), ("t1",)]
