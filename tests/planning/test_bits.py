"""A bit for each of many candidates says what the reference evaluator says of each alone, after steps as before."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from imagefit.columns.stacking import encode_facts
from imagefit.conditions import Condition
from imagefit.evaluators.reference import truth
from imagefit.explanations.remedies import applied
from imagefit.facts import Facts
from imagefit.planning.bits import Terms, TruthBits
from imagefit.rulepack.pack import Effect
from strategies import FEW_FIELDS, conditions, effects, few_candidates


@settings(max_examples=200, deadline=None)
@given(
    conditions(FEW_FIELDS),
    st.lists(few_candidates(), min_size=1, max_size=9),
    st.lists(effects(FEW_FIELDS), max_size=3),
)
def test_each_candidate_has_the_truth_that_it_has_alone(
    condition: Condition, rows: list[Facts], steps: list[tuple[Effect, ...]]
) -> None:
    terms = Terms(FEW_FIELDS)
    bits, changed = TruthBits(encode_facts(rows, FEW_FIELDS), terms), {}
    for step in steps:
        rows, changed = [applied(step, facts) for facts in rows], dict(terms.after(step, changed))
    found = bits.truths(condition, changed)
    for row, facts in enumerate(rows):
        said = {(1, 0): True, (0, 1): False, (0, 0): None}[found.true >> row & 1, found.false >> row & 1]
        assert said is truth(condition, facts)
