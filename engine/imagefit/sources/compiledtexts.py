"""What compiled code is told of columns that it reads, and what it says of them, as Arrow arrays."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.arrowdata import arrow
from imagefit.kernel.library import Kernel
from imagefit.kernel.structures import ReadColumn, ValueKind

__all__ = ["Block", "Repeating", "Scratch"]

ESCAPED = 1 << 17
"""So many texts of a column are read here if one has an escape: Arrow takes less time, and less memory, for more."""

_NUMBERS = {
    ValueKind.BOOLEANS: pa.bool_(),
    ValueKind.WHOLE_NUMBERS: pa.int64(),
    ValueKind.NUMBERS: pa.float64(),
}


class Repeating:
    """Which columns of text repeat themselves: these are dictionaries in all blocks of a file; threads may share it."""

    def __init__(self) -> None:
        self._found: dict[str, bool] = {}

    def __contains__(self, name: str) -> bool:
        return self._found.get(name, True)

    @property
    def names(self) -> list[str]:
        """The columns of which it was seen that they do."""
        found = self._found.copy()  # at once: other threads add to it
        return [name for name, repeats in found.items() if repeats]

    def see(self, name: str, distinct: int, texts: int) -> bool:
        """Return whether a column does; the first block that has texts of it says so."""
        return self._found.setdefault(name, 2 * distinct <= texts) if texts else name in self


class Scratch:
    """Room that is used for one block after the other: fresh memory costs more than what is done with it."""

    def __init__(self) -> None:
        self._parts, self._slots = np.zeros(0, np.int32), np.zeros(0, np.int32)

    def of(self, columns: int, rows: int, slots: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return room for where texts stand, *(columns, 2, rows)*, and to tell them apart by, *(columns, slots)*."""
        if len(self._parts) < (size := columns * 2 * rows):
            self._parts = np.zeros(size, np.int32)
        if len(self._slots) < columns * slots:
            self._slots = np.zeros(columns * slots, np.int32)
        parts, free = self._parts[:size].reshape(columns, 2, rows), self._slots[: columns * slots]
        parts[:, 1].fill(0)
        free.fill(0)
        return parts, free.reshape(columns, slots)


