"""Columns of facts say of each row what `facts.read_value` says of its value, however Arrow has it."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imagefit.columns import arrowdata, listcolumns
from imagefit.columns.column import Codes, Constant
from imagefit.columns.encoding import Encoder
from imagefit.errors import InputError
from imagefit.facts import Field, FieldType, read_value
from imagefit.supply import Same, Supply
from strategies import FIELDS

TEXTS = ("", "a", "b", "zzz", "true", "FALSE", "7", "7.0", "-0", "1e3", "nan", " 8 ", "9" * 30, "a;b", "[]", "a;", "ü")
INTEGERS = (0, 1, -1, 7, 2**53 + 1, -(2**63), 2**63 - 1)
FLOATS = (0.0, -0.0, 1.0, 1.5, -3.0, float("nan"), float("inf"), 2.0**63, -(2.0**63), 2.0**1023, 1e-300)
LISTS = ([], ["a"], ["a", "b"], ["b", "a"], ["a", "a"], [""], [None], ["zzz"])

TEXT_TYPES = (pa.string(), pa.large_string(), pa.string_view())
INDEX_TYPES = (pa.int8(), pa.uint8(), pa.int16(), pa.int32(), pa.uint32(), pa.int64())
LIST_TYPES = (
    pa.list_(pa.string()),
    pa.large_list(pa.large_string()),
    pa.list_(pa.dictionary(pa.int8(), pa.string())),
)


@st.composite
def arrays(draw: st.DrawFn) -> Any:
    """Arrow arrays of every kind that can hold a fact, and of some that can't; sliced, with nulls."""
    kind = draw(st.sampled_from(("text", "dictionary", "integer", "float", "boolean", "list", "null", "date")))
    samples, types = {
        "text": (TEXTS, TEXT_TYPES),
        "dictionary": (TEXTS, [pa.dictionary(i, pa.string()) for i in INDEX_TYPES]),
        "integer": (INTEGERS, (pa.int64(),)),
        "float": (FLOATS, (pa.float64(),)),
        "boolean": ((True, False), (pa.bool_(),)),
        "list": (LISTS, LIST_TYPES),
        "null": ((None,), (pa.null(),)),
        "date": ((1,), (pa.date32(),)),
    }[kind]
    rows = draw(st.lists(st.one_of(st.none(), st.sampled_from(samples)), max_size=12))
    array = pa.array(rows, draw(st.sampled_from(types)))
    start = draw(st.integers(0, len(rows)))
    return array[start : draw(st.integers(start, len(rows)))]


@example(FIELDS["left.enum"], pa.array([math.nan, 1.0, None]))
@given(st.sampled_from(list(FIELDS.values())), arrays())
def test_each_row_is_read_as_a_single_value_is_read(field: Field, array: Any) -> None:
    encoded = Encoder(FIELDS).encode(pa.table({"other": array, field.name: array}))
    wrong = dict(encoded.errors())
    for row, raw in enumerate(array.to_pylist()):
        try:
            expected, error = read_value(field, raw), None
        except InputError as caught:
            expected, error = None, caught
        found = encoded.facts(row).get(field.name)
        assert (found, type(found)) == (expected, type(expected))
        assert str(wrong.get(row)) == str(error)


@pytest.mark.parametrize("kind", [pa.uint64(), pa.int8(), pa.float32(), pa.float16(), pa.decimal128(21, 2)])
def test_numbers_of_every_width_are_read(kind: Any) -> None:
    array = pa.array([1, None, 0, 100], pa.int64()).cast(kind)
    encoded = Encoder(FIELDS).encode(pa.table({"left.count": array, "left.size": array}))
    assert [encoded.facts(row) for row in range(4)] == [
        {"left.count": 1, "left.size": 1.0},
        {},
        {"left.count": 0, "left.size": 0.0},
        {"left.count": 100, "left.size": 100.0},
    ]


@pytest.mark.parametrize("kind", [pa.decimal128(38, 0), pa.decimal128(38, 6), pa.decimal256(76, 0)])
def test_whole_decimals_are_told_apart_where_floats_are_not(kind: Any) -> None:
    array = pa.array([Decimal(2**53 + 1), None, Decimal(-(2**63)), Decimal(2**63 - 1)], kind)
    encoded = Encoder(FIELDS).encode(pa.table({"left.count": array}))
    counts = [2**53 + 1, None, -(2**63), 2**63 - 1]
    assert [encoded.facts(row).get("left.count") for row in range(4)] == counts


