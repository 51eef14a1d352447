"""The one definition of the JSON that is accepted, and a document taken apart: read in blocks, never held whole.

Repeated keys, absurd nesting and endless numbers are errors that name their place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator

from imagefit.errors import InputError
from imagefit.sources.opening import Text

__all__ = ["JsonDocument", "StrictJson", "expect_object"]

LIMIT_DEPTH = 64
"""How deep objects and lists may nest; the deepest real payload has eight levels."""

LARGEST_VALUE = 8 << 20
"""The longest text of one element of a list, or of an object that no list holds."""

_LIMIT_DIGITS = 40  # a 64-bit integer has 19 digits; longer ones are floats, which no integer fact accepts
_BLANK = re.compile(r"[ \t\r\n]*")


def expect_object(raw: object, place: int | str, file: str) -> dict[str, object]:
    """Return `raw` if it is a JSON object; raises `InputError` that names its place."""
    if isinstance(raw, dict):
        return raw
    raise InputError("not an object", file=file, row=place or None, value=raw, expected="a JSON object")


class _Repeated(dict[str, object]):
    """An object whose text has a key more than once, until its place is known."""

    key: str = ""


class StrictJson:
    """Decodes JSON and refuses what the limits do; one at a time, for one thread."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._has_repeated = False
        self._decoder = json.JSONDecoder(object_pairs_hook=self._object, parse_int=_integer)

    def document(self, text: str, row: int) -> object:
        """Decode a row of JSON Lines, without the blanks around it; raises `InputError` that names it."""
        self._has_repeated = False
        try:
            value, end = self._decoder.raw_decode(text)
            if end != len(text):
                raise InputError("not JSON (Extra data)", file=self.name, row=row)
        except json.JSONDecodeError as error:
            raise InputError(f"not JSON ({error.msg})", file=self.name, row=row) from None
        except RecursionError:
            raise _too_deep(self.name, row) from None
        if self._has_repeated or text.count("{") + text.count("[") > LIMIT_DEPTH:
            self.check(value, text, row)
        return value

    def value_at(self, text: str, start: int) -> tuple[object, int]:
        """Decode the value at a place of a text, and say where it ends; raises as `json.JSONDecoder` does."""
        self._has_repeated = False
        value, end = self._decoder.raw_decode(text, start)
        return value, end

    def check(self, value: object, text: str, row: int | str, depth: int = 0) -> None:
        """Refuse the value that was decoded last for repeated keys and absurd nesting.

        Parameters
        ----------
        text
            What it was decoded from, or more.
        row
            Where it stands: a row, or a path to which the steps inside are added.
        depth
            How many levels are around it.
        """
        if not self._has_repeated and text.count("{") + text.count("[") + depth <= LIMIT_DEPTH:
            return
        path: list[object] = []
        walking: list[Iterator[tuple[object, object]]] = [iter([("", value)])]
        while walking:
            for step, inner in walking[-1]:
                if not isinstance(inner, dict | list) or not inner:
                    continue
                if len(walking) + depth > LIMIT_DEPTH:
                    raise _too_deep(self.name, row if isinstance(row, int) else None)
                path.append(step)
                if isinstance(inner, _Repeated):
                    raise repeated(inner.key, row if isinstance(row, int) else row + _steps(path), self.name)
                walking.append(iter(inner.items() if isinstance(inner, dict) else enumerate(inner)))
                break
            else:
                walking.pop()
                if path:
                    path.pop()

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        self._has_repeated = True
        seen: set[str] = set()
        twice = _Repeated(found)
        twice.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return twice


