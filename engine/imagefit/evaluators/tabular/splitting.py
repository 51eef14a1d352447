"""Splitting conditions that a table can't hold into parts that it can.

A part that is split off is looked up in a table of its own and stands in the condition as a leaf that
nothing else has: strong Kleene logic is truth-functional, so that a part's truth is all that counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from imagefit.conditions import AllOf, AnyOf, Condition, Leaf, Relation, leaves
from imagefit.evaluators.tabular.subjects import bound_of
from imagefit.facts import Field

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
    parts: list[Part] = []
    part_limit = min(limit, PART_LIMIT)

    def define(condition: Condition) -> Condition:
        if isinstance(condition, Leaf):
            return condition
        leaf = Leaf(next(names), Relation.EQUALS, True)
        parts.append(Part(leaf, condition))
        return leaf

    def size(*some: Condition) -> int:
        return bound_of((leaf for condition in some for leaf in leaves(condition)), fields)

    def shrunk(condition: Condition) -> Condition:
        """Return the condition, not above the limit of parts by itself."""
        if isinstance(condition, Leaf) or size(condition) <= part_limit:
            return condition
        kind = AllOf if isinstance(condition, AllOf) else AnyOf
        open_parts = [part if size(part) <= part_limit else define(shrunk(part)) for part in condition.parts]
        while size(*open_parts) > part_limit:
            open_parts = [define(chunk[0] if len(chunk) == 1 else kind(tuple(chunk))) for chunk in chunks(open_parts)]
        return kind(tuple(open_parts))

    def chunks(some: Sequence[Condition]) -> Iterator[list[Condition]]:
        chunk: list[Condition] = []
        for condition in some:
            if chunk and size(*chunk, condition) > part_limit:
                yield chunk
                chunk = []
            chunk.append(condition)
        yield chunk

    if size(when, require) <= limit:
        return when, require, parts
    small = shrunk(when), shrunk(require)
    if size(*small) > limit:
        small = define(small[0]), define(small[1])
    return *small, parts
