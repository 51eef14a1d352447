"""The line of a file in which a record stands, for those who show findings at the line."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

from imagefit.readers import Record
from imagefit.sources.candidates import CandidateFile
from imagefit.sources.csvtext import Header
from imagefit.values import pattern

__all__ = ["LineFinder"]

_TEXT = pattern(r'("(?:[^"\\]|\\.)*")(\s*:)?')

LARGEST = 16 << 20
"""In a larger file no line is looked for."""


class LineFinder:
    """Finds lines; a file is read once.

    A line is that of the record's id (or its name) as a whole value; of a row of a table, that of the row.

    Parameters
    ----------
    files
        The files as they were opened, which know their encodings and what separates cells.
    """

    def __init__(self, files: Iterable[CandidateFile] = ()) -> None:
        self._opened = {file.name: file for file in files}
        self._files: dict[str, _Lines | None] = {}

    def line(self, path: str, record: Record) -> int | None:
        """Return the line, from 1; None where it can't be told: in a compressed file, or of what has no name."""
        key = record.id or record.name or record.key
        is_counted = not record.id and not record.name and key.isdigit()
        return self.line_of_row(path, "" if is_counted else key, int(key) if is_counted else 0)

    def line_of_row(self, path: str, key: str, number: int) -> int | None:
        """Return the line of a row by its number, from 1 (0: not known), or what it is called; None as `line` does."""
        if path not in self._files:
            source = self._opened.get(path)
            text = _read(path, "utf-8" if source is None else source.file.encoding) if path else None
            self._files[path] = None if text is None else _Lines(text, path, getattr(source, "header", None))
        lines = self._files[path]
        return None if lines is None else lines.find(key, number)


class _Lines:
    """Where rows and values stand in a text."""

    def __init__(self, text: str, path: str, header: Header | None) -> None:
        self._rows: list[int] = []
        self._values: dict[str, int] = {}
        suffix = Path(path).suffix.lower()
        if header is not None or suffix in (".csv", ".tsv"):
            self._read_table(text, header or Header((), "\t" if suffix == ".tsv" else ","))
        else:
            self._read_json(text, is_lines=suffix in (".jsonl", ".ndjson"))

    def find(self, key: str, number: int) -> int | None:
        """Return the line of a row."""
        if 0 < number <= len(self._rows):
            return self._rows[number - 1]
        return self._values.get(key)

    def _read_table(self, text: str, header: Header) -> None:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=header.delimiter)
        begins, number = 1, -int(header.has_separator_line)  # the header is row 0
        with contextlib.suppress(csv.Error):
            for row in reader:
                if row and number > 0:
                    self._rows.append(begins)
                    for cell in row:
                        self._values.setdefault(cell, begins)
                begins, number = reader.line_num + 1, number + bool(row)

    def _read_json(self, text: str, *, is_lines: bool) -> None:
        for number, line in enumerate(text.split("\n"), start=1):
            if is_lines and line.strip():
                self._rows.append(number)
            for text, is_key in _TEXT.findall(line):
                if not is_key:
                    with contextlib.suppress(ValueError):
                        self._values.setdefault(json.loads(text) if "\\" in text else text[1:-1], number)


def _read(path: str, encoding: str) -> str | None:
    try:
        place = Path(path)
        if not place.is_file() or place.stat().st_size > LARGEST:
            return None
        return place.read_bytes().decode(encoding).removeprefix("\ufeff")
    except (OSError, ValueError):
        return None