def test_an_integer_above_64_bits_is_an_error_that_names_its_row() -> None:
    encoded = Encoder(FIELDS).encode(pa.table({"left.count": pa.array([1, 2**63], pa.uint64())}))
    [(row, error)] = encoded.errors()
    assert row == 1
    assert str(error).startswith("left.count: not a value of this fact: 9223372036854775808; expected a whole")


def test_chunks_with_dictionaries_of_their_own_are_one_column() -> None:
    chunks = [pa.array(texts).dictionary_encode() for texts in (["a", "b"], ["b", None, "c"], ["a"])]
    encoded = Encoder(FIELDS).encode(pa.table({"left.enum": pa.chunked_array(chunks)}))
    assert [encoded.facts(row).get("left.enum") for row in range(6)] == ["a", "b", "b", None, "c", "a"]


def test_a_wrong_entry_of_a_dictionary_that_no_row_has_is_no_error() -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([0, None, 0]), pa.array(["a", "no such value"]))
    assert list(Encoder(FIELDS).encode(pa.table({"left.enum": array})).errors()) == []


def test_many_distinct_texts_stay_distinct() -> None:
    texts = [f"account-{n}" for n in range(70_000)]
    encoded = Encoder(FIELDS).encode(pa.table({"left.text": texts}))
    assert [encoded.facts(row)["left.text"] for row in (0, 255, 256, 65_535, 69_999)] == [
        f"account-{n}" for n in (0, 255, 256, 65_535, 69_999)
    ]


def test_the_first_bad_row_is_named_with_its_first_bad_column() -> None:
    table = pa.table({"left.flag": ["true", "true", "maybe"], "left.enum": ["a", "q", "q"]})
    assert [(row, error.column) for row, error in Encoder(FIELDS).encode(table).errors()] == [
        (1, "left.enum"),
        (2, "left.flag"),
    ]


def test_a_fact_with_two_columns_is_an_error() -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["a"])], names=["left.enum", "left.enum"])
    with pytest.raises(InputError, match="two columns"):
        Encoder(FIELDS).encode(table)


def test_given_facts_count_before_columns_and_assumptions_only_where_a_fact_is_missing() -> None:
    table = pa.table({"left.enum": ["a", None], "left.text": ["x", None], "left.count": [None, 5]})
    assumptions = {"left.text": "y", "left.enum": "c", "left.count": 4, "right.flag": True}
    encoded = Encoder(FIELDS, Supply({"left.enum": "b"}, assumptions)).encode(table)
    assert encoded.facts(0) == {"left.enum": "b", "left.text": "x", "left.count": 4, "right.flag": True}
    assert encoded.facts(1) == {"left.enum": "b", "left.text": "y", "left.count": 5, "right.flag": True}
    masks = {name: None if rows is None else rows.tolist() for name, rows in encoded.assumed.items()}
    assert masks == {"left.text": [False, True], "left.count": [True, False], "right.flag": None}


def test_an_assumption_from_another_fact_takes_what_that_fact_is_in_the_row() -> None:
    table = pa.table(
        {
            "left.text": pa.array(["x", None, None, "y"]).dictionary_encode(),
            "right.text": pa.array([None, "z", None, "w"]).dictionary_encode(),
            "left.count": pa.array([1, None, 3, 4]),
            "right.count": pa.array([None, 2, None, 5]),
        }
    )
    same = {"right.text": "left.text", "left.text": "right.text", "left.count": "right.count"}
    encoded = Encoder(FIELDS, Supply({}, {name: Same(other) for name, other in same.items()})).encode(table)
    assert [encoded.facts(row) for row in range(4)] == [
        {"left.text": "x", "right.text": "x", "left.count": 1},
        {"left.text": "z", "right.text": "z", "left.count": 2, "right.count": 2},
        {"left.count": 3},
        {"left.text": "y", "right.text": "w", "left.count": 4, "right.count": 5},
    ]


def test_facts_from_beside_the_table_fill_it_and_a_row_that_says_otherwise_is_an_error() -> None:
    table = pa.table({"left.enum": ["a", None, "b"], "left.count": [1, None, 2]})
    encoded = Encoder(FIELDS, beside={"left.enum": "a", "left.count": 1, "left.flag": True}).encode(table)
    assert encoded.facts(1) == {"left.enum": "a", "left.count": 1, "left.flag": True}
    assert [row for row, _ in encoded.errors()] == [2]
    assert isinstance(encoded.columns["left.flag"], Constant)


def test_rows_can_be_taken() -> None:
    table = pa.table({"left.enum": ["a", None, "b"], "left.count": [1, None, 2]})
    import numpy as np

    taken = Encoder(FIELDS).encode(table).take(np.array([2, 1]))
    assert [taken.facts(row) for row in range(2)] == [{"left.enum": "b", "left.count": 2}, {}]
    assert isinstance(taken.columns["left.enum"], Codes)
    assert FIELDS["left.enum"].type is FieldType.ENUM


