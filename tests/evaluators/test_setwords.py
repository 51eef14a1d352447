"""Sets that are compared as words of bits compare as Python's sets do."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from imagefit.columns.column import Codes
from imagefit.columns.distinct import DistinctValues
from imagefit.conditions import Relation
from imagefit.evaluators.tabular import setwords
from imagefit.facts import Field, FieldType

ELEMENTS = [f"t{n:03}" for n in range(150)]  # three words
FIELD = Field("side.set", FieldType.STRING_SET)
SETS = st.lists(st.lists(st.sampled_from(ELEMENTS), unique=True), min_size=1, max_size=6)


def column(sets: list[list[str]], codes: list[int]) -> Codes:
    return Codes(np.array(codes, np.uint8), DistinctValues(FIELD, sets))


@given(SETS, SETS)
def test_any_and_all_are_those_of_sets(own: list[list[str]], operands: list[list[str]]) -> None:
    pairs = [(i, j) for i in range(len(own)) for j in range(len(operands))]
    first = column(own, [i + 1 for i, _ in pairs])
    second = column(operands, [j + 1 for _, j in pairs])
    contains_any = setwords.holds(Relation.CONTAINS_ANY, first, second)
    contains_all = setwords.holds(Relation.CONTAINS_ALL, first, second)
    assert contains_any.tolist() == [bool(set(own[i]) & set(operands[j])) for i, j in pairs]
    assert contains_all.tolist() == [set(own[i]) >= set(operands[j]) for i, j in pairs]
