"""The two sides of a pair, and where a fact of a pair comes from: from one of them, given, or assumed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from imagefit.columns import column as columns
from imagefit.columns.column import Column, Encoded
from imagefit.conditions import Leaf, Operand
from imagefit.evaluators.pairs.sets import Sets
from imagefit.evaluators.pairs.values import Values, present_values, told_apart
from imagefit.facts import Scalar
from imagefit.supply import Supply

__all__ = ["Constant", "Source", "Sources", "Stated"]


@dataclass(frozen=True, slots=True)
class Constant:
    """One value for all pairs."""

    value: Operand


@dataclass(frozen=True, slots=True)
class Stated:
    """What a column of the rows, or of the lanes, says."""

    is_row: bool
    name: str


Source = Constant | Stated


@dataclass(frozen=True, slots=True)
class Sources:
    """Where each fact of a pair comes from.

    Attributes
    ----------
    rows, lanes
        What the sides know.
    supply
        What is given and what is assumed for every pair.
    """

    rows: Encoded
    lanes: Encoded
    supply: Supply

    def column(self, source: Stated) -> Column:
        """Return the column that a source names."""
        return (self.rows if source.is_row else self.lanes).columns[source.name]

    def of(self, fact: str) -> list[Source]:
        """Return the sources of a fact, the assumption last: each counts where those before it say nothing."""
        known = self.supply.known(fact, self._stated, Constant)
        if any(isinstance(source, Constant) for source in known):
            return known
        return list(dict.fromkeys([*known, *self.supply.assumed(fact, self._stated, Constant)]))

    def _stated(self, fact: str) -> list[Source]:
        """Return the sides that say something of a fact, the rows first, until one says the same of all."""
        found: list[Source] = []
        for is_row, side in ((True, self.rows), (False, self.lanes)):
            column = side.columns.get(fact)
            if isinstance(column, columns.Constant):
                return [*found, Constant(column.constant)]
            if column is not None:
                found.append(Stated(is_row, fact))
        return found

    def operands(self, leaf: Leaf) -> tuple[Sequence[Source], Sequence[Source]]:
        """Return the sources of what a leaf compares."""
        if leaf.other is not None:
            return self.of(leaf.fact), self.of(leaf.other)
        assert leaf.operand is not None
        return self.of(leaf.fact), [Constant(leaf.operand)]

    def values(self, leaves: Iterable[Leaf]) -> dict[Stated, Values]:
        """Reduce the columns to the values that the leaves tell apart."""
        named: dict[Stated, dict[Scalar, None]] = {}
        found: dict[Stated, Values] = {}
        for leaf in dict.fromkeys(leaves):
            firsts, seconds = self.operands(leaf)
            for source in (*firsts, *seconds):
                if isinstance(source, Stated) and source.is_row:
                    named.setdefault(source, {})
                elif isinstance(source, Stated) and source not in found:
                    found[source] = present_values(self.column(source))
            for mine, theirs in ((firsts, seconds), (seconds, firsts)):
                for source in mine:
                    if isinstance(source, Stated) and source.is_row:
                        for other in theirs:
                            named[source].update(_named_by(other, found))
        return found | {source: told_apart(self.column(source), values) for source, values in named.items()}


def _named_by(source: Source, found: Mapping[Stated, Values]) -> dict[Scalar, None]:
    """Return what comparing a row with this source names; columns of rows are compared otherwise."""
    values: Iterable[Operand | None] = [source.value] if isinstance(source, Constant) else ()
    if isinstance(source, Stated) and not source.is_row:
        known = found[source].known
        values = known.names if isinstance(known, Sets) else known
    names: dict[Scalar, None] = {}
    for value in values:
        if isinstance(value, frozenset):
            names.update(dict.fromkeys(value))
        elif value is not None:
            names[value] = None
    return names
