"""Texts that are told apart: each once, as they come first, whoever tells them apart."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefit.columns import toldapart
from kernels import KERNELS, needs_compiler, texts_of_one_place

TEXTS = st.text("ab;é", max_size=3) | st.sampled_from(["a" * 40, "é" * 20, "a;" * 9, "\0", "a\0"])


@pytest.fixture(params=[pytest.param("compiled", marks=needs_compiler), "Arrow"], scope="module")
def by(request: pytest.FixtureRequest) -> Iterator[None]:
    """Who tells them apart; compiled code as `make test-sanitize` has it, if that runs the tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(toldapart, "compiled", KERNELS["quick"])
        patched.setattr(toldapart, "is_compiled", lambda: request.param == "compiled")
        yield


def lying(values: list[str | None], start: int, *, is_long: bool = False, moved: int) -> Any:
    """Texts as Arrow may have them: sliced, at an odd address."""
    array: Any = pa.array([*["x"] * start, *values, "y"], pa.large_string() if is_long else pa.string())
    known, offsets, signs = array.buffers()
    offsets = pa.py_buffer(bytes(moved) + offsets.to_pybytes()).slice(moved)
    return pa.Array.from_buffers(array.type, len(array), [known, offsets, signs]).slice(start, len(values))


@pytest.mark.usefixtures("by")
@given(st.lists(st.none() | TEXTS, max_size=12), st.integers(0, 9), st.booleans(), st.sampled_from([0, 1, 4]))
def test_a_dictionary_has_each_text_once(values: list[str | None], start: int, is_long: bool, moved: int) -> None:
    array = lying(values, start, is_long=is_long, moved=moved)
    found = toldapart.told_apart(array)
    found.validate(full=True)
    assert found.to_pylist() == values
    assert found.dictionary.to_pylist() == list(dict.fromkeys(value for value in values if value is not None))


@pytest.mark.usefixtures("by")
@given(st.lists(TEXTS, max_size=12), st.integers(0, 9), st.sampled_from([0, 1, 4]))
def test_parts_are_those_between(values: list[str], start: int, moved: int) -> None:
    ends, parts = toldapart.parts_of(lying([*values], start, moved=moved), ";")
    parts.validate(full=True)
    expected = [value.split(";") for value in values]
    assert [parts[begin:end].to_pylist() for begin, end in pairwise(ends.tolist())] == expected
    assert parts.dictionary.to_pylist() == list(dict.fromkeys(part for own in expected for part in own))


@pytest.mark.usefixtures("by")
@given(st.lists(st.none() | TEXTS, max_size=12), st.lists(st.none() | TEXTS, max_size=12), st.booleans())
def test_places_are_those_of_the_first_that_is_the_same(
    values: list[str | None], others: list[str | None], is_long: bool
) -> None:
    found = toldapart.places_among(
        lying(values, 3, is_long=is_long, moved=1), lying(others, 2, is_long=is_long, moved=4)
    )
    assert found.tolist() == [others.index(v) if v is not None and v in others else -1 for v in values]


def test_texts_that_all_differ_are_not_copied() -> None:
    array: Any = pa.array(["a", "b", "c"])
    if toldapart.is_compiled():
        assert toldapart.told_apart(array).dictionary.buffers()[2].address == array.buffers()[2].address


@needs_compiler
def test_texts_that_were_made_to_be_hard_to_tell_apart_are_left_to_arrow() -> None:
    texts = [text.decode() for text in texts_of_one_place()]
    signs, bounds = np.frombuffer("".join(texts).encode(), np.uint8), np.arange(len(texts) + 1, dtype=np.int32) * 8
    assert KERNELS["quick"]().told_apart(signs, bounds, None, None, len(texts)) is None
    assert toldapart.told_apart(pa.array(texts)).to_pylist() == texts
