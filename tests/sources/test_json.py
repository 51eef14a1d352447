"""JSON is decoded strictly, and long documents are taken apart as a whole one would be, wherever the blocks end."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefit import InputError
from imagefit.sources.json import JsonDocument
from imagefit.sources.text import Text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text('ab"\\]}, ', max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab:", max_size=2), inner, max_size=3),
    max_leaves=6,
)


def document_of(text: str, block: int = 1 << 20) -> JsonDocument:
    return JsonDocument(Text(io.BytesIO(text.encode()), "file"), ("list",), block=block)


@given(elements=st.lists(VALUES, max_size=5), block=st.integers(1, 9), indent=st.sampled_from((None, 1)))
def test_the_elements_are_those_of_the_document(elements: list[Any], block: int, indent: int | None) -> None:
    for data in (elements, {"a": 1, "list": elements, "next": {"x": [2]}}):
        document = document_of(json.dumps(data, indent=indent), block)
        assert [value for _, value in document.values()] == elements
        is_wrapped = isinstance(data, dict)
        assert document.wrapper == ("list" if is_wrapped else None)
        assert document.outer == ({"a": 1, "next": {"x": [2]}} if is_wrapped else {})
        assert document.count == len(elements)


@given(value=VALUES, block=st.integers(1, 9))
def test_what_no_list_holds_is_the_one_value(value: Any, block: int) -> None:
    whole = {"other": [1], "value": value}
    document = document_of(json.dumps(whole), block)
    assert list(document.values()) == [("", whole)]
    assert document.count is None and document.wrapper is None


@given(value=VALUES, spoilt=st.data(), block=st.integers(1, 9))
def test_what_is_no_json_is_refused_at_the_place_where_pythons_json_refuses_it(
    value: Any, spoilt: Any, block: int
) -> None:
    text = json.dumps({"list": [value, value]}, indent=1)
    place = spoilt.draw(st.integers(0, len(text) - 1))
    text = text[:place] + spoilt.draw(st.sampled_from(("", "x", "]", "}", ",", '"', "[", "\n"))) + text[place + 1 :]
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        with pytest.raises(InputError) as raised:
            list(document_of(text, block).values())
        expected = f"file, line {error.lineno}, column {error.colno}: not JSON ({error.msg})"
        said = str(raised.value).partition("; expected one value")[0]
        assert said == expected or "stands here more than once" in str(raised.value)
    else:
        list(document_of(text, block).values())


@pytest.mark.parametrize("text", ["", "[1", "[1,]", "[1 2]", "[1] x", '{"a": [1]', '{"a" 1}', "[" * 90_000, "[nul]"])
def test_what_is_no_json_is_an_error(text: str) -> None:
    with pytest.raises(InputError, match=r"not JSON|nested too deeply"):
        list(document_of(text).values())


@pytest.mark.parametrize("block", [3, 1 << 20])
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[{}, {"a": 1, "a": 2}]', r"file, \[1\]: the key"),
        ('{"list": [{}, {"b": {"a": 1, "a": 2}}]}', r"file, list\[1\]\.b: the key"),
        ('{"a": 1, "a": 2}', r"file: the key"),
    ],
)
def test_a_key_that_stands_twice_is_an_error_with_its_place(text: str, place: str, block: int) -> None:
    with pytest.raises(InputError, match=f"{place} stands here more than once: 'a'"):
        list(document_of(text, block).values())


@pytest.mark.parametrize("block", [5, 1 << 20])
@pytest.mark.parametrize("around", ["{}", "[{}]", '{{"list": [{}]}}', '{{"x": {}}}'])
def test_sixty_four_levels_are_read_and_one_more_is_refused(around: str, block: int) -> None:
    levels = {"{}": 0, "[{}]": 1, '{{"list": [{}]}}': 2, '{{"x": {}}}': 1}[around]
    inside = 64 - levels
    assert list(document_of(around.format("[" * inside + "7" + "]" * inside), block).values())
    with pytest.raises(InputError, match="nested too deeply; expected at most 64 levels"):
        list(document_of(around.format("[" * (inside + 1) + "7" + "]" * (inside + 1)), block).values())
