"""The header of a CSV and the cells of its rows, as Python's `csv` has them, with what separates them.

Cells are separated by what the caller or a first line ``sep=;`` says, else by what stands most often in the header. An
empty file and repeated columns are errors.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from imagefit.errors import InputError
from imagefit.sources.limits import CELL, COLUMNS, TEXT
from imagefit.sources.opening import Opened
from imagefit.sources.text import Text, is_carried
from imagefit.values import dataclass, pattern

__all__ = ["Cells", "Header", "checked_delimiter", "header_of"]

DELIMITERS = (",", ";", "\t")
"""What cells are separated by where nobody says it; of two that are as frequent, the first."""

_NAMED = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|"}
_SIGN = r"[^\w\s\"'.+-]|\t"
_SEPARATOR_LINE = pattern(rf"(?i)sep=({_SIGN})", re.ASCII)
_QUOTED = pattern(r'"[^"]*"')

csv.field_size_limit(max(csv.field_size_limit(), 2 * TEXT.most))  # ours is below: it is the same for all formats


def checked_delimiter(text: str) -> str:
    """Return the sign that a caller names; raises `InputError` if nothing could be told apart by it.

    >>> checked_delimiter(";"), checked_delimiter("pipe")
    (';', '|')
    """
    sign = _NAMED.get(text.lower(), text)
    if not sign.isascii() or not re.fullmatch(_SIGN, sign):
        expected = f"one sign, such as ; or |, or {', '.join(name for name in _NAMED if name.isalpha())}"
        raise InputError("nothing that separates cells", value=text, expected=expected)
    return sign


@dataclass(frozen=True, slots=True)
class Header:
    """How a file begins.

    Attributes
    ----------
    columns
        Their names.
    delimiter
        What separates cells.
    has_separator_line
        Whether there is a line before it that says so.
    """

    columns: tuple[str, ...]
    delimiter: str
    has_separator_line: bool = False


def header_of(file: Opened, delimiter: str | None) -> Header:
    """Return a file's columns, separated by what the caller says, or the file.

    Raises
    ------
    InputError
        If it is empty, or a column stands twice or is no text.
    """
    with file.text() as text:
        lines = text.lines("\r\n")
        first = _header_lines(lines)
        said = _SEPARATOR_LINE.fullmatch(first.strip("\r\n"))
        found = delimiter or (said[1] if said is not None else _most_frequent(first))
    with file.text() as text:
        columns = next(Cells(text, found, has_separator_line=said is not None), None)
    if columns is None:
        raise InputError("the file is empty", file=file.name, expected="a header, at least")
    if not all(map(is_carried, columns)):
        raise file.not_text()
    if len(columns) > COLUMNS.most:
        raise COLUMNS.passed(file.name, len(columns), row="the header")
    seen: set[str] = set()
    for column in columns:
        if column in seen:
            raise InputError("the column stands twice", file=file.name, row="the header", value=column)
        if len(column) > CELL.most:
            raise CELL.passed(file.name, len(column), row="the header")
        seen.add(column)
    return Header(tuple(columns), found, said is not None)


def _header_lines(lines: Iterator[str]) -> str:
    """Return the lines of the header: where a quote is open it goes on, as far as a row may."""
    found: list[str] = []
    quotes = size = 0
    for line in lines:
        if found or line.strip("\r\n"):
            found.append(line)
            quotes, size = quotes + line.count('"'), size + len(line)
            if quotes % 2 == 0 or size > TEXT.most:
                break
    return "".join(found)


def _most_frequent(header: str) -> str:
    outside = _QUOTED.sub("", header)
    return max(DELIMITERS, key=outside.count)


class Cells:
    """The cells of each row that is not empty, the header's too.

    Attributes
    ----------
    is_odd
        Whether a cell of the last row may be too long or hold what is no text.
    """

    def __init__(self, text: Text, delimiter: str, *, has_separator_line: bool = False) -> None:
        self.is_odd = False
        self._text, self._size = text, 0
        lines = self._lines()
        if has_separator_line:
            next(line for line in lines if line.strip("\r\n"))
        self._rows = csv.reader(lines, strict=True, delimiter=delimiter)

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        while True:
            self._size, self.is_odd, self._text.may_skip = 0, False, True
            try:
                if cells := next(self._rows):
                    self.is_odd = self.is_odd or self._size > CELL.most
                    return cells
            except csv.Error as error:
                said = "a quote is left open" if str(error) == "unexpected end of data" else str(error)
                row = f"line {self._text.line}"
                raise InputError(f"not CSV ({said})", file=self._text.name, row=row) from None

    def _lines(self) -> Iterator[str]:
        for line in self._text.lines("\r\n"):
            self._text.may_skip = False
            self._size += len(line)
            if self._size > TEXT.most:
                raise TEXT.passed(self._text.name, row=f"line {self._text.line}")
            self.is_odd = self.is_odd or not is_carried(line)
            yield line
