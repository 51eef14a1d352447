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

__all__ = ["MOST_SETS", "against", "has", "holds", "is_narrow"]

MOST_ELEMENTS = 1024
"""Of more elements than these, a row would need too many words."""

MOST_SETS = 1 << 18
"""Of more sets than these, the words of all would take too much memory."""

WORD = 64


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
    found = np.full(len(column.codes), is_all)
    own, operands = _words_among(column.distinct, other.distinct), _words(other.distinct)
    for first, second in zip(own, operands, strict=True):
        wanted = gather(second, other.codes)
        common = gather(first, column.codes) & wanted
        if is_all:
            found &= common == wanted
        else:
            found |= common != 0
    return found


def has(column: Codes, other: Codes) -> NDArray[np.bool_]:
    """Return where a set contains a text; where one is unknown, anything. The texts are `DistinctTexts`."""
    assert isinstance(other.distinct, DistinctTexts)
    words, width = _side_by_side(column.distinct)
    word_of_text, bit_of_text = _bits_of_texts(other.distinct, column.distinct)
    places = np.multiply(column.codes, width, dtype=np.uint32)
    places += gather(word_of_text, other.codes)
    found: NDArray[np.uint64] = gather(words, places) >> gather(bit_of_text, other.codes)
    return (found & np.uint64(1)).astype(np.bool_)


@remembered
def _side_by_side(sets: Distinct) -> tuple[Any, np.uint32]:
    """Return the words of all sets in one array, and how many each has: with a bit more than there are elements."""
    count = len(sets.members.names)
    words = _matrix(sets, np.arange(count), count + 1)
    return pa.array(words.ravel()), np.uint32(words.shape[1])


@remembered_with_other
def _bits_of_texts(texts: DistinctTexts, sets: Distinct) -> tuple[Any, Any]:
    """Return for each text its word among a set's, and its bit there; of one that no set has, the bit that none has."""
    elements = sets.members.names
    places = texts.places_among(elements)
    places = np.where(places < 0, len(elements), places).astype(np.uint32)
    return pa.array(places // np.uint32(WORD)), pa.array((places % np.uint32(WORD)).astype(np.uint64))


@remembered
def _words(operands: Distinct) -> list[Any]:
    """Return, for each 64 elements that some operand has, a word for each value."""
    count = len(operands.members.names)
    return _columns(_matrix(operands, np.arange(count), count))


@remembered_with_other
def _words_among(distinct: Distinct, operands: Distinct) -> list[Any]:
    """Return the same words for other sets; the elements that no operand has make no difference."""
    places = {name: place for place, name in enumerate(operands.members.names)}
    names = distinct.members.names
    return _columns(_matrix(distinct, np.array([places.get(name, -1) for name in names], np.intp), len(places)))


def _columns(words: NDArray[np.uint64]) -> list[Any]:
    return [pa.array(np.ascontiguousarray(column)) for column in words.T]


def _matrix(sets: Distinct, bits: NDArray[np.intp], count: int) -> NDArray[np.uint64]:
    """Return a row of words for each set, with so many bits: for each element the one that is said, -1 for none."""
    members = sets.members
    found = np.zeros((sets.size, max(1, -(-count // WORD)) * WORD), np.uint8)
    columns = bits[members.places]
    is_wanted = columns >= 0
    found[members.owners[is_wanted], columns[is_wanted]] = 1
    return np.packbits(found, axis=1, bitorder="little").view("<u8")
