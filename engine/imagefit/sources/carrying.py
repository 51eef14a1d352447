"""Arrow data as it is carried: whether that from a file is what it says, with cells within the limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from imagefit.columns.arrowdata import bytes_of
from imagefit.sources.limits import CELL
from imagefit.sources.text import is_carried, uncarried

__all__ = ["Damaged", "check_batch", "column_of_texts", "has_long_text", "without_null_entries"]


class Damaged(ValueError):
    """A column holds what it can't: an index beyond its dictionary, text that is no UTF-8, offsets beyond its end."""

    def __init__(self, message: str, column: str) -> None:
        super().__init__(message)
        self.column = column


def check_batch(batch: Any, first: int) -> None:
    """Check everything in a batch that was read: what looks at it later could crash on it.

    Parameters
    ----------
    first
        The number of its first row.

    Raises
    ------
    Damaged
        If it is malformed.
    InputError
        If a cell is too long; names row and column.
    """
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            column.validate(full=True)
        except pa.ArrowException as error:
            raise Damaged(str(error), name) from None
        if has_long_text(column):
            row, found = _first_long(column)
            raise CELL.passed(None, found, row=None if row is None else first + row, column=name)


def without_null_entries(table: Any) -> Any:
    """Return a batch or a table whose dictionaries hold no null: Arrow can neither join nor write those that do.

    The rows that are null stay so.
    """
    for place, column in enumerate(table.columns):
        if types.is_dictionary(column.type):
            chunks: list[Any] = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
            if any(chunk.dictionary.null_count for chunk in chunks):
                moved = list(map(_with_null_indices, chunks))
                whole = pa.chunked_array(moved) if isinstance(column, pa.ChunkedArray) else moved[0]
                table = table.set_column(place, table.schema.field(place), whole)
    return table


def _with_null_indices(array: Any) -> Any:
    """Return a dictionary array that is null where its indices are, and not where they point at null."""
    is_entry = array.dictionary.is_valid().to_numpy(zero_copy_only=False)
    places: Any = pa.array(np.cumsum(is_entry) - is_entry, array.indices.type, mask=~is_entry)
    entries = array.dictionary.drop_null()
    return pa.DictionaryArray.from_arrays(places.take(array.indices), entries, ordered=array.type.ordered)


def column_of_texts(texts: Sequence[str | None], name: str, first: int = 1) -> Any:
    """Return texts as an Arrow array; raises `InputError`, with the row, if one is no text that can be written."""
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:
        place = next(place for place, text in enumerate(texts) if text is not None and not is_carried(text))
        raise uncarried(texts[place] or "", None, first + place, name) from None


def has_long_text(column: Any) -> bool:
    """Whether a text in a column, or in its lists or dictionary, is longer than a cell may be."""
    return any(longest > CELL.most for longest in map(_longest, _texts(column)))


def _first_long(column: Any) -> tuple[int | None, int | None]:
    """Return the place and the length of the first text that is too long, of a column of texts alone."""
    texts = column.dictionary if types.is_dictionary(column.type) else column
    if types.is_nested(texts.type):
        return None, None
    lengths = pc.utf8_length(texts)
    if types.is_dictionary(column.type):
        lengths = lengths.take(column.indices)
    places = pc.indices_nonzero(pc.fill_null(pc.greater(lengths, pa.scalar(CELL.most)), False))
    return (places[0].as_py(), lengths[places[0].as_py()].as_py()) if len(places) else (None, None)


def _texts(column: Any) -> list[Any]:
    """Return the arrays of text that a column is made of."""
    of = column.type
    if types.is_dictionary(of):
        return _texts(column.dictionary)
    if types.is_nested(of):
        if types.is_struct(of):
            return [text for place in range(of.num_fields) for text in _texts(column.field(place))]
        return _texts(column.values) if hasattr(column, "values") else []
    return [column] if types.is_string(of) or types.is_large_string(of) or of == pa.string_view() else []


def _longest(texts: Any) -> int:
    """Return the length of the longest text, or 0 where none can be longer than a cell."""
    if bytes_of(texts) <= CELL.most:
        return 0
    most = pc.max(pc.binary_length(texts)).as_py() or 0
    return most if most <= CELL.most else pc.max(pc.utf8_length(texts)).as_py()
