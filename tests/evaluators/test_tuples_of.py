"""Lists of text as tuples: what is equal is one object."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefit.columns.arrowdata import tuples_of


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
