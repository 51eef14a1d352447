"""Subjects: what the axes of a decision table are about, and the cells of each.

The literal comparisons of a scalar field have one axis: the cells that they tell apart. A comparison of two
fields, and one of a set, has an axis of its own with the cells unknown, false and true: a set's elements
alone would have a cell for each combination of them. Unknown is always cell 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from imagefit.conditions import Leaf, affirmed
from imagefit.evaluators.cells import FieldCells, literals_of
from imagefit.evaluators.reference import TRUTHS, Truth
from imagefit.facts import Field, FieldType

__all__ = [
    "CELL_OF_TRUTH",
    "CellMaker",
    "Subject",
    "bound_of",
    "count_of",
    "size_of",
    "subject_of",
    "truths_of",
]

CELL_OF_TRUTH: Mapping[Truth, int] = {truth: cell for cell, truth in enumerate(TRUTHS)}

Subject = str | Leaf
"""A fact, by its name: its value, as far as literal comparisons tell it apart. Or a comparison that is not
negated: its truth."""


def subject_of(leaf: Leaf, fields: Mapping[str, Field]) -> Subject:
    """Return what decides a leaf's truth."""
    of = fields.get(leaf.fact)
    if leaf.other is None and of is not None and of.type is not FieldType.STRING_SET:
        return leaf.fact
    return affirmed(leaf)


class CellMaker:
    """Works out the cells of subjects, once for each choice of leaves; None stands for unknown, false and true."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields = fields
        self._made: dict[tuple[str, frozenset[Leaf]], FieldCells] = {}

    def leaves_by_subject(self, leaves: Iterable[Leaf]) -> dict[Subject, dict[Leaf, None]]:
        """Return the leaves, without negations, by their subjects, in the order of first mention."""
        by_subject: dict[Subject, dict[Leaf, None]] = {}
        for leaf in leaves:
            by_subject.setdefault(subject_of(leaf, self.fields), {})[affirmed(leaf)] = None
        return by_subject

    def cells(self, subject: Subject, leaves: Iterable[Leaf]) -> FieldCells | None:
        """Return the cells of one subject that some of its leaves tell apart."""
        if isinstance(subject, Leaf):
            return None
        key = (subject, frozenset(leaves))
        if key not in self._made:
            self._made[key] = FieldCells(self.fields[subject], leaves)
        return self._made[key]

    def all_cells(self, leaves: Iterable[Leaf]) -> dict[Subject, FieldCells | None]:
        """Return the subjects of the leaves, in the order of first mention, with their cells."""
        return {subject: self.cells(subject, own) for subject, own in self.leaves_by_subject(leaves).items()}


def size_of(cells: Iterable[FieldCells | None]) -> int:
    """Return how many combinations of cells some subjects have."""
    return math.prod(map(count_of, cells))


def count_of(cells: FieldCells | None) -> int:
    """Return the number of a subject's cells."""
    return len(TRUTHS) if cells is None else cells.count


def truths_of(leaf: Leaf, cells: FieldCells | None) -> list[Truth]:
    """Return the truth of a leaf in each cell of its subject."""
    found = TRUTHS if cells is None else cells.truths_of(affirmed(leaf))
    return [None if truth is None else truth is not leaf.negated for truth in found]


def bound_of(leaves: Iterable[Leaf], fields: Mapping[str, Field]) -> int:
    """Return at most how many combinations of cells the leaves have, without working the cells out."""
    by_subject: dict[Subject, set[Leaf]] = {}
    for leaf in leaves:
        by_subject.setdefault(subject_of(leaf, fields), set()).add(affirmed(leaf))
    bound = 1
    for subject, own in by_subject.items():
        if isinstance(subject, Leaf):
            bound *= len(TRUTHS)
        else:
            of = fields[subject]
            points = len(of.values) or (2 if of.type is FieldType.BOOLEAN else 2 * len(literals_of(own)) + 1)
            bound *= 1 + (points if len(own) > 32 else min(points, 1 << len(own)))
    return bound
