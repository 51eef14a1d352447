"""What searches evaluate as functions means what the definition says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import strategies as s
from imagefit.conditions import Condition
from imagefit.evaluators.reference import outcome, truth
from imagefit.explanations.truths.functions import OFTEN, Quick, quick_truth
from imagefit.facts import Facts
from imagefit.rulepack.pack import Rule


@given(s.conditions(max_leaves=9), s.candidates())
def test_a_condition_as_a_function_has_the_truth_that_the_reference_gives_it(
    condition: Condition, facts: Facts
) -> None:
    assert quick_truth(condition)(facts) is truth(condition, facts)


@given(s.rules(), st.lists(s.candidates(), min_size=1, max_size=4))
def test_a_rule_is_what_the_reference_says_before_it_is_made_into_functions_and_after(
    rule: Rule, candidates: list[Facts]
) -> None:
    quick = Quick(rule)
    for facts in candidates * OFTEN:
        assert quick.outcome(facts) is outcome(rule, facts)
        assert quick.violation(facts) is truth(rule.violation, facts)
