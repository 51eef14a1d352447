"""Sets compared with sets, or with texts, in every row, as words of bits: a bit for each element that some set has.

For columns with very many distinct sets, where hardly two rows have the same pair of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns.arrowdata import gather
from imagefit.columns.column import Codes
from imagefit.columns.distinct import Distinct, DistinctTexts, remembered, remembered_with_other
from imagefit.conditions import Relation
from imagefit.facts import Value

__all__ = ["MOST_ELEMENTS", "MOST_SETS", "elements_of", "has", "holds"]

MOST_ELEMENTS = 1024
"""Of more elements than these, a row would need too many words."""

MOST_SETS = 1 << 18
"""Of more sets than these, the words of all would take too much memory."""

WORD = 64


@remembered
def elements_of(operands: Distinct) -> dict[str, int]:
    """Return a number for each element that some operand has."""
    sets = (value for value in operands.values if isinstance(value, frozenset))
    return {element: place for place, element in enumerate(sorted(frozenset().union(*sets)))}


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
    words = _matrix(sets.values, elements_of(sets), 1)
    return pa.array(words.ravel()), np.uint32(words.shape[1])


@remembered_with_other
def _bits_of_texts(texts: DistinctTexts, sets: Distinct) -> tuple[Any, Any]:
    """Return for each text its word among a set's, and its bit there; of one that no set has, the bit that none has."""
    elements = list(elements_of(sets))
    places = texts.places_among(elements)
    places = np.where(places < 0, len(elements), places).astype(np.uint32)
    return pa.array(places // np.uint32(WORD)), pa.array((places % np.uint32(WORD)).astype(np.uint64))


@remembered
def _words(operands: Distinct) -> list[Any]:
    """Return, for each 64 elements that some operand has, a word for each value."""
    return _packed(operands.values, elements_of(operands))


@remembered_with_other
def _words_among(distinct: Distinct, operands: Distinct) -> list[Any]:
    """Return the same words for other sets; the elements that no operand has make no difference."""
    return _packed(distinct.values, elements_of(operands))


def _packed(values: Sequence[Value | None], elements: dict[str, int]) -> list[Any]:
    return [pa.array(np.ascontiguousarray(words)) for words in _matrix(values, elements).T]


def _matrix(values: Sequence[Value | None], elements: dict[str, int], spare: int = 0) -> NDArray[np.uint64]:
    """Return a row of words for each value, with a bit for each element and `spare` more that nothing has."""
    count = max(1, -(-(len(elements) + spare) // WORD))
    bits = np.zeros((len(values), count * WORD), np.uint8)
    sets = [value if isinstance(value, frozenset) else () for value in values]
    rows = np.repeat(np.arange(len(sets)), np.fromiter(map(len, sets), np.intp, len(sets)))
    numbers = (elements.get(element, -1) for element in chain.from_iterable(sets))
    places = np.fromiter(numbers, np.intp, len(rows))
    bits[rows[places >= 0], places[places >= 0]] = 1
    return np.packbits(bits, axis=1, bitorder="little").view("<u8")
