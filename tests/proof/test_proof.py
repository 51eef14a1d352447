"""A second opinion on the logic: z3 is asked for a candidate on which the decision tables are wrong.

There is none, for any rule of any pack that ships: each candidate that can be, known or not, falls into a
row of the rule's table, and the outcome of the row is the one of the semantics. So the tables leave no
case out, and neither does whatever enumerates the same cells.
"""

from __future__ import annotations

import pytest
import z3
from hypothesis import given, settings

from imagefit.api.packs import BUILT_IN, shipped_packs
from imagefit.conditions import leaves
from imagefit.evaluators import evaluate_with
from imagefit.rulepack.pack import Outcome, Pack, Rule
from packfiles import shipped_pack
from proof import semantics
from strategies import fewer, pack_of, rules

PACKS = {name: shipped_pack(name) for name in shipped_packs()}
BASE = PACKS[BUILT_IN]
TABLES = ("reference", "tabular")


def asked(rule: Rule, pack: Pack) -> object:
    """What a proof about a rule depends on."""
    return rule.when, rule.require, [(pack.fields[name].type, pack.fields[name].values) for name in rule.facts]


every_rule = pytest.mark.parametrize(
    ("pack", "rule"),
    [
        pytest.param(pack, rule, id=f"{name}:{rule.id}")
        for name, pack in PACKS.items()
        for rule in pack.rules
        if pack is BASE or asked(rule, pack) not in [asked(own, BASE) for own in BASE.rules]
    ],
)
"""The rules of the built-in pack, and those of its profiles that are not the same."""


def counterexample(rule: Rule, pack: Pack, evaluator: str) -> str | None:
    """A candidate that no row stands for, or on which its row says something else than the semantics."""
    meaning = semantics.Semantics(pack)
    outcome = meaning.outcome(rule)
    own = [meaning.comparison(leaf) for leaf in dict.fromkeys(leaves(rule.violation))]
    judge = evaluate_with(evaluator, pack, [rule]).judge
    rows = []
    for truths, facts in semantics.cases(rule, pack):
        neither = [z3.And(z3.Not(t.true), z3.Not(t.false)) for t in own]
        here = [
            t.true if truth else nor if truth is None else t.false
            for t, nor, truth in zip(own, neither, truths, strict=True)
        ]
        rows.append(z3.And(*here, outcome[judge(facts)[0]]))
    return refuted(meaning, z3.Not(z3.Or(rows)))


def refuted(meaning: semantics.Semantics, claim: z3.BoolRef) -> str | None:
    """Show what satisfies the claim; None is the proof that nothing does."""
    solver = z3.Solver()
    solver.add(*meaning.limits, claim)
    found = solver.check()
    assert found != z3.unknown, solver.reason_unknown()
    return str(solver.model()) if found == z3.sat else None


@every_rule
@pytest.mark.parametrize("evaluator", TABLES)
def test_no_candidate_makes_a_decision_table_differ_from_the_semantics(pack: Pack, rule: Rule, evaluator: str) -> None:
    assert counterexample(rule, pack, evaluator) is None


@every_rule
def test_a_rule_has_exactly_one_outcome_on_every_candidate(pack: Pack, rule: Rule) -> None:
    meaning = semantics.Semantics(pack)
    outcomes = list(meaning.outcome(rule).values())
    assert refuted(meaning, z3.Not(z3.PbEq([(outcome, 1) for outcome in outcomes], 1))) is None


@every_rule
def test_learning_facts_decides_and_never_overturns(pack: Pack, rule: Rule) -> None:
    """Two candidates, of which the second knows more: what the first decides stays decided, and the same."""
    before = semantics.Semantics(pack)
    after = semantics.Semantics(pack, " later", before.codes)
    first, second = before.outcome(rule), after.outcome(rule)
    learned = [
        z3.Implies(fact.known, z3.And(after.facts[name].known, after.facts[name].value == fact.value))
        for name, fact in before.facts.items()
    ]
    overturned = z3.Or(
        z3.And(first[Outcome.FAIL], z3.Not(second[Outcome.FAIL])),
        z3.And(first[Outcome.NOT_APPLICABLE], z3.Not(second[Outcome.NOT_APPLICABLE])),
        z3.And(first[Outcome.PASS], z3.Or(second[Outcome.FAIL], second[Outcome.UNKNOWN])),
    )
    assert refuted(before, z3.And(*after.limits, *learned, overturned)) is None


@given(rules(max_leaves=3))
@settings(max_examples=fewer(1.5))
def test_no_candidate_makes_a_table_of_any_rule_differ(rule: Rule) -> None:
    for evaluator in TABLES:
        assert counterexample(rule, pack_of([rule]), evaluator) is None


def test_a_wrong_table_is_refuted_with_a_candidate() -> None:
    """The proof can fail: leave one case out, or turn one outcome round, and z3 shows who is wronged."""
    pack = BASE
    rule = pack.rule("boot.uefi-on-heterogeneous")
    original = semantics.cases
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(semantics, "cases", lambda *args: list(original(*args))[:-1])
        assert "image.boot_mode" in (counterexample(rule, pack, "reference") or "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("imagefit.evaluators.reference.outcome", lambda *_: Outcome.PASS)
        assert counterexample(rule, pack, "reference") is not None
