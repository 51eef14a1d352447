"""What is near to what, by the distance that a pack gives."""

from __future__ import annotations

import math
import re
from functools import cache, lru_cache

from imagefit.facts import Facts, Value
from imagefit.rulepack.pack import Choice, Distance

__all__ = ["distance"]


def distance(choice: Choice, wanted: Facts, facts: Facts) -> float:
    """Return how far facts are from those that are wanted; what is not wanted does not count, what is unknown does."""
    apart = (
        each.weight * _apart(each, wanted[each.fact], facts.get(each.fact))
        for each in choice.distance
        if each.fact in wanted
    )
    return sum(apart, 0.0)


def _apart(by: Distance, wanted: Value, value: Value | None) -> float:
    one, other = _part(by.part, wanted), _part(by.part, value)
    if one is None:
        return 0.0
    if other is None:
        return 1.0
    if by.by == "words":
        return _lacking(str(one), str(other))
    if by.by == "other" or not (isinstance(one, int | float) and isinstance(other, int | float)):
        return float(one != other)
    if by.by == "difference":
        return float(abs(one - other))
    return abs(math.log2(max(one, 1) / max(other, 1)))


def _part(pattern: str, value: Value | None) -> Value | None:
    return _found(pattern, value) if pattern and isinstance(value, str) else value


@lru_cache(maxsize=4096)
def _found(pattern: str, text: str) -> Value | None:
    found = _compiled(pattern).search(text)
    return None if found is None else int(found[0]) if found[0].isdigit() else found[0]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _lacking(wanted: str, text: str) -> float:
    """Return which part of the words that are wanted no word of a text begins with: ``ubuntu 22`` of Ubuntu 22.04."""
    words, there = wanted.casefold().split(), text.casefold().split()
    return sum(not any(other.startswith(word) for other in there) for word in words) / max(len(words), 1)
