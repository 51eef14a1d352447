"""The truths of many comparisons on a candidate as one number, by which what hangs on them alone is remembered.

Candidates differ much more in their values than in what comparisons say of them. Each comparison has two bits, one if
it is false and one if it is true; what a value adds is looked up by fact, so that a candidate costs one look for each
fact, and one comparison for each two facts that are compared with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from operator import getitem
from struct import Struct
from typing import NamedTuple

from imagefit.conditions import Leaf, Operand, Relation
from imagefit.evaluators.reference import RELATIONS
from imagefit.facts import Facts, Value

__all__ = ["Comparison", "Side", "Truths", "compared", "comparison_of", "together"]

REMEMBERED, LONG = 1 << 18, 256
"""So many truths of the values of one fact are remembered at most, of no value with more characters or elements."""

FALSE = 1  # and 2 is true
TOGETHER = 6
"""Rules that have so many comparisons together are looked up at once."""
_FORMATS = {1: "B", 2: "H"}
_LONG_KINDS = (str, frozenset)


class Side(NamedTuple):
    """What is compared: a fact, or else a value."""

    fact: str | None
    value: Operand | None = None


class Comparison(NamedTuple):
    """A comparison of any two sides, without a negation."""

    relation: Relation
    left: Side
    right: Side

    def holds(self, left: Value, right: Value) -> bool:
        """Whether it holds of known facts; what is no fact is not looked at."""
        actual = left if self.left.fact is not None else self.left.value
        expected = right if self.right.fact is not None else self.right.value
        return RELATIONS[self.relation](actual, expected)


def compared(relation: Relation, left: Side, right: Side) -> Comparison:
    """Return a comparison: one object for both ways to say that two facts are equal."""
    if relation is Relation.EQUALS and left.fact is not None and right.fact is not None:
        left, right = sorted((left, right))
    return Comparison(relation, left, right)


def comparison_of(leaf: Leaf) -> Comparison:
    """Return what a leaf compares, whether or not it is negated."""
    return compared(leaf.relation, Side(leaf.fact), Side(leaf.other, leaf.operand))


class Truths:
    """What some comparisons, each of which looks at a fact, say of a candidate, as one number.

    Parameters
    ----------
    groups
        Some that are to be looked up together: they have bytes of their own, and a comparison of several has more bits.

    Attributes
    ----------
    keys
        Returns of truths those of each group.
    """

    def __init__(self, some: Iterable[Comparison], groups: Sequence[Collection[Comparison]] = ()) -> None:
        self._no: dict[Comparison, int] = {}
        sizes = [-(-2 * len(group) // 8) for group in groups]
        place = 0
        for group, size in zip(groups, sizes, strict=True):
            for number, each in enumerate(group):
                self._no[each] = self._no.get(each, 0) | FALSE << 8 * place + 2 * number
            place += size
        for number, each in enumerate(dict.fromkeys(each for each in some if each not in self._no)):
            self._no[each] = FALSE << 8 * place + 2 * number
        count = -(-max(self._no.values(), default=0).bit_length() // 8) + 1
        formats = [_FORMATS.get(size, f"{size}s") for size in sizes]
        unpack = Struct(f"<{''.join(formats)}{count - place}x").unpack
        self.keys: Callable[[int], tuple[Hashable, ...]] = lambda truths: unpack(truths.to_bytes(count, "little"))
        of_facts: dict[str, dict[Comparison, int]] = {}
        self._links = []
        for each, no in self._no.items():
            one, other = each.left.fact, each.right.fact
            if one is not None and other is not None and one != other:
                self._links.append((one, other, RELATIONS[each.relation], no, no << 1))
            else:
                of_facts.setdefault(one or other or "", {})[each] = no
        self._shares = {name: _Shares(own) for name, own in of_facts.items()}
        self._linked_facts = list(dict.fromkeys(name for link in self._links for name in link[:2]))
        self._all_linked = self.linked(self._linked_facts)

    def of(self, facts: Facts) -> int:
        """Return the truths on a candidate; the bits of what is unknown are not set."""
        return self.shares(facts) | self._all_linked(list(map(facts.get, self._linked_facts)))

    def shares(self, facts: Facts) -> int:
        """Return what the facts of a candidate add, each by itself."""
        return sum(map(getitem, self._shares.values(), map(facts.get, self._shares)))

    def share(self, name: str, value: Value) -> int:
        """Return what the value of a fact adds by itself."""
        return self._shares[name][value] if name in self._shares else 0

    def linked(self, names: Sequence[str]) -> Callable[[Sequence[Value | None]], int]:
        """Return what facts that are compared with each other add, as a function of the values of facts."""
        place_of = {name: place for place, name in enumerate(names)}
        links = [(place_of[left], place_of[right], holds, no, yes) for left, right, holds, no, yes in self._links]

        def linked(values: Sequence[Value | None]) -> int:
            found = 0
            for left, right, holds, no, yes in links:
                if (actual := values[left]) is not None and (expected := values[right]) is not None:
                    found |= yes if holds(actual, expected) else no
            return found

        return linked

    def mask(self, some: Iterable[Comparison]) -> int:
        """Return the bits of some of the comparisons."""
        found = 0
        for each in some:
            found |= 3 * self._no[each]
        return found


def together(some: Sequence[Collection[Comparison]]) -> Iterator[list[int]]:
    """Yield the places of a few sets of comparisons at a time, mostly of such as have some in common."""
    numbers = {each: number for number, each in enumerate(dict.fromkeys(each for own in some for each in own))}
    last = [max((numbers[each] for each in own), default=0) for own in some]
    found, places = set[Comparison](), list[int]()
    for place in sorted(range(len(some)), key=last.__getitem__):
        if places and len(found.union(some[place])) > TOGETHER:
            yield places
            found, places = set(), []
        found.update(some[place])
        places.append(place)
    if places:
        yield places


class _Shares(dict[Value | None, int]):
    """What a value adds; worked out when it is first seen."""

    def __init__(self, own: dict[Comparison, int]) -> None:
        super().__init__({None: 0})
        self._own = [(each, no, no << 1) for each, no in own.items()]
        self._most = REMEMBERED // len(own)

    def __missing__(self, value: Value) -> int:
        share = sum([yes if each.holds(value, value) else no for each, no, yes in self._own])
        if len(self) < self._most and not (isinstance(value, _LONG_KINDS) and len(value) > LONG):
            self[value] = share
        return share
