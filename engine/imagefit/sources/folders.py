"""Folders among the files that are named: what in one is read, and what is not, which is said."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from imagefit.errors import InputError
from imagefit.sources.limits import FILES
from imagefit.sources.names import expanded

__all__ = ["files_of"]

NAMED = 8
"""So many files that are not read are named."""


def files_of(patterns: Iterable[str], opens: Callable[[str], object], told: list[str]) -> list[str]:
    """Return the files that paths and patterns mean, and those of folders that are read, by their names.

    Parameters
    ----------
    opens
        Raises `InputError` of a file that is not read.
    told
        Gets a line of each folder in which something is not read.

    Raises
    ------
    InputError
        If a pattern means no file, or a folder has none that is read, or very many.
    """
    found: list[str] = []
    for path in expanded(patterns):
        found += _in_folder(path, opens, told) if path != "-" and os.path.isdir(path) else [path]
    return found


def _in_folder(path: str, opens: Callable[[str], object], told: list[str]) -> list[str]:
    read: list[str] = []
    refused: dict[str, str] = {}
    hidden = folders = others = 0
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=path) from None
    if len(entries) > FILES.most:
        raise FILES.passed(path, len(entries))
    for entry in entries:
        if entry.name.startswith("."):
            hidden += 1
        elif entry.is_dir():
            folders += 1
        elif not entry.is_file():
            others += 1
        else:
            try:
                opens(entry.path)
                read.append(entry.path)
            except InputError as error:
                refused[entry.name] = error.message
    counts = ((hidden, "hidden"), (folders, "folders"), (others, "neither file nor folder"))
    said = [f"{count:,} {what}" for count, what in counts if count]
    if refused:
        some = "; ".join(f"{name}: {why}" for name, why in list(refused.items())[:NAMED])
        said.append(f"{len(refused):,} others ({some}{'; ...' if len(refused) > NAMED else ''})")
    if not read:
        raise InputError("nothing in this folder is read", file=path, value=", ".join(said) or None)
    if said:
        told.append(f"{path}: {len(read):,} files are read; not read: {', '.join(said)}")
    return read
