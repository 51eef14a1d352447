"""Facts that comparisons link: what of their values matters where one of them is unknown.

Rules ask of free text only whether two are the same and whether one is in a set. So two candidates whose
texts can be renamed into each other, without touching what the rules name, have the same future: it does
not matter which account owns an image, but whether that account is among its recipients. Of numbers, it is
their order that matters, and whether there is room between them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise

from imagefit.conditions import Leaf, affirmed
from imagefit.evaluators.cells import linked, literals_of
from imagefit.evaluators.gaps import bounds, room
from imagefit.evaluators.reference import leaf_truth
from imagefit.facts import Facts, Field, FieldType
from imagefit.values import replace

__all__ = ["CaseOf", "Linked", "LinkedNumbers", "LinkedTexts", "linked_facts"]


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
        self._field = replace(fields[self.names[0]], at_least=None)
        literals = {value for value in literals_of(own) if isinstance(value, int | float)}
        leasts = {least for name in self.names if (least := fields[name].at_least) is not None}
        self._constants = frozenset((*bounds(self._field), *literals, *leasts))

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


class CaseOf:
    """Tells candidates apart by what decides how unknown facts could still change the truths of some leaves.

    That is the truth of each leaf, which facts are known, and where a known fact is compared with an unknown
    one, what of its value matters: of free text what is the same, of numbers the order, of others the value.
    Candidates of one case have the same missing facts.

    Parameters
    ----------
    some
        The leaves.
    linked
        The linked facts of all leaves that are asked about together with these, whose negations do not count: what
        these facts are compared with elsewhere does. None: it is not asked what is missing, but what holds.

    Attributes
    ----------
    facts
        What a case depends on: the facts of the leaves, and those that they are compared with elsewhere.
    """

    def __init__(self, some: Iterable[Leaf], linked: Iterable[Linked] | None) -> None:
        self._leaves = list(dict.fromkeys(map(affirmed, some)))
        self._own = tuple(dict.fromkeys(name for leaf in self._leaves for name in leaf.facts))
        self._linked = [each for each in linked or () if not set(self._own).isdisjoint(each.names)]
        self._compared = [
            (known, unknown)
            for leaf in self._leaves
            if linked is not None
            and leaf.other not in (None, leaf.fact)
            and not any({*leaf.facts} <= {*each.names} for each in self._linked)
            for known, unknown in ((leaf.fact, leaf.other), (leaf.other, leaf.fact))
        ]
        self.facts = tuple(dict.fromkeys((*self._own, *(name for linked in self._linked for name in linked.names))))

    def key(self, facts: Facts) -> Hashable:
        """Return what stands for the case of one candidate."""
        return (*[leaf_truth(leaf, facts) for leaf in self._leaves], *self.beyond_truths(facts))

    def beyond_truths(self, facts: Facts) -> tuple[Hashable, ...]:
        """Return what stands for the case of one candidate, but for the truths of the leaves."""
        values = [
            facts[known] if known in facts and unknown not in facts else None for known, unknown in self._compared
        ]
        alike = [
            None if all(name in facts for name in linked.names if name in self._own) else linked.alike(facts)
            for linked in self._linked
        ]
        return (*[name in facts for name in self._own], *values, *alike)


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
