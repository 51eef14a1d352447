"""Whether explanations are right: brute force over the ways in which a candidate's facts can turn out.

Missing facts: a fact matters if, somewhere among what learning some of the *other* unknown facts leads
to, learning it changes the result. Deciding leaves: the facts that they name make the outcome, whatever
the other facts are; and where the failing leaves of `require` hold instead, nothing fails.

What can't be told apart depends on what is known already, so each candidate has a grid of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from imagefit.analysis.verify.grid import Grid
from imagefit.budgets import Budget
from imagefit.conditions import Leaf, leaves
from imagefit.evaluators.cells import combinations
from imagefit.evaluators.reference import leaf_truth, outcome
from imagefit.explanations.candidate.ruleresults import deciding_leaves
from imagefit.explanations.missing.ofrule import Looks, Missing, missing_of_rule
from imagefit.explanations.missing.ofverdict import missing_of_verdict
from imagefit.facts import Facts, Field
from imagefit.rulepack.pack import Outcome, Rule, Severity
from imagefit.verdicts import LeafResult, VerdictKind

STEPS = 1_000_000
"""The budget of each candidate: so large that it mostly does not end, for a list that is the least proves less."""

__all__ = ["WrongExplanation", "mattering", "wrong_leaves", "wrong_missing", "wrong_verdict_missing"]


@dataclass(frozen=True, slots=True)
class WrongExplanation:
    """A candidate that is explained wrongly, and in what way."""

    facts: Facts
    found: str
    expected: str


def mattering(grid: Grid, facts: Facts, result: Callable[[Facts], Hashable]) -> set[str]:
    """Return the facts of the grid that could still change the result, where `facts` are known and none of them."""
    results = [result({**facts, **grid.facts(point)}) for point in range(grid.size)]
    return {name for name in grid.axes if _matters(grid, results, name)}


def _matters(grid: Grid, results: Sequence[Hashable], name: str) -> bool:
    matters = bytearray(grid.size)
    for point in grid.unknown_at(name):
        matters[point] = any(results[learned] != results[point] for learned in grid.learned(point, name))
    for other in grid.axes:
        if other != name:
            for point in grid.unknown_at(other):
                matters[point] |= any(matters[learned] for learned in grid.learned(point, other))
    return bool(matters[0])


def wrong_missing(rule: Rule, candidates: Sequence[Facts], fields: Mapping[str, Field]) -> Iterator[WrongExplanation]:
    """Yield candidates for which the missing facts are not those that brute force finds."""
    looks = Looks(fields)
    for facts in candidates:
        expected = mattering(Grid.of([rule], fields, facts), facts, lambda known: outcome(rule, known))
        yield from _wrong_facts(facts, missing_of_rule(rule, facts, looks, Budget(STEPS)), expected)


def wrong_verdict_missing(
    rules: Sequence[Rule], candidates: Sequence[Facts], fields: Mapping[str, Field]
) -> Iterator[WrongExplanation]:
    """Yield candidates with an unknown verdict whose missing facts are not those that brute force finds."""
    looks = Looks(fields)
    errors = [rule for rule in rules if rule.severity is Severity.ERROR]

    def kind(known: Facts) -> VerdictKind:
        return VerdictKind.of(errors, (outcome(rule, known) for rule in errors))

    for facts in candidates:
        if kind(facts) is VerdictKind.UNKNOWN:
            expected = mattering(Grid.of(errors, fields, facts), facts, kind)
            undecided = [rule for rule in errors if outcome(rule, facts) is Outcome.UNKNOWN]
            yield from _wrong_facts(facts, missing_of_verdict(undecided, facts, looks, Budget(STEPS)), expected)


def _wrong_facts(facts: Facts, found: Missing, expected: AbstractSet[str]) -> Iterator[WrongExplanation]:
    """Yield what is wrong unless just the facts that matter are named, or are among those where the budget ended."""
    if not set(found.facts) <= expected <= {*found.facts, *found.not_examined}:
        yield WrongExplanation(facts, f"missing {_listed(found.facts)}", f"missing {_listed(sorted(expected))}")


def wrong_leaves(rule: Rule, candidates: Sequence[Facts], fields: Mapping[str, Field]) -> Iterator[WrongExplanation]:
    """Yield candidates whose deciding leaves do not decide."""
    possible: dict[Hashable, list[Outcome]] = {}
    for facts in candidates:
        own = outcome(rule, facts)
        named = deciding_leaves(rule, own, facts)
        names = _facts_of(named)
        key = tuple((name, facts.get(name)) for name in names)
        if key not in possible:
            kept = {name: facts[name] for name in names if name in facts}
            others = Grid.of([rule], fields, kept).without(names)
            possible[key] = sorted({outcome(rule, {**kept, **others.facts(p)}) for p in range(others.size)})
        if possible[key] != [own]:
            found = f"{_listed(names)} named, with which it can be {_listed(possible[key])}"
            yield WrongExplanation(facts, found, f"facts that alone make it {own}")
        elif own is Outcome.FAIL and (still := _failing_though_satisfied(rule, named, facts, fields)) is not None:
            found = f"{_listed(_facts_of(_required(named)))} to be changed, though then it can still fail: {still}"
            yield WrongExplanation(facts, found, "a change that helps")


def _failing_though_satisfied(
    rule: Rule, named: Sequence[LeafResult], facts: Facts, fields: Mapping[str, Field]
) -> Facts | None:
    """Return a candidate that fails although the named leaves of `require` hold; its other leaves are as before."""
    wanted = {(leaf.fact, leaf.operator, leaf.expected_fact or leaf.expected) for leaf in _required(named)}
    free = _facts_of(_required(named))
    rest = {name: value for name, value in facts.items() if name not in free}
    axes = Grid.of([rule], fields, rest).axes
    required = [(leaf, _key(leaf) in wanted) for leaf in dict.fromkeys(leaves(rule.require))]
    for chosen in combinations({name: [v for v in axes[name] if v is not None] for name in free}):
        changed = {**rest, **chosen}
        if outcome(rule, changed) is Outcome.FAIL and all(
            leaf_truth(leaf, changed) is (is_wanted or leaf_truth(leaf, facts)) for leaf, is_wanted in required
        ):
            return changed
    return None


def _required(named: Sequence[LeafResult]) -> list[LeafResult]:
    return [leaf for leaf in named if leaf.part == "require"]


def _key(leaf: Leaf) -> tuple[str, str, Hashable]:
    return leaf.fact, leaf.operator, leaf.other or leaf.operand


def _facts_of(named: Sequence[LeafResult]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for leaf in named for name in (leaf.fact, leaf.expected_fact) if name))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
