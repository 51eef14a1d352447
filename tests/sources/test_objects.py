"""Columns of Python objects: each value is what `read_value` says of it alone, whatever stands around it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefit.columns.objects import objects_as_arrow
from imagefit.errors import InputError
from imagefit.facts import Field, FieldType, read_value

FIELDS = [
    Field("a.enum", FieldType.ENUM, ("x", "y")),
    Field("a.boolean", FieldType.BOOLEAN),
    Field("a.integer", FieldType.INTEGER),
    Field("a.number", FieldType.NUMBER),
    Field("a.string", FieldType.STRING),
    Field("a.set", FieldType.STRING_SET),
]
ONE_TYPE: list[list[Any]] = [
    [True, False],
    [0, 1, -1, 1 << 62, 1 << 63, -(1 << 63), 10**30],
    [0.0, -0.0, 1.0, 0.1, float("nan"), float("inf"), 1e300, 2.0**63],
    ["", "x", "true", "1", "1.0", "-0", "nan", "é", "\ud800", "[]", "x;y"],
    [frozenset(), frozenset({"x", "y"}), frozenset({""})],
    [["x"], ["y", "x"], [1], [True], []],
]
COLUMNS = st.sampled_from(ONE_TYPE).flatmap(lambda of: st.lists(st.sampled_from([None, *of]), max_size=12)) | st.lists(
    st.sampled_from([None, {"a": 1}, *(value for of in ONE_TYPE for value in of)]), max_size=12
)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@given(COLUMNS)
def test_a_value_is_read_alike_whatever_stands_around_it(field: Field, values: list[Any]) -> None:
    array, errors = objects_as_arrow(field, values)
    for row, value in enumerate(values):
        try:
            expected = read_value(field, value)
        except InputError as error:
            said, expected = (str(each).replace("-0.0", "0.0") for each in (errors[row], error))  # these are equal
            assert said == expected and array[row].as_py() is None
            continue
        assert row not in errors
        found = array[row].as_py()
        assert repr(found) == repr(sorted(expected) if isinstance(expected, frozenset) else expected)
