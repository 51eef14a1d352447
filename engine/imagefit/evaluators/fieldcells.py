"""The cells of one field: which of its values some comparisons tell apart, with a representative value of each.

Unknown is cell 0. Facts that are compared with each other, and sets, are not looked at alone: `cells` does that.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

from imagefit.conditions import Leaf, Relation
from imagefit.evaluators.gaps import cuts, points
from imagefit.evaluators.reference import RELATIONS, Truth, leaf_truth
from imagefit.facts import Facts, Field, FieldType, Scalar, Value

__all__ = [
    "FieldCells",
    "literals_of",
    "literals_of_leaf",
    "other_texts",
    "scalar_values",
    "told_apart",
    "truths_by_value",
]


def literals_of(leaves: Iterable[Leaf], known: Facts | None = None) -> set[Scalar]:
    """Return what leaves compare one unknown fact with: their literals, and what is known of other facts."""
    found: set[Scalar] = set()
    for leaf in leaves:
        operand = leaf.operand
        if operand is None or isinstance(operand, frozenset):
            found |= literals_of_leaf(leaf, known)
        else:
            found.add(operand)
    return found


def literals_of_leaf(leaf: Leaf, known: Facts | None) -> frozenset[Scalar]:
    """Return what a leaf compares an unknown fact with: its literals, or what is known of the other fact."""
    if leaf.other is None or not known:
        return leaf.literals
    value = known.get(leaf.other, known.get(leaf.fact))
    return value if isinstance(value, frozenset) else frozenset() if value is None else frozenset((value,))


def scalar_values(field: Field, literals: Iterable[Scalar], count: int = 1) -> list[Value]:
    """Return values of a scalar field, of which each stands for all that comparing with literals can't tell from it.

    Parameters
    ----------
    count
        So many values are returned of all that can't be told apart, where there are so many and literals
        do not name them: facts that are compared with each other can then be equal there, or not.

    Returns
    -------
    list
        Numbers ascending; of others, those that are named first.
    """
    if field.type.is_ordered:
        return list(points(field, {value for value in literals if isinstance(value, int | float)}, count))
    if field.type is FieldType.BOOLEAN:
        return [False, True]
    held = frozenset(field.values)
    named = sorted(text for text in map(str, literals) if not held or text in held)
    return list(dict.fromkeys([*named, *(field.values or other_texts(named, count))]))


class FieldCells:
    """The cells of a scalar field that some leaves tell apart; unknown is cell 0.

    Parameters
    ----------
    leaves
        Comparisons of the field with literals, or with facts that are known.

    Attributes
    ----------
    truths
        For each cell the truths of the leaves, in their order; of cell 0 all are None.
    representatives
        A value of each other cell: the first that `scalar_values` has.
    by_value, otherwise
        The cells of the values that are named, or of all that there can be; the cell of every other value.
    cuts, by_interval
        Of numbers instead: the cell of a number is ``by_interval[k]`` where k cuts are not above it.
    """

    def __init__(self, field: Field, leaves: Iterable[Leaf], known: Facts | None = None) -> None:
        self.field, self.leaves = field, tuple(leaves)
        self._places = {leaf: place for place, leaf in enumerate(self.leaves)}
        literals = literals_of(self.leaves, known)
        values = scalar_values(field, literals)
        truths = truths_by_value(field.name, values, self.leaves, known or {})
        numbers = {own: cell for cell, own in enumerate(dict.fromkeys(truths), start=1)}
        cells = [numbers[own] for own in truths]
        self.truths: list[tuple[Truth, ...]] = [(None,) * len(self.leaves), *numbers]
        self.representatives = _of_each(field, values, truths)
        self.by_value: dict[Value, int] = {}
        self.otherwise = cells[-1]
        self.cuts: list[int | float] = []
        self.by_interval: list[int] = []
        if field.type.is_ordered:
            ends = zip(cuts(field, values, literals), pairwise(cells), strict=True)
            changes = [(cut, cell) for cut, (before, cell) in ends if cell != before]
            self.cuts = [cut for cut, _ in changes]
            self.by_interval = [cells[0], *(cell for _, cell in changes)]
        else:
            self.by_value = dict(zip(values, cells, strict=True))

    @property
    def count(self) -> int:
        """The number of cells."""
        return len(self.truths)

    def of(self, value: Value) -> int:
        """Return the cell of a known value."""
        if self.by_interval:
            return self.by_interval[bisect_right(self.cuts, value)]
        return self.by_value.get(value, self.otherwise)

    def truths_of(self, leaf: Leaf) -> list[Truth]:
        """Return the truth of one of the leaves in each cell."""
        place = self._places[leaf]
        return [truths[place] for truths in self.truths]


def told_apart(field: Field, leaves: Sequence[Leaf], known: Facts) -> tuple[Value, ...]:
    """Return the representatives that the field's cells have, without making the rest of these."""
    if field.type is FieldType.BOOLEAN and any(leaf.relation is Relation.EQUALS and not leaf.other for leaf in leaves):
        return False, True
    values = scalar_values(field, literals_of(leaves, known))
    return _of_each(field, values, truths_by_value(field.name, values, leaves, known))


def _of_each(field: Field, values: Sequence[Value], truths: Sequence[tuple[Truth, ...]]) -> tuple[Value, ...]:
    """Return the first of the values that have the same truths; of numbers, in the order in which cells end."""
    first = dict(zip(reversed(truths), reversed(values), strict=True))
    if field.type.is_ordered:
        return tuple(first.values())[::-1]
    return tuple([first[own] for own in dict.fromkeys(truths)])


def truths_by_value(
    name: str, values: Sequence[Value], leaves: Sequence[Leaf], known: Facts
) -> list[tuple[Truth, ...]]:
    """Return for each value of a fact the truths of leaves; what else they look at is known, or they are unknown."""
    columns: list[list[Truth]] = []
    for leaf in leaves:
        relation, negated, operand = RELATIONS[leaf.relation], leaf.negated, leaf.operand
        if leaf.other is None:
            columns.append([relation(value, operand) is not negated for value in values])
        else:
            columns.append([leaf_truth(leaf, {**known, name: value}) for value in values])
    return list(zip(*columns, strict=True)) if columns else [()] * len(values)


def other_texts(named: Iterable[str], count: int, sets: Iterable[Field] = ()) -> list[str]:
    """Return texts that are none of the named ones, nor become one of them as elements of some sets."""
    taken, shapes = set(named), list(sets)
    names = (f"other-{n}" if n else "other" for n in itertools.count())
    free = (name for name in names if taken.isdisjoint((name, *(of.shaped(name) for of in shapes))))
    return list(itertools.islice(free, count))
