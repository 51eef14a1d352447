"""What the result columns must not be called: as a column that the caller has."""

from __future__ import annotations

from collections.abc import Sequence

from imagefit.errors import InputError

__all__ = ["check_names"]


def check_names(names: Sequence[object], columns: Sequence[str]) -> None:
    """Raise `InputError` if a table has a column of the name of a result column."""
    for column in columns:
        if column in names:
            raise InputError("the table has a column of this name already; rename ours with a prefix", column=column)
