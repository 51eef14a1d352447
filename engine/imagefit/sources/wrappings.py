"""What is around the JSON that a program printed: lines before it, one object more, Python's way of writing it."""

from __future__ import annotations

import json
import os
import re
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from imagefit.errors import InputError
from imagefit.sources.limits import BLANKS, TEXT
from imagefit.sources.opening import START, Opened
from imagefit.sources.pages import signs_of_pages
from imagefit.sources.strictjson import StrictJson
from imagefit.values import pattern

__all__ = ["held_in_memory", "insides"]

_FIRST_LINES = 30
_START = pattern(rb"""[ \t]*[\[{][ \t]*(?:["'{\[\]}]|\r?\n|$)""")
_VALUE = pattern(rb"""-?[0-9][0-9.eE+-]*,?|true,?|false,?|null,?|"(?:[^"\\]|\\.)*",?""")
_TOKEN = pattern(r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|\b(None|True|False|nan)\b|([()])""", re.DOTALL)
_PYTHON = pattern(r"\s*(?:\[\s*)?\{\s*'")
_WORDS = {"None": "null", "True": "true", "False": "false", "nan": "null", "(": "[", ")": "]"}


def insides(file: Opened) -> Iterator[tuple[str | None, Opened]]:
    """Yield what may be meant by a file that is in no format that is read, as files of JSON.

    What is all of its JSON has no key; then come the objects that stand in it side by side, each with its own.

    Raises
    ------
    InputError
        If it is too long for that.
    """
    after = _after_lines(file)
    if after is not None:
        yield None, after
        file = after
    text = _short_text(file)
    if len(text) > TEXT.most and _PYTHON.match(text):
        raise TEXT.passed(file.name)
    if not text or len(text) > TEXT.most:
        return
    try:
        found = StrictJson(file.name).document(text, 1)
    except InputError:
        written = _from_python(text)
        if written is None:
            return
        yield None, _file_of(file.name, written)
        try:
            found = StrictJson(file.name).document(written, 1)
        except InputError:
            return
    if isinstance(found, dict):
        signs = signs_of_pages(found)
        for key, held in found.items():
            if isinstance(held, dict) and held:
                yield key, held_in_memory({**signs, **held} if _holds_list(held) else held, file.name)


def _holds_list(held: dict[str, object]) -> bool:
    """Tell whether an object has a list of objects in it."""
    return any(isinstance(value, list) and value and isinstance(value[0], dict) for value in held.values())


def held_in_memory(found: object, name: str) -> Opened:
    """Return data as a file of JSON; dates, ids and the like stand there as text.

    Raises
    ------
    InputError
        If it holds itself, is nested too deeply, or holds what is no data.
    """
    try:
        return _file_of(name, json.dumps(_without_nan(_rows(found)), default=_plain))
    except (ValueError, RecursionError, TypeError) as error:
        raise InputError(f"no data that could stand in JSON ({error})", file=name) from None


def _rows(found: Any) -> object:
    """Return what a table holds as a list of mappings, and all else as it is."""
    if hasattr(found, "iloc") and hasattr(found, "columns"):
        from imagefit.sources.frames import rows_of

        return rows_of(found)
    if hasattr(found, "__arrow_c_stream__") or hasattr(found, "to_batches"):  # of polars, or Arrow's own
        from imagefit.sources.frames import mappings_of, table_of

        if (table := table_of(found)) is not None:
            return mappings_of(table)
    return found


_NONE_OF_PANDAS = frozenset(["NAType", "NaTType"])


def _plain(value: object) -> object:
    """Return what a value of a type that JSON does not know is as data.

    The text of an object that is no value describes it, and would be taken for what it holds.
    """
    from datetime import date, time, timedelta
    from decimal import Decimal
    from enum import Enum
    from pathlib import PurePath
    from uuid import UUID

    if type(value).__name__ in _NONE_OF_PANDAS:
        return None
    if isinstance(value, date | time | timedelta | Decimal | PurePath | UUID):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if callable(as_mapping := getattr(value, "to_dict", None)):
        return _without_nan(as_mapping())
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if callable(of_numpy := getattr(value, "tolist", None)):  # an array as a list, a number of its own types as one
        return _without_nan(of_numpy())
    raise TypeError(f"a value is of type {type(value).__name__}")


def _without_nan(value: object) -> object:
    """Return data with null for NaN, which frames have where nothing is."""
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(inner) for inner in value]
    return None if isinstance(value, float) and value != value else value


def _after_lines(file: Opened) -> Opened | None:
    """Return a file from the line on with which its JSON begins, if that is not the first."""
    if file.encoding != "utf-8":
        return None
    with file.binary() as content:
        at, lines = len(file.mark), 0
        content.read(at)
        start = content.read(START)
        while start.isspace() and at <= BLANKS.most:
            at, lines = at + len(start), lines + start.count(b"\n")
            start = content.read(START)
    for number, line in enumerate(start.lstrip().splitlines(keepends=True)[:_FIRST_LINES]):
        if _START.match(line):
            if not number:  # nothing is before it: were it left out, what is wrong with it would be lost
                return None
            at += len(start) - len(start.lstrip())
            with file.binary() as content:
                content.read(at)
                rest = content.read(TEXT.most + 1)
            if len(rest) > TEXT.most:
                raise TEXT.passed(file.name, row=f"line {lines + number + 1}")
            return _file_of(file.name, rest.decode("utf-8", "replace"))
        if line.rstrip().endswith((b"}", b"},")):  # as JSON ends, of which the beginning is lost
            return None
        if _VALUE.fullmatch(line.strip()):  # JSON, of which it would be lost
            return None
        at += len(line)
    return None


def _short_text(file: Opened) -> str:
    """Return the text, with what shows that it is too long; empty if it can't be read."""
    try:
        with file.text() as text:
            return text.block(TEXT.most + 1)
    except InputError:
        return ""


def _from_python(text: str) -> str | None:
    """Return a mapping or a list as Python prints it, as JSON; None if that is not what it is."""
    if not _PYTHON.match(text):
        return None
    from ast import literal_eval

    def written(match: re.Match[str]) -> str:
        if match[1] is None:
            return _WORDS[match[0]]
        return json.dumps(str(literal_eval(match[1])))

    try:
        return _TOKEN.sub(written, text)
    except (SyntaxError, ValueError):
        return None


class _Copy:
    """A temporary file, which goes when nobody has this any more."""

    def __init__(self, content: bytes) -> None:
        import tempfile

        handle, path = tempfile.mkstemp(prefix="imagefit-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        self.path = Path(path)
        weakref.finalize(self, self.path.unlink, missing_ok=True)


def _file_of(name: str, text: str) -> Opened:
    content = text.encode("utf-8", "replace")
    copy = _Copy(content)
    return Opened(name, copy.path, content[:START], None, copy)
