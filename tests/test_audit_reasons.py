"""Reasons are worked out once for all rows that are alike, and are those that each row alone would have."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit.columns.encoding import Encoder
from imagefit.explanations.messages import rendered
from imagefit.facts import Facts
from imagefit.rulepack.pack import Pack, render
from rowtables import table_of
from strategies import FIELDS, candidates, packs


def mixed(sources: list[Facts], count: int, chance: random.Random) -> list[Facts]:
    """Candidates that have each fact from one of a few, or not at all: many of them are alike."""
    rows = [{name: chance.choice([*sources, {}]).get(name) for name in FIELDS} for _ in range(count)]
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


@given(packs(), st.lists(candidates(), min_size=1, max_size=4), st.randoms(use_true_random=False), st.booleans())
def test_rows_that_are_alike_have_the_reasons_that_each_would_have(
    pack: Pack, sources: list[Facts], chance: random.Random, dictionaries: bool
) -> None:
    rows = mixed(sources, 12, chance)
    found = imagefit.audit(table_of(rows, dictionaries=dictionaries), operation="use", pack=pack).to_arrow()
    verdicts = [imagefit.check(facts, operation="use", pack=pack) for facts in rows]
    assert found["reasons"].to_pylist() == [[r.message for r in (*v.failed, *v.undecided)] for v in verdicts]
    assert found["missing_facts"].to_pylist() == [list(v.missing) for v in verdicts]


@given(st.lists(candidates(), min_size=1, max_size=20), st.booleans())
def test_messages_are_rendered_as_those_of_single_candidates(rows: list[Facts], dictionaries: bool) -> None:
    template = " and ".join(f"{name} is {{{name}}}" for name in FIELDS)
    encoded = Encoder(FIELDS).encode(table_of(rows, dictionaries=dictionaries))
    assert rendered(template, encoded).to_pylist() == [render(template, facts) for facts in rows]
    assert rendered("plain", encoded).to_pylist() == ["plain"] * len(rows)
