"""Expressions over a candidate's properties, as durable_rules writes them, and what each costs its matcher.

An `Expression` is a comparison, or a group of expressions of which all or any must hold. It knows what
the engine limits, and `alternatives` takes apart what is beyond that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

__all__ = [
    "ALWAYS",
    "MAX_FAN",
    "MAX_GROUPS",
    "MAX_MATCHES",
    "MAX_WIDTH",
    "NEVER",
    "Definition",
    "Expression",
    "alternatives",
    "both",
    "comparison",
    "either",
    "one_of",
]

Definition = Mapping[str, Any]

MAX_WIDTH = 60
"""The matcher has room for 64 waiting nodes; one more is an error, on some candidates only."""
MAX_FAN = 400
"""A node has room for 512 next ones; where all are taken, the engine's search never ends."""
MAX_GROUPS = 14
"""A pattern has room for 31 entries; a group is two of them, and the pattern is a group itself."""
MAX_MATCHES = 1 << 14
"""The engine keeps every way in which a fact matches: so many take 50 ms and 22 MB, and all memory is soon gone."""
MAX_ALTERNATIVES = 256


@dataclass(frozen=True, slots=True)
class Expression:
    """A comparison (`kind` is empty), or a group: ``$and`` or ``$or`` of `parts`.

    Attributes
    ----------
    width
        How many nodes of the network can be waiting at once while it is matched.
    fan
        How many nodes can stand behind one.
    groups
        How many groups there are.
    matches
        In how many ways it can be matched at once: the engine keeps each of them.
    """

    kind: str
    parts: tuple[Expression, ...]
    comparison: Definition
    width: int
    fan: int
    groups: int
    matches: int

    @property
    def definition(self) -> Definition:
        """The expression as the engine reads it."""
        return {self.kind: [part.definition for part in self.parts]} if self.kind else self.comparison

    @property
    def chain(self) -> tuple[Expression, ...]:
        """The expressions that all have to hold."""
        return self.parts if self.kind == "$and" else (self,)

    @property
    def is_never(self) -> bool:
        """Whether it is the group of any of no expressions."""
        return self.kind == "$or" and not self.parts

    @property
    def is_always(self) -> bool:
        """Whether it is the group of all of no expressions."""
        return self.kind == "$and" and not self.parts

    @property
    def fits(self) -> bool:
        """Whether the engine can hold it, if need be as several patterns."""
        return self.width <= MAX_WIDTH and self.fan <= MAX_FAN and all(part.groups <= MAX_GROUPS for part in self.chain)


ALWAYS = Expression("$and", (), {}, 1, 0, 0, 1)
NEVER = Expression("$or", (), {}, 0, 0, 0, 0)


def comparison(definition: Definition) -> Expression:
    """Return a comparison as an expression."""
    return Expression("", (), definition, 1, 1, 0, 1)


def both(parts: Iterable[Expression]) -> Expression:
    """Return what holds where all parts do: a chain of nodes, one behind the other."""
    flat = _flat("$and", parts)
    if any(part.is_never for part in flat):
        return NEVER
    matches = prod(part.matches for part in flat)
    return _group("$and", flat, 1 + sum(part.width - 1 for part in flat), matches)


def either(parts: Iterable[Expression]) -> Expression:
    """Return what holds where any part does: branches that may all be waiting."""
    parts = list(parts)
    if any(part.is_always for part in parts):
        return ALWAYS
    return _group("$or", _flat("$or", parts), sum(part.width for part in parts), sum(part.matches for part in parts))


def one_of(parts: Sequence[Expression]) -> Expression:
    """Return what holds where any part does, for parts of which two never hold at once: one is waiting."""
    most = (max((getattr(part, own) for part in parts), default=0) for own in ("width", "matches"))
    return _group("$or", _flat("$or", parts), *most)


def _flat(kind: str, parts: Iterable[Expression]) -> tuple[Expression, ...]:
    return tuple(inner for part in parts for inner in (part.parts if part.kind == kind else (part,)))


def _group(kind: str, parts: tuple[Expression, ...], width: int, matches: int) -> Expression:
    if len(parts) == 1:
        return parts[0]
    fans = [part.fan for part in parts]
    fan = max(fans, default=0) if kind == "$and" else sum(fans)
    return Expression(kind, parts, {}, width, fan, (parts != ()) + sum(part.groups for part in parts), matches)


def alternatives(expression: Expression) -> list[Expression] | None:
    """Return expressions that the engine can hold, one of which holds just where `expression` does.

    The branches of a group of any are dealt out; so are those of the largest one in a group of all, since
    ``a and (b or c)`` is ``(a and b) or (a and c)``. None if that takes too many.
    """
    found: list[Expression] = []
    left = [expression]
    while left:
        tried = left.pop()
        if tried.fits:
            found.append(tried)
        else:
            branching = [part for part in tried.chain if part.kind == "$or"]
            largest = max(branching, key=lambda part: (part.groups > MAX_GROUPS, part.width, part.fan))
            rest = [part for part in tried.chain if part is not largest]
            middle = len(largest.parts) // 2
            halves = [either(largest.parts[middle:]), either(largest.parts[:middle])]
            left += [both([*rest, half]) for half in halves]
        if len(found) + len(left) > MAX_ALTERNATIVES:
            return None
    return found
