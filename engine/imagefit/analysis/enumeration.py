"""Every case that some conditions can tell apart, each with a candidate that shows it.

`reach` is the one search that rule analysis asks: which combinations of truths can these conditions
have at once? It explores the cells of the facts, and explores what is left of the conditions (their
residuals) only once, so that the answer is complete for every candidate there is and still quick.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from imagefit.conditions import Condition, Leaf, leaves
from imagefit.evaluators.cells import MAX_SUBSETS, Representatives, representatives
from imagefit.evaluators.reference import Truth
from imagefit.explanations.residuals import residual
from imagefit.facts import Facts, Field

__all__ = ["Reached", "TooManyCases", "cells_of", "forced", "partial_candidates", "reach"]

MAX_STATES = 200_000
"""A search that would see more states than this is given up: `TooManyCases`, never a wrong answer."""


class TooManyCases(Exception):
    """The conditions can tell apart more cases than can be looked at; `combinations` says how many."""

    def __init__(self, combinations: int) -> None:
        self.combinations = combinations
        super().__init__(f"{combinations:,} combinations")


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

    Raises
    ------
    TooManyCases
        If there is too much to look at.
    """
    given = given or {}
    cells = representatives((leaf for condition in conditions for leaf in leaves(condition)), fields, given)
    names = list(cells)
    size = math.prod(len(values) + unknown for values in cells.values())
    if any(len(values) >= MAX_SUBSETS for values in cells.values()):
        raise TooManyCases(size)  # sets of so many elements are not enumerated in full
    found: dict[tuple[Truth, ...], Facts] = {}
    seen: set[Hashable] = set()

    def explore(index: int, known: Facts, left: AbstractSet[str]) -> None:
        rests = tuple(residual(condition, known, left) for condition in conditions)
        truths = tuple(rest for rest in rests if rest is None or isinstance(rest, bool))
        if len(truths) == len(rests):
            found.setdefault(truths, known)
            if most is not None and len(found) > most:
                raise TooManyCases(size)
            return
        state = (index, rests)
        if state in seen:
            return
        if len(seen) >= MAX_STATES:
            raise TooManyCases(size)
        seen.add(state)
        name = names[index]
        for value in cells[name]:
            explore(index + 1, {**known, name: value}, left)
        if unknown:
            explore(index + 1, known, left | {name})

    explore(0, given, frozenset())
    return Reached(found, size)


def forced(leaf: Leaf, fields: Mapping[str, Field], facts: Facts) -> Truth:
    """Return the truth of a comparison that no way of learning its missing facts changes, else None."""
    truths = {truth for (truth,) in reach([leaf], fields, unknown=False, given=facts).witnesses}
    return truths.pop() if len(truths) == 1 else None


def partial_candidates(conditions: Sequence[Condition], fields: Mapping[str, Field]) -> Iterator[Facts]:
    """Yield candidates with facts unknown, one for each thing that is then left to know of the conditions.

    Two candidates that leave the same facts unknown and the same residuals have the same completions.
    """
    cells = cells_of(conditions, fields)
    names = list(cells)
    for mask in range(1, 2 ** len(names)):
        given = [name for bit, name in enumerate(names) if not mask >> bit & 1]
        yield from _partial(conditions, cells, given)


def _partial(conditions: Sequence[Condition], cells: Representatives, given: Sequence[str]) -> Iterator[Facts]:
    seen: set[Hashable] = set()
    stack: list[tuple[int, Facts]] = [(0, {})]
    while stack:
        index, known = stack.pop()
        state = (index, *(residual(condition, known, frozenset()) for condition in conditions))
        if state in seen:
            continue
        seen.add(state)
        if index == len(given):
            yield known
            continue
        stack.extend((index + 1, {**known, given[index]: value}) for value in reversed(cells[given[index]]))
