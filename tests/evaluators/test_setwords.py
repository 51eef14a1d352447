"""Sets that are compared as words of bits compare as Python's sets do."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from imagefit.columns.column import Codes, Constant, Encoded
from imagefit.columns.distinct import DistinctTexts, DistinctValues
from imagefit.columns.distinctsets import DistinctSets
from imagefit.columns.encoding import Encoder
from imagefit.conditions import Leaf, Relation
from imagefit.evaluators.reference import leaf_truth
from imagefit.evaluators.tabular import setwords
from imagefit.evaluators.tabular.leafcolumns import truth_column
from imagefit.evaluators.tabular.subjects import CELL_OF_TRUTH
from imagefit.facts import Field, FieldType

ELEMENTS = [f"t{n:03}" for n in range(150)]  # three words
FIELD = Field("side.set", FieldType.STRING_SET)
TEXT = Field("side.text", FieldType.STRING)
SETS = st.lists(st.lists(st.sampled_from(ELEMENTS), unique=True), min_size=1, max_size=6)


def column(sets: list[list[str]], codes: list[int]) -> Codes:
    return Codes(np.array(codes, np.uint8), DistinctSets(FIELD, pa.array(sets, pa.list_(pa.string()))))


@given(SETS, SETS)
def test_any_and_all_are_those_of_sets(own: list[list[str]], operands: list[list[str]]) -> None:
    pairs = [(i, j) for i in range(len(own)) for j in range(len(operands))]
    first = column(own, [i + 1 for i, _ in pairs])
    second = column(operands, [j + 1 for _, j in pairs])
    contains_any = setwords.holds(Relation.CONTAINS_ANY, first, second)
    contains_all = setwords.holds(Relation.CONTAINS_ALL, first, second)
    assert contains_any.tolist() == [bool(set(own[i]) & set(operands[j])) for i, j in pairs]
    assert contains_all.tolist() == [set(own[i]) >= set(operands[j]) for i, j in pairs]


@given(SETS, st.lists(st.sampled_from([*ELEMENTS, "none of them", ""]), min_size=1, max_size=6))
def test_a_text_is_in_a_set_as_in_one_of_python(own: list[list[str]], texts: list[str]) -> None:
    pairs = [(i, j) for i in range(len(own)) for j in range(len(texts)) if texts[j]]
    first = column(own, [i + 1 for i, _ in pairs])
    second = Codes(np.array([j + 1 for _, j in pairs], np.uint8), DistinctTexts(TEXT, pa.array(texts, pa.string())))
    assert setwords.has(first, second).tolist() == [texts[j] in own[i] for i, j in pairs]


def test_sets_that_fill_their_words_have_no_other_text() -> None:
    for size in (63, 64, 65, 128):
        first = column([ELEMENTS[:size]], [1, 1, 1])
        texts = pa.array([ELEMENTS[size - 1], ELEMENTS[size], "none of them"])
        second = Codes(np.array([1, 2, 3], np.uint8), DistinctTexts(TEXT, texts))
        assert setwords.has(first, second).tolist() == [True, False, False]


@given(SETS, st.frozensets(st.sampled_from([*ELEMENTS[:8], "none of them"]), max_size=3))
def test_literals_are_in_sets_as_in_those_of_python(own: list[list[str]], wanted: frozenset[str]) -> None:
    own = [sorted({ELEMENTS[ELEMENTS.index(text) % 8] for text in texts}) for texts in own]
    for distinct in (
        DistinctValues(FIELD, own),
        DistinctSets(FIELD, pa.array([2 * t for t in own], pa.list_(pa.string()))),
    ):
        contains_any = setwords.against(distinct, Relation.CONTAINS_ANY, wanted)
        contains_all = setwords.against(distinct, Relation.CONTAINS_ALL, wanted)
        assert contains_any[1:].tolist() == [bool(set(texts) & wanted) for texts in own]
        assert contains_all[1:].tolist() == [set(texts) >= wanted for texts in own]
        for text in wanted:
            assert setwords.against(distinct, Relation.CONTAINS, text)[1:].tolist() == [text in t for t in own]


SET_OR_NONE = st.none() | st.lists(st.sampled_from(ELEMENTS[:4]), unique=True)
TEXT_OR_NONE = st.none() | st.sampled_from(["", *ELEMENTS[:4]])


@given(
    st.lists(SET_OR_NONE, min_size=1), st.lists(TEXT_OR_NONE, min_size=1), st.frozensets(st.sampled_from(ELEMENTS[:5]))
)
def test_what_is_the_same_in_all_rows_is_compared_as_the_reference_compares(
    sets: list[list[str] | None], texts: list[str | None], constant: frozenset[str]
) -> None:
    text = ELEMENTS[len(constant) % 5]
    of_sets = Encoder({"set": Field("set", FieldType.STRING_SET)}).encode(
        pa.record_batch({"set": pa.array(sets, pa.list_(pa.string()))})
    )
    of_texts = Encoder({"text": Field("text", FieldType.STRING)}).encode(
        pa.record_batch({"text": pa.array(texts, pa.string())})
    )
    named = {"all": Constant(constant), "one": Constant(text)}
    any_all = (Relation.CONTAINS_ANY, Relation.CONTAINS_ALL)
    leaves = [
        (of_texts, Leaf("text", Relation.EQUALS, text)),
        (of_texts, Leaf("text", Relation.EQUALS, None, "one")),
        (of_texts, Leaf("one", Relation.EQUALS, None, "text")),
        (of_texts, Leaf("text", Relation.EQUALS, None, "text")),
        (of_texts, Leaf("all", Relation.CONTAINS, None, "text")),
        (of_sets, Leaf("set", Relation.CONTAINS, text)),
        (of_sets, Leaf("set", Relation.CONTAINS, None, "one")),
        *((of_sets, Leaf("set", relation, None, "all")) for relation in any_all),
        *((of_sets, Leaf("all", relation, None, "set")) for relation in any_all),
        *((of_sets, Leaf("set", relation, constant)) for relation in any_all if constant),
    ]
    for encoded, leaf in leaves:
        every = Encoded(encoded.rows, {**encoded.columns, **named})
        found = np.broadcast_to(truth_column(leaf, every), every.rows).tolist()
        expected = [CELL_OF_TRUTH[leaf_truth(leaf, every.facts(row))] for row in range(every.rows)]
        assert found == expected, leaf
