"""What is left to know of conditions once some facts are known, and the exact search over it.

Two ways of completing a candidate that leave the same residual have the same future, so each is explored once, and
what would be exponential in the facts is small for every rule a person writes. A budget bounds what is not.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from imagefit.budgets import Budget
from imagefit.conditions import AllOf, Condition, Leaf, leaves
from imagefit.evaluators.cells import Representatives
from imagefit.evaluators.reference import leaf_truth
from imagefit.facts import Facts

__all__ = ["Residual", "is_final", "open_leaves", "residual", "searched"]

Residual = Hashable
"""True, False, None (unknown for good), or a structure of what is still open."""


def residual(condition: Condition, known: Facts, left: AbstractSet[str]) -> Residual:
    """Return what is left to know of a condition when `known` is known and `left` will stay unknown."""
    if isinstance(condition, Leaf):
        if (decided := leaf_truth(condition, known)) is not None:
            return decided
        if not left.isdisjoint(condition.facts):
            return None
        return (condition, *(known.get(name) for name in condition.facts))
    neutral = isinstance(condition, AllOf)
    open_parts: dict[Residual, None] = {}
    for part in condition.parts:
        rest = residual(part, known, left)
        if rest is (not neutral):
            return rest
        if rest is not neutral:
            open_parts[rest] = None
    if not open_parts:
        return neutral
    return next(iter(open_parts)) if len(open_parts) == 1 else (neutral, frozenset(open_parts))


def is_final(rest: Residual) -> bool:
    """Whether nothing of a condition is open any more: it is true, false, or unknown for good."""
    return rest is None or isinstance(rest, bool)


def open_leaves(condition: Condition, known: Facts) -> bool | list[Leaf]:
    """Return the truth of a condition, or where it is unknown the leaves that are left of it."""
    if isinstance(condition, Leaf):
        return [condition] if (truth := leaf_truth(condition, known)) is None else truth
    neutral = isinstance(condition, AllOf)
    found: list[Leaf] = []
    for part in condition.parts:
        if isinstance(part, Leaf):
            if (truth := leaf_truth(part, known)) is None:
                found.append(part)
            elif truth is not neutral:
                return truth
        elif not isinstance(rest := open_leaves(part, known), bool):
            found += rest
        elif rest is not neutral:
            return rest
    return found or neutral


def searched(
    names: Sequence[str],
    facts: Facts,
    values: Representatives,
    decide: Callable[[Facts], bool | None],
    conditions: Sequence[Condition],
    budget: Budget,
    cost: int,
    is_vain: Callable[[Sequence[Residual]], bool],
) -> bool | None:
    """Whether `decide`, which takes so many comparisons, says True of some completion of `names`.

    False cuts a branch off, and so does a residual of the conditions with which going on is in vain. None: the
    budget ended before it was known.
    """
    seen: set[Hashable] = set()
    size = sum(1 for condition in conditions for _ in leaves(condition))
    way: list[Iterator[tuple[Facts, AbstractSet[str]]]] = [iter([(facts, frozenset[str]())])]
    while way:
        if (choice := next(way[-1], None)) is None:
            way.pop()
            continue
        known, left = choice
        if not budget.allows(size):
            return None
        index = len(way) - 1
        rests = [residual(condition, known, left) for condition in conditions]
        state = (index, *rests)
        if state in seen or is_vain(rests):
            continue
        seen.add(state)
        if not budget.allows(cost):
            return None
        if (decided := decide(known)) is True:
            return True
        if decided is None and index < len(names):
            way.append(_choices(names[index], values, known, left))
    return False


def _choices(
    name: str, values: Representatives, known: Facts, left: AbstractSet[str]
) -> Iterator[tuple[Facts, AbstractSet[str]]]:
    """Yield the ways in which one more fact can turn out: it stays unknown, or has one of its values."""
    yield known, left | {name}
    for value in values[name]:
        yield {**known, name: value}, left
