"""Texts of rows in pieces, many of them the same in many rows; and columns as such texts, a JSON object a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from imagefit.columns import arrowdata
from imagefit.columns.jsontexts import json_of_value, json_texts, json_within
from imagefit.columns.older import older
from imagefit.values import dataclass

__all__ = ["RowPieces", "json_objects", "json_values", "put_together"]

AT_ONCE = 64
"""Of so many rows texts are put together: few enough that they are written while the processor still has them."""

_TEXT = pa.large_string()


@dataclass(frozen=True, slots=True)
class RowPieces:
    """Texts of rows that all have so many pieces.

    Attributes
    ----------
    pieces
        An Arrow array of text.
    places
        The places of each row's pieces.
    """

    pieces: Any
    places: NDArray[np.int32]

    @classmethod
    def of(cls, text: str, count: int) -> RowPieces:
        """Return the same text for so many rows."""
        return cls(pa.array([text], _TEXT), np.zeros((count, 1), np.int32))

    def take(self, rows: NDArray[np.intp]) -> RowPieces:
        """Return some of the rows."""
        return RowPieces(self.pieces, self.places[rows])

    def beside(self, others: RowPieces) -> RowPieces:
        """Return the rows with the pieces of others after theirs."""
        places = np.hstack((self.places, others.places + np.int32(len(self.pieces))))
        return RowPieces(pa.concat_arrays([self.pieces, others.pieces]), places)

    @property
    def width(self) -> int:
        """How many pieces a row has."""
        return int(self.places.shape[1])

    def texts(self) -> Any:
        """Return the text of each row, an Arrow array."""
        bounds = np.arange(len(self.places) + 1) * self.width
        found = put_together(self.pieces, self.places.reshape(-1), bounds)
        return pa.concat_arrays([pa.array([], _TEXT), *found])


def put_together(pieces: Any, places: NDArray[np.int32], bounds: NDArray[np.intp]) -> Iterator[Any]:
    """Yield texts of rows, some at a time, as Arrow arrays; row ``n`` has the places from ``bounds[n]`` on."""
    for start in range(0, len(bounds) - 1, AT_ONCE):
        own = bounds[start : start + AT_ONCE + 1]
        found = arrowdata.taken(pieces, places[own[0] : own[-1]])
        offsets = np.frombuffer(found.buffers()[1], np.int64)[own - own[0]]
        yield pa.LargeStringArray.from_buffers(len(own) - 1, pa.py_buffer(offsets.data), found.buffers()[2])


def json_values(lists: Any, before: str) -> RowPieces:
    """Return lists of dictionary-encoded text, each as JSON after a text."""
    texts = json_texts(arrowdata.spelled_out(lists))
    places = np.stack((np.zeros(len(texts), np.int32), np.arange(1, len(texts) + 1, dtype=np.int32)), axis=1)
    return RowPieces(pa.concat_arrays([pa.array([before], _TEXT), texts]), places)


def json_objects(columns: Any, count: int, before: str, after: str) -> RowPieces:
    """Return the rows of a ``pyarrow.RecordBatch`` of so many rows, each as a JSON object between two texts."""
    names = dict(zip(columns.schema.names, columns.columns, strict=True))  # of two columns of a name, the last one
    common, shown = ["null", "[]"], []
    places = np.empty((count, 2 * len(names) + 1), np.int32)
    was_quoted, end = np.zeros(count, np.bool_), ""
    start, size = f"{before}{{", len(common) + 4 * len(names) + 2
    for number, (name, column) in enumerate(names.items()):
        cells = _cells(older(column))
        is_quoted = np.broadcast_to(cells.is_quoted, count)
        begin, after_it = cells.quotes
        # What stands before a value has the quotes of the value before it, and of this one.
        places[:, 2 * number] = len(common) + 2 * was_quoted + is_quoted
        common += [f"{ended}{start}{json_of_value(name)}: {begun}" for ended in ("", end) for begun in ("", begin)]
        places[:, 2 * number + 1] = np.where(is_quoted, cells.codes + np.int32(size), cells.bare)
        shown.append(cells.texts)
        size += len(cells.texts)
        start, was_quoted, end = ", ", is_quoted, after_it
    places[:, -1] = len(common) + was_quoted
    common += [f"{ended}{'' if names else start}}}{after}" for ended in ("", end)]
    return RowPieces(pa.concat_arrays([pa.array(common, _TEXT), *shown]), places)


@dataclass(frozen=True, slots=True)
class _Cells:
    """A column: texts, the place of each row's among them, and what stands around it.

    Attributes
    ----------
    is_quoted
        Which rows have the quotes around theirs; the others are what stands at `bare`: null, or an empty list.
    """

    texts: Any
    codes: NDArray[Any]
    quotes: tuple[str, str]
    is_quoted: NDArray[np.bool_] | bool = True
    bare: NDArray[np.bool_] | bool = False


def _cells(column: Any) -> _Cells:
    if types.is_list(column.type) and types.is_dictionary(column.type.value_type):
        column = arrowdata.spelled_out(column)
    kind = column.type
    is_short = types.is_dictionary(kind) and len(column.dictionary) <= len(column)
    if types.is_dictionary(kind) and (not is_short or column.dictionary.null_count):
        return _cells(column.dictionary_decode())
    values = column.dictionary if is_short else column
    codes = arrowdata.numbers(column.indices) if is_short else np.arange(len(column), dtype=np.int32)
    is_known = arrowdata.known(column)
    if arrowdata.is_text(values.type):
        return _Cells(json_within(values.cast(_TEXT)), codes, ('"', '"'), True if is_known is None else is_known)
    if types.is_list(kind) and types.is_string(kind.value_type):
        offsets: Any = np.asarray(column.offsets)
        elements = column.values.slice(offsets[0], offsets[-1] - offsets[0])
        if not elements.null_count:
            lists = pa.ListArray.from_arrays(arrowdata.arrow(offsets - offsets[0]), json_within(elements.cast(_TEXT)))
            is_list = True if is_known is None else is_known
            is_listed = (np.diff(offsets) > 0) & is_list
            return _Cells(pc.binary_join(lists, pa.scalar('", "', _TEXT)), codes, ('["', '"]'), is_listed, is_list)
    return _Cells(json_texts(column), np.arange(len(column), dtype=np.int32), ("", ""))
