"""Numbers at the literals that they are compared with, and in the gaps between those.

How much room a gap has is exact, to the last integer and the last float.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator
from itertools import islice, pairwise

from imagefit.facts import INTEGER_LIMIT, Field, FieldType, Value

__all__ = ["bounds", "cuts", "points", "room", "widest"]


def bounds(field: Field) -> tuple[int | float, int | float]:
    """Return what a field's numbers lie between, and never at."""
    least = field.at_least
    if field.type is FieldType.INTEGER:
        return -INTEGER_LIMIT - 1 if least is None else int(least) - 1, INTEGER_LIMIT
    return -math.inf if least is None else math.nextafter(least, -math.inf), math.inf


def widest(fields: Iterable[Field]) -> tuple[Field, set[int | float]]:
    """Return the one of some fields that has all numbers of the others, and the least that each of these can be."""
    by_least = sorted(fields, key=lambda field: bounds(field)[0])
    return by_least[0], {of.at_least for of in by_least if of.at_least not in (None, by_least[0].at_least)}


def room(field: Field, low: float, high: float, most: int) -> int:
    """Return how many of a field's numbers lie strictly between two, at most so many."""
    if field.type is FieldType.INTEGER:
        return min(int(high) - int(low) - 1, most)
    for count in range(most):
        low = math.nextafter(low, math.inf)
        if low >= high:
            return count
    return most


def points(field: Field, literals: Iterable[int | float], count: int) -> Iterator[int | float]:
    """Yield each literal that the field can be, and from each gap as many numbers as have room, at most `count`."""
    below, above = bounds(field)
    for low, high in pairwise([below, *sorted(literal for literal in literals if literal > below), above]):
        yield from _between(field, low, high, room(field, low, high, count))
        if high != above:
            yield high


def _between(field: Field, low: float, high: float, count: int) -> list[int | float]:
    """Return so many numbers strictly between two, for which there is room: short ones, for people see them."""
    below, above = bounds(field)
    steps = range(1, count + 1)
    if field.type is FieldType.INTEGER:
        if low == below:
            first = max(int(below), 0)
            return [first + step for step in steps] if high == above else [int(high) - step for step in reversed(steps)]
        return [int(low) + step for step in steps]
    if low == below:
        short = [float(step) for step in steps] if high == above else [high - _step(high) * step for step in steps]
    elif high == above:
        short = [low + _step(low) * step for step in steps]
    else:
        shares = [step / (count + 1) for step in steps]
        short = [low * (1.0 - share) + high * share for share in shares]  # high - low could overflow
    found = sorted({number for number in short if low < number < high})
    return found if len(found) == count else list(islice(_successors(low), count))


def _step(start: float) -> float:
    """Return what a float differs by from `start` when it is added, however large that is."""
    return max(1.0, abs(start) * 2.0**-40)


def _successors(number: float) -> Iterator[float]:
    """Yield one float after the other, from the next on."""
    while True:
        number = math.nextafter(number, math.inf) + 0.0  # what comes before 0.0 is -0.0, which is the same value
        yield number


def cuts(field: Field, ascending: Iterable[Value], literals: Container[Value]) -> Iterator[int | float]:
    """Yield for each point but the first the least number that it stands for."""
    for before, point in pairwise(ascending):
        assert isinstance(before, int | float) and isinstance(point, int | float)
        if point in literals:
            yield point
        else:
            yield before + 1 if field.type is FieldType.INTEGER else math.nextafter(before, math.inf)
