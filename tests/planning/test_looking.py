"""Candidates on which all that plans look at comes out alike have the same plans."""

from __future__ import annotations

from collections.abc import Hashable

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from imagefit.evaluators.tabular.subjects import affirmed
from imagefit.explanations.alike import linked_facts
from imagefit.explanations.cases import UnknownCases
from imagefit.facts import Facts
from imagefit.planning.looking import compared
from imagefit.planning.planner import planner_of
from imagefit.rulepack.pack import Pack
from strategies import FEW_FIELDS, few_candidates, packs_with_remedies


@settings(max_examples=200, deadline=None)
@given(packs_with_remedies(), st.lists(few_candidates(), min_size=20, max_size=40))
def test_what_no_comparison_tells_apart_has_the_same_plans(pack: Pack, candidates: list[Facts]) -> None:
    assume(any("use" in rule.operations for rule in pack.rules))
    planner = planner_of(pack, "use")
    leaves, whole = compared(planner.workshop, "use")
    told = UnknownCases(leaves, linked_facts(map(affirmed, leaves), FEW_FIELDS), FEW_FIELDS)
    seen: dict[Hashable, object] = {}
    for facts in candidates:
        key = told.key(facts), tuple(facts.get(name) for name in sorted(whole))
        sketch = planner.sketch(facts, ())
        assert seen.setdefault(key, sketch) == sketch
