"""Splitting conditions that a table can't hold into parts that it can.

A part that is split off is looked up in a table of its own and stands in the condition as a leaf that
nothing else has: strong Kleene logic is truth-functional, so that a part's truth is all that counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from imagefit.conditions import AllOf, AnyOf, Condition, Leaf, Relation, leaves
from imagefit.evaluators.tabular.subjects import bound_of
from imagefit.facts import Field
from imagefit.values import dataclass

__all__ = ["Part", "split"]

PART_LIMIT = 128
"""Parts are smaller than tables may be: what a table costs to fill grows with the square of a wide condition."""


@dataclass(frozen=True, slots=True)
class Part:
    """A condition that is looked up by itself, and the leaf that stands for its truth."""

    leaf: Leaf
    condition: Condition


def split(
    when: Condition, require: Condition, fields: Mapping[str, Field], limit: int, names: Iterator[str]
) -> tuple[Condition, Condition, list[Part]]:
    """Return both conditions, together not above `limit` combinations of cells, and what was split off them.

    Parameters
    ----------
    limit
        At least 9: two leaves must have room in a table.
    names
        New names for the parts.

    Returns
    -------
    when, require, parts
        A part comes after those that stand in it.
    """
    splitter = _Splitter(fields, min(limit, PART_LIMIT), names)
    if splitter.size(when, require) <= limit:
        return when, require, []
    small = splitter.shrunk(when), splitter.shrunk(require)
    if splitter.size(*small) > limit:
        small = splitter.defined(small[0]), splitter.defined(small[1])
    return *small, splitter.parts


@dataclass
class _Splitter:
    """Shrinks conditions to a limit; `parts` is what was split off them, in the order in which it was."""

    fields: Mapping[str, Field]
    limit: int
    names: Iterator[str]
    parts: list[Part] = field(default_factory=list)

    def size(self, *some: Condition) -> int:
        """Return at most how many combinations of cells the conditions have together."""
        return bound_of((leaf for condition in some for leaf in leaves(condition)), self.fields)

    def defined(self, condition: Condition) -> Condition:
        """Split a condition off, and return the leaf that stands for it; a leaf is as good as that."""
        if isinstance(condition, Leaf):
            return condition
        leaf = Leaf(next(self.names), Relation.EQUALS, True)
        self.parts.append(Part(leaf, condition))
        return leaf

    def shrunk(self, condition: Condition) -> Condition:
        """Return the condition, not above the limit by itself."""
        if isinstance(condition, Leaf) or self.size(condition) <= self.limit:
            return condition
        kind = AllOf if isinstance(condition, AllOf) else AnyOf
        found = [part if self.size(part) <= self.limit else self.defined(self.shrunk(part)) for part in condition.parts]
        while self.size(*found) > self.limit:
            chunks = self.chunks(found)
            found = [self.defined(chunk[0] if len(chunk) == 1 else kind(tuple(chunk))) for chunk in chunks]
        return kind(tuple(found))

    def chunks(self, some: Sequence[Condition]) -> Iterator[list[Condition]]:
        """Yield the conditions in chunks, each within the limit, or one condition alone."""
        chunk: list[Condition] = []
        for condition in some:
            if chunk and self.size(*chunk, condition) > self.limit:
                yield chunk
                chunk = []
            chunk.append(condition)
        yield chunk
