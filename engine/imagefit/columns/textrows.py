"""Columns of text, written as rows of text by compiled code: texts are taken from where they lie.

Arrow would first make a text of each cell, and then one of each row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyarrow import types

from imagefit.kernel.library import Kernel
from imagefit.kernel.structures import Cell
from imagefit.values import dataclass

__all__ = ["CellTexts", "rows_of_text"]


@dataclass(frozen=True, slots=True)
class CellTexts:
    """How a column stands in rows of text.

    Attributes
    ----------
    array
        Arrow data: text, a dictionary of it, or lists of either. No element of a list is null, nor one of a dictionary.
    before, after, between
        What stands around each text, and between those of a list.
    unknown
        What stands for null, instead of all that.
    """

    array: Any
    before: bytes = b""
    after: bytes = b""
    between: bytes = b""
    unknown: bytes = b""


def rows_of_text(kernel: Kernel, columns: Sequence[CellTexts], rows: int, at_once: int) -> list[NDArray[np.uint8]]:
    """Return rows as text, so many at a time: of each row all cells, one after the other."""
    return kernel.texts(list(map(_cell, columns)), rows, at_once)


def _cell(column: CellTexts) -> Cell:
    """Return where a column lies, which it does as long as its array is there."""
    array = column.array
    known, bit = array.buffers()[0] if array.null_count else None, array.offset
    lists = None
    if types.is_list(array.type):
        lists = array.buffers()[1].address + 4 * array.offset
        array = array.values
    codes, width = None, 0
    if types.is_dictionary(array.type):
        width = array.type.index_type.bit_width // 8
        codes = array.indices.buffers()[1].address + width * array.indices.offset
        array = array.dictionary
    _, offsets, texts = array.buffers()
    offset_width = 8 if types.is_large_string(array.type) else 4
    return Cell(
        bit,
        width,
        offset_width,
        len(column.before),
        len(column.after),
        len(column.between),
        len(column.unknown),
        column.before,
        column.after,
        column.between,
        column.unknown,
        None if known is None else known.address,
        codes,
        None if offsets is None else offsets.address + offset_width * array.offset,
        None if texts is None else texts.address,
        lists,
    )
