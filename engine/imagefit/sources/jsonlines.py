"""JSON Lines: a value a line, each read by itself."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from imagefit.errors import InputError
from imagefit.sources.opening import Opened
from imagefit.sources.strictjson import StrictJson
from imagefit.sources.text import BLANK, Text

__all__ = ["is_json_lines", "json_lines", "lines_of"]

_ENDINGS = (".jsonl", ".ndjson")


def is_json_lines(file: Opened) -> bool:
    """Tell whether a file of JSON is one of lines: its first line is a value, and its name or a next value says so."""
    with file.text() as text:
        lines = (line for line in text.lines() if line.strip(BLANK))
        try:
            first = next(lines, "")
        except InputError:  # one long line is a document; what else is wrong is said where it is read
            return False
        if not first.rstrip(BLANK).endswith(("}", "]")):
            return False
        try:
            second = next(lines, "")
        except InputError:
            return True
    named = file.name.removesuffix(".gz").removesuffix(".zst").endswith(_ENDINGS)
    return second.lstrip(BLANK).startswith(("{", "[")) or (named and not second)


def json_lines(file: Opened) -> Generator[tuple[int, str, object], None, None]:
    """Yield each line that is not blank: its number, its text, and its value, or the `InputError` that it is none."""
    with file.text() as text:
        yield from lines_of(text)


def lines_of(text: Text) -> Iterator[tuple[int, str, object]]:
    """Yield the lines of a text as `json_lines` does; their numbers go on from that which it has."""
    decoder = StrictJson(text.name)
    for line in text.lines():
        if not (stripped := line.strip(BLANK)):
            continue
        number = text.line
        try:
            value = decoder.document(stripped, number)
        except InputError as error:
            yield number, stripped, error.with_traceback(None)
        else:
            yield number, stripped, value
