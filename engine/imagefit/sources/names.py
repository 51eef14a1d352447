"""What columns and rows are called: a row by its key, a column that is nearly a fact by that fact.

The names of files that patterns mean, and of ``FILE#ID``, are here, too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

from imagefit.errors import InputError, shortened
from imagefit.facts import Field
from imagefit.sources.opening import is_address

__all__ = [
    "KEY_COLUMNS",
    "LOOKED_AT",
    "OPERATION_COLUMN",
    "attributes_beside",
    "expanded",
    "key_of_row",
    "near_fact",
    "near_facts",
    "split_place",
    "split_sheet",
]

KEY_COLUMNS = ("id", "key", "name")
"""The columns that say what a row is called: the first that is not empty."""

OPERATION_COLUMN = "operation"
"""The column that says what is asked of each row, where that is not the same for all."""

WORKBOOKS = (".xlsx", ".xlsm")
"""What the names of files end in of which a sheet can be named."""

LOOKED_AT = 200
"""Comparing spellings is slow; of a table with more columns of its own, so many are looked at."""


def key_of_row(row: Mapping[str, object], number: int) -> str:
    """Return what a row of facts is called: what its key columns say, or else its number.

    >>> key_of_row({"id": "", "name": "web"}, 7), key_of_row({"id": True}, 7)
    ('web', '7')
    """
    for name in KEY_COLUMNS:
        if (key := row.get(name)) is None or key == "":
            continue
        if isinstance(key, str):
            return key
        if isinstance(key, int | float) and not isinstance(key, bool) and key == key and abs(key) < 10**30:
            return str(int(key) if key == int(key) else key)
    return str(number)


def attributes_beside(columns: Sequence[str], fields: Mapping[str, Field]) -> list[str]:
    """Return columns that are attributes of a service, of a table that has enough of them to be an object of it."""
    if not any("_" in column for column in columns):
        return []
    from imagefit.readers.tables import is_table
    from imagefit.readers.told import attributes_among

    return attributes_among(columns, fields) if is_table(columns) else []


def near_facts(columns: Iterable[str], fields: Mapping[str, Field]) -> list[str]:
    """Warn of columns that are nearly a fact's name; the others are the caller's own business."""
    columns = [*islice((column for column in columns if column not in fields), LOOKED_AT)]
    beside = attributes_beside(columns, fields)
    columns = [column for column in columns if column not in beside]
    told = [f"attributes of a service are not read beside facts: {', '.join(map(shortened, beside[:8]))}"]
    return (told if beside else []) + [
        f"column {shortened(column)} is no fact and is carried through; did you mean {fact!r}?"
        for column in columns
        if (fact := near_fact(column, fields)) is not None
    ]


def near_fact(column: str, fields: Mapping[str, Field]) -> str | None:
    """Return the fact whose name a column nearly has: judged leniently only if it starts as facts do (``image.``)."""
    import difflib

    squeezed = {_squeezed(fact): fact for fact in fields}
    is_dotted = column.partition(".")[0].lower() in {fact.partition(".")[0] for fact in fields}
    near = difflib.get_close_matches(_squeezed(column), squeezed, n=1, cutoff=0.7 if is_dotted else 0.9)
    return squeezed[near[0]] if near else None


def expanded(patterns: Iterable[str]) -> list[str]:
    """Return the files that paths and glob patterns mean, each pattern's in the order of their names.

    Raises
    ------
    InputError
        If a pattern means no file.
    """
    found: list[str] = []
    for pattern in patterns:
        if (
            pattern == "-"
            or is_address(pattern)
            or not any(sign in pattern for sign in "*?[")
            or os.path.exists(split_sheet(pattern)[0])
        ):
            found.append(pattern)
            continue
        import glob

        files = sorted(path for path in glob.glob(pattern, recursive=True) if not os.path.isdir(path))
        if not files:
            raise InputError("no file is named like this", file=pattern)
        found += files
    return found


def split_place(place: str) -> tuple[str, str | None]:
    """Split ``FILE#ID``; a ``#`` that is part of an existing file's name stays in it.

    >>> split_place("images.json#web-22")
    ('images.json', 'web-22')
    """
    if "#" not in place or _is_there(place):
        return place, None
    workbook, sheet = split_sheet(place)
    if sheet is not None:
        return _with_sheet(workbook, sheet)
    parts = place.split("#")
    for number in range(1, len(parts)):
        path = "#".join(parts[:number])
        if path == "-" or _is_there(path):
            break
    else:
        number = 1
    return "#".join(parts[:number]), "#".join(parts[number:])


def split_sheet(path: str) -> tuple[str, str | None]:
    """Split ``FILE#SHEET``; a ``#`` that is part of an existing file's name stays in it."""
    for ending in WORKBOOKS:
        place, found, sheet = path.partition(f"{ending}#")
        if found and not os.path.exists(path) and os.path.isfile(place + ending):
            return place + ending, sheet
    return path, None


def _with_sheet(path: str, named: str) -> tuple[str, str | None]:
    """Return a workbook with the sheet that is named, or begins what is named, and the id behind it."""
    from imagefit.sources.workbook import opened_workbook

    sheets = opened_workbook(Path(path), path).parts
    sheet, hash_, selector = named.partition("#")
    if named in sheets or sheet not in sheets:
        return (f"{path}#{named}", None) if named in sheets else (path, named)
    return f"{path}#{sheet}", selector if hash_ else None


def _is_there(path: str) -> bool:
    return os.path.exists(path) and not os.path.isdir(path)


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name[:100].lower())
