"""Sets are read by element: one of elements that were read before is what it would be alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imagefit.columns.distinct import DistinctValues
from imagefit.errors import InputError
from imagefit.facts import Field, FieldType, read_value

ELEMENTS = ("a", "b", " a", "none", "", "[", "]", "[]", '["a"', '"b"]', '["a"]', '[" a"]', "a=b", "é", "\ud800")
FIELDS = [
    Field("any", FieldType.STRING_SET),
    Field("some", FieldType.STRING_SET, values=("a", "b", "none")),
    Field("pairs", FieldType.STRING_SET, elements="name=value"),
]
LISTS = st.lists(st.sampled_from(ELEMENTS), max_size=3)
RAW = st.one_of(LISTS, LISTS.map(";".join), LISTS.map("; ".join), st.just([1]), st.just([["a"]]), st.none())


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
