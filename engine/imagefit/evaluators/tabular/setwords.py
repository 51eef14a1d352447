"""Sets compared with sets, or with texts, in every row, as words of bits: a bit for each element that some set has.

For columns with very many distinct sets, where hardly two rows have the same pair of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns.arrowdata import gather
from imagefit.columns.column import Codes
from imagefit.columns.distinct import Distinct, DistinctTexts, remembered, remembered_with_other
from imagefit.conditions import Relation
from imagefit.facts import Scalar, Value

__all__ = [
    "MOST_SETS",
    "against",
    "elements_of_texts",
    "has",
    "holds",
    "is_narrow",
    "side_by_side",
    "words",
    "words_among",
]

MOST_ELEMENTS = 1024
"""Of more elements than these, a row would need too many words."""

MOST_SETS = 1 << 18
"""Of more sets than these, the words of all would take too much memory."""

WORD = 64

FOLDED = 3
"""Of so many words, their fold is looked at first: sets of few elements can't hold each other in most rows."""


@remembered
def is_narrow(operands: Distinct) -> bool:
    """Whether there are few enough elements for words of bits."""
    return len(operands.members.names) <= MOST_ELEMENTS


@remembered
def against(distinct: Distinct, relation: Relation, operand: Value | frozenset[Scalar]) -> NDArray[np.bool_]:
    """Return which of distinct sets contain a text, any or all of some texts; of one that is unknown, anything."""
    members = distinct.members
    wanted = operand if isinstance(operand, frozenset) else frozenset((operand,))
    is_all = relation is not Relation.CONTAINS_ANY
    found = np.full(distinct.size, is_all)
    places = {name: place for place, name in enumerate(members.names) if name in wanted}
    if is_all and len(places) < len(wanted):
        return np.zeros(distinct.size, np.bool_)
    for place in places.values():
        has = np.zeros(distinct.size, np.bool_)
        has[members.owners[members.places == place]] = True
        found = found & has if is_all else found | has
    return found


def holds(relation: Relation, column: Codes, other: Codes) -> NDArray[np.bool_]:
    """Return where a set contains any, or all, elements of the other; where one is unknown, anything.

    Parameters
    ----------
    relation
        `Relation.CONTAINS_ANY` or `Relation.CONTAINS_ALL`.
    """
    is_all = relation is Relation.CONTAINS_ALL
    if len(_words(other.distinct)) < FOLDED:
        return _holds(is_all, column, other)
    common = gather(_folded_among(column.distinct, other.distinct, is_all), column.codes)
    common = common & gather(_folded(other.distinct), other.codes)
    rows = np.flatnonzero(common == 0 if is_all else common != 0)
    if 2 * len(rows) > len(column.codes):
        return _holds(is_all, column, other)
    found = np.zeros(len(column.codes), np.bool_)
    found[rows] = _holds(is_all, column.take(rows), other.take(rows))
    return found


def _holds(is_all: bool, column: Codes, other: Codes) -> NDArray[np.bool_]:
    found = np.zeros(len(column.codes), np.uint64)
    for first, second in zip(
        _words_among(column.distinct, other.distinct, is_all), _words(other.distinct), strict=True
    ):
        found |= gather(first, column.codes) & gather(second, other.codes)
    is_true: NDArray[np.bool_] = found == 0 if is_all else found != 0
    return is_true


def has(column: Codes, other: Codes) -> NDArray[np.bool_]:
    """Return where a set contains a text; where one is unknown, anything. The texts are `DistinctTexts`."""
    assert isinstance(other.distinct, DistinctTexts)
    packed, width = side_by_side(column.distinct)
    element = gather(elements_of_texts(other.distinct, column.distinct), other.codes)
    places = np.multiply(column.codes, width, dtype=np.uint32)
    places += element >> np.uint16(3)
    found: NDArray[Any] = gather(packed, places) >> (element & np.uint16(7)).astype(np.uint8)
    found &= np.uint8(1)
    return found.view(np.bool_)


@remembered
def side_by_side(sets: Distinct) -> tuple[Any, np.uint32]:
    """Return the bits of all sets in one array, and how many bytes each has: with a bit more than elements."""
    count = len(sets.members.names)
    packed = _matrix(sets, np.arange(count), count + 1, 8)
    return pa.array(packed.ravel()), np.uint32(packed.shape[1])


@remembered_with_other
def elements_of_texts(texts: DistinctTexts, sets: Distinct) -> Any:
    """Return for each text its place among the elements; of one that no set has, the place after the last."""
    elements = sets.members.names
    places = texts.places_among(elements)
    return pa.array(np.where(places < 0, len(elements), places).astype(np.uint16))


@remembered
def words(operands: Distinct) -> NDArray[np.uint64]:
    """Return words *(values, words)*: a bit for each element that some operand has."""
    count = len(operands.members.names)
    return _matrix(operands, np.arange(count), count).view("<u8")


@remembered_with_other
def words_among(distinct: Distinct, operands: Distinct, is_lacking: bool) -> NDArray[np.uint64]:
    """Return the same words for other sets, or for what each lacks; elements that no operand has make no difference."""
    places = {name: place for place, name in enumerate(operands.members.names)}
    bits = np.array([places.get(name, -1) for name in distinct.members.names], np.intp)
    found = _matrix(distinct, bits, len(places)).view("<u8")
    return ~found if is_lacking else found


@remembered
def _words(operands: Distinct) -> list[Any]:
    return _columns(words(operands))


@remembered_with_other
def _words_among(distinct: Distinct, operands: Distinct, is_lacking: bool) -> list[Any]:
    return _columns(words_among(distinct, operands, is_lacking))


@remembered
def _folded(operands: Distinct) -> Any:
    """Return one word for each value: all of its words laid over each other."""
    return pa.array(np.bitwise_or.reduce([words.to_numpy() for words in _words(operands)]))


@remembered_with_other
def _folded_among(distinct: Distinct, operands: Distinct, is_lacking: bool) -> Any:
    """Return the same word for other sets, or for what no word of a set has."""
    words = [words.to_numpy() for words in _words_among(distinct, operands, is_lacking)]
    return pa.array((np.bitwise_and if is_lacking else np.bitwise_or).reduce(words))


def _columns(words: NDArray[np.uint64]) -> list[Any]:
    return [pa.array(np.ascontiguousarray(column)) for column in words.T]


def _matrix(sets: Distinct, bits: NDArray[np.intp], count: int, width: int = WORD) -> NDArray[np.uint8]:
    """Return a row of bits for each set, `count` of them and more to fill a width: for each element that one, or -1."""
    members = sets.members
    found = np.zeros((sets.size, max(1, -(-count // width)) * width), np.uint8)
    columns = bits[members.places]
    is_wanted = columns >= 0
    found[members.owners[is_wanted], columns[is_wanted]] = 1
    return np.packbits(found, axis=1, bitorder="little")
