"""The consequences of the semantics (docs/architecture.md) of one evaluator, over generated packs and candidates."""

from __future__ import annotations

import itertools
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

import imagefit
from bynumbers import deciders, outcome_by_numbers
from imagefit.budgets import Budget
from imagefit.conditions import leaves
from imagefit.evaluators.cells import combinations, representatives
from imagefit.evaluators.reference import leaf_truth, outcome, truth
from imagefit.explanations.candidate.ruleresults import deciding_leaves
from imagefit.explanations.missing.ofrule import Looks, missing_of_rule
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack, Rule, Severity
from strategies import FIELDS, candidates, packs, rules, values

DECIDED = (Outcome.PASS, Outcome.FAIL, Outcome.NOT_APPLICABLE)


def check(facts: Facts, pack: Pack, **options: object) -> imagefit.Verdict:
    return imagefit.check(facts, operation="use", pack=pack, **options)  # type: ignore[arg-type]


def errors(pack: Pack) -> list[Rule]:
    return [rule for rule in pack.rules if rule.severity is Severity.ERROR]


@given(rules(), candidates())
def test_reference_is_the_semantics_of_the_design(rule: Rule, facts: Facts) -> None:
    assert outcome(rule, facts) is outcome_by_numbers(rule, facts)


# -- 1: no default to compatible; exactly the facts that could still change the verdict --------------


def learned(facts: Facts, pack_rules: list[Rule]) -> list[Facts]:
    """Every way in which unknown facts can be learned, or stay unknown."""
    all_leaves = [leaf for rule in pack_rules for leaf in leaves(rule.violation)]
    options = representatives(all_leaves, FIELDS, facts)
    total = 1
    for found in options.values():
        total *= len(found) + 1
    assume(total <= 3000)
    return [{**facts, **more} for more in combinations(options, unknown=True)]


@given(rules(max_leaves=3), candidates())
def test_missing_facts_of_a_rule_are_exactly_those_that_could_change_its_outcome(rule: Rule, facts: Facts) -> None:
    ways = learned(facts, [rule])
    expected = deciders(lambda way: outcome_by_numbers(rule, way), facts, ways)
    assert set(missing_of_rule(rule, facts, Looks(FIELDS), Budget()).facts) == expected


@given(packs(max_rules=3), candidates())
def test_a_verdict_says_of_each_rule_what_could_change_its_outcome(pack: Pack, facts: Facts) -> None:
    """What is said beside the deciding leaves, of which those that are unknown are all that is left of a rule."""
    of = {rule.id: rule for rule in pack.rules_for("use")}
    results = check(facts, pack, all_rules=True).rules
    said = {result.rule: result.missing for result in results}
    assert said == {name: missing_of_rule(rule, facts, Looks(FIELDS), Budget()).facts for name, rule in of.items()}


@given(packs(max_rules=3), candidates())
def test_missing_facts_of_a_verdict_are_exactly_those_that_could_change_it(pack: Pack, facts: Facts) -> None:
    verdict = check(facts, pack)
    if verdict.verdict != "unknown":
        assert verdict.missing == ()
        return
    undecided = [rule for rule in errors(pack) if outcome(rule, facts) is Outcome.UNKNOWN]

    def result(way: Facts) -> str:
        found = {outcome_by_numbers(rule, way) for rule in undecided}
        return "fail" if Outcome.FAIL in found else "unknown" if Outcome.UNKNOWN in found else "fine"

    expected = deciders(result, facts, learned(facts, undecided))
    assert set(verdict.missing) <= expected <= {*verdict.missing, *verdict.not_examined}
    assert verdict.missing


# -- 2: monotone ------------------------------------------------------------------------------------


@given(packs(), candidates(), candidates())
def test_learning_facts_decides_and_never_overturns(pack: Pack, facts: Facts, more: Facts) -> None:
    before, after = check(facts, pack).verdict, check({**more, **facts}, pack).verdict
    assert before == after or before == "unknown"
    for rule in pack.rules:
        old, new = outcome(rule, facts), outcome(rule, {**more, **facts})
        assert old is new or old is Outcome.UNKNOWN or (old, new) == (Outcome.PASS, Outcome.NOT_APPLICABLE)


# -- 3: order changes nothing -------------------------------------------------------------------------


