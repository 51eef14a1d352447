"""What would decide an `unknown` verdict: the smallest sets of facts that can, as what, and with which plan if not.

What is said to lead somewhere was evaluated. That a set can't is as far as was looked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, islice, product

from imagefit.budgets import Budget
from imagefit.conditions import Leaf, leaves
from imagefit.explanations.missing.forcing import Goals, Learnable, forced
from imagefit.explanations.missing.ofverdict import independent_groups, unknown_of
from imagefit.facts import Facts
from imagefit.planning.judging import Judging
from imagefit.rulepack.pack import Pack, Rule
from imagefit.verdicts import Deciding, Plan, VerdictKind

__all__ = ["deciding"]

STEPS = 20_000
"""So many steps are taken, as budgets count them: a few milliseconds; the sets that are found by then are returned."""

TRIED_IN = 8
"""Of more facts that hang together, only as many as decide are looked for, and not which are the fewest."""

MOST_SETS = 3


class _Only(Learnable):
    """What can be learned of some facts alone."""

    def __init__(self, every: Learnable, names: frozenset[str]) -> None:
        self._every, self._names, self.size = every, names, every.size

    def ways(self, leaf: Leaf, truth: bool, known: Facts) -> Iterator[Facts]:
        return (found for found in self._every.ways(leaf, truth, known) if found.keys() <= self._names)


def deciding(
    pack: Pack, judging: Judging, facts: Facts, plan_of: Callable[[Facts], Plan | None], most: int = MOST_SETS
) -> tuple[Deciding, ...]:
    """Return the smallest sets of facts that would decide a verdict that is unknown, those first that can let it fit.

    Those that can only decide against it are named where no set can let it fit.

    Parameters
    ----------
    plan_of
        Returns the best plan of a candidate.
    """
    outcomes = judging.outcomes(facts)
    undecided = [judging.rules[place] for place in judging.undecided(outcomes)]
    search = _Search(pack, facts, Budget(STEPS))
    unknown = [unknown_of(rule, facts) for rule in undecided]
    groups = [[undecided[place] for place in group] for group in independent_groups(unknown)]
    clearing = [search.sets(own, _all_hold(own), most) for own in groups]
    found = []
    if all(clearing):
        every = (_joined(parts) for parts in product(*clearing))
        for learned in sorted(islice(every, 100), key=len)[:most]:
            if VerdictKind.of(judging.rules, judging.outcomes({**facts, **learned})) is VerdictKind.COMPATIBLE:
                violated = search.violated(undecided, frozenset(learned))
                otherwise = None if violated is None else {**learned, **violated}
                plan = None if otherwise is None else plan_of({**facts, **otherwise})
                found.append(Deciding(tuple(sorted(learned)), learned, otherwise, plan))
    if not found:
        against = [each for rule in undecided for each in search.sets([rule], ((rule.violation, True, -1), None), most)]
        for learned in sorted(against, key=len)[:most]:
            found.append(Deciding(tuple(sorted(learned)), None, learned, plan_of({**facts, **learned})))
    return tuple(found)


def _joined(parts: Sequence[Facts]) -> Facts:
    return {name: value for part in parts for name, value in part.items()}


def _all_hold(rules: Sequence[Rule]) -> Goals:
    goals: Goals = None
    for rule in reversed(rules):
        goals = (rule.violation, False, -1), goals
    return goals


class _Search:
    """Searches sets of facts of one candidate by which rules come out some way."""

    def __init__(self, pack: Pack, facts: Facts, budget: Budget) -> None:
        self._pack, self._facts, self._budget = pack, facts, budget

    def sets(self, rules: Sequence[Rule], goals: Goals, most: int) -> list[Facts]:
        """Return what could be learned that reaches the goals: of the fewest facts, a few of these sets."""
        learnable = self._learnable(rules)
        names = list(dict.fromkeys(name for rule in rules for name in rule.facts if name not in self._facts))
        if len(names) > TRIED_IN:
            return list(self._few(goals, learnable, names))
        for size in range(1, len(names) + 1):
            tried = (self._learned(goals, learnable, frozenset(some)) for some in combinations(names, size))
            if found := list(islice((learned for learned in tried if learned is not None), most)):
                return found
        return []

    def violated(self, rules: Sequence[Rule], names: frozenset[str]) -> Facts | None:
        """Return what could be learned of some facts that violates a rule."""
        for rule in rules:
            learned = self._learned(((rule.violation, True, -1), None), self._learnable([rule]), names)
            if learned is not None:
                return learned
        return None

    def _few(self, goals: Goals, learnable: Learnable, names: Sequence[str]) -> Iterator[Facts]:
        """Yield what reaches the goals, of facts of which none can be left out."""
        found = self._learned(goals, learnable, frozenset(names))
        for name in names if found is not None else ():
            if found is not None and name in found:
                less = self._learned(goals, learnable, frozenset(found) - {name})
                found = found if less is None else less
        if found is not None:
            yield found

    def _learned(self, goals: Goals, learnable: Learnable, names: frozenset[str]) -> Facts | None:
        known = forced(goals, self._facts, _Only(learnable, names), self._budget)
        return None if known is None else {n: value for n, value in known.items() if n not in self._facts}

    def _learnable(self, rules: Sequence[Rule]) -> Learnable:
        own = list(dict.fromkeys(leaf for rule in rules for leaf in leaves(rule.violation)))
        return Learnable(own, self._pack.fields, self._facts)