def test_lists_are_forgotten_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listcolumns, "MOST_ELEMENTS", 3)
    monkeypatch.setattr(listcolumns, "MOST_LISTS", 3)
    encoder = Encoder(FIELDS)
    for start in range(0, 40, 4):
        lists = [[f"e{n}", "x"] for n in range(start, start + 4)]
        encoded = encoder.encode(pa.table({"left.set": lists}))
        assert [encoded.facts(row)["left.set"] for row in range(4)] == [frozenset(each) for each in lists]
        column = encoded.columns["left.set"]
        assert isinstance(column, Codes) and column.distinct.size <= 11  # unknown, empty, 5 elements, 4 lists


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_view(pa.string()),
        pa.large_list_view(pa.string()),
        pa.list_(pa.string_view()),
        pa.list_(pa.large_string()),
        pa.list_(pa.dictionary(pa.int8(), pa.string())),
    ],
)
def test_lists_of_every_layout_are_sets(kind: Any) -> None:
    rows = [["a", "b"], None, [], ["b", "a", "b"]]
    encoded = Encoder(FIELDS).encode(pa.table({"left.set": pa.array(rows, kind)}))
    found = [encoded.facts(row).get("left.set") for row in range(4)]
    assert found == [frozenset("ab"), None, frozenset(), frozenset("ab")]


def test_lists_of_one_size_and_lists_of_nothing_are_sets() -> None:
    sized = pa.array([["a", "b"], None], pa.list_(pa.string(), 2))
    nothing = pa.array([[], None], pa.list_(pa.null()))
    encoded = Encoder(FIELDS).encode(pa.table({"left.set": sized, "right.set": nothing}))
    assert encoded.facts(0) == {"left.set": frozenset("ab"), "right.set": frozenset()}
    assert encoded.facts(1) == {}


def test_other_layouts_of_text_are_text() -> None:
    repeated = pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array(["a", None]))
    views = pa.DictionaryArray.from_arrays(pa.array([0, None, 1]), pa.array(["x", "y"], pa.string_view()))
    numbers = pa.array([7, None, 8]).dictionary_encode()
    columns = {"left.enum": repeated, "left.text": views, "left.count": numbers}
    encoded = Encoder(FIELDS).encode(pa.table(columns))
    assert [encoded.facts(row) for row in range(3)] == [
        {"left.enum": "a", "left.text": "x", "left.count": 7},
        {"left.enum": "a"},
        {"left.text": "y", "left.count": 8},
    ]


def test_an_assumption_from_a_fact_that_is_the_same_everywhere_fills_what_is_missing() -> None:
    table = pa.table({"left.enum": ["a", None], "left.size": [None, 2.0]})
    encoder = Encoder(FIELDS, Supply({"right.size": 1.5}, {"left.size": Same("right.size"), "right.size": 9.0}))
    encoded = encoder.encode(table)
    assert encoded.facts(0) == {"left.enum": "a", "left.size": 1.5, "right.size": 1.5}
    assert encoded.facts(1) == {"left.size": 2.0, "right.size": 1.5}


def test_numbers_from_beside_the_table_are_compared_row_by_row() -> None:
    encoded = Encoder(FIELDS, beside={"left.count": 1}).encode(pa.table({"left.count": [1, None, 2]}))
    [(row, error)] = encoded.errors()
    assert row == 2
    assert "left.count: two sources say different things: 2 and 1; --set left.count=... decides" in str(error)


@pytest.mark.parametrize("block", [1, 2, 5])
def test_columns_that_are_encoded_together_stay_apart(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(arrowdata, "BLOCK", block)
    rows = [
        {"left.enum": "a", "left.flag": True, "right.enum": None, "right.flag": None, "left.text": "x"},
        {"left.enum": None, "left.flag": False, "right.enum": "d", "right.flag": True, "left.text": None},
        {"left.enum": "c", "left.flag": None, "right.enum": "b", "right.flag": False, "left.text": "y"},
    ] * 5
    table = pa.Table.from_pylist(rows)
    texts = [name for name in table.column_names if pa.types.is_string(table.schema.field(name).type)]
    for name in texts:
        table = table.set_column(table.column_names.index(name), name, table.column(name).dictionary_encode())
    for start in (0, 1, 8):
        encoded = Encoder(FIELDS).encode(table.slice(start))
        for row, expected in enumerate(rows[start:]):
            assert encoded.facts(row) == {name: value for name, value in expected.items() if value is not None}
