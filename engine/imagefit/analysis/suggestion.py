"""Examples that a rule lacks: for condition coverage, and for outcomes that no example shows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from imagefit.analysis.coverage import COMPARED, cover, halves, held, pairs_with
from imagefit.analysis.decisions import Case, LeafPlace, RuleCases, analysed
from imagefit.analysis.enumeration import TooManyCases
from imagefit.analysis.examples import expected_outcomes, witness
from imagefit.budgets import COMMAND, SHARE, Budget, BudgetEnded
from imagefit.evaluators.reference import outcome
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack, Rule

__all__ = ["SuggestedExample", "suggest"]


@dataclass(frozen=True, slots=True)
class SuggestedExample:
    """An example to add; `shows` says in a few words what for."""

    facts: Facts
    outcome: Outcome
    shows: str


def suggest(rule: Rule, pack: Pack, budget: Budget | None = None) -> tuple[SuggestedExample, ...]:
    """Return examples that, added to the rule's own, give full condition coverage and show every outcome.

    As few as one or two for each leaf, beside the examples that are there; values are taken from those
    where that changes nothing.

    Raises
    ------
    TooManyCases
        If the rule can tell apart more cases than can be looked at.
    """
    own = Budget(COMMAND).part(SHARE) if budget is None else budget
    cases = analysed(rule, pack.fields, own)
    pool = [cases.case_of(example.facts) for example in rule.examples]
    added: list[SuggestedExample] = []
    todo = list(cover(cases, own).missing)
    strict = {place.index: bool(pairs_with(cases, place)) for place in todo}
    while todo:
        if not own.allows(COMPARED * len(todo) * len(cases.cases)):
            raise TooManyCases(cases.combinations)
        case, done = _next(cases, todo, pool, strict)
        familiar = _familiar(cases, case)
        names = ", ".join(dict.fromkeys(place.leaf.fact for place in done)) or todo[0].leaf.fact
        added.append(SuggestedExample(familiar.facts, outcome(rule, familiar.facts), f"{names} decides"))
        pool.append(familiar)
        todo = [place for place in todo if place not in done]
    shown = {example.outcome for example in rule.examples} | {example.outcome for example in added}
    for wanted in expected_outcomes(rule):
        if wanted not in shown and (facts := _witness(rule, pack, wanted, own, cases)) is not None:
            added.append(SuggestedExample(facts, wanted, f"the outcome {wanted}"))
    return tuple(added)


def _witness(rule: Rule, pack: Pack, wanted: Outcome, budget: Budget, cases: RuleCases) -> Facts | None:
    try:
        return witness(rule, pack, wanted, budget)
    except BudgetEnded:
        raise TooManyCases(cases.combinations) from None


def _next(
    cases: RuleCases, todo: Sequence[LeafPlace], pool: Sequence[Case], strict: Mapping[int, bool]
) -> tuple[Case, list[LeafPlace]]:
    """Return the case that shows the most leaves beside the pool, and those; or half a pair for the first leaf."""
    there = {place.index: halves(cases, place, pool, strict=strict[place.index]) for place in todo}
    best: tuple[Case, list[LeafPlace]] | None = None
    for case in cases.cases:
        done = [place for place in todo if _completes(cases, place, case, there, strict)]
        if done and (best is None or len(done) > len(best[1])):
            best = case, done
    if best is not None:
        return best
    pairs = halves(cases, todo[0], cases.cases, strict=strict[todo[0].index])
    return next(pair[True] for pair in pairs.values() if len(pair) == 2), []


def _completes(
    cases: RuleCases,
    place: LeafPlace,
    case: Case,
    there: Mapping[int, Mapping[Hashable, Mapping[bool, Case]]],
    strict: Mapping[int, bool],
) -> bool:
    """Whether the pool has what makes a pair with the case."""
    truth = case.truths[place.index]
    if truth is None or not there[place.index] or not cases.decides(place.index, case.truths):
        return False
    return (not truth) in there[place.index].get(held(cases, place, case, strict=strict[place.index]), {})


def _familiar(cases: RuleCases, case: Case) -> Case:
    """Return the case with values that the rule's examples have, wherever all leaves stay as they are."""
    facts = dict(case.facts)
    for name in facts:
        for example in cases.rule.examples:
            if name in example.facts:
                changed = {**facts, name: example.facts[name]}
                if cases.case_of(changed).truths == case.truths:
                    facts = changed
                    break
    return Case(case.truths, facts)
