"""At which attributes of objects the rows of a table look, worked out once for objects that have the same ones."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from itertools import filterfalse
from typing import TypeVar

from imagefit.readers.translation import Translation
from imagefit.values import dataclass

__all__ = ["VALUES", "Memory", "Reads", "Shape"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

VALUES = 1024
"""So many cases of one fact are remembered; of one that has more, none is."""


class Memory(dict[K, V]):
    """What a function made of few things, the last of them; equal ones are one object."""

    def __init__(self, make: Callable[[K], V]) -> None:
        self._make = make

    def __missing__(self, key: K) -> V:
        if len(self) > VALUES:
            self.clear()
        made = self[key] = self._make(key)
        return made


class Reads:
    """The attributes at which rows of a table look.

    Parameters
    ----------
    reads
        Their names; ``name*`` are all that begin so.
    """

    def __init__(self, reads: Iterable[str]) -> None:
        self.reads = tuple(dict.fromkeys(reads))
        self.names = tuple(name for name in self.reads if not name.endswith("*"))
        self.beginnings = tuple(name[:-1] for name in self.reads if name.endswith("*"))
        self._is_one = Memory(self._looks_at)

    @classmethod
    def of(cls, rows: Iterable[Translation]) -> Reads:
        """Return at what these rows look."""
        return cls(name for row in rows for name in row.reads)

    def _looks_at(self, name: str) -> bool:
        return name in self.names or name.startswith(self.beginnings)

    def among(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of the names at which a row looks."""
        return tuple(filter(self._is_one.__getitem__, names))

    def not_among(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of the names at which no row looks."""
        return tuple(filterfalse(self._is_one.__getitem__, names))


@dataclass(frozen=True, slots=True)
class Shape:
    """The attributes that an object has: their names, those at which no row looks, and those at which a table does."""

    names: tuple[str, ...]
    others: tuple[str, ...]
    looked_at: dict[Reads, tuple[str, ...]]
