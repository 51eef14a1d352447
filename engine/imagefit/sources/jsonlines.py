"""JSON Lines: a value a line, each read by itself."""

from __future__ import annotations

from collections.abc import Iterator

from imagefit.errors import InputError
from imagefit.sources.json import StrictJson
from imagefit.sources.opening import Opened

__all__ = ["is_json_lines", "json_lines"]

_BLANK = " \t\r\n"
_ENDINGS = (".jsonl", ".ndjson")


def is_json_lines(file: Opened) -> bool:
    """Tell whether a file of JSON is one of lines: its first line is a value, and its name or a next value says so."""
    with file.text() as text:
        lines = (line for line in text.lines() if line.strip(_BLANK))
        try:
            first, second = next(lines, ""), ""
            if first.rstrip(_BLANK).endswith(("}", "]")):
                second = next(lines, "")
        except InputError:  # one long line is a document; what else is wrong is said where it is read
            return False
    if not first.rstrip(_BLANK).endswith(("}", "]")):
        return False
    named = file.name.removesuffix(".gz").removesuffix(".zst").endswith(_ENDINGS)
    return second.lstrip(_BLANK).startswith(("{", "[")) or (named and not second)


def json_lines(file: Opened) -> Iterator[tuple[int, str, object]]:
    """Yield each line that is not blank: its number, its text, and its value, or the `InputError` that it is none."""
    decoder = StrictJson(file.name)
    with file.text() as text:
        for number, line in enumerate(text.lines(), start=1):
            if not (stripped := line.strip(_BLANK)):
                continue
            try:
                value = decoder.document(stripped, number)
            except InputError as error:
                yield number, stripped, error
            else:
                yield number, stripped, value
