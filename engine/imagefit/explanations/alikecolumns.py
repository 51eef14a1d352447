"""Columns of linked facts: which rows are surely alike in them, so that `alike` is asked once for all of these.

What is told apart here is enough for `alike`, and may be more: it is the order of numbers and the room between them, or
which texts are the same. Of sets it is their values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Codes, Column, Constant, Numbers
from imagefit.columns.distinct import DistinctTexts
from imagefit.explanations.alike import Linked, LinkedNumbers, LinkedTexts

__all__ = ["digits_of"]

Numbered = tuple[NDArray[Any], int]
"""A number below a size for each row."""


def digits_of(linked: Linked, columns: Mapping[str, Column], rows: int) -> list[Numbered] | None:
    """Return numbers of each row that tell apart what is not alike; None if it takes the values.

    Parameters
    ----------
    columns
        Of those of the linked facts that some row knows.
    """
    if isinstance(linked, LinkedNumbers):
        numbers = {name: column for name, column in columns.items() if isinstance(column, Numbers)}
        constants = [column.constant for column in columns.values() if isinstance(column, Constant)]
        return _of_numbers(linked, numbers, constants, rows) if numbers else None
    texts = {name: column for name, column in columns.items() if isinstance(column, Codes)}
    if len(texts) < len(columns) or not all(isinstance(column.distinct, DistinctTexts) for column in texts.values()):
        return None
    return _of_texts(linked, list(texts.values()))


def _of_numbers(
    linked: LinkedNumbers, columns: Mapping[str, Numbers], constants: Sequence[object], rows: int
) -> list[Numbered]:
    """Return which numbers are known, where each stands among all and the points, and what room is between those."""
    kind = next(iter(columns.values())).numbers.dtype
    points = np.array([*map(kind.type, linked.points_within()), *constants], kind)
    known = [column.known for column in columns.values()]
    zero = kind.type(0)
    own = [np.where(is_known, c.numbers, zero) for c, is_known in zip(columns.values(), known, strict=True)]
    every = [*own, *(np.full(rows, point) for point in points)]
    digits: list[Numbered] = [(is_known.view(np.uint8), 2) for is_known in known]
    for numbers in own:
        less = np.zeros(rows, np.uint8)
        for other in every:
            less += other < numbers
        digits.append((less, len(every) + 1))
    ordered = np.sort(np.stack(every), axis=0)
    most = len(linked.names)
    digits += [(_room(low, high, most), most + 2) for low, high in pairwise(ordered)]
    if kind.kind == "i":  # to the least and the greatest of all integers
        bounds = np.iinfo(np.int64)
        digits.append((_room(np.full(rows, bounds.min), ordered[0], most), most + 2))
        digits.append((_room(ordered[-1], np.full(rows, bounds.max), most), most + 2))
    return digits


def _room(low: NDArray[Any], high: NDArray[Any], most: int) -> NDArray[np.uint8]:
    """Return 0 where two numbers are the same, else 1 and how many lie between them, at most so many."""
    if low.dtype.kind == "i":
        apart = high.view(np.uint64) - low.view(np.uint64)  # exact, whatever they are
        return np.minimum(apart, np.uint64(most + 1)).astype(np.uint8)
    found = np.zeros(len(low), np.uint8)
    for _ in range(most + 1):
        found += low < high
        low = np.nextafter(low, np.inf)
    return found


def _of_texts(linked: LinkedTexts, columns: Sequence[Codes]) -> list[Numbered]:
    """Return which texts are known, which constant each is, and which are the same."""
    constants = sorted(linked.constants)
    digits: list[Numbered] = []
    for place, column in enumerate(columns):
        distinct = column.distinct
        assert isinstance(distinct, DistinctTexts)
        digits.append((distinct.numbered(constants)[column.codes], len(constants) + 2))
        first = column.codes if distinct.canonical is None else distinct.canonical[column.codes]
        for other in columns[:place]:
            assert isinstance(other.distinct, DistinctTexts)
            same = (other.distinct.places_in(distinct)[other.codes] == first) & (first != 0)
            digits.append((same.view(np.uint8), 2))
    return digits
