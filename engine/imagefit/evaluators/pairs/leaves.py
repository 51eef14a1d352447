"""Conditions over pairs: for classes of rows, the lanes of which a condition is true, and of which false.

A leaf looks at the row (one truth for each class), at the lane (one row of bits), or at both. The parts
of a condition are joined on bits; strong Kleene logic needs just *and* and *or* for that: `AllOf` is true
where every part is and false where any part is, `AnyOf` the other way round; where neither, it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from imagefit.evaluators.pairs.bits import EVERY, NOTHING, Indices, Words, pack_bits
from imagefit.evaluators.pairs.links import Link, RowsOfCells
from imagefit.evaluators.reference import TRUTHS, Truth

__all__ = [
    "NUMBER_OF",
    "Atom",
    "Classes",
    "Fallback",
    "Joined",
    "LaneLeaf",
    "Lanes",
    "Node",
    "PairLeaf",
    "RowLeaf",
    "Settled",
    "Truths",
]

NUMBER_OF = {truth: number for number, truth in enumerate(TRUTHS)}
"""The number of each truth, as the numbers of `RowLeaf` and `LaneLeaf` are."""

_TRUE_IF, _FALSE_IF = (np.array([EVERY if t is wanted else NOTHING for t in TRUTHS]) for wanted in (True, False))
"""The word of lanes that are true, and of those that are false, for the number of a truth."""
_EVERY_IF = np.array([NOTHING, EVERY])


@dataclass(frozen=True, eq=False, slots=True)
class Atom:
    """What a leaf can tell apart of a row: a small number for each code of one column."""

    column: str
    numbers: Indices
    kinds: int


Classes = Callable[[Atom], Indices]
"""For an atom, its number for each class of rows."""


class Truths(NamedTuple):
    """The lanes of which a condition is true, and those of which it is false; of the others it is unknown.

    Bits in words, (classes of rows, words of lanes), uint64. An axis along which all is the same may be of length
    one. The bits beyond the last lane may say anything: see `Lanes.valid`.
    """

    true: Words
    false: Words


class Node(Protocol):
    """A part of a condition."""

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """What it looks at of a row."""

    @property
    def columns(self) -> tuple[str, ...]:
        """What it looks at of a lane."""

    def truths(self, classes: Classes, lanes: Lanes) -> Truths:
        """Return the lanes of which it is true, and of which false."""


class Lanes:
    """The codes of some lanes' columns, and the bits of what was asked of them."""

    def __init__(self, columns: Mapping[str, Indices], count: int) -> None:
        self.columns, self.count = columns, count
        self._truths: dict[int, Truths] = {}
        self._known: dict[str, Words] = {}
        self._rows: dict[int, RowsOfCells] = {}

    @cached_property
    def valid(self) -> Words:
        """The bits that stand for lanes; the last word has some more."""
        return pack_bits(np.ones(self.count, dtype=np.bool_))

    def take(self, numbers: NDArray[np.intp]) -> Lanes:
        """Return some of the lanes, in this order."""
        return Lanes({name: codes[numbers] for name, codes in self.columns.items()}, len(numbers))

    def known(self, column: str) -> Words:
        """Return which lanes know a fact."""
        if column not in self._known:
            self._known[column] = pack_bits(self.columns[column] != 0)[None, :]
        return self._known[column]

    def truths(self, leaf: LaneLeaf) -> Truths:
        """Return the truths of a leaf that looks at the lanes alone."""
        if id(leaf) not in self._truths:
            found = leaf.numbers[self.columns[leaf.column]]
            self._truths[id(leaf)] = Truths(*(pack_bits(found == NUMBER_OF[truth])[None, :] for truth in (True, False)))
        return self._truths[id(leaf)]

    def rows_of(self, leaf: PairLeaf) -> RowsOfCells:
        """Return the relation of a leaf, prepared for these lanes."""
        if id(leaf) not in self._rows:
            self._rows[id(leaf)] = leaf.link.over(self.columns[leaf.column])
        return self._rows[id(leaf)]


@dataclass(frozen=True, eq=False, slots=True)
class Settled:
    """A leaf that is the same for every pair."""

    truth: Truth
    atoms: tuple[Atom, ...] = ()
    columns: tuple[str, ...] = ()

    def truths(self, classes: Classes, lanes: Lanes) -> Truths:
        """Return all lanes, or none."""
        number = NUMBER_OF[self.truth]
        return Truths(_TRUE_IF[number].reshape(1, 1), _FALSE_IF[number].reshape(1, 1))