@given(packs(), candidates(), st.randoms(use_true_random=False))
def test_order_of_facts_and_rules_changes_nothing_to_the_byte(pack: Pack, facts: Facts, random) -> None:
    shuffled_facts = list(facts.items())
    random.shuffle(shuffled_facts)
    shuffled_rules = list(pack.rules)
    random.shuffle(shuffled_rules)
    other = replace(pack, rules=tuple(shuffled_rules))
    assert repr(check(facts, pack).to_dict()) == repr(check(dict(shuffled_facts), other).to_dict())


# -- 5: honest explanations ---------------------------------------------------------------------------


@st.composite
def judged(draw: st.DrawFn, wanted: tuple[Outcome, ...], max_leaves: int = 4) -> tuple[Rule, Facts, Outcome]:
    """A rule, and a candidate on which it has one of the wanted outcomes."""
    rule = draw(rules(max_leaves=max_leaves))
    options = representatives(leaves(rule.violation), FIELDS)
    tried = itertools.islice(combinations(options, unknown=True), 3000)
    found = [facts for facts in tried if outcome_by_numbers(rule, facts) in wanted]
    assume(found)
    facts = draw(st.sampled_from(found))
    return rule, facts, outcome_by_numbers(rule, facts)


@given(judged((Outcome.FAIL, Outcome.NOT_APPLICABLE)), candidates())
def test_facts_that_an_explanation_does_not_name_do_not_matter(case, others: Facts) -> None:
    rule, facts, found = case
    named = {n for leaf in deciding_leaves(rule, found, facts) for n in (leaf.fact, leaf.expected_fact) if n}
    changed = {**others, **{name: facts[name] for name in named}}
    assert outcome(rule, changed) is found


@given(judged((Outcome.FAIL,), max_leaves=3))
def test_satisfying_the_named_leaves_removes_the_violation(case) -> None:
    """Unless the new value breaks a comparison that held: leaves that are not named keep their truths here."""
    rule, facts, _ = case
    named = [leaf for leaf in deciding_leaves(rule, Outcome.FAIL, facts) if leaf.part == "require"]
    wanted = [
        leaf
        for leaf in leaves(rule.require)
        if any((leaf.fact, leaf.operator, leaf.other) == (n.fact, n.operator, n.expected_fact) for n in named)
    ]
    free = {name for n in named for name in (n.fact, n.expected_fact) if name}
    rest = {name: value for name, value in facts.items() if name not in free}
    options = representatives(leaves(rule.violation), FIELDS, rest)
    options = {name: found for name, found in options.items() if name in free}
    for chosen in combinations(options):
        changed = {**rest, **chosen}
        kept = all(
            leaf_truth(leaf, changed) is leaf_truth(leaf, facts) for leaf in leaves(rule.require) if leaf not in wanted
        )
        if kept and all(leaf_truth(leaf, changed) for leaf in wanted):
            assert outcome(rule, changed) is not Outcome.FAIL


@given(judged((Outcome.FAIL,)))
def test_a_failing_rule_names_leaves_that_hold_in_when_and_fail_in_require(case) -> None:
    rule, facts, _ = case
    named = deciding_leaves(rule, Outcome.FAIL, facts)
    assert all(leaf.truth is False for leaf in named if leaf.part == "require")
    assert all(leaf.truth is True for leaf in named if leaf.part == "when")
    assert any(leaf.part == "require" for leaf in named)


# -- cells ----------------------------------------------------------------------------------------------


@given(rules(max_leaves=3), candidates(), st.data())
def test_representatives_reach_whatever_a_completion_reaches(rule: Rule, facts: Facts, data: st.DataObject) -> None:
    all_leaves = list(leaves(rule.violation))
    options = representatives(all_leaves, FIELDS, facts)
    assume(len(list(itertools.islice(combinations(options), 5001))) <= 5000)
    completion = {**{name: data.draw(values(FIELDS[name])) for name in options}, **facts}
    reached = {tuple(leaf_truth(leaf, {**facts, **chosen}) for leaf in all_leaves) for chosen in combinations(options)}
    assert tuple(leaf_truth(leaf, completion) for leaf in all_leaves) in reached


@given(rules(), candidates())
def test_named_violation_is_when_and_not_require(rule: Rule, facts: Facts) -> None:
    violated = truth(rule.violation, facts)
    assert (violated is True) == (outcome(rule, facts) is Outcome.FAIL)
    assert (violated is None) == (outcome(rule, facts) is Outcome.UNKNOWN)
