"""Facts that comparisons link: what of their values matters where one of them is unknown.

Rules ask of free text only whether two are the same and whether one is in a set. So two candidates whose
texts can be renamed into each other, without touching what the rules name, have the same future: it does
not matter which account owns an image, but whether that account is among its recipients. Of numbers, it is
their order that matters, and whether there is room between them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise

from imagefit.conditions import Leaf
from imagefit.evaluators.cells import linked, literals_of
from imagefit.evaluators.gaps import bounds, room
from imagefit.facts import Facts, Field, FieldType

__all__ = ["Linked", "LinkedNumbers", "LinkedTexts", "linked_facts"]


class LinkedTexts:
    """Facts of free text, or of sets of it, that are compared with each other, directly or by way of others.

    Attributes
    ----------
    names
        The facts, sets last.
    constants
        The texts that are not renamed.
    """

    def __init__(self, names: Iterable[str], own: Sequence[Leaf], fields: Mapping[str, Field]) -> None:
        self.names = tuple(sorted(names, key=lambda name: (fields[name].type is FieldType.STRING_SET, name)))
        of_enums = (value for leaf in own for name in leaf.facts for value in fields[name].values)
        self.constants = frozenset((*map(str, literals_of(own)), *of_enums))

    def alike(self, facts: Facts) -> Hashable:
        """Return what is equal for candidates whose texts can be renamed into each other; constants stay themselves."""
        names: dict[str, Hashable] = {}
        found: list[Hashable] = []
        for fact in self.names:
            value = facts.get(fact)
            if isinstance(value, frozenset):
                old = frozenset(self._name(text, names) for text in value if text in names or text in self.constants)
                found.append((old, len(value) - len(old)))
                for text in sorted(value):
                    self._name(text, names)
            else:
                found.append(None if value is None else self._name(str(value), names))
        return tuple(found)

    def _name(self, text: str, names: dict[str, Hashable]) -> Hashable:
        return text if text in self.constants else names.setdefault(text, len(names))


class LinkedNumbers:
    """Integers, or numbers, that are compared with each other, directly or by way of others."""

    def __init__(self, names: Iterable[str], own: Sequence[Leaf], fields: Mapping[str, Field]) -> None:
        self.names = tuple(sorted(names))
        self._field = fields[self.names[0]]
        literals = (value for value in literals_of(own) if isinstance(value, int | float))
        self._constants = frozenset((*bounds(self._field), *literals))

    def points_within(self) -> list[int | float]:
        """Return the constants that a column of the facts can hold."""
        held = self._constants - {*bounds(self._field)} if self._field.type is FieldType.INTEGER else self._constants
        return sorted(held)

    def alike(self, facts: Facts) -> Hashable:
        """Return what is equal for candidates whose numbers are in one order, among themselves and the constants.

        As much room as there are facts is as good as any more.
        """
        numbers = [facts.get(name) for name in self.names]
        points = sorted(self._constants.union(number for number in numbers if isinstance(number, int | float)))
        places: dict[object, Hashable] = {point: place for place, point in enumerate(points)}
        return tuple([None if n is None else places[n] for n in numbers]), tuple(
            [room(self._field, low, high, len(self.names)) for low, high in pairwise(points)]
        )


Linked = LinkedTexts | LinkedNumbers


def linked_facts(some: Iterable[Leaf], fields: Mapping[str, Field]) -> list[Linked]:
    """Return the facts of free text and the numbers that leaves compare, together those that hang together."""
    some = list(some)
    links = [
        leaf
        for leaf in some
        if leaf.other not in (None, leaf.fact) and all(_is_open(fields[name]) for name in leaf.facts)
    ]
    found: list[Linked] = []
    for names in linked((name for leaf in links for name in leaf.facts), links):
        own = [leaf for leaf in some if not set(names).isdisjoint(leaf.facts)]
        kind = LinkedNumbers if fields[names[0]].type.is_ordered else LinkedTexts
        found.append(kind(names, own, fields))
    return found


def _is_open(of: Field) -> bool:
    return of.type.is_ordered or (of.type in (FieldType.STRING, FieldType.STRING_SET) and not of.values)
