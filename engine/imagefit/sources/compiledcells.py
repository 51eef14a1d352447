"""Rows of CSV as columns of text by compiled code, as far as that is sure of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.kernel.library import Kernel
from imagefit.kernel.structures import ValueKind
from imagefit.sources.carrying import has_long_text
from imagefit.sources.compiledtexts import Block, Repeating, Scratch
from imagefit.sources.csvtext import Header
from imagefit.sources.limits import TEXT

__all__ = ["CompiledCells"]

BLOCK, LONGEST = 1 << 23, TEXT.most
"""So many bytes are read at a time; and of a row that goes on beyond, so many at most."""

CELLS = 1 << 20
"""So many cells are read at a time."""

COLUMNS = 1 << 9
"""Of a table with more of them, what is done for each column would take longer than its rows."""


class CompiledCells:
    """Reads the rows of a table, up to the first of which it is not sure.

    Parameters
    ----------
    kernel
        The compiled functions.
    content
        The header and the rows, in UTF-8.

    Attributes
    ----------
    is_begun
        Whether the header was read.
    is_done
        Whether all rows were.
    repeating
        Which columns are dictionaries.
    """

    def __init__(self, kernel: Kernel, content: BinaryIO, header: Header) -> None:
        self.is_begun = self.is_done = False
        self.repeating, self._scratch = Repeating(), Scratch()
        self._kernel, self._content, self._header = kernel, content, header
        self._bytes, self._size = bytearray(BLOCK), 0  # the bytes that wait are the first ones

    def batches(self) -> Iterator[Any]:
        """Yield rows as a ``pyarrow.RecordBatch``; columns of text that repeat are dictionaries."""
        if len(self._header.columns) > COLUMNS:
            return
        is_last, size = False, 0
        while not is_last:
            is_last = not self._fill()
            text, start = np.frombuffer(self._bytes, np.uint8)[: self._size], 0
            lines = self._kernel.count(text, "\n") + is_last  # as many rows there are at most
            while start < self._size:
                columns, size = self._read(text[start:], lines, is_last=is_last)
                start += max(size, 0)
                if columns is not None:
                    lines -= columns.num_rows
                    yield columns
                if size <= 0:
                    break
            self._drop(start)
            if self._size and (size < 0 or is_last or self._size >= LONGEST):
                return
        self.is_done = True

    def read(self, size: int) -> bytes:
        """Return so many bytes at most, from the first row on that was not read."""
        if not self._size:
            return self._content.read(size)
        found = bytes(self._bytes[: min(size, self._size)])
        self._drop(len(found))
        return found

    def _fill(self) -> int:
        """Read on; returns how many bytes came."""
        if self._size == len(self._bytes):
            self._bytes = self._bytes + bytes(self._size)
        content: Any = self._content
        with memoryview(self._bytes) as room:
            found: int = content.readinto(room[self._size :])
        self._size += found
        return found

    def _drop(self, count: int) -> None:
        """Forget the first bytes that wait."""
        self._size -= count
        self._bytes[: self._size] = self._bytes[count : count + self._size]

    def _read(self, text: NDArray[np.uint8], lines: int, *, is_last: bool) -> tuple[Any, int]:
        """Return the first rows of a text, None of the header, and how many bytes they are: less than 0 if in doubt."""
        names = self._header.columns
        rows = max(min(lines, CELLS // len(names)), 1) if self.is_begun else 1
        kinds = [
            ValueKind.TEXTS if self.is_begun and name in self.repeating else ValueKind.PLAIN_TEXTS for name in names
        ]
        block = Block(self._kernel, text, names, kinds, rows, self._scratch, has_nulls=False)
        block.rows, size = self._kernel.rows_of_cells(
            text, block.columns, rows, self._header.delimiter, are_last=is_last
        )
        if block.rows < 0 or not self._kernel.is_utf8(text[:size]):
            return None, -1
        if block.rows == 0 or not self.is_begun:
            self.is_begun = self.is_begun or block.rows == 1
            return None, size
        columns = block.arrays(self.repeating, b'"')
        return (
            (None, -1) if any(map(has_long_text, columns)) else (pa.RecordBatch.from_arrays(columns, list(names)), size)
        )
