"""Facts files as JSON Lines of any size: a candidate a line, each read by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from imagefit.errors import InputError
from imagefit.facts import Field
from imagefit.sources.factsfiles import near_facts
from imagefit.sources.jsontext import parse_json
from imagefit.sources.streams import Opened
from imagefit.sources.tables import BadRow, Piece

__all__ = ["JsonLinesTable", "is_lines_of_facts"]

PIECE_ROWS = 16_384
LONGEST_LINE = 8 << 20


def is_lines_of_facts(text: str, fields: Mapping[str, Field]) -> bool:
    """Tell whether a text begins with a line that is an object with a fact, and goes on after it."""
    first, newline, rest = text.lstrip().partition("\n")
    if not newline or not rest.strip() or not first.rstrip().endswith("}"):
        return False
    try:
        candidate = parse_json(first, "")
    except InputError:
        return False
    return isinstance(candidate, dict) and any(name in fields for name in candidate)


class JsonLinesTable:
    """A file of JSON Lines whose keys are facts, and others."""

    def __init__(self, file: Opened, fields: Mapping[str, Field], *, keep_going: bool = False) -> None:
        self._file, self._fields, self._keep_going = file, fields, keep_going
        self.name = file.name
        self.size: int | None = None
        self.schema = None
        first = next(self.pieces(), None)
        names = dict.fromkeys(name for row in (first.data if first else ()) for name in row)
        self.notes = tuple(near_facts((name for name in names if name not in fields), fields))

    def share(self) -> float:
        """Return how much of the file was read, from 0 to 1."""
        return self._file.share()

    def pieces(self) -> Iterator[Piece]:
        """Yield the rows."""
        rows: list[dict[str, object]] = []
        numbers: list[int] = []
        bad: list[BadRow] = []
        for number, line in self._lines():
            try:
                rows.append(self._candidate(line, number))
                numbers.append(number)
            except InputError as error:
                if not self._keep_going:
                    raise
                bad.append(BadRow(number, error, line))
            if len(rows) + len(bad) >= PIECE_ROWS:
                yield Piece(rows, numbers, bad)
                rows, numbers, bad = [], [], []
        yield Piece(rows, numbers, bad)

    def _lines(self) -> Iterator[tuple[int, str]]:
        number = 0
        with self._file.text() as text:
            try:
                while line := text.readline(LONGEST_LINE):
                    number += 1
                    if len(line) == LONGEST_LINE:
                        raise InputError("a line of more than 8 MiB", file=self.name, row=number)
                    if stripped := line.strip(" \t\r\n"):
                        yield number, stripped
            except UnicodeDecodeError as error:
                message = f"not {error.encoding.upper()} after line {number}"
                expected = "UTF-8, or UTF-16 with a byte order mark"
                raise InputError(message, file=self.name, expected=expected) from None

    def _candidate(self, line: str, number: int) -> dict[str, object]:
        candidate = parse_json(line, self.name, number)
        if not isinstance(candidate, dict):
            raise InputError("not an object", file=self.name, row=number, value=line, expected="an object of facts")
        return candidate
