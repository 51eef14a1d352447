"""Candidates fit a pattern of their group if they gave its answers to what was asked."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefit.kernel.library import is_compiled
from imagefit.planning.patterns import NONE, Patterns

FEW_BITS = st.integers(0, 7)
SHIFTS = st.sampled_from([0, 62, 64])
"""So far the bits of questions and answers are moved, so that they are in one word, in two, or in the second."""

PATTERN = st.tuples(st.integers(1, 3), FEW_BITS, FEW_BITS)


def words(numbers: list[int], count: int) -> np.ndarray:
    text = b"".join(number.to_bytes(8 * count, "little") for number in numbers)
    return np.frombuffer(text, np.uint64).reshape(-1, count)


@pytest.mark.parametrize("compiled", [True, False])
@given(
    batches=st.lists(st.lists(PATTERN, min_size=1, max_size=6), max_size=3),
    rows=st.lists(st.tuples(st.integers(0, 4), FEW_BITS), max_size=12),
    shift=SHIFTS,
)
def test_each_row_fits_a_pattern_of_its_group_if_there_is_one(
    compiled: bool, batches: list[list[tuple[int, int, int]]], rows: list[tuple[int, int]], shift: int
) -> None:
    patterns = Patterns[tuple[int, int, int]]()
    given_rows = words([answers << shift for _, answers in rows], 2)
    groups = np.array([group for group, _ in rows], np.int32)
    with patch("imagefit.planning.patterns.is_compiled", lambda: compiled and is_compiled()):
        for batch in batches:
            asked = [mask << shift for _, mask, _ in batch]
            answers = [(mask & value) << shift for _, mask, value in batch]
            count = 2 if max(asked) >> 64 else 1  # more is asked in later batches
            patterns.add([group for group, _, _ in batch], words(asked, count), words(answers, count), batch)
            patterns.fitting(given_rows, groups)  # what fitted most is tried first from now on
        found = patterns.fitting(given_rows, groups)
    for (group, answers_of_row), number in zip(rows, found.tolist(), strict=True):
        fitting = [p for p in patterns.found if p[0] == group and answers_of_row & p[1] == p[1] & p[2]]
        assert patterns.found[number] in fitting if number != NONE else not fitting
