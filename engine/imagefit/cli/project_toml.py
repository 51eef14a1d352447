"""Where a project file is, and what a shared one says of imagefit; `cli.project_settings` reads what it says."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from imagefit.errors import InputError
from imagefit.values import pattern

__all__ = ["FILE", "SHARED_FILE", "TABLE", "find_project", "table_of", "text_of"]

FILE, SHARED_FILE, TABLE = "imagefit.toml", "pyproject.toml", ("tool", "imagefit")


def find_project(folder: Path) -> Path | None:
    """Return the nearest project file in `folder` or above; an ``imagefit.toml`` before a ``pyproject.toml``."""
    for here in (folder, *folder.parents):
        if (here / FILE).is_file():
            return here / FILE
        if (here / SHARED_FILE).is_file() and table_of(here / SHARED_FILE) is not None:
            return here / SHARED_FILE
    return None


def text_of(path: Path) -> str:
    """Return what stands in a project file; raises `InputError` if it can't be read."""
    try:
        return path.read_text("utf-8-sig")  # editors of Windows put a mark in front
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8", file=os.path.relpath(path), value=repr(error.object[error.start])) from None
    except OSError as error:
        raise InputError(error.strerror or str(error), file=os.path.relpath(path)) from None


def table_of(path: Path) -> dict[str, Any] | None:
    """Return what a file says of imagefit, if it is one that does; raises `InputError` if it is no TOML."""
    text = text_of(path)
    if path.name != FILE and (_AS_QUICKLY_SEEN.search(text) is None or _IN_SHARED_FILE.search(text) is None):
        return None  # so that a mistake in somebody else's part is theirs to tell

    import tomllib  # here, for most commands find no such table

    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).partition(" (at ")
        at = re.fullmatch(r"line (\d+), column (\d+)\)", place)
        file = os.path.relpath(path) + (f":{at[1]}:{at[2]}" if at else "")
        raise InputError(f"no TOML: {what}", file=file) from None
    except RecursionError:
        raise InputError("no TOML: nested too deeply", file=os.path.relpath(path)) from None
    if path.name == FILE:
        return found
    tool = found.get(TABLE[0])
    mine = tool.get(TABLE[1]) if isinstance(tool, dict) else None
    return mine if isinstance(mine, dict) else None


_IN_SHARED_FILE = pattern(
    r"""tool["']?\s*\.\s*["']?imagefit|^\s*\[\s*["']?tool["']?\s*\]|^\s*["']?tool["']?\s*=|\\[uUx]""", re.MULTILINE
)
"""What stands somewhere in a file that has the table, however it is written."""

_AS_QUICKLY_SEEN = pattern(r"""tool["']?\s*(?:\.\s*["']?imagefit|[\]=])|\\[uUx]""")
"""What is wherever that is: it begins with what is quickly found."""
