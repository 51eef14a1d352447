"""Expressions over a candidate's properties, as durable_rules writes them, and what each costs its matcher.

An `Expression` is a comparison, or a group of expressions of which all or any must hold. It knows three
numbers that the engine limits: how many nodes of the network can be waiting at once while it is matched
(`width`), how many nodes it has, and how many groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any as Anything

__all__ = ["ALWAYS", "NEVER", "Definition", "Expression", "alternatives", "both", "comparison", "either", "one_of"]

Definition = Mapping[str, Anything]

MAX_ALTERNATIVES = 64


@dataclass(frozen=True, slots=True)
class Expression:
    """A comparison (`kind` is empty), or a group: ``$and`` or ``$or`` of `parts`."""

    kind: str
    parts: tuple[Expression, ...]
    comparison: Definition
    width: int
    nodes: int
    groups: int

    @property
    def definition(self) -> Definition:
        """The expression as the engine reads it."""
        return {self.kind: [part.definition for part in self.parts]} if self.kind else self.comparison

    @property
    def is_never(self) -> bool:
        """Whether it is the group of any of no expressions."""
        return self.kind == "$or" and not self.parts

    @property
    def is_always(self) -> bool:
        """Whether it is the group of all of no expressions."""
        return self.kind == "$and" and not self.parts


ALWAYS = Expression("$and", (), {}, 1, 0, 0)
NEVER = Expression("$or", (), {}, 0, 0, 0)


def comparison(definition: Definition, nodes: int = 1) -> Expression:
    """Return a comparison as an expression; one of an array's items takes two nodes."""
    return Expression("", (), definition, 1, nodes, 0)


def both(parts: Iterable[Expression]) -> Expression:
    """Return what holds where all parts do: a chain of nodes, one behind the other."""
    flat = _flat("$and", parts)
    if any(part.is_never for part in flat):
        return NEVER
    return _group("$and", flat, 1 + sum(part.width - 1 for part in flat))


def either(parts: Iterable[Expression]) -> Expression:
    """Return what holds where any part does: branches that may all be waiting."""
    parts = list(parts)
    if any(part.is_always for part in parts):
        return ALWAYS
    return _group("$or", _flat("$or", parts), sum(part.width for part in parts))


def one_of(parts: Sequence[Expression]) -> Expression:
    """Return what holds where any part does, for parts of which two never hold at once: one is waiting."""
    return _group("$or", _flat("$or", parts), max((part.width for part in parts), default=0))


def _flat(kind: str, parts: Iterable[Expression]) -> tuple[Expression, ...]:
    return tuple(inner for part in parts for inner in (part.parts if part.kind == kind else (part,)))


def _group(kind: str, parts: tuple[Expression, ...], width: int) -> Expression:
    if len(parts) == 1:
        return parts[0]
    nodes = sum(part.nodes for part in parts) + (kind == "$or")  # and the node at which branches meet
    return Expression(kind, parts, {}, width, nodes, (parts != ()) + sum(part.groups for part in parts))


def alternatives(expression: Expression, width: int) -> list[Expression] | None:
    """Return expressions of at most this width, one of which holds just where `expression` does.

    Branches are dealt out; of a chain that is too wide the widest part is, since ``a and (b or c)`` is
    ``(a and b) or (a and c)``. None if that takes too many.
    """
    if expression.width <= width:
        return [expression]
    if expression.kind == "$or":
        branches = _all_alternatives(expression.parts, width)
        found = None if branches is None else list(_dealt_out(branches, width))
    else:
        widest = max(expression.parts, key=lambda part: part.width)
        rest = [part for part in expression.parts if part is not widest]
        room = width - sum(part.width - 1 for part in rest)
        parts = alternatives(widest, max(1, min(room, widest.width - 1)))
        found = None if parts is None else _all_alternatives([both([*rest, part]) for part in parts], width)
    return found if found is not None and len(found) <= MAX_ALTERNATIVES else None


def _all_alternatives(expressions: Sequence[Expression], width: int) -> list[Expression] | None:
    found: list[Expression] = []
    for expression in expressions:
        inner = alternatives(expression, width)
        if inner is None or len(found) > 64 * MAX_ALTERNATIVES:
            return None
        found += inner
    return found


def _dealt_out(branches: Sequence[Expression], width: int) -> Iterator[Expression]:
    together: list[Expression] = []
    for branch in branches:
        if sum(part.width for part in together) + branch.width > width:
            yield either(together)
            together = []
        together.append(branch)
    yield either(together)
