"""A condition as any of terms, each a set of comparisons that all have to hold.

Only distributivity and absorption are used for it, which hold in strong Kleene logic too: what is true, false or
unknown of the terms is so of the condition.
"""

from __future__ import annotations

import itertools
import math

from imagefit.conditions import AllOf, Condition, Leaf

__all__ = ["Term", "terms_of"]

Term = frozenset[Leaf]


def terms_of(condition: Condition, most: int) -> list[Term] | None:
    """Return the terms of a condition, none of which holds another; None if there would be more than `most`.

    A condition that is always true has one term without comparisons, one that is always false has none.
    """
    return None if _count(condition) > most else _least(_terms(condition))


def _count(condition: Condition) -> int:
    if isinstance(condition, Leaf):
        return 1
    counts = map(_count, condition.parts)
    return math.prod(counts) if isinstance(condition, AllOf) else sum(counts)


def _terms(condition: Condition) -> list[Term]:
    if isinstance(condition, Leaf):
        return [frozenset((condition,))]
    parts = map(_terms, condition.parts)
    if isinstance(condition, AllOf):
        return [frozenset().union(*some) for some in itertools.product(*parts)]
    return list(itertools.chain.from_iterable(parts))


def _least(terms: list[Term]) -> list[Term]:
    """Return the terms without those that another one makes superfluous."""
    found: list[Term] = []
    for term in sorted(terms, key=len):
        if not any(other <= term for other in found):
            found.append(term)
    return found
