"""Whether columns of Arrow data hold what is carried: cells within the limit."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from imagefit.sources.limits import CELL

__all__ = ["has_long_text"]


def has_long_text(column: Any) -> bool:
    """Whether a text in a column, or in its lists or dictionary, is longer than a cell may be."""
    return any(longest > CELL.most for longest in map(_longest, _texts(column)))


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
    if texts.nbytes <= CELL.most:
        return 0
    most = pc.max(pc.binary_length(texts)).as_py() or 0
    return most if most <= CELL.most else pc.max(pc.utf8_length(texts)).as_py()
