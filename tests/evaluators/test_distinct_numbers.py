"""Numbers that texts spell are read as a column as they are one by one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefit.columns.distinct import DistinctValues
from imagefit.columns.distinctnumbers import DistinctNumbers
from imagefit.columns.encoding import Encoder
from imagefit.facts import Field, FieldType
from imagefit.supply import Supply

FIELDS = [
    Field("thing.size", FieldType.INTEGER, unit="GiB"),
    Field("thing.weight", FieldType.NUMBER),
    Field("thing.parts", FieldType.INTEGER, at_least=7),
    Field("thing.price", FieldType.NUMBER, at_least=0.5),
]

DIGITS = st.text("0123456789", min_size=1, max_size=19)
SPELLED = st.one_of(
    DIGITS,
    st.builds("{}.{}".format, DIGITS, st.text("0123456789", max_size=22)),
    st.builds(
        "{}{}{}".format, st.sampled_from(["", " ", "-", "+", "0x"]), DIGITS, st.sampled_from(["", "\n", "e3", " "])
    ),
    st.floats().map(repr),
    st.integers(-(2**65), 2**65).map(str),
    st.sampled_from(
        ["", " ", "nan", "NaN", "inf", "1_000", "٣", "1,5", "-0", "-0.0", "00", ".5", "5.", "1e400", "true"]
    ),
)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
@given(texts=st.lists(st.none() | SPELLED, max_size=12))
def test_they_are_what_they_are_one_by_one(field: Field, kind: pa.DataType, texts: list[str | None]) -> None:
    found, expected = DistinctNumbers(field, pa.array(texts, kind)), DistinctValues(field, texts)
    assert [*map(repr, found.values)] == [*map(repr, expected.values)]  # -0.0 is no 0.0, and 1 no 1.0
    assert found.known.tolist() == expected.known.tolist()
    assert found.numbers.dtype == expected.numbers.dtype
    assert np.array_equal(found.numbers.view(np.int64), expected.numbers.view(np.int64))
    assert {code: str(error) for code, error in found.errors.items()} == {
        code: str(error) for code, error in expected.errors.items()
    }


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
@given(texts=st.lists(st.one_of(st.none(), st.just(""), DIGITS), max_size=12) | st.lists(SPELLED, max_size=3))
def test_a_column_is_what_its_texts_are(field: Field, kind: pa.DataType, texts: list[str | None]) -> None:
    column = pa.array(["7", *texts], kind).slice(1)
    encoded = Encoder({field.name: field}, Supply({}, {})).encode(pa.record_batch([column], [field.name]))
    one_by_one = DistinctValues(field, texts)
    found = [encoded.facts(row).get(field.name) for row in range(len(texts))]
    assert [*map(repr, found)] == [*map(repr, one_by_one.values[1:])]
    assert [row for row, _ in encoded.errors()] == [code - 1 for code in sorted(one_by_one.errors)]
