"""Candidates on which all that plans look at comes out alike have the same plans."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from imagefit.conditions import TRUE, Leaf, Relation, affirmed
from imagefit.explanations.cases.rowcases import UnknownCases
from imagefit.explanations.truths.linkedfacts import linked_facts
from imagefit.facts import Facts
from imagefit.planning.looking import compared
from imagefit.planning.planner import planner_of
from imagefit.rulepack.pack import Effect, Pack, Remedy
from strategies import FEW_FIELDS, FIELDS, few_candidates, more, pack_of, packs_with_remedies, rule_of

LIMIT = Remedy("limit", "limit it", "somebody", TRUE, (Effect("left.count", value=10),))


@settings(max_examples=more(2))
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


def test_a_step_that_sets_a_number_is_compared_with_what_it_was_compared_with() -> None:
    fields = FIELDS["left.count"], FIELDS["right.count"]
    enough = Leaf("left.count", Relation.AT_LEAST, None, "right.count")
    limited = Leaf("left.count", Relation.ABOVE, 10, negated=True)
    rules = [rule_of("made.enough", TRUE, enough), rule_of("made.limited", TRUE, limited)]
    pack = replace(pack_of(rules, {field.name: field for field in fields}), remedies={"limit": LIMIT})
    planner = planner_of(pack, "use")
    leaves, _ = compared(planner.workshop, "use")
    told = UnknownCases(leaves, None, pack.fields)
    small, large = ({"left.count": 100, "right.count": number} for number in (5, 50))
    assert planner.sketch(small, ()).remedies == ("limit",) and not planner.sketch(large, ()).remedies
    assert told.key(small) != told.key(large)
