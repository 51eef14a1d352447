"""Columns of linked facts: which rows are surely alike in them, so that `linkedfacts` is asked once for all of these.

What is told apart here is enough for `linkedfacts`, and may be more: it is the order of numbers and the room between
them, or which texts and elements are the same.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.arrowdata import arrow, coded
from imagefit.columns.ascending import ascending, ranked
from imagefit.columns.column import Codes, Column, Constant, Numbers
from imagefit.columns.unions import elements_of, values_of
from imagefit.explanations.truths.linkedfacts import Linked, LinkedNumbers, LinkedTexts
from imagefit.facts import FieldType
from imagefit.values import dataclass

__all__ = ["Digit", "digits_of"]

MOST_ELEMENTS = 50
"""Sets of more elements are told apart by their values: the places of so many are bits of a number."""


class Digit(NamedTuple):
    """A number below a size for each row; it means the same in every batch that has the same digits.

    Attributes
    ----------
    meanings
        What each number means, where that is not the same in every batch.
    about
        What the digit is about, where not every batch has it.
    """

    values: NDArray[Any]
    size: int
    meanings: NDArray[Any] | None = None
    about: int | None = None

    def at(self, rows: NDArray[np.intp]) -> list[Hashable]:
        """Return what the numbers of some rows mean."""
        found = self.values[rows]
        meant: list[Hashable] = (found if self.meanings is None else self.meanings[found]).tolist()
        return meant


def digits_of(linked: Linked, columns: Mapping[str, Column], rows: int) -> list[Digit] | None:
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
    texts = [column for name in linked.names if isinstance(column := columns.get(name), Codes)]
    return _of_texts(linked, texts, rows) if len(texts) == len(columns) else None


def _of_numbers(
    linked: LinkedNumbers, columns: Mapping[str, Numbers], constants: Sequence[object], rows: int
) -> list[Digit]:
    """Return which numbers are known, where each stands among all and the points, and what room is between those."""
    kind = next(iter(columns.values())).numbers.dtype
    points = np.array([*map(kind.type, linked.points_within()), *constants], kind)
    known = [column.known for column in columns.values()]
    zero = kind.type(0)
    own = [np.where(is_known, c.numbers, zero) for c, is_known in zip(columns.values(), known, strict=True)]
    every = [*own, *(np.full(rows, point) for point in points)]
    digits = [Digit(is_known.view(np.uint8), 2) for is_known in known]
    for numbers in own:
        less = np.zeros(rows, np.uint8)
        for other in every:
            less += other < numbers
        digits.append(Digit(less, len(every) + 1))
    ordered = np.sort(np.stack(every), axis=0)
    most = len(linked.names)
    digits += [Digit(_room(low, high, most), most + 2) for low, high in pairwise(ordered)]
    if kind.kind == "i":  # to the least and the greatest of all integers
        bounds = np.iinfo(np.int64)
        digits.append(Digit(_room(np.full(rows, bounds.min), ordered[0], most), most + 2))
        digits.append(Digit(_room(ordered[-1], np.full(rows, bounds.max), most), most + 2))
    return digits


def _room(low: NDArray[Any], high: NDArray[Any], most: int) -> NDArray[np.uint8]:
    """Return 0 where two numbers are the same, else 1 and how many lie between them, at most so many."""
    if low.dtype.kind == "i":
        apart = high.view(np.uint64) - low.view(np.uint64)  # exact, whatever they are
        return np.minimum(apart, np.uint64(most + 1)).astype(np.uint8)
    found = np.zeros(len(low), np.uint8)
    with np.errstate(over="ignore"):  # behind the greatest number, where nothing is looked for
        for _ in range(most + 1):
            found += low < high
            low = np.nextafter(low, np.inf)
    return found


def _of_texts(linked: LinkedTexts, columns: Sequence[Codes], rows: int) -> list[Digit] | None:
    """Return which texts and sets are known, where constants are, and which texts and elements are the same.

    An element is known by its place in its set, in the order in which `linkedfacts` names them.
    """
    numbers = {text: number for number, text in enumerate(sorted(linked.constants))}
    constants = range(len(numbers))
    digits: list[Digit] = []
    texts: list[NDArray[np.intp]] = []
    sets: list[_Listed] = []
    for column in columns:  # texts come first
        if column.distinct.field.type is FieldType.STRING_SET:
            own = _Listed.of(column, rows, numbers)
            if own.most > MOST_ELEMENTS:
                return None
            digits += [Digit(column.known.view(np.uint8), 2), Digit(own.counts, own.most + 1)]
            there = [number for number in constants if number in own.numbers]
            digits += [Digit(own.places_of(number), own.most + 1, about=number) for number in there]
            digits += [Digit(own.places_of(text), own.most + 1) for text in texts]
            digits += [own.places_in(other) for other in sets]
            sets.append(own)
        else:
            used, places = ranked(column.codes, column.distinct.size)
            values = values_of(column.distinct, used)
            found = [-1 if value is None else numbers.setdefault(str(value), len(numbers)) for value in values]
            text = np.array(found)[places]
            digits.append(Digit(np.minimum(text, len(constants)) + 1, len(constants) + 2))
            digits += [Digit(((text == other) & (text >= 0)).view(np.uint8), 2) for other in texts]
            texts.append(text)
    return digits


@dataclass(frozen=True, slots=True)
class _Listed:
    """The elements of each row's set, each once and in order.

    Attributes
    ----------
    rows, numbers, places
        Of each element the row, the number that its text has everywhere, and its place in the set, from 1.
    counts, most
        How many elements each row's set has, and at most.
    """

    rows: NDArray[np.intp]
    numbers: NDArray[np.intp]
    places: NDArray[np.intp]
    counts: NDArray[np.intp]
    most: int

    @classmethod
    def of(cls, column: Codes, rows: int, numbers: dict[str, int]) -> _Listed:
        """Return the elements of a column; their texts get numbers as they turn up."""
        names, entries, lengths = elements_of(column, rows)
        used, own = ranked(entries, len(names))
        texts = sorted((names[entry], place) for place, entry in enumerate(used.tolist()))
        ranks = np.empty(len(texts), np.intp)
        ranks[[place for _, place in texts]] = np.arange(len(texts))
        of_rank = np.array([numbers.setdefault(text, len(numbers)) for text, _ in texts], np.intp)
        owners = np.repeat(np.arange(rows), lengths)
        owners, found = np.divmod(ascending(owners * max(1, len(texts)) + ranks[own]), max(1, len(texts)))
        counts = np.bincount(owners, minlength=rows)
        places = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
        return cls(owners, of_rank[found], places, counts, int(counts.max(initial=0)))

    def places_of(self, number: int | NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the place of a text, or of a text of each row, in each row's set; 0 where it is not there."""
        is_it = self.numbers == (number if isinstance(number, int) else number[self.rows])
        found = np.zeros(len(self.counts), np.intp)
        found[self.rows[is_it]] = self.places[is_it]
        return found

    def places_in(self, other: _Listed) -> Digit:
        """Return a number for which elements of each row's set are where in the row's other set."""
        size = 1 + max(self.numbers.max(initial=0), other.numbers.max(initial=0))
        wanted, own = other.rows * size + other.numbers, self.rows * size + self.numbers
        is_there = np.asarray(pc.is_in(arrow(wanted), value_set=arrow(own)))
        bits = np.bincount(other.rows[is_there], np.exp2(other.places[is_there]), len(self.counts))
        meanings, codes = coded(bits)
        return Digit(codes, len(meanings), meanings)
