"""The line of a file in which a record stands, for those who show findings at the line."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

from imagefit.readers import Record

__all__ = ["LineFinder"]

LARGEST = 16 << 20
"""In a larger file no line is looked for."""


class LineFinder:
    """Finds lines; a file is read once.

    A line is that of the record's id (or its name) as a whole value; of a row of a table, that of the row.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str | None] = {}
        self._rows: dict[str, list[int]] = {}

    def line(self, path: str, record: Record) -> int | None:
        """Return the line, from 1; None where it can't be told: in a compressed file, or of what has no name."""
        if (text := self._text(path)) is None:
            return None
        wanted = record.id or record.name or record.key
        if Path(path).suffix.lower() in (".csv", ".tsv"):
            return self._of_row(path, text, record)
        if not wanted or (wanted.isdigit() and not record.id and not record.name):
            return int(wanted) if wanted and path.endswith(".jsonl") else None
        found = re.search(re.escape(json.dumps(wanted)) + r"(?!\s*:)", text)
        if found is None:
            found = re.search(re.escape(json.dumps(wanted, ensure_ascii=False)) + r"(?!\s*:)", text)
        return None if found is None else text.count("\n", 0, found.start()) + 1

    def _of_row(self, path: str, text: str, record: Record) -> int | None:
        wanted = record.id or record.name or record.key
        reader = csv.reader(text.splitlines(keepends=True))
        next(reader, None)
        before = reader.line_num
        for number, row in enumerate(reader, start=1):
            if wanted in row or (not record.id and not record.name and record.key == str(number)):
                return before + 1
            before = reader.line_num
        return None

    def _text(self, path: str) -> str | None:
        if path not in self._texts:
            self._texts[path] = _read(path)
        return self._texts[path]


def _read(path: str) -> str | None:
    try:
        place = Path(path)
        if not place.is_file() or place.stat().st_size > LARGEST:
            return None
        return place.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError):
        return None
