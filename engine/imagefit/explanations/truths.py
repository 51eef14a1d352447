"""What hangs on the truths of comparisons alone, worked out once for each combination of these.

Candidates differ much more in their values than in what comparisons say of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, Generic, TypeVar

from imagefit.conditions import Leaf
from imagefit.evaluators.reference import RELATIONS, Truth
from imagefit.facts import Facts
from imagefit.rulepack.remembered import Remembered

__all__ = ["ByTruths"]

REMEMBERED = 4096
"""So many combinations are remembered."""

T = TypeVar("T")


class ByTruths(Generic[T]):
    """A function of facts that is the same for all in which some comparisons have the same truths.

    Parameters
    ----------
    some
        The comparisons.
    work_out
        The function; what it returns is not None.
    """

    def __init__(self, some: Iterable[Leaf], work_out: Callable[[Facts], T]) -> None:
        self._some = tuple(some)
        self._work_out = work_out
        self._is_first = True
        self._seen = Remembered[tuple[Truth, ...], T](REMEMBERED)

    def __call__(self, facts: Facts) -> T:
        """Return what the function says of facts."""
        if self._is_first:  # a process that asks once need not know what the answer hangs on
            self._is_first = False
            return self._work_out(facts)
        get = facts.get
        truths: list[Truth] = []
        for fact, other, operand, relation, negated in self._tests:
            actual, expected = get(fact), operand if other is None else get(other)
            truths.append(None if actual is None or expected is None else relation(actual, expected) is not negated)
        key = tuple(truths)
        found = self._seen.get(key)
        return self._seen.remember(key, self._work_out(facts)) if found is None else found

    @cached_property
    def _tests(self) -> list[tuple[str, str | None, Any, Callable[[Any, Any], bool], bool]]:
        own = dict.fromkeys(self._some)
        return [(leaf.fact, leaf.other, leaf.operand, RELATIONS[leaf.relation], leaf.negated) for leaf in own]
