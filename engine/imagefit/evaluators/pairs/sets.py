"""Sets whose elements are places among names: how many sets there are does not matter to Python.

A set becomes one of Python's where somebody asks for it; leaves are answered from all elements at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import overload

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.arrowdata import ends, signs
from imagefit.columns.ascending import ascending
from imagefit.columns.ragged import as_bytes, places_in
from imagefit.columns.toldapart import told_apart
from imagefit.conditions import Operand, Relation
from imagefit.evaluators.pairs.bits import Indices
from imagefit.facts import Value

__all__ = ["Lists", "Sets"]

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists of numbers: list n is ``items[starts[n]:starts[n] + lengths[n]]``."""

    items: Numbers
    starts: Numbers
    lengths: Numbers

    @classmethod
    def joined(cls, items: Numbers, lengths: Numbers) -> Lists:
        """Return lists of these lengths, one after the other."""
        return cls(items, np.cumsum(lengths) - lengths, lengths)

    @classmethod
    def told_apart(cls, owners: Numbers, items: Numbers, count: int, kinds: int) -> tuple[Numbers, Lists]:
        """Return the different ones of some lists, their items ascending and each once, and which of them each list is.

        Parameters
        ----------
        owners, items
            Of each item which of the `count` lists it is of, and which of `kinds` numbers it is.
        """
        owners, items = np.divmod(ascending(owners * kinds + items), kinds)
        own = items.astype(np.int32)
        encoded = told_apart(as_bytes(own, np.append(0, np.cumsum(np.bincount(owners, minlength=count)))))
        bounds = ends(encoded.dictionary).astype(np.int64) // own.itemsize
        items = signs(encoded.dictionary).view(np.int32).astype(np.int64)
        return encoded.indices.to_numpy().astype(np.int64), cls.joined(items, bounds[1:] - bounds[:-1])

    @property
    def owners(self) -> Numbers:
        """Which list each item is of, where the lists lie one after the other."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def take(self, numbers: Indices) -> tuple[Numbers, Numbers]:
        """Return the items of some lists, joined, and for each item which of the chosen lists it is of."""
        lengths = self.lengths[numbers]
        owners = np.repeat(np.arange(len(numbers)), lengths)
        return self.items[places_in(self.starts[numbers], lengths)], owners

    def inverted(self, kinds: int) -> Lists:
        """Return for each item which lists hold it."""
        items, owners = self.take(np.arange(len(self.lengths)))
        lengths = np.bincount(items, minlength=kinds).astype(np.int64)
        return Lists.joined(owners[np.argsort(items, kind="stable")], lengths)


@dataclass(frozen=True, slots=True, eq=False)
class Sets(Sequence[Value]):
    """Sets, each the elements that a list of `lists` places among the `names`, one after the other and each once."""

    names: Sequence[str]
    lists: Lists

    @classmethod
    def of(cls, values: Sequence[Value]) -> Sets:
        """Return values as sets; what is none is a set of one."""
        if isinstance(values, Sets):
            return values
        sets = [value if isinstance(value, frozenset) else (str(value),) for value in values]
        places: dict[str, int] = {}
        items = [places.setdefault(element, len(places)) for element in chain.from_iterable(sets)]
        lengths = np.array([*map(len, sets)], np.int64)
        return cls(list(places), Lists.joined(np.array(items, np.int64), lengths))

    def __len__(self) -> int:
        return len(self.lists.lengths)

    @overload
    def __getitem__(self, number: int) -> Value: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Value]: ...
    def __getitem__(self, number: int | slice) -> Value | Sequence[Value]:
        return [*self][number]

    def __iter__(self) -> Iterator[Value]:
        elements = [self.names[place] for place in self.lists.items.tolist()]
        for start, length in zip(self.lists.starts.tolist(), self.lists.lengths.tolist(), strict=True):
            yield frozenset(elements[start : start + length])

    def contain(self, relation: Relation, operand: Operand) -> NDArray[np.bool_]:
        """Return which of the sets contain a literal, or any or all of several, as the relation says."""
        wanted = operand if isinstance(operand, frozenset) else frozenset((operand,))
        is_wanted = np.array([name in wanted for name in self.names], np.bool_)
        counts = np.bincount(self.lists.owners[is_wanted[self.lists.items]], minlength=len(self))
        return counts > 0 if relation is Relation.CONTAINS_ANY else counts == len(wanted)