class JsonDocument:
    """The values of a JSON document: the elements of its list, or the one value that it is.

    Parameters
    ----------
    wrappers
        The keys whose value is the list, where an object is around it; the first of them that has a list counts.

    Attributes
    ----------
    wrapper
        The key of the list; None if it stands at the top, or there is none.
    outer
        The other keys and values of the object around it, as far as it was read.
    count
        How many elements of the list were read; None if there is no list.
    """

    def __init__(self, text: Text, wrappers: Collection[str] = (), *, block: int = 1 << 20) -> None:
        self.name = text.name
        self.wrapper: str | None = None
        self.outer: dict[str, object] = {}
        self.count: int | None = None
        self._text, self._wrappers, self._block = text, wrappers, block
        self._json = StrictJson(text.name)
        self._buffer, self._at, self._is_ended = "", 0, False
        self._lines, self._columns = 0, 0  # of what is not in the buffer any more

    def values(self) -> Iterator[tuple[str, object]]:
        """Yield each value with its path; raises `InputError` if the text is no such JSON."""
        opening = self._peek()
        if opening == "[":
            yield from self._elements("")
        elif opening == "{":
            yield from self._of_object()
            if self.count is None:
                yield "", self.outer
        else:
            yield "", self._value("", 0)
        if self._peek():
            raise self._wrong("Extra data", self._at)

    def _elements(self, place: str) -> Iterator[tuple[str, object]]:
        self.count, depth = 0, 2 if place else 1
        self._take("[", "Expecting value")
        while self._peek() != "]" or self.count:
            path = f"{place}[{self.count}]"
            yield path, self._value(path, depth)
            self.count += 1
            if self._peek() == "]":
                break
            self._take(",", "Expecting ',' delimiter")
            self._peek()
        self._take("]", "Expecting ',' delimiter")

    def _of_object(self) -> Iterator[tuple[str, object]]:
        expected = "Expecting property name enclosed in double quotes"
        self._take("{", expected)
        seen: set[str] = set()
        while self._peek() != "}" or seen:
            if self._peek() != '"':
                raise self._wrong(expected, self._at)
            key = str(self._value("", 1))
            if key in seen:
                raise repeated(key, "", self.name)
            seen.add(key)
            self._take(":", "Expecting ':' delimiter")
            if self._peek() == "[" and self.wrapper is None and key in self._wrappers:
                self.wrapper = key
                yield from self._elements(key)
            else:
                self.outer[key] = self._value(key, 1)
            if self._peek() == "}":
                break
            self._take(",", "Expecting ',' delimiter")
        self._take("}", "Expecting ',' delimiter")

    def _peek(self) -> str:
        """Go to the next character that is not blank and return it; empty at the end."""
        while True:
            self._at = _after_blanks(self._buffer, self._at)
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def _take(self, character: str, otherwise: str) -> None:
        if self._peek() != character:
            raise self._wrong(otherwise, self._at)
        self._at += 1

    def _value(self, place: str, depth: int) -> object:
        """Return the value that comes next."""
        self._peek()
        while True:
            try:
                value, end = self._json.value_at(self._buffer, self._at)
                if end < len(self._buffer) or not self._more():  # a number could go on
                    break
            except json.JSONDecodeError as error:
                if len(self._buffer) - self._at > LARGEST_VALUE or not self._more():
                    raise self._wrong(error.msg, error.pos) from None
            except RecursionError:
                raise _too_deep(self.name, None) from None
        self._json.check(value, self._buffer[self._at : end], place, depth)
        self._at = end
        return value

    def _more(self) -> bool:
        """Read on; returns whether there was more."""
        if not self._is_ended and (block := self._text.block(self._block)):
            done = self._buffer[: self._at]
            lines = done.count("\n")
            self._columns = len(done) - done.rfind("\n") - 1 + (0 if lines else self._columns)
            self._lines += lines
            self._buffer, self._at = self._buffer[self._at :] + block, 0
            return True
        self._is_ended = True
        return False

    def _wrong(self, message: str, at: int) -> InputError:
        before = self._buffer[:at]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") - 1 + (0 if lines else self._columns)
        place = f"line {self._lines + lines + 1}, column {column + 1}"
        return InputError(f"not JSON ({message})", file=self.name, row=place)


def repeated(key: str, place: int | str, name: str) -> InputError:
    """Return what to say of a key that stands twice in one object."""
    row = place.strip(".")[:200] if isinstance(place, str) else place
    return InputError("the key stands here more than once", file=name, row=row or None, value=key)


def _too_deep(name: str, row: int | None) -> InputError:
    return InputError("nested too deeply", file=name, row=row, expected=f"at most {LIMIT_DEPTH} levels")


def _steps(path: list[object]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path if step != "")


def _after_blanks(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return at if match is None else match.end()


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LIMIT_DIGITS else float(digits)
