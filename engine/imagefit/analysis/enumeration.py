"""Every case that some conditions can tell apart, each with a candidate that shows it.

`reach` is the one search that rule analysis asks: which combinations of truths can these conditions
have at once? It explores the cells of the facts, and explores what is left of the conditions (their
residuals) only once, so that the answer is complete for every candidate there is and still quick.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from imagefit.budgets import Budget
from imagefit.conditions import Condition, Leaf, leaves
from imagefit.errors import number_of
from imagefit.evaluators.cells import MAX_SUBSETS, Representatives, cost_of, representatives
from imagefit.evaluators.reference import Truth
from imagefit.explanations.truths.residuals import residual
from imagefit.facts import Facts, Field

__all__ = [
    "MAX_SIZE",
    "MAX_STEPS",
    "Reached",
    "TooManyCases",
    "cells_of",
    "combinations_text",
    "forced",
    "partial_candidates",
    "reach",
    "size_of",
]

MAX_STEPS = 4_000_000
"""A search that no budget is given for is given up after so many comparisons: `TooManyCases`, never a wrong answer."""

MAX_SIZE = 10**18
"""Combinations are counted up to here."""


class TooManyCases(Exception):
    """The conditions can tell apart more cases than can be looked at; `combinations` says how many."""

    def __init__(self, combinations: int) -> None:
        self.combinations = combinations
        super().__init__(combinations_text(combinations))


def combinations_text(count: int) -> str:
    """Return a number of combinations in words."""
    return number_of(count, "combination") if count < MAX_SIZE else "more than 10^18 combinations"


@dataclass(frozen=True, slots=True)
class Reached:
    """The combinations of truths that conditions can have, and the size of the proof.

    Attributes
    ----------
    witnesses
        For each combination of truths, in the conditions' order, the facts of a candidate that has it.
        Facts that do not matter to it are left out.
    combinations
        How many combinations of cells were covered.
    """

    witnesses: Mapping[tuple[Truth, ...], Facts]
    combinations: int


def cells_of(conditions: Sequence[Condition], fields: Mapping[str, Field]) -> Representatives:
    """Return a value of each cell of the facts that the conditions look at."""
    return representatives((leaf for condition in conditions for leaf in leaves(condition)), fields)


def reach(
    conditions: Sequence[Condition],
    fields: Mapping[str, Field],
    *,
    unknown: bool = True,
    given: Facts | None = None,
    most: int | None = None,
    budget: Budget | None = None,
) -> Reached:
    """Return which combinations of truths the conditions can have on one candidate.

    Parameters
    ----------
    conditions
        Any conditions; those of several rules are looked at together.
    unknown
        Whether facts may be unknown; if not, only candidates that are fully known are looked at.
    given
        Facts that are settled; by default none is.
    most
        More combinations of truths than these are too many; by default, as many as can be found.
    budget
        The comparisons that may be made; by default, `MAX_STEPS`.

    Raises
    ------
    TooManyCases
        If there is too much to look at.
    """
    given = given or {}
    own = Budget(MAX_STEPS) if budget is None else budget
    every = [leaf for condition in conditions for leaf in leaves(condition)]
    if not own.allows(cost_of(every, fields) // 8):
        raise TooManyCases(MAX_SIZE)
    cells = representatives(every, fields, given)
    names = list(cells)
    size = size_of(cells, unknown=unknown)
    if any(len(values) >= MAX_SUBSETS for values in cells.values()):
        raise TooManyCases(size)  # sets of so many elements are not enumerated in full
    found: dict[tuple[Truth, ...], Facts] = {}
    seen: set[Hashable] = set()
    way: list[Iterator[tuple[Facts, AbstractSet[str]]]] = [iter([(given, frozenset[str]())])]
    while way:
        if (choice := next(way[-1], None)) is None:
            way.pop()
            continue
        known, left = choice
        if not own.allows(len(every)):
            raise TooManyCases(size)
        rests = tuple(residual(condition, known, left) for condition in conditions)
        truths = tuple(rest for rest in rests if rest is None or isinstance(rest, bool))
        if len(truths) == len(rests):
            found.setdefault(truths, known)
            if most is not None and len(found) > most:
                raise TooManyCases(size)
        elif (state := (len(way), rests)) not in seen:
            seen.add(state)
            way.append(_choices(names[len(way) - 1], cells, known, left, unknown))
    return Reached(found, size)


def _choices(
    name: str, cells: Representatives, known: Facts, left: AbstractSet[str], unknown: bool
) -> Iterator[tuple[Facts, AbstractSet[str]]]:
    for value in cells[name]:
        yield {**known, name: value}, left
    if unknown:
        yield known, left | {name}


def size_of(cells: Representatives, *, unknown: bool = True) -> int:
    """Return how many combinations of values there are; `MAX_SIZE` where there are more."""
    size = 1
    for values in cells.values():
        size = min(MAX_SIZE, size * (len(values) + unknown))
    return size


def forced(leaf: Leaf, fields: Mapping[str, Field], facts: Facts) -> Truth:
    """Return the truth of a comparison that no way of learning its missing facts changes, else None."""
    truths = {truth for (truth,) in reach([leaf], fields, unknown=False, given=facts).witnesses}
    return truths.pop() if len(truths) == 1 else None


def partial_candidates(
    conditions: Sequence[Condition], fields: Mapping[str, Field], budget: Budget | None = None
) -> Iterator[Facts]:
    """Yield candidates with facts unknown, one for each thing that is then left to know of the conditions.

    Two candidates that leave the same facts unknown and the same residuals have the same completions.

    Raises
    ------
    BudgetEnded
        If there are too many to be looked at within the budget.
    """
    own = Budget(MAX_STEPS) if budget is None else budget
    cells = cells_of(conditions, fields)
    names = list(cells)
    for mask in range(1, 2 ** len(names)):
        given = [name for bit, name in enumerate(names) if not mask >> bit & 1]
        yield from _partial(conditions, cells, given, own)


def _partial(
    conditions: Sequence[Condition], cells: Representatives, given: Sequence[str], budget: Budget
) -> Iterator[Facts]:
    size = sum(1 for condition in conditions for _ in leaves(condition))
    seen: set[Hashable] = set()
    stack: list[tuple[int, Facts]] = [(0, {})]
    while stack:
        index, known = stack.pop()
        budget.spend(size)
        state = (index, *(residual(condition, known, frozenset()) for condition in conditions))
        if state in seen:
            continue
        seen.add(state)
        if index == len(given):
            yield known
            continue
        stack.extend((index + 1, {**known, given[index]: value}) for value in reversed(cells[given[index]]))