class Block:
    """Columns of some rows, to be read by compiled code.

    Parameters
    ----------
    text
        The UTF-8 that is read.
    kinds
        What the columns hold.
    rows
        How many rows there may be; to be set to how many there were.
    scratch
        What nobody else uses before `arrays` returned.
    has_nulls
        Whether what is read says which rows have a value; else all do.
    """

    def __init__(
        self,
        kernel: Kernel,
        text: NDArray[np.uint8],
        names: Sequence[str],
        kinds: Iterable[ValueKind],
        rows: int,
        scratch: Scratch,
        *,
        has_nulls: bool,
    ) -> None:
        self._kernel, self._text, self._names, self._kinds = kernel, text, names, tuple(kinds)
        self.rows, self._has_nulls = rows, has_nulls
        count, slots = len(names), 1 << (2 * rows).bit_length()
        self._known = np.zeros((count, rows), np.uint8)
        self._values: NDArray[Any] = np.zeros((count, rows), np.int64)
        self._parts, self._slots = scratch.of(count, rows, slots)
        known, values, parts = (_each(array) for array in (self._known, self._values, self._parts))
        free, told_apart = iter(_each(self._slots)), (ValueKind.TEXTS, ValueKind.LISTS)
        self.columns = (ReadColumn * count)()
        for place, (column, name) in enumerate(zip(self.columns, map(str.encode, names), strict=True)):
            column.name, column.name_size, column.row, column.of = name, len(name), -1, self._kinds[place]
            column.known, column.values, column.places = known[place], values[place], parts[place]
            column.sizes = parts[place] + self._parts.strides[1]
            if self._kinds[place] in told_apart:
                column.mask, column.steps, column.slots = slots - 1, 64 + 8 * rows, next(free)

    def arrays(self, repeating: Repeating, escapes: bytes) -> list[Any]:
        """Return the columns as Arrow arrays; raises `ValueError` if something is no text after all, or is for others.

        Parameters
        ----------
        escapes
            What texts have in them that do not mean what stands there: a backslash in JSON, a quote in CSV.
        """
        return [self._array(place, kind, repeating, escapes) for place, kind in enumerate(self._kinds)]

    def _array(self, place: int, kind: ValueKind, repeating: Repeating, escapes: bytes) -> Any:
        match kind:
            case ValueKind.NULLS:
                return pa.nulls(self.rows)
            case ValueKind.EMPTY_LISTS:
                mask: Any = arrow(self._known[place] == 0)
                return pa.ListArray.from_arrays(arrow(np.zeros(self.rows + 1, np.int32)), pa.nulls(0), mask=mask)
            case ValueKind.LISTS:
                return self._lists(place, escapes).take(self._numbers(place, pa.int32()))
            case ValueKind.TEXTS:
                texts = self._gathered(self._parts[place, :, : self.columns[place].count], place, escapes)
                codes = self._numbers(place, pa.int32())
                if repeating.see(self._names[place], len(texts), len(codes) - codes.null_count):
                    if self.columns[place].escaped and len(texts.unique()) < len(texts):
                        raise ValueError("a text is spelled in two ways")
                    return pa.DictionaryArray.from_arrays(codes, texts, safe=False)
                return texts.take(codes)
            case ValueKind.PLAIN_TEXTS:
                return self._gathered(self._parts[place, :, : self.rows], place, escapes, self._known_bits(place))
            case _:
                return self._numbers(place, _NUMBERS[kind])

    def _known_bits(self, place: int) -> Any:
        """Return which rows have a value as Arrow has it; None if all."""
        known = self._known[place, : self.rows]
        return _buffer(np.packbits(known, bitorder="little")) if self._has_nulls and not known.all() else None

    def _numbers(self, place: int, kind: Any) -> Any:
        """Return the values of a column, or its codes."""
        values = self._values[place]
        if kind == pa.bool_():
            values = np.packbits(values.view(np.uint8)[: self.rows], bitorder="little")
        return pa.Array.from_buffers(kind, self.rows, [self._known_bits(place), _buffer(values)])

    def _lists(self, place: int, escapes: bytes) -> Any:
        """Return the different lists of a column."""
        column = self.columns[place]
        lists = self._parts[place, :, : column.count]
        ends, elements = self._kernel.elements(self._text, lists, column.elements)
        return pa.ListArray.from_arrays(arrow(ends), self._gathered(elements, place, escapes))

    def _gathered(self, parts: NDArray[np.int32], place: int, escapes: bytes, known: Any = None) -> Any:
        """Return parts of the text."""
        ends, signs = self._kernel.gathered(self._text, parts)
        texts: Any = pa.Array.from_buffers(pa.string(), len(ends) - 1, [known, _buffer(ends), _buffer(signs)])
        if not self.columns[place].escaped:
            return texts
        if escapes == b'"':
            return pc.replace_substring(texts, '""', '"')
        if len(texts) > ESCAPED:
            raise ValueError("too many texts have escapes")
        # A call for all takes a tenth of what one for each does; what null has is nothing.
        raw: Any = pa.Array.from_buffers(pa.binary(), len(texts), [None, *texts.buffers()[1:]])
        told: Any = pa.array(json.loads(b'["%b"]' % b'","'.join(raw.to_pylist())), pa.string())
        return pa.Array.from_buffers(pa.string(), len(texts), [known, *told.buffers()[1:]])


def _each(array: NDArray[Any]) -> range:
    """Return the addresses of the first axis."""
    first, step = array.ctypes.data, max(array.strides[0], 1)
    return range(first, first + step * len(array), step)


def _buffer(values: NDArray[Any]) -> Any:
    return pa.py_buffer(values.data)
