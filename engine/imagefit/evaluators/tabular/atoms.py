"""Atoms: what a decision table is indexed by, and the cells of each atom.

The literal comparisons of a scalar field make one atom: the values that they tell apart are its cells. A
comparison of two fields, and one of a set, is an atom of its own with the cells unknown, false and true.
The truths of all cells come from the reference evaluator; unknown is always cell 0.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from imagefit.conditions import Leaf
from imagefit.evaluators.reference import Truth, leaf_truth
from imagefit.facts import INTEGER_LIMIT, Field, FieldType, Value

__all__ = [
    "CELL_OF_TRUTH",
    "TRUTHS",
    "Atom",
    "CellMaker",
    "Cells",
    "FieldAtom",
    "FieldCells",
    "LeafAtom",
    "affirmed",
    "atom_of",
    "bound_of",
    "constants_of",
    "count_of",
    "size_of",
    "truths_of",
]

TRUTHS: tuple[Truth, ...] = (None, False, True)
"""The truth of each cell of a leaf's atom."""

CELL_OF_TRUTH: Mapping[Truth, int] = {truth: cell for cell, truth in enumerate(TRUTHS)}


@dataclass(frozen=True, slots=True)
class FieldAtom:
    """The value of a scalar field, as far as literal comparisons tell it apart."""

    name: str


@dataclass(frozen=True, slots=True)
class LeafAtom:
    """The truth of one comparison, which is not negated."""

    leaf: Leaf


Atom = FieldAtom | LeafAtom


class FieldCells:
    """The cells of a scalar field that some leaves tell apart.

    Attributes
    ----------
    truths
        For each cell the truths of the leaves, in their order; of cell 0, unknown, all are None.
    by_value
        The cells of the values that are named; of a field with few values, of all.
    otherwise
        The cell of every other value.
    cuts, by_interval
        Of numbers instead: the cell of a number is ``by_interval[k]`` where k cuts are not above it.
    """

    def __init__(self, field: Field, leaves: Iterable[Leaf]) -> None:
        self.field = field
        self.leaves = tuple(leaves)
        self._places = {leaf: place for place, leaf in enumerate(self.leaves)}
        self.truths: list[tuple[Truth, ...]] = [(None,) * len(self.leaves)]
        self._cells: dict[tuple[Truth, ...], int] = {}
        self.by_value: dict[Value, int] = {}
        self.otherwise = 0
        self.cuts: list[int | float] = []
        self.by_interval: list[int] = []
        constants = set(constants_of(self.leaves))
        if field.type.is_ordered and constants:
            self.cuts = sorted(_cuts(constants, whole=field.type is FieldType.INTEGER))
            below = [self.cuts[0] - 1 if field.type is FieldType.INTEGER else math.nextafter(self.cuts[0], -math.inf)]
            self.by_interval = [self._cell(value) for value in (*below, *self.cuts)]
        elif field.type is FieldType.BOOLEAN:
            self.by_value = {value: self._cell(value) for value in (False, True)}
        elif field.type is FieldType.ENUM:
            self.by_value = {value: self._cell(value) for value in field.values}
        elif field.type.is_ordered:
            self.otherwise = self._cell(0)
        else:
            self.by_value = {value: self._cell(value) for value in sorted(map(str, constants))}
            self.otherwise = self._cell(next(n for n in map(str, itertools.count()) if n not in constants))

    @property
    def count(self) -> int:
        """The number of cells."""
        return len(self.truths)

    def of(self, value: Value) -> int:
        """Return the cell of a known value."""
        if self.cuts:
            return self.by_interval[bisect_right(self.cuts, value)]
        return self.by_value.get(value, self.otherwise)

    def truths_of(self, leaf: Leaf) -> list[Truth]:
        """Return the truth of one of the leaves in each cell."""
        place = self._places[leaf]
        return [truths[place] for truths in self.truths]

    def _cell(self, value: Value) -> int:
        signature = tuple(leaf_truth(leaf, {self.field.name: value}) for leaf in self.leaves)
        if signature not in self._cells:
            self._cells[signature] = len(self.truths)
            self.truths.append(signature)
        return self._cells[signature]


