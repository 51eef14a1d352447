"""Where ``imagefit audit --on-bad-row report`` writes the rows that can't be read: a file of their own."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from json.encoder import encode_basestring as quoted
from pathlib import Path
from typing import Any, BinaryIO

import click

from imagefit.cli.paths import STANDARD, claim
from imagefit.errors import InputError

__all__ = ["BadRows", "place_of_bad_rows"]

ENDING = ".bad-rows.jsonl"
KEYS = ("file", "row", "column", "error", "content")
"""What a line of such a file has."""

AT_A_TIME = 4096


def place_of_bad_rows(ctx: click.Context, named: str | None, output: str | None, files: Sequence[str]) -> str:
    """Return where bad rows go: to the file that is named, or to one with the name of the output, else of the input.

    Raises
    ------
    InputError
        If nobody named the file, and one of that name is there which is not of this output or input.
    click.UsageError
        If the command reads it, or writes it for another option, too.
    """
    if named is not None:
        return named
    if output not in (None, STANDARD) and (os.path.isfile(output) or not os.path.exists(output)):
        place, own = f"{output}{ENDING}", None
    else:
        first = "standard-input" if files[0] == STANDARD else os.path.basename(os.path.normpath(files[0]))
        place, own = (f"{first}{ENDING}" if len(files) == 1 else f"{first}+{len(files) - 1}{ENDING}"), files
    claim(ctx, "the file of bad rows", place, is_written=True)
    if os.path.lexists(place) and not _is_ours(Path(place), own):
        message = "a file of that name is there already and holds no bad rows of this input"
        raise InputError(message, file=place, expected="another file, as --bad-rows FILE")
    return place


class BadRows:
    """Writes bad rows to a file of their own, if there are any: one JSON object a line."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._stack = contextlib.ExitStack()
        self._file: BinaryIO | None = None

    def __enter__(self) -> BadRows:
        return self

    def __exit__(self, *failure: Any) -> None:
        self._stack.__exit__(*failure)

    def write(self, rows: Sequence[Any]) -> None:
        """Write rows."""
        from imagefit.escaping import in_json
        from imagefit.reports.atomic import atomic_file

        if self._file is None:
            self._file = self._stack.enter_context(atomic_file(self.path))
        for start in range(0, len(rows), AT_A_TIME):
            text = "".join([_line(row) for row in rows[start : start + AT_A_TIME]])
            self._file.write(in_json(text).encode())


def _line(row: Any) -> str:
    """Return a bad row as JSON; this is quicker than to make an object of it for an encoder."""
    error = row.error
    file, column = ("null" if text is None else quoted(text) for text in (error.file, error.column))
    values = (file, row.number, column, quoted(str(error)), quoted(row.text))
    return "{" + ", ".join([f'"{key}": {value}' for key, value in zip(KEYS, values, strict=True)]) + "}\n"


def _is_ours(place: Path, files: Sequence[str] | None) -> bool:
    """Whether a file has bad rows, of one of these files if some are named."""
    from imagefit.sources.names import expanded

    if not place.is_file():
        return False
    with place.open("rb") as file:
        first = file.readline(1 << 20)
    try:
        data = json.loads(first)
    except ValueError:
        return not first
    if not isinstance(data, dict) or tuple(data) != KEYS:
        return False
    if files is None or STANDARD in files:
        return True
    known = {os.path.realpath(path) for path in expanded(files)}
    return os.path.realpath(str(data["file"])) in known
