"""Sets with what is added to them, by columns, are what Python's union of each row is."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from imagefit.columns.column import Codes, Constant
from imagefit.columns.distinct import DistinctTexts
from imagefit.columns.distinctsets import DistinctSets
from imagefit.columns.unions import united
from imagefit.facts import Field, FieldType

SET, TEXT = Field("a", FieldType.STRING_SET), Field("b", FieldType.STRING)
LISTS = st.none() | st.lists(st.sampled_from("abcde"), max_size=4)  # an element may stand twice
MORE = {"sets": LISTS, "texts": st.none() | st.sampled_from("abz")}


def coded(values: list[list[str] | None] | list[str | None], field: Field) -> Codes:
    codes = np.array([0 if value is None else row for row, value in enumerate(values, start=1)], np.uint8)
    if field is SET:
        return Codes(codes, DistinctSets(field, pa.array(values, pa.list_(pa.string()))))
    return Codes(codes, DistinctTexts(field, pa.array(values, pa.string())))


@given(st.data(), st.sampled_from(["sets", "texts", "one set for all", "one text for all"]))
def test_each_row_has_the_union(data: st.DataObject, kind: str) -> None:
    sets = data.draw(st.lists(LISTS, max_size=6))
    if kind in MORE:
        more = data.draw(st.lists(MORE[kind], min_size=len(sets), max_size=len(sets)))
        column: Codes | Constant = coded(more, SET if kind == "sets" else TEXT)
    else:
        one = "q" if kind == "one text for all" else data.draw(st.lists(st.sampled_from("abz"), max_size=2))
        more = [one] * len(sets)
        column = Constant(one if isinstance(one, str) else frozenset(one))
    found, is_same = united(coded(sets, SET), column)
    for row, (before, added) in enumerate(zip(sets, more, strict=True)):
        expected = None if before is None or added is None else {*before, *added}
        assert found.value(row) == expected
        assert is_same[row] == (expected == (None if before is None else {*before}))
