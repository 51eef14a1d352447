"""Sets compared with sets in every row, as words of bits: a bit for each element that some operand has.

For columns with very many distinct sets, where hardly two rows have the same pair of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns.column import Codes
from imagefit.columns.gathering import gather
from imagefit.conditions import Relation
from imagefit.facts import Value

__all__ = ["MOST_ELEMENTS", "elements_of", "holds"]

MOST_ELEMENTS = 1024
"""Of more elements than these, a row would need too many words."""

WORD = 64


def elements_of(operands: Sequence[Value | None]) -> dict[str, int]:
    """Return a number for each element that some operand has."""
    sets = (value for value in operands if isinstance(value, frozenset))
    return {element: place for place, element in enumerate(sorted(frozenset().union(*sets)))}


def holds(relation: Relation, column: Codes, other: Codes, elements: dict[str, int]) -> NDArray[np.bool_]:
    """Return where a set contains any, or all, elements of the other; where one is unknown, anything.

    Parameters
    ----------
    relation
        `Relation.CONTAINS_ANY` or `Relation.CONTAINS_ALL`.
    elements
        All elements of the operands; the others make no difference.
    """
    is_all = relation is Relation.CONTAINS_ALL
    found = np.full(len(column.codes), is_all)
    own = column.distinct.remembered_with(other.distinct, "words", lambda: _words(column.values, elements))
    operands = other.distinct.remembered("words", lambda: _words(other.values, elements))
    for first, second in zip(own, operands, strict=True):
        wanted = gather(second, other.codes)
        common = gather(first, column.codes) & wanted
        if is_all:
            found &= common == wanted
        else:
            found |= common != 0
    return found


def _words(values: Sequence[Value | None], elements: dict[str, int]) -> list[Any]:
    """Return, for each 64 elements, a word for each value."""
    count = max(1, -(-len(elements) // WORD))
    bits = np.zeros((len(values), count * WORD), np.uint8)
    for row, value in enumerate(values):
        if isinstance(value, frozenset):
            bits[row, [elements[element] for element in value if element in elements]] = 1
    words = np.packbits(bits, axis=1, bitorder="little").view("<u8")
    return [pa.array(np.ascontiguousarray(words[:, place])) for place in range(count)]
