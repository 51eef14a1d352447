"""The line of a file in which a record stands, for those who show findings at the line."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

from imagefit.readers import Record
from imagefit.sources.candidates import CandidateFile
from imagefit.sources.csvtext import Header

__all__ = ["LineFinder"]

LARGEST = 16 << 20
"""In a larger file no line is looked for."""


class LineFinder:
    """Finds lines; a file is read once.

    A line is that of the record's id (or its name) as a whole value; of a row of a table, that of the row.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str | None] = {}

    def line(self, path: str, record: Record, source: CandidateFile | None = None) -> int | None:
        """Return the line, from 1; None where it can't be told: in a compressed file, or of what has no name."""
        header: Header | None = getattr(source, "header", None)
        if (text := self._text(path, "utf-8" if source is None else source.file.encoding)) is None:
            return None
        wanted = record.id or record.name or record.key
        if header is not None:
            return self._of_row(text, record, header)
        if not wanted or (wanted.isdigit() and not record.id and not record.name):
            return int(wanted) if wanted and path.endswith(".jsonl") else None
        found = re.search(re.escape(json.dumps(wanted)) + r"(?!\s*:)", text)
        if found is None:
            found = re.search(re.escape(json.dumps(wanted, ensure_ascii=False)) + r"(?!\s*:)", text)
        return None if found is None else text.count("\n", 0, found.start()) + 1

    def _of_row(self, text: str, record: Record, header: Header) -> int | None:
        wanted = record.id or record.name or record.key
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=header.delimiter)
        before, number = 0, -int(header.has_separator_line)  # the header is row 0
        for row in reader:
            is_named = wanted in row or (not record.id and not record.name and record.key == str(number))
            if number > 0 and row and is_named:
                return before + 1
            before, number = reader.line_num, number + bool(row)
        return None

    def _text(self, path: str, encoding: str) -> str | None:
        if path not in self._texts:
            self._texts[path] = _read(path, encoding)
        return self._texts[path]


def _read(path: str, encoding: str) -> str | None:
    try:
        place = Path(path)
        if not place.is_file() or place.stat().st_size > LARGEST:
            return None
        return place.read_bytes().decode(encoding).removeprefix("\ufeff")
    except (OSError, ValueError):
        return None
