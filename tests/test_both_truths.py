"""Which comparisons are plainly true of one value and false of another: what trying out values says, too."""

from __future__ import annotations

from hypothesis import given, settings

from imagefit.budgets import Budget
from imagefit.conditions import TRUE, AllOf, AnyOf, Leaf, Relation
from imagefit.evaluators.cells import combinations, representatives
from imagefit.evaluators.reference import leaf_truth
from imagefit.explanations.missing.forcing import has_both_truths
from imagefit.explanations.missing.ofrule import Looks, missing_of_rule
from imagefit.facts import Facts
from strategies import FIELDS, candidates, leaf, more, rule_of


def truths(own: Leaf, known: Facts) -> set[bool | None]:
    """Return what a comparison comes to once all of its facts are known."""
    values = representatives([own], FIELDS, known)
    return {leaf_truth(own, {**known, **learned}) for learned in combinations(values)}


@settings(max_examples=more(4))
@given(leaf(), candidates())
def test_a_comparison_that_has_both_truths_plainly_has_them_whatever_is_learned_of_one_fact(
    own: Leaf, candidate: Facts
) -> None:
    known = {name: value for name, value in candidate.items() if name in own.facts[1:]}
    if not has_both_truths(own, FIELDS, known):
        return
    assert truths(own, known) == {True, False}
    open_facts = [name for name in dict.fromkeys(own.facts) if name not in known]
    if len(open_facts) == 2:
        for name in open_facts:
            for value in representatives([own], FIELDS, known)[name]:
                assert truths(own, {**known, name: value}) == {True, False}


@settings(max_examples=more(2))
@given(leaf())
def test_a_fact_that_is_compared_twice_in_the_same_way_is_not_taken_for_two(own: Leaf) -> None:
    if "left.flag" in own.facts or own.other is not None:
        return
    other = Leaf("left.flag", Relation.EQUALS, True)
    require = AllOf((own, AnyOf((own, other))))  # whatever the flag is, this comes to what the comparison does
    rule = rule_of("r.r", TRUE, require)
    assert "left.flag" not in missing_of_rule(rule, {}, Looks(FIELDS), Budget()).facts
