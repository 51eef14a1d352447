"""Lists of text are read as what they are, however many elements there are and however Arrow holds them."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefit.columns.listcolumns import ListReader
from imagefit.facts import Field, FieldType

FIELD = Field("side.set", FieldType.STRING_SET)


def lists(count: int) -> st.SearchStrategy[list[list[str] | None]]:
    """Lists of some of `count` different texts, null ones among them."""
    elements = st.sampled_from([f"t{n}" for n in range(count)])
    return st.lists(st.none() | st.lists(elements, max_size=8), max_size=30)


@pytest.mark.parametrize("count", [3, 15, 17, 63, 65, 200])
@pytest.mark.parametrize("kind", [pa.list_(pa.string()), pa.large_list(pa.dictionary(pa.int8(), pa.string()))])
def test_every_list_is_a_set_of_its_texts(count: int, kind: pa.DataType) -> None:
    @given(st.lists(lists(count), min_size=1, max_size=3))
    def check(batches: list[list[list[str] | None]]) -> None:
        reader = ListReader(FIELD)
        for batch in batches:
            codes, distinct = reader.read(pa.array(batch, kind))
            expected = [None if row is None else frozenset(row) for row in batch]
            assert [distinct.values[code] for code in codes.tolist()] == expected
            assert not distinct.errors

    check()


@given(lists(30), st.integers(0, 20), st.integers(0, 20))
def test_a_slice_is_read_as_its_rows(rows: list[list[str] | None], start: int, count: int) -> None:
    codes, distinct = ListReader(FIELD).read(pa.array(rows, pa.list_(pa.string())).slice(start, count))
    expected = [None if row is None else frozenset(row) for row in rows[start : start + count]]
    assert [distinct.values[code] for code in codes.tolist()] == expected


def test_what_stands_in_a_null_slot_is_not_looked_at() -> None:
    array = pa.ListArray.from_arrays(
        pa.array([0, 1, 3, 3]), pa.array(["a", "b", "c"]), mask=pa.array([False, True, False])
    )
    codes, distinct = ListReader(FIELD).read(array)
    assert [distinct.values[code] for code in codes.tolist()] == [frozenset({"a"}), None, frozenset()]
    assert frozenset({"b", "c"}) not in distinct.values


def test_a_list_has_the_same_code_in_every_batch() -> None:
    reader = ListReader(FIELD)
    first, _ = reader.read(pa.array([["a"], ["b", "c"]]))
    second, _ = reader.read(pa.array([["d"], ["c", "b"], ["a"]]))
    assert second[1] == first[1]
    assert second[2] == first[0]


def test_a_list_that_is_no_value_is_an_error_of_its_code() -> None:
    reader = ListReader(Field("side.set", FieldType.STRING_SET, values=("kvm", "xen")))
    codes, distinct = reader.read(pa.array([["kvm"], ["qemu"], [None], []]))
    assert [distinct.values[code] for code in codes.tolist()] == [frozenset({"kvm"}), None, None, frozenset()]
    assert set(distinct.errors) == {int(codes[1]), int(codes[2])}


def test_a_set_with_a_null_element_is_unknown_however_few_bits_the_others_take() -> None:
    elements = pa.DictionaryArray.from_arrays(pa.array([0, None, 3], pa.int8()), [f"t{n}" for n in range(128)])
    codes, distinct = ListReader(FIELD).read(pa.ListArray.from_arrays([0, 1, 2, 3], elements))
    assert [distinct.values[code] for code in codes.tolist()] == [frozenset({"t0"}), None, frozenset({"t3"})]
