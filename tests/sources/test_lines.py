"""The line of a record that is looked for by itself is the line that is noted of all of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from imagefit.sources.lines import _Lines

WORDS = st.sampled_from(["a", "b", "id", ":", ",", "a b", "", ": ", "}", "é", "x\\y", 'q"', "1", "[", "\n"])
VALUES = st.recursive(
    WORDS | st.integers(0, 9) | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)
BROKEN = st.text(st.sampled_from('ab:,"{} \n'), max_size=40)


def texts_of(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {*value, *(text for each in value.values() for text in texts_of(each))}
    if isinstance(value, list):
        return {text for each in value for text in texts_of(each)}
    return {value} if isinstance(value, str) else set()


def check(text: str, keys: set[str]) -> None:
    noted = _Lines(text, "a.json", None)
    noted.find("", 0)
    for key in keys | {"a", "nothing", '"', "\n"}:
        assert _Lines(text, "a.json", None).find(key, 0) == noted.find(key, 0), key


@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_one_line_is_found_as_all_are(value: Any, indent: int | None, is_ascii: bool) -> None:
    check(json.dumps(value, indent=indent, ensure_ascii=is_ascii), texts_of(value))


@given(BROKEN)
def test_what_is_no_json_has_the_same_lines(text: str) -> None:
    check(text, set(text.split('"')))


def test_a_line_is_that_of_a_value_and_not_of_a_key(tmp_path: Path) -> None:
    text = '{"id": 1,\n"a": "idle",\n "id" : "id",\n "b": "id"}'
    assert _Lines(text, "a.json", None).find("id", 0) == 3
    assert _Lines(text, "a.json", None).find("idle", 0) == 2
    assert _Lines(text, "a.json", None).find("a", 0) is None
