"""What comparisons come to after steps, of many candidates at once: a bit of a number for each candidate.

What a fact is after steps is a *term*: what it was, what another fact was, a value, or a set with more in it. So what
many different steps do to one comparison is worked out once for all candidates.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Codes, Column, Constant, Encoded, Numbers
from imagefit.columns.distinct import DistinctValues
from imagefit.conditions import AllOf, Condition, Leaf, Relation, affirmed
from imagefit.evaluators.tabular.leafcolumns import codes_of, truth_column, truth_table
from imagefit.evaluators.tabular.subjects import CELL_OF_TRUTH
from imagefit.facts import Field, FieldType
from imagefit.planning.adding import with_more
from imagefit.planning.covering import Bits, union
from imagefit.rulepack.pack import Effect

__all__ = ["Changed", "Terms", "TruthBits", "Truths", "bits_of"]

Changed = Mapping[str, int]
"""The facts that steps have changed, each with the number of its term; the others are what they were."""

NARROW = 32
"""Of up to so many values of a column it is remembered which candidates have each."""

TRUE = CELL_OF_TRUTH[True]

ITSELF, UNKNOWN = 0, 1
OTHER = "\0"
"""The name of what a fact is compared with, or gets more of, where that is no fact."""


class Truths(NamedTuple):
    """Where something is true, and where it is false; elsewhere it is unknown."""

    true: Bits
    false: Bits


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


class TruthBits:
    """The truths of conditions on some candidates, after any steps."""

    def __init__(self, encoded: Encoded, terms: Terms) -> None:
        self.rows, self.every = encoded.rows, (1 << encoded.rows) - 1
        self.has_assumed = bool(encoded.assumed)
        self._encoded, self._terms = encoded, terms
        self._columns: dict[tuple[int, bool], Column | None] = {}
        self._own: dict[tuple[str, bool], Column | None] = {}
        self._leaves: dict[Hashable, Truths] = {}
        self._values: dict[int, tuple[Codes, dict[int, Bits]]] = {}
        self._knowing: dict[int, tuple[Column, Bits]] = {}

    def truths(self, condition: Condition, changed: Changed, *, stated: bool = False) -> Truths:
        """Return where a condition is true, and where it is false.

        Parameters
        ----------
        stated
            Whether what is assumed counts as unknown.
        """
        if isinstance(condition, Leaf):
            found = self._leaf(condition, changed, stated and self.has_assumed)
            return Truths(found.false, found.true) if condition.negated else found
        is_all = isinstance(condition, AllOf)
        both, any_of = self.every, 0  # of an AllOf where all are true, and any is false; of an AnyOf the opposite
        for part in condition.parts:
            true, false = self.truths(part, changed, stated=stated)
            if not is_all:
                true, false = false, true
            both = true if both is self.every else both & true
            if false:
                any_of |= false
        return Truths(both, any_of) if is_all else Truths(any_of, both)

    def differ(self, fact: str, before: Changed, after: Changed) -> Bits:
        """Return where a fact is another one than before."""
        if before.get(fact) == after.get(fact):
            return 0
        same = Leaf(fact, Relation.EQUALS, None, OTHER)
        old, new = (self._column_of(fact, each.get(fact, ITSELF), False) for each in (before, after))
        equal = self._bits(same, {fact: old, OTHER: new}).true
        return self.every & ~equal & (self._known(old) | self._known(new))

    def _leaf(self, leaf: Leaf, changed: Changed, stated: bool) -> Truths:
        first = changed.get(leaf.fact, ITSELF)
        second = ITSELF if leaf.other is None else changed.get(leaf.other, ITSELF)
        key = leaf.fact, leaf.relation, leaf.operand, leaf.other, first, second, stated
        if (found := self._leaves.get(key)) is None:
            leaf = affirmed(leaf)
            if leaf.relation is Relation.CONTAINS and self._terms.is_made_of_texts(first):
                found = self._in_any(leaf, self._terms.made[first][1:], second, stated)
            else:
                columns = {leaf.fact: self._column_of(leaf.fact, first, stated)}
                if leaf.other is not None:
                    columns[leaf.other] = self._column_of(leaf.other, second, stated)
                found = self._bits(leaf, columns)
            self._leaves[key] = found
        return found

    def _in_any(self, leaf: Leaf, terms: Iterable[int], second: int, stated: bool) -> Truths:
        """Return whether a set with more in it contains something: what each of its parts says, if all are known."""
        true, decided, false = 0, self.every, self.every
        for term in terms:
            relation = Relation.CONTAINS if self._terms.is_set(term) else Relation.EQUALS
            first = ITSELF if self._terms.made[term] == ("was", leaf.fact) else term
            part = self._leaf(replace(leaf, relation=relation), {leaf.fact: first, str(leaf.other): second}, stated)
            true |= part.true
            decided &= part.true | part.false
            false &= part.false
        return Truths(true & decided, false)

    def _bits(self, leaf: Leaf, columns: Mapping[str, Column | None]) -> Truths:
        there = {name: column for name, column in columns.items() if column is not None}
        if len(there) < len(columns):
            return Truths(0, 0)
        true = self._true(leaf, there)
        known = self.every
        for column in there.values():
            known &= self._known(column)
        return Truths(true, known & ~true)

    def _true(self, leaf: Leaf, columns: Mapping[str, Column]) -> Bits:
        if leaf.other is None and isinstance(columns[leaf.fact], Numbers):
            some: Iterable[Any] = leaf.literals if leaf.relation is Relation.IN else (leaf.operand,)
            compared = Leaf(leaf.fact, Relation.EQUALS if leaf.relation is Relation.IN else leaf.relation, None, OTHER)
            return union(self._true(compared, {**columns, OTHER: Constant(value)}) for value in some)
        codes = codes_of(leaf, columns)
        if codes and all(column.distinct.size <= NARROW for column in codes.values()):
            return self._by_values(truth_table(leaf, columns) == TRUE, list(codes.values()))
        cells = truth_column(leaf, Encoded(self.rows, columns))
        return (self.every if cells == TRUE else 0) if isinstance(cells, int) else bits_of(cells == TRUE)

    def _by_values(self, is_true: NDArray[np.bool_], columns: Sequence[Codes]) -> Bits:
        """Return where something is true that is said of each value, or of each two."""
        column, *others = columns
        if not others:
            return union(self._having(column, code) for code in np.flatnonzero(is_true).tolist())
        some = np.flatnonzero(is_true.any(axis=1)).tolist()
        return union(self._having(column, code) & self._by_values(is_true[code], others) for code in some)

    def _having(self, column: Codes, code: int) -> Bits:
        """Return where a column has a code."""
        _, having = self._values.setdefault(id(column), (column, {}))  # which keeps the column, and so its id
        if (found := having.get(code)) is None:
            found = having[code] = bits_of(column.codes == code)
        return found

    def _known(self, column: Column | None) -> Bits:
        if column is None or isinstance(column, Constant):
            return 0 if column is None else self.every
        if (found := self._knowing.get(id(column))) is None:
            found = self._knowing[id(column)] = column, bits_of(column.known)
        return found[1]

    def _column_of(self, fact: str, term: int, stated: bool) -> Column | None:
        if term == ITSELF:
            return self._original(fact, stated)
        key = term, stated
        if key not in self._columns:
            self._columns[key] = self._column(self._terms.made[term], stated)
        return self._columns[key]

    def _column(self, term: Any, stated: bool) -> Column | None:
        if term == "unknown":
            return None
        if term[0] == "is":
            return Constant(term[1])
        if term[0] == "was":
            return self._original(term[1], stated)
        column, more = (self._column_of("", each, stated) for each in term[1:])
        return None if column is None or more is None else with_more(column, more, self.rows)

    def _original(self, fact: str, stated: bool) -> Column | None:
        """Return the column of a fact; of what is stated, without what is assumed."""
        key = fact, stated
        if key not in self._own:
            column = self._encoded.columns.get(fact)
            if stated and column is not None and fact in self._encoded.assumed:
                column = _without(column, self._encoded.assumed[fact], self._terms.fields[fact])
            self._own[key] = column
        return self._own[key]


def _without(column: Column, mask: NDArray[np.bool_] | None, of: Field) -> Column | None:
    """Return a column of which some rows, or all, are unknown."""
    if mask is None:
        return None
    if isinstance(column, Codes):
        return Codes(np.where(mask, 0, column.codes).astype(column.codes.dtype), column.distinct)
    if isinstance(column, Numbers):
        return Numbers(column.numbers, column.known & ~mask)
    return Codes(np.where(mask, 0, 1).astype(np.uint8), DistinctValues.of(of, [column.constant]))


def bits_of(flags: NDArray[np.bool_]) -> Bits:
    """Return the candidates of which a flag is set."""
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")
