"""Sets are read by element: one of elements that were read before is what it would be alone."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imagefit.columns import listcolumns, setparts
from imagefit.columns.ascending import ascending, ranked
from imagefit.columns.distinct import DistinctTexts, DistinctValues
from imagefit.columns.distinctsets import DistinctSets
from imagefit.columns.listcolumns import ListReader
from imagefit.columns.setparts import SetParts
from imagefit.errors import InputError
from imagefit.facts import Field, FieldType, read_value

ELEMENTS = ("a", "b", " a", "none", "", "[", "]", "[]", '["a"', '"b"]', '["a"]', '[" a"]', "a=b", "é", "\ud800")
ELEMENTS += ("a,b", "None", "set()", "a=b,c=d", "'a'", "['a']", "frozenset({'a", "b'})", "{'a", "b'}", "('b',)")
FIELDS = [
    Field("any", FieldType.STRING_SET),
    Field("some", FieldType.STRING_SET, values=("a", "b", "none")),
    Field("pairs", FieldType.STRING_SET, elements="name=value"),
]
LISTS = st.lists(st.sampled_from(ELEMENTS), max_size=3)
RAW = st.one_of(LISTS, LISTS.map(";".join), LISTS.map("; ".join), st.just([1]), st.just([["a"]]), st.none())


@given(st.lists(st.sampled_from(["", "a", "é", None]), min_size=20, max_size=40))
def test_a_text_is_the_same_alone_as_among_all(texts: list[str | None]) -> None:
    found = DistinctTexts(Field("text", FieldType.STRING), pa.array(texts, pa.string()))
    assert found.value(1) == (texts[0] or None) and found.value(0) is None
    assert "_all" not in vars(found)
    assert [found.value(code) for code in range(found.size)] == [None, *(text or None for text in texts)]
    assert list(found.values) == [None, *(text or None for text in texts)]


@given(st.sampled_from(FIELDS), st.lists(st.lists(RAW, max_size=8), min_size=1, max_size=3))
def test_what_was_read_before_changes_nothing(field: Field, pieces: list[list[object]]) -> None:
    found = DistinctValues(field, pieces[0])
    for piece in pieces[1:]:
        found = found.grown(piece)
    for code, raw in enumerate((raw for piece in pieces for raw in piece), start=1):
        try:
            assert found.values[code] == read_value(field, raw)
            assert code not in found.errors
        except InputError as error:
            assert found.values[code] is None
            assert str(found.errors[code]) == str(error)


ARROW_ELEMENTS = st.sampled_from(("a", "b", " a", "none", "", "[]", "a=b", "é", None))
KINDS = (
    pa.list_(pa.string()),
    pa.large_list(pa.large_string()),
    pa.list_(pa.string_view()),
    pa.list_(pa.dictionary(pa.int8(), pa.string())),
)


@given(
    st.sampled_from(FIELDS),
    st.lists(st.one_of(st.none(), st.lists(ARROW_ELEMENTS, max_size=4)), max_size=8),
    st.sampled_from(KINDS),
    st.integers(0, 3),
)
def test_lists_of_arrow_are_read_as_each_alone(
    field: Field, lists: list[list[str | None] | None], kind: pa.DataType, start: int
) -> None:
    found = DistinctSets(field, pa.array(lists, kind)[start:])
    assert (found.size, found.values[0], found.known[0]) == (len(lists[start:]) + 1, None, False)
    agrees(found, field, lists[start:])


def test_what_stands_where_a_list_is_null_is_nothing() -> None:
    """Arrow lets a null list have elements."""
    valid = pa.py_buffer(bytes([0b101]))
    offsets = pa.py_buffer(np.array([0, 1, 3, 4], np.int32).tobytes())
    elements = pa.array(["a", "b", "", "a"])
    lists = pa.ListArray.from_buffers(pa.list_(pa.string()), 3, [valid, offsets], children=[elements])
    found = DistinctSets(FIELDS[0], lists)
    assert tuple(found.values) == (None, frozenset("a"), None, frozenset("a"))
    assert not found.errors
    assert found.members.owners.tolist() == [1, 3]


ODD_TEXTS = st.sampled_from(
    ("", " ", "none", " none ", "[]", " [] ", "\x1fa;\u3000b", ";a", "[a]", '["a"]', '["a";"b"]')
)
TEXTS = st.one_of(LISTS.map(";".join), LISTS.map("; ".join), ODD_TEXTS).filter(lambda text: "\ud800" not in text)


@given(st.sampled_from(FIELDS), st.lists(TEXTS, max_size=12), st.integers(0, 3), st.integers(0, 3))
@example(FIELDS[1], ["set()", "('a',)", "{'a'}"], 0, 3)
def test_texts_are_read_as_each_alone(field: Field, texts: list[str], start: int, remembered: int) -> None:
    seen = SetParts(field)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(setparts, "MOST", remembered)
        for first in (start, 0):  # of a batch, and of one that follows
            agrees(DistinctSets.of_texts(field, pa.array(texts, pa.string())[first:], seen), field, texts[first:])


@given(
    st.sampled_from(FIELDS),
    st.lists(st.one_of(st.none(), st.lists(ARROW_ELEMENTS, max_size=4)), max_size=12),
    st.sampled_from(KINDS),
)
def test_lists_of_a_batch_with_very_many_are_read_as_each_alone(
    field: Field, lists: list[list[str | None] | None], kind: pa.DataType
) -> None:
    reader = ListReader(field)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(listcolumns, "MANY", 0)
        patched.setattr(listcolumns, "SOME", 0)  # so that few elements are not words of bits
        codes, found = reader.read(pa.array(lists, kind))
    for code, raw in zip(codes.tolist(), lists, strict=True):
        try:
            assert found.values[code] == read_value(field, raw)
            assert code not in found.errors
        except InputError as error:
            assert found.values[code] is None
            assert str(found.errors[code]) == str(error)


def agrees(found: DistinctSets, field: Field, entries: Sequence[object]) -> None:
    has = [set[str]() for _ in range(found.size)]
    for owner, place in zip(found.members.owners.tolist(), found.members.places.tolist(), strict=True):
        has[owner].add(found.members.names[place])
    assert list(found.values) == [found.values[code] for code in range(found.size)] == list(found.values[:])
    assert len(set(found.members.names)) == len(found.members.names)
    for code, entry in enumerate(entries, start=1):
        try:
            value = read_value(field, entry)
            assert code not in found.errors
        except InputError as error:
            value = None
            assert str(found.errors[code]) == str(error)
        assert found.values[code] == value
        assert bool(found.known[code]) is (value is not None)
        assert has[code] == (value or set())


@pytest.mark.parametrize("make", ["lists", "texts", "elements"])
def test_what_nobody_has_any_more_does_not_wait_for_the_search_for_garbage(make: str) -> None:
    if make == "elements":
        found = DistinctSets.of_elements(FIELDS[0], ["a", "b"], np.array([0, 1], np.int32), np.array([0, 2]))
    elif make == "lists":
        found = DistinctSets(FIELDS[0], pa.array([["a", "b"]]))
    else:
        found = DistinctSets.of_texts(FIELDS[0], pa.array(["a;b"]))
    assert list(found.values) == [None, frozenset("ab")]
    alive = weakref.ref(found)
    gc.disable()
    try:
        del found
        assert alive() is None
    finally:
        gc.enable()


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 5)))
def test_different_numbers_in_order(values: list[int]) -> None:
    numbers = np.array(values, np.int64)
    assert ascending(numbers).tolist() == sorted(set(values))
    assert ascending(numbers).dtype == np.int64


@given(st.lists(st.integers(0, 9)), st.sampled_from((10, 1000)))
def test_codes_are_ranked_as_by_sorting_them(values: list[int], size: int) -> None:
    codes = np.array(values, np.uint16)
    used, places = ranked(codes, size)
    assert used.tolist() == sorted(set(values))
    assert used[places].tolist() == values
