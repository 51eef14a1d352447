"""Whether explanations are right: brute force over the grid of a rule, at every point of it.

Missing facts: a fact matters at a point if, somewhere among the points that learning some of the *other*
unknown facts leads to, learning it changes the outcome. Deciding leaves: the facts that they name imply
the outcome, whatever the others are; and where the named leaves of `require` hold, nothing fails.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from imagefit.analysis.verify_grid import Grid
from imagefit.conditions import Leaf, leaves
from imagefit.evaluators.reference import leaf_truth, outcome
from imagefit.explain import deciding_leaves, kind_of
from imagefit.facts import Facts, Field
from imagefit.missing import missing_of_rule, missing_of_verdict
from imagefit.rulepack.pack import Outcome, Rule, Severity
from imagefit.verdicts import LeafResult, VerdictKind

__all__ = ["WrongExplanation", "mattering", "wrong_leaves", "wrong_missing", "wrong_verdict_missing"]


@dataclass(frozen=True, slots=True)
class WrongExplanation:
    """A candidate that is explained wrongly, and in what way."""

    facts: Facts
    found: str
    expected: str


def mattering(grid: Grid, results: Sequence[Hashable], name: str) -> bytearray:
    """Return, for each point at which the fact is unknown, whether it could still change the result."""
    matters = bytearray(grid.size)
    for point in grid.unknown_at(name):
        matters[point] = any(results[learned] != results[point] for learned in grid.learned(point, name))
    for other in grid.axes:
        if other == name:
            continue
        for point in grid.unknown_at(other):
            if not matters[point]:
                matters[point] = any(matters[learned] for learned in grid.learned(point, other))
    return matters


def wrong_missing(
    rule: Rule, grid: Grid, outcomes: Sequence[Outcome], fields: Mapping[str, Field]
) -> Iterator[WrongExplanation]:
    """Yield candidates for which the missing facts are not those that brute force finds."""
    matters = {name: mattering(grid, outcomes, name) for name in grid.axes}
    for point in range(grid.size):
        facts = grid.facts(point)
        expected = [name for name in rule.facts if matters[name][point] and not grid.place(point, name)]
        found = missing_of_rule(rule, facts, fields)
        if sorted(found) != sorted(expected):
            yield WrongExplanation(facts, f"missing {_listed(found)}", f"missing {_listed(expected)}")


def wrong_leaves(rule: Rule, grid: Grid, outcomes: Sequence[Outcome]) -> Iterator[WrongExplanation]:
    """Yield candidates whose deciding leaves do not decide."""
    implied: dict[tuple[str, ...], dict[tuple[int, ...], set[Outcome]]] = {}
    for point in range(grid.size):
        facts = grid.facts(point)
        named = deciding_leaves(rule, outcomes[point], facts)
        looked_at = _facts_of(named)
        if looked_at not in implied:
            implied[looked_at] = _outcomes_by(looked_at, grid, outcomes)
        possible = implied[looked_at][tuple(grid.place(point, name) for name in looked_at)]
        if len(possible) > 1:
            found = f"{_listed(looked_at)} named, but then it can be {_listed(sorted(possible))}"
            yield WrongExplanation(facts, found, f"facts that alone make it {outcomes[point]}")
        if outcomes[point] is Outcome.FAIL and (still := _failing_though_satisfied(rule, named, grid, point, outcomes)):
            names = _listed(_facts_of(_required(named)))
            yield WrongExplanation(facts, f"{names} to be changed, but then {still} fails", "a change that helps")


def wrong_verdict_missing(
    rules: Sequence[Rule], grid: Grid, fields: Mapping[str, Field], count: int = 200
) -> Iterator[WrongExplanation]:
    """Yield candidates of some hundred for which the verdict's missing facts are not those of brute force."""
    errors = [rule for rule in rules if rule.severity is Severity.ERROR]
    kinds = [kind_of(zip(errors, outcomes, strict=True)) for _, outcomes in grid.walk(errors)]
    undecided = [point for point, kind in enumerate(kinds) if kind is VerdictKind.UNKNOWN]
    matters = {name: mattering(grid, kinds, name) for name in grid.axes}
    for point in undecided[:: max(1, len(undecided) // count)]:
        facts = grid.facts(point)
        expected = [name for name in grid.axes if not grid.place(point, name) and matters[name][point]]
        waiting = [rule for rule in errors if outcome(rule, facts) is Outcome.UNKNOWN]
        found = missing_of_verdict(waiting, facts, fields)
        if sorted(found) != sorted(expected):
            yield WrongExplanation(facts, f"missing {_listed(found)}", f"missing {_listed(expected)}")


def _outcomes_by(names: Sequence[str], grid: Grid, outcomes: Sequence[Outcome]) -> dict[tuple[int, ...], set[Outcome]]:
    found: dict[tuple[int, ...], set[Outcome]] = {}
    for point, own in enumerate(outcomes):
        found.setdefault(tuple(grid.place(point, name) for name in names), set()).add(own)
    return found


def _failing_though_satisfied(
    rule: Rule, named: Sequence[LeafResult], grid: Grid, point: int, outcomes: Sequence[Outcome]
) -> Facts | None:
    """Return a candidate that fails although the named leaves of `require` hold and its other leaves are as before."""
    wanted = {(leaf.fact, leaf.operator, leaf.expected_fact or leaf.expected) for leaf in _required(named)}
    before = grid.facts(point)
    required = [(leaf, _key(leaf) in wanted) for leaf in dict.fromkeys(leaves(rule.require))]
    free = _facts_of(_required(named))
    start = point - sum(grid.place(point, name) * grid.strides[name] for name in free)
    for chosen in itertools.product(*(range(1, len(grid.axes[name])) for name in free)):
        moved = start + sum(place * grid.strides[name] for place, name in zip(chosen, free, strict=True))
        if outcomes[moved] is Outcome.FAIL:
            facts = grid.facts(moved)
            if all(leaf_truth(leaf, facts) is (is_wanted or leaf_truth(leaf, before)) for leaf, is_wanted in required):
                return facts
    return None


def _required(named: Sequence[LeafResult]) -> list[LeafResult]:
    return [leaf for leaf in named if leaf.part == "require"]


def _key(leaf: Leaf) -> tuple[str, str, Hashable]:
    return leaf.fact, leaf.operator, leaf.other or leaf.operand


def _facts_of(named: Sequence[LeafResult]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for leaf in named for name in (leaf.fact, leaf.expected_fact) if name))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
