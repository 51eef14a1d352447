"""Facts that make conditions true or false: found by walking the tree, where a search would try out everything.

What is found is right, for it is evaluated; that nothing is found means nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from imagefit.budgets import Budget
from imagefit.conditions import AllOf, Condition, Leaf
from imagefit.evaluators.cells import Representatives, a_few_values, combinations, cost_of, representatives
from imagefit.evaluators.reference import leaf_truth
from imagefit.facts import Facts, Field

__all__ = ["Goals", "Learnable", "forced", "lifted", "pivotal"]

FEW = 4_000
"""Up to so many evaluations, the cells of a rule's facts are worked out to explain a candidate."""

TRIED = 8
MOST_TRIED = 1_000
"""So many ways of giving a comparison a truth are tried, of so many that are looked at."""

Goals = tuple["Goal", "Goals"] | None
"""What conditions have to become: a list, of which the first is at hand."""

Goal = tuple[Condition, bool, int]
"""A condition, its truth, and which of its parts does not count (-1: all do)."""


class Learnable:
    """What can be learned of the facts of some leaves.

    Parameters
    ----------
    some
        The leaves.
    known
        What is known already; it matters only where facts are compared with each other.

    Attributes
    ----------
    size
        How many leaves there are.
    """

    def __init__(self, some: Sequence[Leaf], fields: Mapping[str, Field], known: Facts) -> None:
        self._leaves, self._fields, self._known = some, fields, known
        self.size = len(some)
        self._ways: dict[Hashable, Mapping[bool, list[Facts]]] = {}

    @cached_property
    def values(self) -> Representatives:
        """A value of each cell of each fact; where these would cost too much to make, enough to try."""
        if cost_of(self._leaves, self._fields) <= FEW:
            return representatives(self._leaves, self._fields, self._known)
        by_fact: dict[str, list[Leaf]] = {}
        for leaf in self._leaves:
            for name in leaf.facts:
                by_fact.setdefault(name, []).append(leaf)
        return {name: a_few_values(self._fields[name], own) for name, own in by_fact.items()}

    def ways(self, leaf: Leaf, truth: bool, known: Facts) -> Sequence[Facts]:
        """Return a few ways to learn the unknown facts of a leaf so that it has a truth."""
        key = (leaf, *(known.get(name) for name in leaf.facts if leaf.other is not None))
        if (found := self._ways.get(key)) is None:
            found = self._ways[key] = {True: [], False: []}
            unknown = {name: self.values[name] for name in leaf.facts if leaf.other is None or name not in known}
            for learned in islice(combinations(unknown), MOST_TRIED):
                its = leaf_truth(leaf, {**known, **learned} if leaf.other is not None else learned)
                if its is not None and len(found[its]) < TRIED:
                    found[its].append(learned)
                if len(found[True]) == len(found[False]) == TRIED:
                    break
        return found[truth]

    def is_free(self, leaf: Leaf, known: Facts) -> bool:
        """Whether a leaf can be both true and false, also once one of two unknown facts is known."""
        if leaf_truth(leaf, known) is not None:
            return True
        if not (self.ways(leaf, True, known) and self.ways(leaf, False, known)):
            return False
        unknown = [name for name in dict.fromkeys(leaf.facts) if name not in known]
        if len(unknown) == 1:
            return True
        values = representatives([leaf], self._fields, known)
        return all(
            {leaf_truth(leaf, {**known, name: value, other: its}) for its in further[other]} == {True, False}
            for name, other in (unknown, unknown[::-1])
            for value in values[name]
            for further in (representatives([leaf], self._fields, {**known, name: value}),)
        )


def forced(goals: Goals, known: Facts, learnable: Learnable, budget: Budget, kept: str = "") -> Facts | None:
    """Return what is known once the goals are reached, as far as that is found within the budget.

    Parameters
    ----------
    kept
        A fact that stays unknown, so that comparisons of it remain open.
    """
    todo: list[tuple[Goals, Facts]] = [(goals, known)]
    while todo:
        left, known = todo.pop()
        if left is None:
            return known
        if not budget.allows():
            return None
        (condition, truth, but), rest = left
        size = len(known) // 32 if isinstance(condition, Leaf) else len(condition.parts) // 4  # what copying costs
        if not budget.allows(size):
            return None
        if isinstance(condition, Leaf):
            if (is_so := leaf_truth(condition, known)) is not None:
                if is_so is truth:
                    todo.append((rest, known))
            else:
                todo += [
                    (rest, {**known, **learned})
                    for learned in reversed(_ways(condition, truth, known, learnable, kept))
                ]
            continue
        parts = [part for place, part in enumerate(condition.parts) if place != but]
        if isinstance(condition, AllOf) is truth:  # each of them has to be so: those that leave least choice first
            for part in reversed(sorted(parts, key=lambda part: not isinstance(part, Leaf))):
                rest = ((part, truth, -1), rest)
            todo.append((rest, known))
        else:
            todo += [(((part, truth, -1), rest), known) for part in reversed(parts)]
    return None


def pivotal(condition: Condition, goals: Goals = None) -> Iterator[tuple[Leaf, Goals]]:
    """Yield each leaf as it is written, with what makes the condition have the leaf's truth, whichever that is."""
    if isinstance(condition, Leaf):
        yield condition, goals
        return
    for place, part in enumerate(condition.parts):
        yield from pivotal(part, ((condition, isinstance(condition, AllOf), place), goals))


def _ways(leaf: Leaf, truth: bool, known: Facts, learnable: Learnable, kept: str) -> Sequence[Facts]:
    """Return ways to learn a leaf's facts; of one that looks at what stays unknown, the truth is left open."""
    if kept not in leaf.facts:
        return learnable.ways(leaf, truth, known)
    other = leaf.other if leaf.fact == kept else leaf.fact
    return [{}] if other is None or other in known else [{other: value} for value in learnable.values[other][:TRIED]]


def lifted(condition: Condition, truth: bool, known: Facts, goals: Goals = None) -> Iterator[tuple[Leaf, Goals]]:
    """Yield each leaf that is left of a condition, with what makes the condition have the leaf's truth, if it is this.

    So it is as long as no other part decides.
    """
    if isinstance(condition, Leaf):
        if leaf_truth(condition, known) is None:
            yield condition, goals
        return
    is_each = isinstance(condition, AllOf) is truth
    for place, part in enumerate(condition.parts):
        yield from lifted(part, truth, known, ((condition, truth, place), goals) if is_each else goals)
