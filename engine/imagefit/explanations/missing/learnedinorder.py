"""What conditions come to while facts are learned one after the other: a bit for how many of them are known."""

from __future__ import annotations

from collections.abc import Sequence

from imagefit.conditions import AllOf, Condition, Leaf
from imagefit.evaluators.reference import leaf_truth
from imagefit.facts import Facts, Value

__all__ = ["Learning", "Since", "first_of"]


Since = tuple[int, int]
"""Bit n is whether something is true, and whether it is false, once n facts have been learned: it stays so."""


class Learning:
    """Facts that are learned in an order, beside those that are known."""

    def __init__(self, known: Facts, learned: Sequence[tuple[str, Value]]) -> None:
        self._all = {**known, **dict(learned)}
        self._since = {name: -1 << count for count, (name, _) in enumerate(learned, start=1)}

    def truth(self, condition: Condition) -> Since:
        """Return what a condition comes to; it looks at nothing else that is unknown."""
        since, values = self._since, self._all
        is_all = isinstance(condition, AllOf)
        every, some = -1, 0
        for part in (condition,) if isinstance(condition, Leaf) else condition.parts:
            if isinstance(part, Leaf):
                if (its := leaf_truth(part, values)) is None:
                    every = 0
                    continue
                known = since.get(part.fact, -1)
                if part.other is not None:
                    known &= since.get(part.other, -1)
                if its is is_all:
                    every &= known
                else:
                    some |= known
                    every = 0
            else:
                true, false = self.truth(part)
                every &= true if is_all else false
                some |= false if is_all else true
        return (every, some) if is_all else (some, every)


def first_of(bits: int) -> int | None:
    """Return the least number of facts, one at least, that has its bit."""
    bits &= -2
    return (bits & -bits).bit_length() - 1 if bits else None
