"""What is near to what, by the distance that a pack gives."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache, partial

from imagefit.facts import Facts, Value
from imagefit.rulepack.pack import Choice, Distance

__all__ = ["distance_from"]


def distance_from(choice: Choice, wanted: Facts) -> Callable[[Facts], float]:
    """Return what says how far facts are from those that are wanted.

    What is not wanted does not count, what is unknown does.
    """
    counting = [
        (each.fact, cache(partial(_weighed, each, _part(each.part, wanted[each.fact]))))
        for each in choice.distance
        if each.fact in wanted
    ]
    return lambda facts: sum([apart(facts.get(name)) for name, apart in counting], 0.0)


def _weighed(by: Distance, wanted: Value | None, value: Value | None) -> float:
    return by.weight * _apart(by, wanted, _part(by.part, value))


def _apart(by: Distance, one: Value | None, other: Value | None) -> float:
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
    if not (pattern and isinstance(value, str)):
        return value
    found = re.search(pattern, value)
    return None if found is None else int(found[0]) if found[0].isdigit() else found[0]


def _lacking(wanted: str, text: str) -> float:
    """Return which part of the words that are wanted no word of a text begins with: ``ubuntu 22`` of Ubuntu 22.04."""
    words, there = wanted.casefold().split(), text.casefold().split()
    return sum(not any(other.startswith(word) for other in there) for word in words) / max(len(words), 1)
