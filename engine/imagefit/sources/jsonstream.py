"""A long JSON list, element by element: at the top, or the first list among the values of an object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO

from imagefit.errors import InputError
from imagefit.sources.jsontext import parse_json

__all__ = ["ListStream"]

BLOCK = 1 << 20
LARGEST_ELEMENT = 8 << 20

_DECODER = json.JSONDecoder()


class ListStream:
    """The elements of a list in a stream of text.

    Attributes
    ----------
    wrapper
        The key whose value the list is; None if it stands at the top. Known from the first element on.
    outer
        The other values of the object around it, as far as it was read.
    """

    def __init__(self, text: IO[str], name: str) -> None:
        self.name = name
        self.wrapper: str | None = None
        self.outer: dict[str, object] = {}
        self._text = text
        self._buffer = ""
        self._at = 0
        self._is_ended = False

    def elements(self) -> Iterator[object]:
        """Yield the elements; raises `InputError` if the text is no such JSON."""
        is_wrapped = self._peek() == "{"
        if is_wrapped:
            self._take("{")
            self._values_up_to_list()
        self._take("[")
        number = 0
        while self._peek() != "]":
            if number:
                self._take(",")
            number += 1
            yield parse_json(self._value(), self.name, number)
        self._take("]")
        if is_wrapped:
            if self._peek() == ",":
                self._take(",")
                self._values_up_to_list()
            self._take("}")
        if self._peek():
            raise self._wrong("extra data")

    def _values_up_to_list(self) -> None:
        """Read keys and values up to the end, or to the first list."""
        while self._peek() == '"':
            key = json.loads(self._value())
            self._take(":")
            if self._peek() == "[" and self.wrapper is None:
                self.wrapper = key
                return
            self.outer[key] = json.loads(self._value())
            if self._peek() != ",":
                return
            self._take(",")

    def _peek(self) -> str:
        """Return the next character that is not blank; empty at the end."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def _take(self, character: str) -> None:
        if self._peek() != character:
            raise self._wrong(f"expecting {character!r}")
        self._at += 1

    def _value(self) -> str:
        """Return the text of the value that comes next."""
        self._peek()
        while True:
            try:
                _, end = _DECODER.raw_decode(self._buffer, self._at)
                if end < len(self._buffer) or not self._more():  # a number could go on
                    text = self._buffer[self._at : end]
                    self._at = end
                    return text
            except json.JSONDecodeError as error:
                if len(self._buffer) - self._at > LARGEST_ELEMENT or not self._more():
                    raise self._wrong(error.msg) from None
            except RecursionError:
                raise self._wrong("nested too deeply") from None

    def _more(self) -> bool:
        """Read on; returns whether there was more."""
        if not self._is_ended:
            block = self._text.read(BLOCK)
            self._is_ended = not block
            self._buffer, self._at = self._buffer[self._at :] + block, 0
        return not self._is_ended

    def _wrong(self, message: str) -> InputError:
        return InputError(f"not JSON ({message})", file=self.name, value=self._buffer[self._at :][:40] or None)
