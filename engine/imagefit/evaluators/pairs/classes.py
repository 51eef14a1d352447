"""Classes of rows: rows that some rules can't tell apart are one class, and are evaluated once.

A group of rules that look at few cells has its classes of all rows from the start; one that tells too
many rows apart (lists of accounts, say) has those of the rows that are looked at, a block at a time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns.widths import narrowest
from imagefit.evaluators.pairs.bits import Indices
from imagefit.evaluators.pairs.compile import PairRule
from imagefit.evaluators.pairs.leaves import Atom, Classes
from imagefit.evaluators.pairs.relevance import relevance, settling_columns

__all__ = ["Classified", "Group", "Rows", "group_rules"]

_FEW = 4096
_COUNTABLE = 1 << 16
_OVERFLOWING = 1 << 62


@dataclass(frozen=True, eq=False, slots=True)
class Rows:
    """The codes of the rows' columns."""

    columns: Mapping[str, NDArray[Any]]
    count: int

    def take(self, numbers: slice | NDArray[np.intp]) -> Rows:
        """Return some of the rows, in this order."""
        columns = {name: codes[numbers] for name, codes in self.columns.items()}
        count = len(range(self.count)[numbers]) if isinstance(numbers, slice) else len(numbers)
        return Rows(columns, count)


@dataclass(frozen=True, eq=False, slots=True)
class Cells:
    """What some rules can tell apart of one column: the cell of each code, and each atom's number of each cell."""

    of_code: Indices
    numbers: Mapping[Atom, Indices]
    count: int

    @classmethod
    def of(cls, atoms: Sequence[Atom]) -> Cells:
        """Find the codes of a column that differ in one of its atoms."""
        combined, product = np.zeros(len(atoms[0].numbers), dtype=np.int64), 1
        for atom in atoms:
            if product * atom.kinds >= _OVERFLOWING:
                combined, product = np.unique(combined, return_inverse=True)[1], len(combined)
            combined, product = combined * atom.kinds + atom.numbers, product * atom.kinds
        _, first, cell = np.unique(combined, return_index=True, return_inverse=True)
        numbers = {atom: atom.numbers[first].astype(np.intp) for atom in atoms}
        return cls(cell.astype(narrowest(len(first))), numbers, len(first))


@dataclass(frozen=True, eq=False, slots=True)
class Classified:
    """Some rows by class: the class of each, how many rows each class has, and its cell of each column."""

    group: Group = field(repr=False)
    class_of: NDArray[Any]
    sizes: NDArray[np.int64]
    cells: Mapping[str, Indices]

    def __call__(self, atom: Atom) -> Indices:
        """Return an atom's number for each class."""
        return self.group.cells[atom.column].numbers[atom][self.cells[atom.column]]

    def told_apart(self, rule: PairRule) -> tuple[Classes, Indices, int]:
        """Return the classes that one rule can tell apart, which of them each class is of, and how many there are."""
        atoms = rule.atoms
        kinds = [atom.kinds for atom in atoms]
        product = math.prod(kinds)
        if product > _COUNTABLE:
            return self, np.arange(len(self.sizes)), len(self.sizes)
        combined = np.zeros(len(self.sizes), dtype=np.intp)
        for atom in atoms:
            combined *= atom.kinds
            combined += self(atom)
        present = np.flatnonzero(np.bincount(combined, minlength=product))
        number_of = np.zeros(product, dtype=np.intp)
        number_of[present] = np.arange(len(present))
        places = dict(zip(atoms, np.unravel_index(present, kinds), strict=True))
        return places.__getitem__, number_of[combined], len(present)

    def parts(self, most: int) -> Iterator[Classified]:
        """Yield the classes without their rows, at most so many at a time."""
        for start in range(0, len(self.sizes), most):
            part = slice(start, start + most)
            cells = {column: cells[part] for column, cells in self.cells.items()}
            yield Classified(self.group, self.class_of[:0], self.sizes[part], cells)


