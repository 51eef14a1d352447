"""The typed condition tree. It knows nothing of evaluation: `evaluators.reference` defines what it means.

A condition is a `Leaf`, an `AllOf` or an `AnyOf`. There is no `Not`: negation is moved into the leaves
when a pack is read, which strong Kleene logic allows (De Morgan's laws and double negation hold in it),
so that no evaluator has to know of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from enum import StrEnum
from typing import Any

from imagefit.errors import Position
from imagefit.facts import Scalar, show_value
from imagefit.values import dataclass

__all__ = [
    "FALSE",
    "TRUE",
    "AllOf",
    "AnyOf",
    "Condition",
    "Leaf",
    "Operand",
    "Relation",
    "affirmed",
    "canonical",
    "fields",
    "leaves",
    "needed",
    "negate",
]


class Relation(StrEnum):
    """What a leaf compares; each can be negated, which gives the operators a pack can write."""

    EQUALS = "equals"  # negated: not
    IN = "in"  # negated: not_in
    AT_LEAST = "at_least"  # negated: below
    ABOVE = "above"  # negated: at_most
    CONTAINS = "contains"  # a set contains one element
    CONTAINS_ANY = "contains_any"
    CONTAINS_ALL = "contains_all"


_AFFIRMED = {relation: relation.value for relation in Relation}  # an enum's value is slow to get
_NEGATED = {
    Relation.EQUALS: "not",
    Relation.IN: "not_in",
    Relation.AT_LEAST: "below",
    Relation.ABOVE: "at_most",
    Relation.CONTAINS: "not_contains",
    Relation.CONTAINS_ANY: "not_contains_any",
    Relation.CONTAINS_ALL: "not_contains_all",
}


_OF_SEVERAL = {Relation.EQUALS: Relation.IN, Relation.CONTAINS: Relation.CONTAINS_ALL}

Operand = Scalar | frozenset[Scalar]
"""What a fact is compared with literally: one literal, or several."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison of a fact with a literal operand, or with another fact (`other`).

    `operand` is a frozenset for `in`, `contains_any` and `contains_all`, else a scalar; it is None
    exactly where `other` names the fact to compare with.
    """

    fact: str
    relation: Relation
    operand: Operand | None
    other: str | None = None
    negated: bool = False
    position: Position | None = field(default=None, compare=False)

    def __hash__(self) -> int:
        """Hash what tells most leaves apart: searches look many of them up."""
        return hash((self.fact, self.operand, self.negated))

    @property
    def operator(self) -> str:
        """The operator as a pack writes it: ``equals``, ``not``, ``at_most``, ``same_as``, ..."""
        if self.other is not None and self.relation is Relation.EQUALS:
            return "not_same_as" if self.negated else "same_as"
        return (_NEGATED if self.negated else _AFFIRMED)[self.relation]

    @property
    def facts(self) -> tuple[str, ...]:
        """The one or two facts that the leaf looks at."""
        return (self.fact,) if self.other is None else (self.fact, self.other)

    @property
    def literals(self) -> frozenset[Scalar]:
        """What is compared with literally; nothing where that is another fact."""
        if isinstance(self.operand, frozenset):
            return self.operand
        return frozenset() if self.operand is None else frozenset((self.operand,))

    @property
    def shown_operand(self) -> str:
        """What the fact is compared with, for a person: literals, or the name of the other fact."""
        if isinstance(self.operand, frozenset):
            return ", ".join(sorted(map(show_value, self.operand)))
        return self.other or show_value(self.operand)

    def __str__(self) -> str:
        return f"{self.fact} {self.operator} {self.shown_operand}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """True if all parts are; with no parts, true. `name` is the named condition it was written as."""

    parts: tuple[Condition, ...]
    name: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True if any part is; with no parts, false."""

    parts: tuple[Condition, ...]
    name: str | None = field(default=None, compare=False)


Condition = Leaf | AllOf | AnyOf

TRUE = AllOf(())
FALSE = AnyOf(())


def negate(condition: Condition) -> Condition:
    """Return the condition that is true where this is false, false where true, unknown where unknown."""
    if isinstance(condition, Leaf):
        leaf = condition
        return Leaf(leaf.fact, leaf.relation, leaf.operand, leaf.other, not leaf.negated, leaf.position)
    name = condition.name
    if name is not None:
        name = name.removeprefix("not ") if name.startswith("not ") else f"not {name}"
    opposite = AnyOf if isinstance(condition, AllOf) else AllOf
    return opposite(tuple(negate(part) for part in condition.parts), name)


def affirmed(leaf: Leaf) -> Leaf:
    """Return the leaf without its negation."""
    return Leaf(leaf.fact, leaf.relation, leaf.operand, leaf.other, False, leaf.position) if leaf.negated else leaf


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Yield the leaves in the order in which they were written, repetitions included."""
    todo = [condition]
    while todo:
        condition = todo.pop()
        if isinstance(condition, Leaf):
            yield condition
        else:
            todo += condition.parts[::-1]


def fields(*conditions: Condition) -> tuple[str, ...]:
    """Return the names of the facts that the conditions look at, in the order of first mention."""
    return tuple(dict.fromkeys(name for condition in conditions for leaf in leaves(condition) for name in leaf.facts))


def needed(condition: Condition) -> Iterator[str]:
    """Yield facts without which the condition can't be true: those of a leaf, and of each part of an `AllOf`."""
    if isinstance(condition, Leaf):
        yield from condition.facts
    elif isinstance(condition, AllOf):
        for part in condition.parts:
            yield from needed(part)


def canonical(condition: Condition) -> Any:
    """Return the meaning as JSON data: two conditions that differ in order and spelling alone are equal."""
    if isinstance(condition, Leaf):
        relation = condition.relation
        if condition.other is None:  # `x: a` and `x: [a]` mean the same
            relation = _OF_SEVERAL.get(relation, relation)
        is_several = relation is not condition.relation or isinstance(condition.operand, frozenset)
        operand = sorted(condition.literals, key=repr) if is_several else condition.operand
        return ["leaf", condition.fact, relation.value, condition.negated, operand, condition.other]
    kind = "all" if isinstance(condition, AllOf) else "any"
    parts = [canonical(part) for part in condition.parts]
    flat = [inner for part in parts for inner in (part[1] if part[0] == kind else [part])]
    unique = sorted({repr(part): part for part in flat}.items())
    return unique[0][1] if len(unique) == 1 else [kind, [part for _, part in unique]]
