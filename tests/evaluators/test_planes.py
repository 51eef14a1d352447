"""The planes evaluator judges as the definition does: every kind of column, every outcome, in both ways of its code."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefit.columns.encoding import Encoder
from imagefit.evaluators import reference
from imagefit.evaluators.planes.judged import PlanesJudge, PlanesJudged
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack
from imagefit.supply import Supply
from kernels import KERNELS, needs_compiler
from rowtables import table_of
from strategies import FIELDS, candidates, packs

pytestmark = needs_compiler

EVERY = [(place, outcome) for outcome in Outcome for place in range(6)]


def judged(pack: Pack, table: pa.Table, given: Facts | None = None, kernel: str = "quick") -> PlanesJudged:
    return PlanesJudge(KERNELS[kernel](), pack.rules, pack.fields).judge(
        Encoder(FIELDS, Supply(given or {})).encode(table)
    )


def agrees(found: PlanesJudged, pack: Pack, rows: Sequence[Facts]) -> None:
    expected = [list(reference.judge(pack, pack.rules)(facts)) for facts in rows]
    assert [found.outcomes(row) for row in range(len(rows))] == expected
    flags = tuple((place, outcome) for outcome in Outcome for place in range(len(pack.rules)))
    masks = found.masks(flags)
    assert [[bool(masks[n // 64][row] >> n % 64 & 1) for n in range(len(flags))] for row in range(len(rows))] == [
        [outcomes[place] is outcome for place, outcome in flags] for outcomes in expected
    ]
    errors = [{o for o, rule in zip(own, pack.rules, strict=True) if rule.severity == "error"} for own in expected]
    assert found.levels().tolist() == [2 if Outcome.FAIL in e else 1 if Outcome.UNKNOWN in e else 0 for e in errors]


@pytest.mark.parametrize("kernel", KERNELS)
@given(pack=packs(), rows=st.lists(candidates(), max_size=40), dictionaries=st.booleans())
def test_outcomes_are_those_of_the_reference(kernel: str, pack: Pack, rows: list[Facts], dictionaries: bool) -> None:
    agrees(judged(pack, table_of(rows, dictionaries=dictionaries), kernel=kernel), pack, rows)
