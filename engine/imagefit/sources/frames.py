"""Frames as tables: what their columns are, and which Arrow can't have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from imagefit.errors import InputError

__all__ = ["levels_of", "mappings_of", "refuse_repeated", "rows_of", "table_of"]


def levels_of(frame: Any) -> dict[str, Any]:
    """Return the levels of a pandas frame's index that have names of their own: a file has them as columns."""
    index = frame.index
    named = {name: place for place, name in enumerate(index.names) if isinstance(name, str)}
    return {name: index.get_level_values(place) for name, place in named.items() if name not in frame.columns}


def rows_of(frame: Any) -> list[dict[Any, Any]]:
    """Return the rows of a pandas frame as mappings, levels of its index included."""
    refuse_repeated([name for name in frame.columns if isinstance(name, str)])
    rows: list[dict[Any, Any]] = frame.to_dict("records")
    for name, level in levels_of(frame).items():
        for row, value in zip(rows, level.tolist(), strict=True):
            row[name] = value
    return rows


def mappings_of(table: Any) -> list[dict[str, Any]]:
    """Return the rows of an Arrow table as mappings."""
    refuse_repeated(table.schema.names)
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def refuse_repeated(names: Sequence[str], file: str | None = None) -> None:
    """Raise `InputError` if two columns have one name: of a row that is a mapping, the last would count."""
    if len(set(names)) < len(names):
        name = next(each for place, each in enumerate(names) if each in names[:place])
        raise InputError("two columns of one name", file=file, column=name)


def table_of(found: Any) -> Any:
    """Return what Arrow has an interface to (``__arrow_c_stream__``) as a ``pyarrow.Table``; None if it is no table.

    Raises
    ------
    InputError
        If a column is of a type that Arrow does not have, such as ``Int128`` of polars; names it.
    """
    try:
        return pa.table(found)
    except pa.ArrowInvalid:
        for name in getattr(found, "columns", ()):  # which a column alone has not
            try:
                pa.table(found[[name]])
            except pa.ArrowInvalid:
                expected = "one that it has, such as Int64 or Decimal"
                raise InputError("a type that Arrow does not have", column=str(name), expected=expected) from None
        return None
