"""Facts that comparisons join: what of their values matters where one of them is unknown.

Rules ask of free text only whether two are the same and whether one is in a set. So two candidates whose
texts can be renamed into each other, without touching what the rules name, have the same future: it does
not matter which account owns an image, but whether that account is among its recipients. Of numbers, it is
their order that matters, and whether there is room between them.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise

from imagefit.conditions import Leaf
from imagefit.evaluators.tabular.atoms import constants_of
from imagefit.facts import INTEGER_LIMIT, Facts, Field, FieldType

__all__ = ["Joined", "JoinedNumbers", "JoinedTexts", "joined_facts"]


class JoinedTexts:
    """Facts of free text, or of sets of it, that are compared with each other, directly or by way of others.

    Attributes
    ----------
    names
        The facts, sets last.
    """

    def __init__(self, names: Iterable[str], own: Sequence[Leaf], fields: Mapping[str, Field]) -> None:
        self.names = tuple(sorted(names, key=lambda name: (fields[name].type is FieldType.STRING_SET, name)))
        of_enums = (value for leaf in own for name in leaf.facts for value in fields[name].values)
        self._constants = frozenset((*map(str, constants_of(own)), *of_enums))

    def alike(self, facts: Facts) -> Hashable:
        """Return what is equal for candidates whose texts can be renamed into each other; constants stay themselves."""
        names: dict[str, Hashable] = {}
        found: list[Hashable] = []
        for fact in self.names:
            value = facts.get(fact)
            if isinstance(value, frozenset):
                old = frozenset(self._name(text, names) for text in value if text in names or text in self._constants)
                found.append((old, len(value) - len(old)))
                for text in sorted(value):
                    self._name(text, names)
            else:
                found.append(None if value is None else self._name(str(value), names))
        return tuple(found)

    def _name(self, text: str, names: dict[str, Hashable]) -> Hashable:
        return text if text in self._constants else names.setdefault(text, len(names))


class JoinedNumbers:
    """Integers, or numbers, that are compared with each other, directly or by way of others."""

    def __init__(self, names: Iterable[str], own: Sequence[Leaf], fields: Mapping[str, Field]) -> None:
        self.names = tuple(sorted(names))
        self._is_whole = fields[self.names[0]].type is FieldType.INTEGER
        ends = (-INTEGER_LIMIT, INTEGER_LIMIT - 1) if self._is_whole else (-math.inf, math.inf)
        self._constants = frozenset((*ends, *(value for value in constants_of(own) if isinstance(value, int | float))))

    def alike(self, facts: Facts) -> Hashable:
        """Return what is equal for candidates whose numbers are in one order, among themselves and the constants.

        As much room as there are facts is as good as any more.
        """
        numbers = [facts.get(name) for name in self.names]
        points = sorted(self._constants.union(number for number in numbers if isinstance(number, int | float)))
        places: dict[object, Hashable] = {point: place for place, point in enumerate(points)}
        return tuple([None if n is None else places[n] for n in numbers]), tuple(
            [self._room(low, high) for low, high in pairwise(points)]
        )

    def _room(self, low: int | float, high: int | float) -> int:
        """Return how many numbers lie between two, at most as many as there are facts."""
        most = len(self.names)
        if self._is_whole:
            return min(int(high) - int(low) - 1, most)
        for count in range(most):
            low = math.nextafter(low, math.inf)
            if low >= high:
                return count
        return most


Joined = JoinedTexts | JoinedNumbers


def joined_facts(some: Iterable[Leaf], fields: Mapping[str, Field]) -> list[Joined]:
    """Return the facts of free text and the numbers that leaves compare, together those that hang together."""
    some = list(some)
    groups: list[set[str]] = []
    for leaf in some:
        if leaf.other not in (None, leaf.fact) and all(_is_open(fields[name]) for name in leaf.facts):
            together = [group for group in groups if not group.isdisjoint(leaf.facts)]
            groups = [group for group in groups if group.isdisjoint(leaf.facts)]
            groups.append({*leaf.facts}.union(*together))
    return [_joined(group, [leaf for leaf in some if not group.isdisjoint(leaf.facts)], fields) for group in groups]


def _joined(names: set[str], own: Sequence[Leaf], fields: Mapping[str, Field]) -> Joined:
    is_number = fields[next(iter(names))].type.is_ordered
    return JoinedNumbers(names, own, fields) if is_number else JoinedTexts(names, own, fields)


def _is_open(of: Field) -> bool:
    return of.type.is_ordered or (of.type in (FieldType.STRING, FieldType.STRING_SET) and not of.values)
