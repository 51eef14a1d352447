"""A JSON document taken apart: read in blocks, never held whole."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from imagefit.errors import InputError
from imagefit.sources.limits import COLUMNS, TEXT
from imagefit.sources.strictjson import StrictJson, too_deep
from imagefit.sources.text import Text, is_carried, uncarried
from imagefit.values import pattern

__all__ = ["JsonDocument"]

_BLANK = pattern(r"[ \t\r\n]*")


class JsonDocument:
    """The values of a JSON document: the elements of its list, or the one value that it is.

    Parameters
    ----------
    wrappers
        The keys whose value is the list, where an object is around it; the first of them that has a list counts, and
        an empty one where no other has one.
    keep_going
        Whether an element that is refused stands for itself as an `InputError`, and those behind it are read.

    Attributes
    ----------
    wrapper
        The key of the list; None if it stands at the top, or there is none.
    outer
        The other keys and values of the object around it, as far as it was read.
    count
        How many elements of the list were read; None if there is no list.
    text
        Of the element that was given last.
    """

    def __init__(
        self, text: Text, wrappers: Collection[str] = (), *, keep_going: bool = False, block: int = 1 << 20
    ) -> None:
        self.name, self._keep_going = text.name, keep_going
        self.wrapper: str | None = None
        self.outer: dict[str, object] = {}
        self.count: int | None = None
        self.text = ""
        self._text, self._wrappers, self._block = text, wrappers, block
        self._json = StrictJson(text.name)
        self._buffer, self._at, self._is_ended = "", 0, False
        self._around = 0  # characters of what is no element
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
            raise self._wrong(
                "Extra data", self._at, "one value: several are a list (jq -s .) or stand in lines (jq -c .)"
            )

    def _elements(self, place: str) -> Iterator[tuple[str, object]]:
        self.count, depth = 0, 2 if place else 1
        self._take("[", "Expecting value")
        is_more = self._peek() != "]"
        while is_more:
            path = f"{place}[{self.count}]"
            value, self.text = self._decoded(path)
            try:
                self._json.check(value, self.text, path, depth)
            except InputError as error:
                if not self._keep_going:
                    raise
                value = error.with_traceback(None)
            yield path, value
            self.count += 1
            if is_more := self._peek() != "]":
                self._take(",", "Expecting ',' delimiter")
        self._take("]", "Expecting ',' delimiter")

    def _of_object(self) -> Iterator[tuple[str, object]]:
        expected = "Expecting property name enclosed in double quotes"
        self._take("{", expected)
        seen: set[str] = set()
        empty: str | None = None
        while self._peek() != "}" or seen:
            if self._peek() != '"':
                raise self._wrong(expected, self._at)
            key = str(self._value("", 1))
            if key in seen:
                raise InputError("the key stands here more than once", file=self.name, value=key)
            seen.add(key)
            if len(seen) > COLUMNS.most:
                raise COLUMNS.passed(self.name, row=key[:200])
            self._take(":", "Expecting ':' delimiter")
            if self._peek() == "[" and self.wrapper is None and key in self._wrappers:
                self.wrapper = key
                yield from self._elements(key)
                if not self.count:
                    self.wrapper, self.count, self.outer[key], empty = None, None, [], empty or key
            else:
                self.outer[key] = self._value(key, 1)
            if self._peek() == "}":
                break
            self._take(",", "Expecting ',' delimiter")
        self._take("}", "Expecting ',' delimiter")
        if self.wrapper is None and empty is not None:
            self.wrapper, self.count = empty, 0
            del self.outer[empty]

    def _peek(self) -> str:
        """Go to the next character that is not blank and return it; empty at the end."""
        if (found := self._buffer[self._at : self._at + 1]) > " ":  # mostly
            return found
        while True:
            self._at = _after_blanks(self._buffer, self._at)
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def _take(self, character: str, otherwise: str) -> None:
        if self._peek() != character:
            raise self._wrong(otherwise, self._at)
        self._at += 1

    def _value(self, place: str, depth: int) -> object:
        """Return the value that comes next and is no element: all of these together are one text."""
        value, text = self._decoded(place)
        self._json.check(value, text, place, depth)
        self._around += len(text)
        if self._around > TEXT.most:
            raise TEXT.passed(self.name, row=place or None)
        return value

    def _decoded(self, place: str) -> tuple[object, str]:
        """Return the value that comes next, and its text; it is behind us then."""
        self._peek()
        while True:
            try:
                value, end = self._json.value_at(self._buffer, self._at)
                if end < len(self._buffer) or self._is_long() or not self._more():  # a number could go on
                    break
            except json.JSONDecodeError as error:
                if self._is_long() or not self._more():
                    self._expect_short(len(self._buffer), place)
                    raise self._wrong(error.msg, error.pos) from None
            except RecursionError:
                raise too_deep(self.name, place or None) from None
        self._expect_short(end, place)
        text, self._at = self._buffer[self._at : end], end
        return value, text

    def _is_long(self) -> bool:
        return len(self._buffer) - self._at > TEXT.most

    def _expect_short(self, end: int, place: str) -> None:
        if end - self._at > TEXT.most:
            raise TEXT.passed(self.name, row=place or self._place(self._at))

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

    def _place(self, at: int) -> str:
        before = self._buffer[:at]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") - 1 + (0 if lines else self._columns)
        return f"line {self._lines + lines + 1}, column {column + 1}"

    def _wrong(self, message: str, at: int, expected: str | None = None) -> InputError:
        place, found = self._place(at), self._buffer[at : at + 1]
        if not is_carried(found):
            return uncarried(found, self.name, place)
        return InputError(f"not JSON ({message})", file=self.name, row=place, expected=expected)


def _after_blanks(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return at if match is None else match.end()
