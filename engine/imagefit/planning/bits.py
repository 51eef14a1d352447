"""What formulas come to, of many candidates at once: a bit of a number for each candidate.

Each is worked out once for all candidates, however many different steps ask for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Codes, Column, Constant, Encoded, Numbers
from imagefit.columns.distinct import DistinctValues
from imagefit.conditions import Leaf, Relation
from imagefit.evaluators.planes.columns import DigitColumns
from imagefit.evaluators.tabular.leafcolumns import codes_of, truth_column, truth_table
from imagefit.evaluators.tabular.subjects import CELL_OF_TRUTH
from imagefit.facts import Field
from imagefit.kernel.library import compiled, is_compiled
from imagefit.planning.adding import with_more
from imagefit.planning.covering import Bits, union
from imagefit.planning.formulas import FALSE, ITSELF, OPEN, TRUE, Changed, Compared, Formulas

__all__ = ["TruthBits", "Truths", "bits_of"]

NARROW = 32
"""Up to so many values of a column, it is looked at which candidates have each."""

IS_TRUE = CELL_OF_TRUTH[True]

OTHER = "\0"
"""The name of what a fact is compared with, or gets more of, where that is no fact."""


class Truths(NamedTuple):
    """Where something is true, and where it is false; elsewhere it is unknown."""

    true: Bits
    false: Bits


class TruthBits:
    """The truths of formulas on some candidates."""

    def __init__(self, encoded: Encoded, formulas: Formulas) -> None:
        self.rows, self.every = encoded.rows, (1 << encoded.rows) - 1
        self.has_assumed = bool(encoded.assumed)
        self._encoded, self._formulas, self._terms = encoded, formulas, formulas.terms
        self._columns: dict[tuple[int, bool], Column | None] = {}
        self._own: dict[tuple[str, bool], Column | None] = {}
        self._found = {OPEN: Truths(0, 0), TRUE: Truths(self.every, 0), FALSE: Truths(0, self.every)}
        self._by_digit: dict[int, tuple[Codes, Sequence[Truths]]] = {}
        self._knowing: dict[int, tuple[Column, Bits]] = {}

    def of(self, formula: int) -> Truths:
        """Return where a formula is true, and where it is false."""
        if (found := self._found.get(formula)) is None:
            found = self._found[formula] = self._truths(formula)
        return found

    def _truths(self, formula: int) -> Truths:
        if formula < 0:
            opposite = self.of(~formula)
            return Truths(opposite.false, opposite.true)
        made = self._formulas.made[formula]
        if isinstance(made, Compared):
            return self._compared(made) if made.plain is None or self.has_assumed else self.of(made.plain)
        every, any_false = self.every, 0
        for part in made:
            true, false = self.of(part)
            every = true if every is self.every else every & true
            if false:
                any_false |= false
        return Truths(every, any_false)

    def differ(self, fact: str, before: Changed, after: Changed) -> Bits:
        """Return where a fact is another one than before."""
        if before.get(fact) == after.get(fact):
            return 0
        same = Leaf(fact, Relation.EQUALS, None, OTHER)
        old, new = (self._column_of(fact, each.get(fact, ITSELF), False) for each in (before, after))
        equal = self._bits(same, {fact: old, OTHER: new}).true
        return self.every & ~equal & (self._known(old) | self._known(new))

    def _compared(self, made: Compared) -> Truths:
        leaf, stated = made.leaf, made.plain is not None
        columns = {leaf.fact: self._column_of(leaf.fact, made.first, stated)}
        if leaf.other is not None:
            columns[leaf.other] = self._column_of(leaf.other, made.second, stated)
        return self._bits(leaf, columns)

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
        if codes and is_compiled():
            return self._by_kernel(leaf, columns, codes.values())
        if codes and all(column.distinct.size <= NARROW for column in codes.values()):
            return self._by_values(truth_table(leaf, columns) == IS_TRUE, list(codes.values()))
        cells = truth_column(leaf, Encoded(self.rows, columns))
        return (self.every if cells == IS_TRUE else 0) if isinstance(cells, int) else bits_of(cells == IS_TRUE)

    def _by_kernel(self, leaf: Leaf, columns: Mapping[str, Column], codes: Iterable[Codes]) -> Bits:
        for column in codes:
            _ = column.codes  # which the kernel makes of others only while it judges rules
        made = DigitColumns(compiled(), Encoded(self.rows, columns))
        digit = made.digit(leaf, None)
        if isinstance(digit, int):
            return self.every if digit == IS_TRUE else 0
        return bits_of(compiled().cells(digit, self.rows) == IS_TRUE)

    def _by_values(self, is_true: NDArray[np.bool_], columns: Sequence[Codes]) -> Bits:
        """Return where something is true that is said of each value, or of each two."""
        column, *others = columns
        if not others:
            return union(self._having(column, code) for code in np.flatnonzero(is_true).tolist())
        some = np.flatnonzero(is_true.any(axis=1)).tolist()
        return union(self._having(column, code) & self._by_values(is_true[code], others) for code in some)

    def _having(self, column: Codes, code: int) -> Bits:
        """Return where a column has a code: where each binary digit is that of the code."""
        if (known := self._by_digit.get(id(column))) is None:
            known = self._by_digit[id(column)] = column, self._digits(column)  # which keeps the column, and so its id
        found = self.every
        for place, (one, zero) in enumerate(known[1]):
            found &= one if code >> place & 1 else zero
        return found

    def _digits(self, column: Codes) -> Sequence[Truths]:
        """Return where each binary digit of the codes of a column is one, and where it is zero."""
        places = range((column.distinct.size - 1).bit_length())
        ones = [bits_of(column.codes & (1 << place) != 0) for place in places]
        return [Truths(one, self.every ^ one) for one in ones]

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
