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
from imagefit.planning.numbering import Numbered
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
        self._numbered = Numbered[Any](None, "unknown")
        self.made = self._numbered.made

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

    def parts(self, term: int) -> Sequence[int]:
        """Return the sets and texts that a term is made of, if it stands for a set with more in it; else nothing."""
        kind, *parts = self.made[term] if term > UNKNOWN else ("",)
        if kind != "with" or not all(self.is_set(each) or self._is_text(each) for each in parts):
            return ()
        return [part for each in parts for part in (self.parts(each) or (each,))]

    def number_of(self, fact: str, term: int) -> int:
        """Return the number of the term of a fact, as that of another one that has become this is."""
        return term or self._number(("was", fact))

    def _is_text(self, term: int) -> bool:
        kind, what = self.made[term][:2]
        return self.fields[what].type in (FieldType.ENUM, FieldType.STRING) if kind == "was" else isinstance(what, str)

    def _of(self, fact: str, changed: Changed) -> int:
        """Return the term of a fact: of one that did not change, that it is what this fact was."""
        return changed.get(fact) or self._number(("was", fact))

    def _number(self, term: Hashable) -> int:
        return self._numbered.of(term, term)

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
        self._numbered = Numbered[Compared | tuple[int, ...]]((), ())  # of what is decided, nothing is asked
        self.made = self._numbered.made

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
        return self._numbered.of(key, key)

    def _any(self, parts: Iterable[int]) -> int:
        return _opposite(self._all(map(_opposite, parts)))

    def _leaf(self, leaf: Leaf, changed: Changed, stated: bool) -> int:
        first = changed.get(leaf.fact, ITSELF)
        second = ITSELF if leaf.other is None else changed.get(leaf.other, ITSELF)
        return self._compared(affirmed(leaf), first, second, stated)

    def _compared(self, leaf: Leaf, first: int, second: int, stated: bool) -> int:
        if UNKNOWN in (first, second):
            return OPEN
        if (parts := self.terms.parts(first)) and (found := self._of_parts(leaf, parts, second, stated)) is not None:
            return found
        if (decided := self._decided(leaf, first, second)) is not None:
            return decided
        plain = self._compared(leaf, first, second, False) if stated else None
        key = leaf.fact, leaf.relation, leaf.operand, leaf.other, first, second, stated
        return self._numbered.of(key, Compared(leaf, first, second, plain))

    def _decided(self, leaf: Leaf, first: int, second: int) -> int | None:
        """Return what values that were given to facts decide."""
        terms = [(leaf.fact, first), *([] if leaf.other is None else [(leaf.other, second)])]
        values = {name: self.terms.made[term][1] for name, term in terms if term and self.terms.made[term][0] == "is"}
        if len(values) < len(leaf.facts):
            return None
        return TRUE if leaf_truth(leaf, values) else FALSE

    def _of_parts(self, leaf: Leaf, parts: Sequence[int], second: int, stated: bool) -> int | None:
        """Return what a set with more in it contains by what each of its parts does; None if they don't say it."""
        if second and self.terms.made[second][0] == "is":
            leaf, second = replace(leaf, other=None, operand=self.terms.made[second][1]), ITSELF
        if leaf.relation is Relation.CONTAINS or (leaf.relation is Relation.CONTAINS_ANY and leaf.other is None):
            return self._in_any(leaf, parts, second, stated)
        if leaf.relation is not Relation.CONTAINS_ALL:
            return None
        if leaf.other is None and (some := sorted(map(str, leaf.literals))):
            each = [replace(leaf, relation=Relation.CONTAINS, operand=element) for element in some]
            return self._all([self._in_any(one, parts, second, stated) for one in each])
        if leaf.other is not None and self.terms.number_of(leaf.other, second) not in parts:
            return None
        anything = replace(leaf, relation=Relation.CONTAINS_ANY, operand=frozenset(), other=None)
        return self._known(self._each(anything, parts, second, stated))  # what is in it, it contains, if all is known

    def _in_any(self, leaf: Leaf, parts: Sequence[int], second: int, stated: bool) -> int:
        """Return whether one of some parts contains something: what each says, if all are known."""
        each = self._each(leaf, parts, second, stated)
        return self._all([self._any(each), self._known(each)])

    def _known(self, some: Iterable[int]) -> int:
        """Return whether it is known of all of some formulas if they are true; else it is unknown."""
        return self._all([self._any((each, _opposite(each))) for each in some])

    def _each(self, leaf: Leaf, parts: Sequence[int], second: int, stated: bool) -> list[int]:
        """Return whether each of some parts contains something, or is one of that where it is a text."""
        is_of_several = leaf.relation is Relation.CONTAINS_ANY
        found = []
        for term in parts:
            of_text = Relation.IN if is_of_several else Relation.EQUALS
            relation = leaf.relation if self.terms.is_set(term) else of_text
            first = ITSELF if self.terms.made[term] == ("was", leaf.fact) else term
            found.append(self._compared(replace(leaf, relation=relation), first, second, stated))
        return found


def _opposite(number: int) -> int:
    return OPEN if number == OPEN else ~number
