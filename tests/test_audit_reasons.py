"""Reasons are worked out once for all rows that are alike, and are those that each row alone would have."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit.analysis.verify.grid import Grid
from imagefit.auditing import reasons as counting
from imagefit.auditing.results import RESULT_COLUMNS
from imagefit.columns.column import Codes, Encoded
from imagefit.columns.distinctsets import DistinctSets
from imagefit.columns.encoding import Encoder
from imagefit.columns.fingerprints import fingerprints, marks
from imagefit.explanations.cases.messages import rendered
from imagefit.facts import Facts, Field, FieldType, show_value
from imagefit.rulepack.pack import Pack, render
from imagefit.verdicts import AT_LEAST, json_value
from kernels import needs_compiler
from packfiles import shipped_pack
from rowtables import mixed, table_of
from strategies import FIELDS, candidates, packs


@given(packs(), st.lists(candidates(), min_size=1, max_size=4), st.randoms(use_true_random=False), st.booleans())
def test_rows_that_are_alike_have_the_reasons_that_each_would_have(
    pack: Pack, sources: list[Facts], chance: random.Random, dictionaries: bool
) -> None:
    rows = mixed(sources, FIELDS, 12, chance)
    found = imagefit.audit(table_of(rows, dictionaries=dictionaries), operation="use", pack=pack).to_arrow()
    verdicts = [imagefit.check(facts, operation="use", pack=pack) for facts in rows]
    assert found["reasons"].to_pylist() == [[r.message for r in (*v.failed, *v.undecided)] for v in verdicts]
    assert found["missing_facts"].to_pylist() == [
        [*([AT_LEAST] if v.not_examined else []), *v.missing] for v in verdicts
    ]


@pytest.mark.parametrize("operation", ["create_ecs", "share"])
def test_rows_say_together_what_they_say_with_others(operation: str) -> None:
    pack, chance = shipped_pack("huawei-ims"), random.Random(operation)
    sample = list(Grid.of(pack.rules_for(operation), pack.fields).sample(300, operation))
    rows = [{name: json_value(value) for name, value in facts.items() if chance.random() < 0.3} for facts in sample]
    rows += [{**row, "image.attributes": ["other=other"]} for row in rows[:100]]

    def said(some: list[dict[str, object]]) -> list[dict[str, object]]:
        found: list[dict[str, object]] = imagefit.audit(some, operation=operation, pack=pack).to_arrow().to_pylist()
        return [{name: value for name, value in row.items() if name in RESULT_COLUMNS} for row in found]

    together = said(rows)
    for size, count in ((1, 30), (7, 210), (100, 300)):
        order = chance.sample(range(len(rows)), count)
        for start in range(0, len(order), size):
            some = order[start : start + size]
            assert said([rows[place] for place in some]) == [together[place] for place in some]


@given(st.lists(candidates(), min_size=1, max_size=20), st.booleans())
def test_messages_are_rendered_as_those_of_single_candidates(rows: list[Facts], dictionaries: bool) -> None:
    template = " and ".join(f"{name} is {{{name}}}" for name in FIELDS)
    encoded = Encoder(FIELDS).encode(table_of(rows, dictionaries=dictionaries))
    assert rendered(template, encoded).to_pylist() == [render(template, facts) for facts in rows]
    assert rendered("plain", encoded).to_pylist() == ["plain"] * len(rows)


@pytest.mark.parametrize("by_compiled", [pytest.param(True, marks=needs_compiler), False])
@given(
    st.lists(st.text(max_size=20), max_size=12), st.integers(0, 12), st.sampled_from((pa.string(), pa.large_string()))
)
def test_a_text_has_one_fingerprint_wherever_it_stands(
    by_compiled: bool, texts: list[str], start: int, kind: pa.DataType
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("imagefit.columns.fingerprints.is_compiled", lambda: by_compiled)
        numbers = fingerprints(pa.array(["before", *texts], kind).slice(1).slice(start)).tolist()
        alone = [int(fingerprints(pa.array([text]))[0]) for text in texts[start:]]
        assert numbers == alone
        assert len(set(alone)) == len(set(texts[start:]))
        quick = marks(pa.array(["before", *texts], kind).slice(1).slice(start)).tolist()
        assert quick == [int(marks(pa.array([text]))[0]) for text in texts[start:]]


SET = Field("lamp.parts", FieldType.STRING_SET)
PARTS = st.sampled_from(("a", "b", "none", "[]", "[x", "x]", " a", "a ", "a;b", "é", "-", "b c"))


@given(st.lists(st.none() | st.lists(PARTS, max_size=4), max_size=10), st.data())
def test_a_message_shows_a_set_as_one_that_is_shown_alone(lists: list[list[str] | None], data: st.DataObject) -> None:
    distinct = DistinctSets(SET, pa.array(lists, pa.list_(pa.string())))
    codes = data.draw(st.lists(st.integers(0, len(lists)), max_size=12))
    column = Codes(np.array(codes, np.uint8), distinct)
    found = rendered("it has {lamp.parts} in it", Encoded(len(codes), {"lamp.parts": column})).to_pylist()
    for text, code in zip(found, codes, strict=True):
        known = lists[code - 1] if code else None
        shown = "[lamp.parts]" if known is None else show_value(frozenset(known))
        assert text == f"it has {shown} in it"


@given(
    packs(),
    st.lists(candidates(), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
    st.integers(1, 12),
    st.integers(1, 5),
    st.none() | st.integers(1, 8),
)
def test_reasons_are_counted_as_one_by_one_however_many_are_told_apart(
    pack: Pack, sources: list[Facts], chance: random.Random, most: int, size: int, alike: int | None
) -> None:
    rows = mixed(sources, FIELDS, 12, chance)
    told: dict[tuple[str, str, str], int] = {}
    untold = 0
    for facts in rows:
        verdict = imagefit.check(facts, operation="use", pack=pack)
        for result in (*verdict.failed, *verdict.undecided):
            reason = (result.rule, result.outcome.value, result.message)
            if reason in told or len(told) < most:
                told[reason] = told.get(reason, 0) + 1
            else:
                untold += 1
    table = table_of(rows)
    pieces = pa.concat_tables([table.slice(start, size) for start in range(0, len(rows), size)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "MOST_REASONS", most)
        if alike:  # all are, as it could be, though it hardly ever is
            patch.setattr(counting, "ALIKE", alike)
            for name in ("fingerprints", "marks"):
                patch.setattr(counting, name, lambda texts: np.zeros(len(texts), np.uint64))
        summary = imagefit.audit(pieces, operation="use", pack=pack).summary()
    assert {(each.rule, each.outcome, each.reason): each.rows for each in summary.reasons} == told
    assert summary.untold_reasons == untold
