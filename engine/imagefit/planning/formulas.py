"""Conditions after steps as formulas with numbers: equal ones have the same, and what steps decide is left out.

A formula is a comparison of terms, or all of some formulas. ``~number`` is that of the opposite, and any of some
formulas is the opposite of all of their opposites, which strong Kleene logic allows.

What a fact is after steps is a *term*: what it was, what another fact was, a value, or a set with more in it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from imagefit.conditions import AllOf, Condition, Leaf, Relation, affirmed
from imagefit.evaluators.reference import leaf_truth
from imagefit.facts import Field, FieldType
from imagefit.rulepack.pack import Effect

__all__ = ["FALSE", "ITSELF", "OPEN", "TRUE", "Changed", "Compared", "Formulas", "Terms"]

Changed = Mapping[str, int]
"""The facts that steps have changed, each with the number of its term; the others are what they were."""

ITSELF, UNKNOWN = 0, 1

OPEN, TRUE = 0, 1
FALSE = ~TRUE
"""The numbers of what is unknown, true and false of every candidate."""


class Terms:
    """Numbers the terms: 0 is what the fact itself was; the others are what a fact can become."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields = fields
        self._numbers: dict[Hashable, int] = {None: ITSELF, "unknown": UNKNOWN}
        self.made: list[Any] = [None, "unknown"]

    def after(self, effects: Iterable[Effect], before: Changed) -> Changed:
        """Return what facts are after the effects of a step, all of them at once."""
        after = dict(before)
        for effect in effects:
            term = self._made(effect, before)
            if term == self._of(effect.fact, {}):
                after.pop(effect.fact, None)
            else:
                after[effect.fact] = term
        return after

    def is_set(self, term: int) -> bool:
        """Whether what a term stands for is a set."""
        kind, what = self.made[term][:2]
        return kind == "with" or (
            self.fields[what].type is FieldType.STRING_SET if kind == "was" else isinstance(what, frozenset)
        )

    def is_made_of_texts(self, term: int) -> bool:
        """Whether a term stands for a set with texts in it, or other sets."""
        kind, *parts = self.made[term] if term > UNKNOWN else ("",)
        return kind == "with" and all(self.is_set(each) or self._is_text(each) for each in parts)

    def _is_text(self, term: int) -> bool:
        kind, what = self.made[term][:2]
        return self.fields[what].type in (FieldType.ENUM, FieldType.STRING) if kind == "was" else isinstance(what, str)

    def _of(self, fact: str, changed: Changed) -> int:
        """Return the term of a fact: of one that did not change, that it is what this fact was."""
        return changed.get(fact) or self._number(("was", fact))

    def _number(self, term: Hashable) -> int:
        if (number := self._numbers.get(term)) is None:
            number = self._numbers[term] = len(self.made)
            self.made.append(term)
        return number

    def _made(self, effect: Effect, before: Changed) -> int:
        if effect.value is not None:
            return self._number(("is", effect.value))
        if effect.becomes_unknown:
            return UNKNOWN
        if effect.same_as is not None:
            return self._of(effect.same_as, before)
        more = self._number(("is", effect.add)) if effect.add_from is None else self._of(effect.add_from, before)
        own = self._of(effect.fact, before)
        term = self.made[own]
        if UNKNOWN in (own, more):
            return UNKNOWN
        return own if term[0] == "with" and more in term[2:] else self._number(("with", own, more))


class Compared(NamedTuple):
    """A comparison of what facts have become.

    Attributes
    ----------
    first, second
        The terms of the fact, and of the other one.
    plain
        Where what is assumed counts as unknown, the number of the comparison where it does not; else None.
    """

    leaf: Leaf
    first: int
    second: int
    plain: int | None = None


class Formulas:
    """Numbers the formulas.

    Attributes
    ----------
    made
        By its number, the comparison that a formula is, or the formulas all of which it is.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.made: list[Compared | tuple[int, ...]] = [(), ()]  # of what is decided, nothing is asked
        self._numbers: dict[Hashable, int] = {}

    def of(self, condition: Condition, changed: Changed, *, stated: bool = False) -> int:
        """Return the formula that a condition is after changes.

        Parameters
        ----------
        stated
            Whether what is assumed counts as unknown.
        """
        if isinstance(condition, Leaf):
            found = self._leaf(condition, changed, stated)
            return _opposite(found) if condition.negated else found
        parts = [self.of(part, changed, stated=stated) for part in condition.parts]
        return self._all(parts) if isinstance(condition, AllOf) else self._any(parts)

    def _all(self, parts: Iterable[int]) -> int:
        some = dict.fromkeys(part for part in parts if part != TRUE)
        if FALSE in some:
            return FALSE
        if len(some) < 2:
            return next(iter(some), TRUE)
        key = tuple(some)
        return self._number(key, key)

    def _any(self, parts: Iterable[int]) -> int:
        return _opposite(self._all(map(_opposite, parts)))

    def _number(self, key: Hashable, made: Compared | tuple[int, ...]) -> int:
        if (number := self._numbers.get(key)) is None:
            number = self._numbers[key] = len(self.made)
            self.made.append(made)
        return number

    def _leaf(self, leaf: Leaf, changed: Changed, stated: bool) -> int:
        first = changed.get(leaf.fact, ITSELF)
        second = ITSELF if leaf.other is None else changed.get(leaf.other, ITSELF)
        return self._compared(affirmed(leaf), first, second, stated)

    def _compared(self, leaf: Leaf, first: int, second: int, stated: bool) -> int:
        if UNKNOWN in (first, second):
            return OPEN
        if leaf.relation is Relation.CONTAINS and self.terms.is_made_of_texts(first):
            return self._in_any(leaf, self.terms.made[first][1:], second, stated)
        if (decided := self._decided(leaf, first, second)) is not None:
            return decided
        plain = self._compared(leaf, first, second, False) if stated else None
        key = leaf.fact, leaf.relation, leaf.operand, leaf.other, first, second, stated
        return self._number(key, Compared(leaf, first, second, plain))

    def _decided(self, leaf: Leaf, first: int, second: int) -> int | None:
        """Return what values that were given to facts decide."""
        terms = [(leaf.fact, first), *([] if leaf.other is None else [(leaf.other, second)])]
        values = {name: self.terms.made[term][1] for name, term in terms if term and self.terms.made[term][0] == "is"}
        if len(values) < len(leaf.facts):
            return None
        return TRUE if leaf_truth(leaf, values) else FALSE

    def _in_any(self, leaf: Leaf, terms: Sequence[int], second: int, stated: bool) -> int:
        """Return whether a set with more in it contains something: what each of its parts says, if all are known."""
        parts = []
        for term in terms:
            relation = Relation.CONTAINS if self.terms.is_set(term) else Relation.EQUALS
            first = ITSELF if self.terms.made[term] == ("was", leaf.fact) else term
            parts.append(self._compared(replace(leaf, relation=relation), first, second, stated))
        return self._all([self._any(parts), *(self._any((part, _opposite(part))) for part in parts)])


def _opposite(number: int) -> int:
    return OPEN if number == OPEN else ~number
