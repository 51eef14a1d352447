"""Which rules each row of a batch has: the elements of the columns that list rules."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.explanations.cases.textlists import offsets_of
from imagefit.values import dataclass

__all__ = ["Elements"]


@dataclass(frozen=True)
class Elements:
    """Which rules each row has, row after row.

    Attributes
    ----------
    rows, places
        The row of each element, and the place of its rule among those that are asked about.
    count
        The number of rows.
    """

    rows: NDArray[np.intp]
    places: NDArray[Any]
    count: int

    def by_place(self) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Yield each rule's place, with the numbers of its elements in order."""
        order = np.argsort(self.places, kind="stable")
        counts = np.bincount(self.places).tolist() if len(self.places) else []
        ends = itertools.accumulate(counts)
        for place, (count, end) in enumerate(zip(counts, ends, strict=True)):
            if count:
                yield place, order[end - count : end]

    @cached_property
    def offsets(self) -> NDArray[np.int32]:
        """Where the elements of each row begin and end."""
        return offsets_of(self.rows, self.count)