@dataclass(frozen=True, eq=False)
class Group:
    """Rules that are evaluated together, and the cells of the columns of rows that they look at."""

    rules: tuple[PairRule, ...]
    cells: Mapping[str, Cells]

    @classmethod
    def of(cls, rules: Sequence[PairRule], remembered: dict[tuple[Atom, ...], Cells] | None = None) -> Group:
        """Put rules together; cells that were found for another group are `remembered`."""
        remembered = {} if remembered is None else remembered
        atoms: dict[str, dict[Atom, None]] = {}
        for rule in rules:
            for atom in rule.atoms:
                atoms.setdefault(atom.column, {})[atom] = None
        cells = {}
        for column, found in atoms.items():
            key = tuple(found)
            if key not in remembered:
                remembered[key] = Cells.of(key)
            cells[column] = remembered[key]
        return cls(tuple(rules), cells)

    @property
    def product(self) -> int:
        """How many classes there can be."""
        return math.prod(cells.count for cells in self.cells.values())

    def classify(self, rows: Rows, numbers: NDArray[np.intp] | None = None) -> Classified:
        """Find the classes of the rows, or of some of them."""
        if numbers is not None:
            rows = Rows({name: rows.columns[name][numbers] for name in self.cells}, len(numbers))
        matters = self._matters
        names = [*(name for name in self.cells if name not in matters), *matters]
        if self.product >= _OVERFLOWING:
            return self._classify_many(rows, names)
        combined = self._combined(rows, names)
        if self.product <= max(rows.count, _COUNTABLE):
            counts = np.bincount(combined, minlength=self.product)
            present = np.flatnonzero(counts)
            number_of = np.zeros(self.product, dtype=narrowest(len(present)))
            number_of[present] = np.arange(len(present))
            class_of, sizes = number_of[combined], counts[present]
        else:
            encoded = pa.array(combined).dictionary_encode()
            class_of, present = encoded.indices.to_numpy(), encoded.dictionary.to_numpy()
            sizes = np.bincount(class_of, minlength=len(present))
        places = np.unravel_index(present.astype(np.int64), [self.cells[name].count for name in names]) if names else ()
        return Classified(self, class_of, sizes, dict(zip(names, places, strict=True)))

    def _combined(self, rows: Rows, names: Sequence[str]) -> NDArray[Any]:
        """Return one number for each row, equal where all cells are."""
        combined, product = np.zeros(rows.count, dtype=np.uint8), 1
        settled = combined
        for name in names:
            cells = self.cells[name]
            product *= cells.count
            kind = narrowest(product) if product <= 1 << 32 else np.int64
            own = cells.of_code[rows.columns[name]]
            if (matters := self._matters.get(name)) is not None:
                own *= matters[settled]
            combined = combined.astype(kind, copy=False) * kind(cells.count) + own
            settled = combined if matters is None else settled
        return combined

    def _classify_many(self, rows: Rows, names: Sequence[str]) -> Classified:
        """Find the classes where a number of 64 bits does not hold all combinations of cells."""
        class_of: NDArray[Any] = np.zeros(rows.count, dtype=np.int64)
        for name in names:
            cells = self.cells[name]
            pairs = class_of.astype(np.int64) * cells.count + cells.of_code[rows.columns[name]]
            class_of = pa.array(pairs).dictionary_encode().indices.to_numpy()
        sizes, first = np.bincount(class_of), np.unique(class_of, return_index=True)[1]
        places = {name: self.cells[name].of_code[rows.columns[name][first]] for name in names}
        return Classified(self, class_of, sizes, places)

    @cached_property
    def _matters(self) -> dict[str, NDArray[np.bool_]]:
        """For some columns, in which classes of the others they matter; with few classes there is nothing to gain."""
        settled = settling_columns(self.rules)
        counts = [cells.count for name, cells in self.cells.items() if name in settled]
        product = math.prod(counts)
        if self.product <= _FEW or product > _COUNTABLE:
            return {}
        places = np.unravel_index(np.arange(product), counts) if counts else ()
        cells = dict(zip((name for name in self.cells if name in settled), places, strict=True))
        whole = Classified(self, np.zeros(0, np.uint8), np.ones(product, np.int64), cells)
        return relevance(self.rules, settled, whole, product)


def group_rules(rules: Iterable[PairRule], most: int) -> list[Group]:
    """Put rules together, in their order, as long as there are at most so many classes."""
    groups: list[Group] = []
    remembered: dict[tuple[Atom, ...], Cells] = {}
    for rule in rules:
        for number, group in enumerate(groups):
            joined = Group.of([*group.rules, rule], remembered)
            if joined.product <= most or (joined.cells.keys() == group.cells.keys() and group.product > most):
                groups[number] = joined
                break
        else:
            groups.append(Group.of([rule], remembered))
    return groups