def atom_of(leaf: Leaf, fields: Mapping[str, Field]) -> Atom:
    """Return the atom that decides a leaf's truth."""
    of = fields.get(leaf.fact)
    if leaf.other is None and of is not None and of.type is not FieldType.STRING_SET:
        return FieldAtom(leaf.fact)
    return LeafAtom(affirmed(leaf))


def affirmed(leaf: Leaf) -> Leaf:
    """Return the leaf without its negation."""
    return replace(leaf, negated=False) if leaf.negated else leaf


Cells = Mapping[Atom, FieldCells | None]
"""The cells of each atom; None stands for unknown, false and true."""


class CellMaker:
    """Works out the cells of atoms, once for each choice of leaves."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields = fields
        self._made: dict[tuple[str, frozenset[Leaf]], FieldCells] = {}

    def leaves_by_atom(self, leaves: Iterable[Leaf]) -> dict[Atom, dict[Leaf, None]]:
        """Return the leaves, without negations, by their atoms, in the order of first mention."""
        by_atom: dict[Atom, dict[Leaf, None]] = {}
        for leaf in leaves:
            by_atom.setdefault(atom_of(leaf, self.fields), {})[affirmed(leaf)] = None
        return by_atom

    def cells(self, atom: Atom, leaves: Iterable[Leaf]) -> FieldCells | None:
        """Return the cells of one atom that some of its leaves tell apart."""
        if isinstance(atom, LeafAtom):
            return None
        key = (atom.name, frozenset(leaves))
        if key not in self._made:
            self._made[key] = FieldCells(self.fields[atom.name], leaves)
        return self._made[key]

    def all_cells(self, leaves: Iterable[Leaf]) -> dict[Atom, FieldCells | None]:
        """Return the atoms of the leaves, in the order of first mention, with their cells."""
        return {atom: self.cells(atom, own) for atom, own in self.leaves_by_atom(leaves).items()}


def size_of(atoms: Cells) -> int:
    """Return how many combinations of cells the atoms have."""
    return math.prod(count_of(cells) for cells in atoms.values())


def count_of(cells: FieldCells | None) -> int:
    """Return the number of an atom's cells."""
    return len(TRUTHS) if cells is None else cells.count


def truths_of(leaf: Leaf, cells: FieldCells | None) -> list[Truth]:
    """Return the truth of a leaf in each cell of its atom."""
    found = TRUTHS if cells is None else cells.truths_of(affirmed(leaf))
    return [None if truth is None else truth is not leaf.negated for truth in found]


def bound_of(leaves: Iterable[Leaf], fields: Mapping[str, Field]) -> int:
    """Return at most how many combinations of cells the leaves have, without working the cells out."""
    by_atom: dict[Atom, set[Leaf]] = {}
    for leaf in leaves:
        by_atom.setdefault(atom_of(leaf, fields), set()).add(affirmed(leaf))
    bound = 1
    for atom, own in by_atom.items():
        if isinstance(atom, FieldAtom):
            of, constants = fields[atom.name], len(set(constants_of(own)))
            points = len(of.values) or (2 if of.type is FieldType.BOOLEAN else 2 * constants + 1)
            bound *= 1 + (points if len(own) > 32 else min(points, 1 << len(own)))
        else:
            bound *= len(TRUTHS)
    return bound


def constants_of(leaves: Iterable[Leaf]) -> Iterator[Value]:
    """Yield what the leaves compare with literally."""
    for leaf in leaves:
        if isinstance(leaf.operand, frozenset):
            yield from leaf.operand
        elif leaf.operand is not None:
            yield leaf.operand


def _cuts(constants: Iterable[Value], *, whole: bool) -> Iterator[int | float]:
    """Yield where a comparison with one of the constants can change: at it, and just above it."""
    for constant in constants:
        assert isinstance(constant, int | float)
        yield constant
        if not whole:
            yield math.nextafter(constant, math.inf)
        elif constant + 1 < INTEGER_LIMIT:
            yield int(constant) + 1
