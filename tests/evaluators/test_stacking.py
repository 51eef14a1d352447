"""Rows keep their facts when their batches are put one below the other, and when they are encoded from facts."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from imagefit.columns.column import Codes
from imagefit.columns.encoding import Encoder
from imagefit.columns.stacking import encode_facts, stacked
from imagefit.facts import Facts
from imagefit.supply import Supply
from rowtables import table_of
from strategies import FIELDS, candidates


@given(st.lists(st.tuples(st.lists(candidates(), max_size=4), st.booleans()), max_size=4))
def test_stacked_batches_hold_the_facts_of_their_rows(batches: list[tuple[list[Facts], bool]]) -> None:
    encoder = Encoder(FIELDS)
    found = stacked(
        (encoder.encode(table_of(rows, dictionaries=dictionaries)) for rows, dictionaries in batches), FIELDS
    )
    expected = [facts for rows, _ in batches for facts in rows]
    assert found.rows == len(expected)
    assert [found.facts(row) for row in range(found.rows)] == expected


@given(st.lists(candidates(), max_size=6))
def test_facts_are_encoded_as_they_are(rows: list[Facts]) -> None:
    found = encode_facts(rows, FIELDS)
    assert found.rows == len(rows)
    assert [found.facts(row) for row in range(found.rows)] == rows


def test_a_text_of_many_batches_has_one_code() -> None:
    encoder = Encoder(FIELDS)
    parts = [pa.table({"left.text": [f"ö{n}" for n in range(start, start + 300)]}) for start in range(0, 3000, 150)]
    column = stacked((encoder.encode(part) for part in parts), FIELDS).columns["left.text"]
    assert isinstance(column, Codes)
    assert column.distinct.size == 3150 + 1
    assert len(column.codes) == 6000


def test_given_facts_stay_constant() -> None:
    encoder = Encoder(FIELDS, Supply({"left.flag": True}))
    found = stacked((encoder.encode(table_of([{}, {}])) for _ in range(3)), FIELDS)
    assert [found.facts(row) for row in range(found.rows)] == [{"left.flag": True}] * 6
