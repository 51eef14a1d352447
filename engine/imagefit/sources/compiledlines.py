"""JSON Lines as columns by compiled code, where that is sure of a block: texts that repeat come as dictionaries."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns.arrowdata import arrow
from imagefit.kernel.library import Kernel
from imagefit.kernel.structures import LineColumn, LineKind

__all__ = ["CompiledLines"]

CELLS = 1 << 20
"""A block of more cells is left to others: it would have few of them."""

COLUMNS = 1 << 9
"""So many names are looked through, for one that stands in another place than in the line before."""

KINDS = {
    pa.null(): LineKind.NULLS,
    pa.bool_(): LineKind.BOOLEANS,
    pa.int64(): LineKind.WHOLE_NUMBERS,
    pa.float64(): LineKind.NUMBERS,
    pa.string(): LineKind.TEXTS,
    pa.list_(pa.string()): LineKind.LISTS,
    pa.list_(pa.null()): LineKind.EMPTY_LISTS,
}


class CompiledLines:
    """Reads blocks of one file; several threads may share it.

    Parameters
    ----------
    kernel
        The compiled functions.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._repeats: dict[str, bool] = {}

    def read(self, text: NDArray[np.uint8], rows: int, schema: Any) -> Any:
        """Return lines as a ``pyarrow.RecordBatch`` of these columns, if they are of `KINDS`; None if in doubt.

        Parameters
        ----------
        text
            The lines, in UTF-8, without the last line's end.
        """
        if rows * len(schema) > CELLS or not 0 < len(schema) <= COLUMNS or not KINDS.keys() >= set(schema.types):
            return None
        block = _Block(self._kernel, text, rows, schema)
        if not self._kernel.lines(text, block.columns, rows):
            return None
        try:
            columns = [self._column(block, place, of.name) for place, of in enumerate(schema)]
        except ValueError:  # of an escape that is none, or is no text
            return None
        return pa.RecordBatch.from_arrays(columns, schema.names)

    def repeating(self, columns: Any) -> Any:
        """Return columns that others read, with dictionaries where a block that was read here has them."""
        arrays = [
            column.dictionary_encode() if column.type == pa.string() and self._repeats.get(name) else column
            for name, column in zip(columns.schema.names, columns.columns, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, columns.schema.names)

    def _column(self, block: _Block, place: int, name: str) -> Any:
        match block.kinds[place]:
            case LineKind.NULLS:
                return pa.nulls(block.rows)
            case LineKind.EMPTY_LISTS:
                mask: Any = arrow(block.known[place] == 0)
                return pa.ListArray.from_arrays(arrow(np.zeros(block.rows + 1, np.int32)), pa.nulls(0), mask=mask)
            case LineKind.LISTS:
                return block.lists(place).take(block.numbers(place, pa.int32()))
            case LineKind.TEXTS:
                codes, texts = block.numbers(place, pa.int32()), block.texts(place)
                repeats = len(texts) * 2 <= len(codes) - codes.null_count
                if self._repeats.setdefault(name, repeats) if len(texts) else self._repeats.get(name, True):
                    return pa.DictionaryArray.from_arrays(codes, _without_repeats(texts, block, place), safe=False)
                return texts if len(texts) == block.rows else texts.take(codes)
            case LineKind.BOOLEANS:
                return block.numbers(place, pa.bool_())
            case kind:
                return block.numbers(place, pa.int64() if kind is LineKind.WHOLE_NUMBERS else pa.float64())


class _Block:
    """What compiled code is told of a block, and what it says of it."""

    def __init__(self, kernel: Kernel, text: NDArray[np.uint8], rows: int, schema: Any) -> None:
        self._kernel, self._text, self.rows = kernel, text, rows
        self.kinds = [KINDS[kind] for kind in schema.types]
        self._values: NDArray[Any]
        count, slots = len(schema), 1 << (2 * rows).bit_length()
        self.known = np.zeros((count, rows), np.uint8)
        self._values = np.zeros((count, rows), np.int64)
        is_told_apart = [kind in (LineKind.TEXTS, LineKind.LISTS) for kind in self.kinds]
        self._parts = np.empty((count, 2, rows), np.int32)
        self._scratch = np.zeros((sum(is_told_apart), slots), np.int32)
        rest = iter(self._scratch)
        self.columns = (LineColumn * count)()
        for place, (column, name) in enumerate(zip(self.columns, map(str.encode, schema.names), strict=True)):
            column.name, column.name_size, column.row, column.of = name, len(name), -1, self.kinds[place]
            column.known, column.values = self.known[place].ctypes.data, self._values[place].ctypes.data
            if is_told_apart[place]:
                column.mask, column.steps, column.slots = slots - 1, 64 + 8 * rows, next(rest).ctypes.data
                column.places, column.sizes = (part.ctypes.data for part in self._parts[place])

    def numbers(self, place: int, kind: Any) -> Any:
        """Return the values of a column, or its codes, as an Arrow array."""
        values, known = self._values[place], self.known[place]
        if kind == pa.bool_():
            values = np.packbits(values.view(np.uint8)[: self.rows], bitorder="little")
        is_known = None if known.all() else _buffer(np.packbits(known, bitorder="little"))
        return pa.Array.from_buffers(kind, self.rows, [is_known, _buffer(values)])

    def texts(self, place: int) -> Any:
        """Return the different texts of a column; raises `ValueError` if one is none."""
        return self._gathered(self._parts[place, :, : self.columns[place].count], place)

    def lists(self, place: int) -> Any:
        """Return the different lists of a column; raises `ValueError` if an element is no text."""
        column = self.columns[place]
        lists = self._parts[place, :, : column.count]
        ends, elements = self._kernel.elements(self._text, lists, column.elements)
        return pa.ListArray.from_arrays(arrow(ends), self._gathered(elements, place))

    def _gathered(self, parts: NDArray[np.int32], place: int) -> Any:
        ends, signs = self._kernel.gathered(self._text, parts)
        buffers = [None, _buffer(ends), _buffer(signs)]
        if not self.columns[place].escaped:
            return pa.Array.from_buffers(pa.string(), len(ends) - 1, buffers)
        raw: Any = pa.Array.from_buffers(pa.binary(), len(ends) - 1, buffers).to_pylist()
        return pa.array([json.loads(b'"%b"' % one) if b"\\" in one else one.decode() for one in raw], pa.string())


def _buffer(values: NDArray[Any]) -> Any:
    return pa.py_buffer(values.data)


def _without_repeats(texts: Any, block: _Block, place: int) -> Any:
    """Return texts of which none is twice there; raises `ValueError` if one is, spelled otherwise."""
    if block.columns[place].escaped and len(texts.unique()) < len(texts):
        raise ValueError("a text is spelled in two ways")
    return texts
