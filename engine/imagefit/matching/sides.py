"""The two sides of a match, images and ECSs: encoded facts, and what each row is called."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from imagefit.columns.column import Column, Constant, Encoded, Numbers
from imagefit.errors import InputError
from imagefit.facts import Facts, Origin, Value
from imagefit.supply import contradiction, first_difference

__all__ = ["Side", "without_conflict"]

_SEARCHED = 10_000
_PLURALS = {"image": "images", "ecs": "ECSs"}


@dataclass(frozen=True, eq=False)
class Side:
    """Images, or ECSs.

    Attributes
    ----------
    what
        ``image`` or ``ecs``, for messages.
    keys
        What to call each row: an Arrow array of text, *(rows,)*.
    encoded
        What is known of each row.
    names
        What a person calls each row, where the input has names beside the keys.
    origins
        Where each row's facts came from, where the input tells row by row.
    warnings
        What a person should know about the input as a whole.
    notes
        What a person should know about single rows, with their keys.
    origin
        Where the facts of all rows came from, where that is the same.
    operations
        The operations that rows of a facts file ask for.
    """

    what: str
    keys: Any
    encoded: Encoded
    names: Sequence[str] = ()
    origins: Sequence[Mapping[str, Origin]] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    origin: Mapping[str, Origin] | None = None
    operations: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many there are."""
        return self.encoded.rows

    def key(self, row: int) -> str:
        """Return what a row is called."""
        return str(self.keys[row].as_py())

    def label(self, row: int) -> str:
        """Return what to show of a row: its name, if it has one that no other has, else its key."""
        name = self.names[row] if self.names else ""
        return name if name and self._name_counts[name] == 1 else self.key(row)

    @cached_property
    def _name_counts(self) -> Counter[str]:
        return Counter(self.names)

    def row(self, which: int | str) -> int:
        """Return the number of a row, which is given by its number (counted from 0), its key or its name.

        Raises
        ------
        InputError
            If there is no such row, or several have the key.
        """
        if isinstance(which, int):
            if not -self.count <= which < self.count:
                raise InputError(f"no such {self.what}", value=which, expected=f"a row below {self.count}")
            return which % self.count
        found = np.flatnonzero(pc.equal(self.keys, pa.scalar(which, self.keys.type)).to_numpy(zero_copy_only=False))
        if not len(found) and which in self._name_counts:
            found = np.flatnonzero([name == which for name in self.names])
        if not len(found):  # a flavor that is not the same in all zones has a row for each
            found = np.flatnonzero(pc.starts_with(self.keys, f"{which}@").to_numpy(zero_copy_only=False))
        if len(found) == 1:
            return int(found[0])
        if len(found):
            ids = list(dict.fromkeys(self.key(int(row)) for row in found[:6]))
            expected = f"one of {', '.join(ids)}" if len(ids) > 1 else "a key that no other has"
            raise InputError(
                f"{len(found)} {_PLURALS.get(self.what, self.what)} are called this", value=which, expected=expected
            )
        known = [*self.keys.slice(0, _SEARCHED).to_pylist(), *self.names[:_SEARCHED]]
        near = difflib.get_close_matches(which[:200], known, n=1, cutoff=0.5)
        raise InputError(f"no {self.what} is called this", value=which, nearest=near[0] if near else None)

    def only(self, row: int) -> Side:
        """Return one row of the side."""
        one = slice(row, row + 1)
        encoded = self.encoded.take(np.array([row]))
        return replace(self, keys=self.keys[one], encoded=encoded, names=self.names[one], origins=self.origins[one])

    def origins_of(self, row: int) -> Mapping[str, Origin]:
        """Return where a row's facts came from, as far as the input tells."""
        return self.origins[row] if self.origins else self.origin or {}

    def facts(self, row: int) -> dict[str, Value]:
        """Return the known facts of a row."""
        return self.encoded.facts(row)


def without_conflict(images: Side, ecss: Side, given: Facts) -> None:
    """Check that no image and ECS say different things of one fact.

    Raises
    ------
    InputError
        If they do; names the fact and two values.
    """
    for name in sorted(images.encoded.columns.keys() & ecss.encoded.columns.keys() - given.keys()):
        of_images, of_ecss = (_stated(side.encoded.columns[name]) for side in (images, ecss))
        if (differing := first_difference(of_images, of_ecss)) is not None:
            raise contradiction(name, *differing)


def _stated(column: Column) -> list[Value]:
    """Return some of the values that occur, two at least where there are as many."""
    if isinstance(column, Constant):
        return [column.constant]
    if isinstance(column, Numbers):
        numbers = column.numbers[column.known]
        return [numbers.min().item(), numbers.max().item()] if len(numbers) else []
    present = dict.fromkeys(column.values[code] for code in np.unique(column.codes).tolist()[:3])
    return [value for value in present if value is not None]
