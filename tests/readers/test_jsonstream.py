"""Long lists are taken apart as a whole document would be, wherever the blocks end."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefit import InputError
from imagefit.sources import jsonstream
from imagefit.sources.jsonstream import ListStream

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text('ab"\\]}, ', max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab:", max_size=2), inner, max_size=3),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(elements=st.lists(VALUES, max_size=5), block=st.integers(1, 9), indent=st.sampled_from((None, 1)))
def test_the_elements_are_those_of_the_document(
    monkeypatch: pytest.MonkeyPatch, elements: list[Any], block: int, indent: int | None
) -> None:
    monkeypatch.setattr(jsonstream, "BLOCK", block)
    for data in (elements, {"a": 1, "list": elements, "next": {"x": [2]}}):
        stream = ListStream(io.StringIO(json.dumps(data, indent=indent)), "file")
        assert list(stream.elements()) == elements
        is_wrapped = isinstance(data, dict)
        assert stream.wrapper == ("list" if is_wrapped else None)
        assert stream.outer == ({"a": 1, "next": {"x": [2]}} if is_wrapped else {})


@pytest.mark.parametrize(
    "text", ["", "[1", "[1,]", "[1 2]", "[1] x", "{}", "7", '{"a": [1]', '{"a" 1}', '{"a": 1}', "[" * 90_000, "[nul]"]
)
def test_what_is_no_list_is_an_error(text: str) -> None:
    with pytest.raises(InputError, match=r"not JSON|nested too deeply"):
        list(ListStream(io.StringIO(text), "file").elements())


def test_a_key_that_an_element_repeats_is_an_error_with_its_row() -> None:
    with pytest.raises(InputError, match="row 2: the key stands here more than once"):
        list(ListStream(io.StringIO('[{}, {"a": 1, "a": 2}]'), "file").elements())
