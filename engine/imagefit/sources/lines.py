"""The line of a file in which a record stands, for those who show findings at the line."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Iterable
from functools import cached_property
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
        self._text, self._suffix, self._header = text, Path(path).suffix.lower(), header
        self._is_table = header is not None or self._suffix in (".csv", ".tsv")
        self._rows: list[int] = []
        self._is_first = True

    def find(self, key: str, number: int) -> int | None:
        """Return the line of a row."""
        is_first, self._is_first = self._is_first, False
        if is_first and not (self._is_table or number or "\\" in self._text):
            return _line_of(key, self._text)
        values = self._values  # for more than one, where each stands is noted
        if 0 < number <= len(self._rows):
            return self._rows[number - 1]
        return values.get(key)

    @cached_property
    def _values(self) -> dict[str, int]:
        """The line of each value; those of rows are found, too."""
        values: dict[str, int] = {}
        if self._is_table:
            self._read_table(values, self._header or Header((), "\t" if self._suffix == ".tsv" else ","))
        else:
            self._read_json(values, is_lines=self._suffix in (".jsonl", ".ndjson"))
        return values

    def _read_table(self, values: dict[str, int], header: Header) -> None:
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=header.delimiter)
        begins, number = 1, -int(header.has_separator_line)  # the header is row 0
        with contextlib.suppress(csv.Error):
            for row in reader:
                if row and number > 0:
                    self._rows.append(begins)
                    for cell in row:
                        values.setdefault(cell, begins)
                begins, number = reader.line_num + 1, number + bool(row)

    def _read_json(self, values: dict[str, int], *, is_lines: bool) -> None:
        for number, line in enumerate(self._text.split("\n"), start=1):
            if is_lines and line.strip():
                self._rows.append(number)
            for text, is_key in _TEXT.findall(line):
                if not is_key:
                    with contextlib.suppress(ValueError):
                        values.setdefault(json.loads(text) if "\\" in text else text[1:-1], number)


def _line_of(value: str, text: str) -> int | None:
    """Return the first line of JSON, none of which is escaped, that has a value: whole, and not as a key."""
    written = f'"{value}"'
    end = -1
    while (place := text.find(written, end + 1)) >= 0:
        begin, end = text.rfind("\n", 0, place) + 1, text.find("\n", place)
        line = text[begin : end if end >= 0 else None]
        if any(found == written and not is_key for found, is_key in _TEXT.findall(line)):
            return text.count("\n", 0, begin) + 1
        if end < 0:
            break
    return None


def _read(path: str, encoding: str) -> str | None:
    try:
        place = Path(path)
        if not place.is_file() or place.stat().st_size > LARGEST:
            return None
        return place.read_bytes().decode(encoding).removeprefix("\ufeff")
    except (OSError, ValueError):
        return None
