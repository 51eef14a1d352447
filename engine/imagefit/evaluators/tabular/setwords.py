"""Sets compared with sets in every row, as words of bits: a bit for each element that some operand has.

For columns with very many distinct sets, where hardly two rows have the same pair of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns.arrowdata import gather
from imagefit.columns.column import Codes
from imagefit.columns.distinct import Distinct, remembered, remembered_with_other
from imagefit.conditions import Relation
from imagefit.facts import Value

__all__ = ["MOST_ELEMENTS", "elements_of", "holds"]

MOST_ELEMENTS = 1024
"""Of more elements than these, a row would need too many words."""

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


@remembered
def _words(operands: Distinct) -> list[Any]:
    """Return, for each 64 elements that some operand has, a word for each value."""
    return _packed(operands.values, elements_of(operands))


@remembered_with_other
def _words_among(distinct: Distinct, operands: Distinct) -> list[Any]:
    """Return the same words for other sets; the elements that no operand has make no difference."""
    return _packed(distinct.values, elements_of(operands))


def _packed(values: Sequence[Value | None], elements: dict[str, int]) -> list[Any]:
    count = max(1, -(-len(elements) // WORD))
    bits = np.zeros((len(values), count * WORD), np.uint8)
    for row, value in enumerate(values):
        if isinstance(value, frozenset):
            bits[row, [elements[element] for element in value if element in elements]] = 1
    words = np.packbits(bits, axis=1, bitorder="little").view("<u8")
    return [pa.array(np.ascontiguousarray(words[:, place])) for place in range(count)]
