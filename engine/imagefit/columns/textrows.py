"""Columns of text, written as rows of text by compiled code: texts are taken from where they lie.

Arrow would first make a text of each cell, and then one of each row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from imagefit.kernel.library import Kernel
from imagefit.kernel.structures import PADDING, Cell
from imagefit.values import dataclass

__all__ = ["CellTexts", "rows_of_text"]


MANY, LARGE = 16, 1 << 20
"""A dictionary is short where each of its texts stands so many times, or more, and where it has no more bytes."""


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
    is_whole
        Whether the dictionary has all that, and as its last texts what stands for null, and some that no row has.
    """

    array: Any
    before: bytes = b""
    after: bytes = b""
    between: bytes = b""
    unknown: bytes = b""
    is_whole: bool = False


def rows_of_text(kernel: Kernel, columns: Sequence[CellTexts], rows: int, at_once: int) -> Iterator[NDArray[np.uint8]]:
    """Return what makes rows text, so many at a time: of each row all cells, one after the other.

    Each piece is good until the next one is made, in the same place.
    """
    columns = [_whole(column, rows) for column in columns]
    return _texts_of(kernel, columns, rows, at_once)


def _texts_of(kernel: Kernel, columns: Sequence[CellTexts], rows: int, at_once: int) -> Iterator[NDArray[np.uint8]]:
    yield from kernel.texts(list(map(_cell, columns)), rows, at_once)  # columns are there as long as this is


def _whole(column: CellTexts, rows: int) -> CellTexts:
    """Return a column with all that stands for its texts, and for null, in its dictionary, if that is short."""
    array = column.array
    if not types.is_dictionary(array.type) or len(array.dictionary) * MANY > rows or array.dictionary.nbytes > LARGE:
        return column
    before, after, between = (pa.scalar(text.decode()) for text in (column.before, column.after, b""))
    texts = pc.binary_join_element_wise(before, array.dictionary.cast(pa.string()), after, between)
    texts = pa.concat_arrays([texts, pa.array([column.unknown.decode(), " " * PADDING])])
    return CellTexts(pa.DictionaryArray.from_arrays(array.indices, texts, safe=False), is_whole=True)


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
        column.is_whole,
        len(array) - 2 if column.is_whole else 0,
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