@dataclass(frozen=True, eq=False, slots=True)
class RowLeaf:
    """A leaf that looks at the row alone; the numbers of its atom are its truths."""

    atom: Atom
    columns: tuple[str, ...] = ()

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """What it looks at of a row."""
        return (self.atom,)

    def truths(self, classes: Classes, lanes: Lanes) -> Truths:
        """Return for each class all lanes, or none."""
        numbers = classes(self.atom)
        return Truths(_TRUE_IF[numbers][:, None], _FALSE_IF[numbers][:, None])


@dataclass(frozen=True, eq=False, slots=True)
class LaneLeaf:
    """A leaf that looks at the lane alone; `numbers` are its truths for each code of the column."""

    column: str
    numbers: Indices
    atoms: tuple[Atom, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """What it looks at of a lane."""
        return (self.column,)

    def truths(self, classes: Classes, lanes: Lanes) -> Truths:
        """Return one row of bits for all classes."""
        return lanes.truths(self)


@dataclass(frozen=True, eq=False, slots=True)
class PairLeaf:
    """A leaf that compares the row with the lane; its atom's numbers are 0 for unknown, else the link's cell plus 1."""

    atom: Atom
    column: str
    link: Link
    is_negated: bool

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """What it looks at of a row."""
        return (self.atom,)

    @property
    def columns(self) -> tuple[str, ...]:
        """What it looks at of a lane."""
        return (self.column,)

    def truths(self, classes: Classes, lanes: Lanes) -> Truths:
        """Return the lanes that are in the relation with each class, and those that are not."""
        cells, of_class = np.unique(classes(self.atom), return_inverse=True)
        known = lanes.known(self.column)
        related = lanes.rows_of(self)(cells[cells != 0] - 1) & known
        both = [related, known & ~related]
        if len(cells) and cells[0] == 0:  # the rows that do not know it come first
            both = [np.concatenate((np.zeros_like(known), words)) for words in both]
        true, false = (words.take(of_class, axis=0) for words in both)
        return Truths(false, true) if self.is_negated else Truths(true, false)


@dataclass(frozen=True, eq=False, slots=True)
class Joined:
    """All, or any, of several parts."""

    is_all: bool
    parts: tuple[Node, ...]

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """What it looks at of a row."""
        return tuple(dict.fromkeys(atom for part in self.parts for atom in part.atoms))

    @property
    def columns(self) -> tuple[str, ...]:
        """What it looks at of a lane."""
        return tuple(dict.fromkeys(column for part in self.parts for column in part.columns))

    def truths(self, classes: Classes, lanes: Lanes) -> Truths:
        """Join the parts' bits; those that look at one side alone first, since they are small."""
        ordered = sorted(self.parts, key=lambda part: (bool(part.columns), bool(part.atoms)))
        found = [part.truths(classes, lanes) for part in ordered]
        if self.is_all:
            return Truths(_and([t.true for t in found]), _or([t.false for t in found]))
        return Truths(_or([t.true for t in found]), _and([t.false for t in found]))


@dataclass(frozen=True, eq=False, slots=True)
class Fallback:
    """A leaf on a fact that has several sources: each counts where those before it (`guards`) say nothing.

    The guards of an alternative are atoms whose number is 1, and columns of the lanes that are unknown,
    where the source before it does not know the fact.
    """

    alternatives: tuple[tuple[tuple[Atom | str, ...], Node], ...]

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """What it looks at of a row."""
        found = [a for guards, node in self.alternatives for a in (*guards, *node.atoms) if isinstance(a, Atom)]
        return tuple(dict.fromkeys(found))

    @property
    def columns(self) -> tuple[str, ...]:
        """What it looks at of a lane."""
        found = [c for guards, node in self.alternatives for c in (*guards, *node.columns) if isinstance(c, str)]
        return tuple(dict.fromkeys(found))

    def truths(self, classes: Classes, lanes: Lanes) -> Truths:
        """Return for each pair what the first source says that knows the fact."""
        true, false = [], []
        for guards, node in self.alternatives:
            found = node.truths(classes, lanes)
            masks = [_guard(guard, classes, lanes) for guard in guards]
            true.append(_and([*masks, found.true]))
            false.append(_and([*masks, found.false]))
        return Truths(_or(true), _or(false))


def _guard(guard: Atom | str, classes: Classes, lanes: Lanes) -> Words:
    words: Words = _EVERY_IF[classes(guard)][:, None] if isinstance(guard, Atom) else ~lanes.known(guard)
    return words


def _and(words: Sequence[Words]) -> Words:
    return reduce(np.bitwise_and, words) if words else np.full((1, 1), EVERY)


def _or(words: Sequence[Words]) -> Words:
    return reduce(np.bitwise_or, words) if words else np.full((1, 1), NOTHING)
