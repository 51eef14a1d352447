"""JSON Lines as columns by compiled code, where that is sure of a block: texts that repeat come as dictionaries."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.kernel.library import Kernel
from imagefit.kernel.structures import ValueKind
from imagefit.sources.compiledtexts import Block, Repeating, Scratch
from imagefit.sources.limits import TEXT

__all__ = ["CompiledLines"]

CELLS = 1 << 20
"""A block of more cells is left to others: few of them have a value."""

COLUMNS = 1 << 9
"""So many names are looked through, for one that stands in another place than in the line before."""

KINDS = {
    pa.null(): ValueKind.NULLS,
    pa.bool_(): ValueKind.BOOLEANS,
    pa.int64(): ValueKind.WHOLE_NUMBERS,
    pa.float64(): ValueKind.NUMBERS,
    pa.string(): ValueKind.TEXTS,
    pa.list_(pa.string()): ValueKind.LISTS,
    pa.list_(pa.null()): ValueKind.EMPTY_LISTS,
}


class _Own(threading.local):
    """What a thread has for itself."""

    def __init__(self) -> None:
        self.scratch = Scratch()


class CompiledLines:
    """Reads blocks of one file; several threads may share it.

    Parameters
    ----------
    kernel
        The compiled functions.
    """

    def __init__(self, kernel: Kernel) -> None:
        self._kernel, self._repeating, self._own = kernel, Repeating(), _Own()

    def is_utf8(self, text: NDArray[np.uint8]) -> bool:
        """Whether bytes are a text in UTF-8."""
        return self._kernel.is_utf8(text)

    def read(self, text: NDArray[np.uint8], schema: Any) -> Any:
        """Return lines as a ``pyarrow.RecordBatch`` of these columns, if they are of `KINDS`; None if in doubt.

        Parameters
        ----------
        text
            The lines, in UTF-8, without the last line's end.
        """
        rows = self._kernel.count(text, "\n") + 1
        if rows * len(schema) > CELLS or not 0 < len(schema) <= COLUMNS or not KINDS.keys() >= set(schema.types):
            return None
        kinds = (self._kind(of.name, KINDS[of.type]) for of in schema)
        block = Block(self._kernel, text, schema.names, kinds, rows, self._own.scratch, has_nulls=True)
        if not self._kernel.lines(text, block.columns, rows, TEXT.most):
            return None
        try:
            return pa.RecordBatch.from_arrays(block.arrays(self._repeating, b"\\"), schema.names)
        except ValueError:  # of an escape that is none, or is no text
            return None

    def repeating(self, columns: Any) -> Any:
        """Return columns that others read, with dictionaries where those that were read here have them."""
        names = self._repeating.names
        arrays = [
            column.dictionary_encode() if column.type == pa.string() and name in names else column
            for name, column in zip(columns.schema.names, columns.columns, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, columns.schema.names)

    def _kind(self, name: str, kind: ValueKind) -> ValueKind:
        return ValueKind.PLAIN_TEXTS if kind is ValueKind.TEXTS and name not in self._repeating else kind
