"""The truths of many comparisons on a candidate as one number, by which what hangs on them alone is remembered.

Candidates differ much more in their values than in what comparisons say of them. Each comparison has two bits, one if
it is false and one if it is true; what a value adds is looked up by fact, so that a candidate costs one look for each
fact, and one comparison for each two facts that are compared with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import getitem, itemgetter
from typing import NamedTuple

from imagefit.conditions import Leaf, Operand, Relation
from imagefit.evaluators.reference import RELATIONS
from imagefit.facts import Facts, Value

__all__ = ["Side", "Comparison", "Truths", "comparison_of"]

REMEMBERED, LONG = 1 << 18, 256
"""So many truths of the values of one fact are remembered at most, of no value with more characters or elements."""

FALSE, TRUE = 1, 2
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
    """What some comparisons, each of which looks at a fact, say of a candidate, as one number."""

    def __init__(self, some: Iterable[Comparison]) -> None:
        self._places = {each: place for place, each in enumerate(dict.fromkeys(some))}
        of_facts: dict[str, list[Comparison]] = {}
        self._links = []
        for each, place in self._places.items():
            one, other = each.left.fact, each.right.fact
            if one is not None and other is not None and one != other:
                self._links.append((one, other, RELATIONS[each.relation], FALSE << 2 * place, TRUE << 2 * place))
            else:
                of_facts.setdefault(one or other or "", []).append(each)
        self._names = list(of_facts)
        self._shares = [_Shares({each: self._places[each] for each in own}) for own in of_facts.values()]

    def of(self, facts: Facts) -> int:
        """Return the truths on a candidate; the bits of what is unknown are not set."""
        get = facts.get
        found: int = sum(map(getitem, self._shares, map(get, self._names)))
        for left, right, relation, no, yes in self._links:
            if (actual := get(left)) is not None and (expected := get(right)) is not None:
                found |= yes if relation(actual, expected) else no
        return found

    def over(self, names: Sequence[str]) -> Callable[[Sequence[Value | None]], int]:
        """Return what `of` is of the values of facts, all that are compared among them: the quicker way."""
        place_of = {name: place for place, name in enumerate(names)}
        shares, places = self._shares, [place_of[name] for name in self._names]
        links = [(place_of[left], place_of[right], holds, no, yes) for left, right, holds, no, yes in self._links]
        pick = itemgetter(*places, *places[:1]) if places else tuple  # one more, so that there are several

        def truths(values: Sequence[Value | None]) -> int:
            found: int = sum(map(getitem, shares, pick(values)))
            for left, right, relation, no, yes in links:
                if (actual := values[left]) is not None and (expected := values[right]) is not None:
                    found |= yes if relation(actual, expected) else no
            return found

        return truths

    def mask(self, some: Iterable[Comparison]) -> int:
        """Return the bits of some of the comparisons."""
        found = 0
        for each in some:
            found |= (FALSE | TRUE) << 2 * self._places[each]
        return found


class _Shares(dict[Value | None, int]):
    """What a value adds; worked out when it is first seen."""

    def __init__(self, own: dict[Comparison, int]) -> None:
        super().__init__({None: 0})
        self._own = [(each, FALSE << 2 * place, TRUE << 2 * place) for each, place in own.items()]
        self._most = REMEMBERED // len(own)

    def __missing__(self, value: Value) -> int:
        share = sum([yes if each.holds(value, value) else no for each, no, yes in self._own])
        if len(self) < self._most and not (isinstance(value, _LONG_KINDS) and len(value) > LONG):
            self[value] = share
        return share
