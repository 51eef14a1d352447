"""What the result columns must not be called: as a column that the caller has."""

from __future__ import annotations

from collections.abc import Sequence

from imagefit.errors import InputError

__all__ = ["check_names"]


def check_names(names: Sequence[object], columns: Sequence[str], *, any_case: bool = False) -> None:
    """Raise `InputError` if a table has a column of the name of a result column; to a database, in any case."""
    taken = {str(name).casefold(): str(name) for name in names} if any_case else {name: name for name in names}
    for column in columns:
        if (found := taken.get(column.casefold() if any_case else column)) is not None:
            said = None if found == column else found
            message = "the table has a column of this name already; rename ours with a prefix"
            raise InputError(message, column=column, value=said)
