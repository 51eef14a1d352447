"""The one definition of the JSON that is accepted.

Keys that stand twice, NaN, numbers that no 64 bits hold, halves of surrogate pairs, and what passes a limit are errors
that name their place. A reader that is faster has to give way to this one wherever it could say something else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from imagefit.errors import InputError
from imagefit.sources.limits import CELL, COLUMNS, NESTING, NUMBER
from imagefit.sources.text import is_carried, uncarried
from imagefit.values import pattern

__all__ = ["StrictJson", "expect_object", "too_deep"]

_SURROGATE = pattern(r"\\u[dD][89a-fA-F]")
_WHOLE = 18  # so many digits are a number of 64 bits, whatever they are


def expect_object(raw: object, place: int | str, file: str) -> dict[str, object]:
    """Return `raw` if it is a JSON object; raises `InputError` that names its place, or the one that it is."""
    if isinstance(raw, dict):
        return raw
    if isinstance(raw, InputError):
        raise raw
    raise InputError("not an object", file=file, row=place or None, value=raw, expected="a JSON object")


class _Repeated(dict[str, object]):
    """An object whose text has a key more than once, until its place is known."""

    key: str = ""


class _Refused:
    """A number that is none here, until its place is known."""

    def __init__(self, message: str, text: str, expected: str) -> None:
        self.message, self.text, self.expected = message, text, expected


class StrictJson:
    """Decodes JSON and refuses what the limits do; one at a time, for one thread."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._is_odd = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=self._integer,
            parse_float=self._number,
            parse_constant=self._constant,
        )

    def document(self, text: str, row: int) -> object:
        """Decode a row of JSON Lines, without the blanks around it; raises `InputError` that names it."""
        self._is_odd = False
        try:
            value, end = self._decoder.raw_decode(text)
            if end != len(text):
                raise InputError("not JSON (Extra data)", file=self.name, row=row)
        except json.JSONDecodeError as error:
            if not is_carried(text):
                raise uncarried(text, self.name, row) from None
            raise InputError(f"not JSON ({error.msg})", file=self.name, row=row) from None
        except RecursionError:
            raise too_deep(self.name, row) from None
        self.check(value, text, row)
        return value

    def value_at(self, text: str, start: int) -> tuple[object, int]:
        """Decode the value at a place of a text, and say where it ends; raises as `json.JSONDecoder` does."""
        self._is_odd = False
        value, end = self._decoder.raw_decode(text, start)
        return value, end

    def check(self, value: object, text: str, row: int | str, depth: int = 0) -> None:
        """Refuse the value that was decoded last for what the decoder lets pass.

        Parameters
        ----------
        text
            What it was decoded from.
        row
            Where it stands: a row, or a path to which the steps inside are added.
        depth
            How many levels are around it.
        """
        if (
            self._is_odd
            or len(text) > CELL.most
            or text.count("{") + text.count("[") + depth > NESTING.most
            or (not text.isascii() and not is_carried(text))
            or ("\\" in text and _SURROGATE.search(text))  # one character is looked for much quicker than two
        ):
            self._walk(value, row, depth)

    def _walk(self, value: object, row: int | str, depth: int) -> None:
        path: list[object] = []
        walking: list[Iterator[tuple[object, object]]] = [iter([("", value)])]
        try:
            while walking:
                for step, inner in walking[-1]:
                    path.append(step)
                    _refuse(step, inner, len(walking) + depth)
                    if isinstance(inner, dict | list) and inner:
                        walking.append(iter(inner.items() if isinstance(inner, dict) else enumerate(inner)))
                        break
                    path.pop()
                else:
                    walking.pop()
                    if path:
                        path.pop()
        except InputError as error:
            place = row if isinstance(row, int) else (row + _steps(path)).strip(".")[:200]
            raise error.at(file=self.name, row=place or None) from None

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        self._is_odd = True
        seen: set[str] = set()
        twice = _Repeated(found)
        twice.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return twice

    def _integer(self, digits: str) -> object:
        if len(digits) <= _WHOLE:
            return int(digits)
        if len(digits) <= _WHOLE + 2 and -(1 << 63) <= (value := int(digits)) < 1 << 63:
            return value
        return self._refused(digits, "a whole number beyond 64 bits")

    def _number(self, digits: str) -> object:
        if len(digits) <= NUMBER.most and math.isfinite(value := float(digits)):
            return value
        return self._refused(digits, "a number beyond 64 bits")

    def _constant(self, name: str) -> object:
        return self._refused(name, "not JSON", "a number or null")

    def _refused(self, digits: str, message: str, expected: str = "") -> _Refused:
        self._is_odd = True
        if len(digits) > NUMBER.most:
            message, expected = f"a number of {len(digits):,} characters", f"at most {NUMBER.most:,}"
        return _Refused(message, digits[:100], expected or "a number of 64 bits; as text where it is none")


def _refuse(step: object, inner: object, depth: int) -> None:
    """Raise what is wrong with a value inside of another one, or with the key under which it stands."""
    for text in (step, inner):
        if not isinstance(text, str):
            continue
        if len(text) > CELL.most:
            raise CELL.passed(None, len(text))
        if not is_carried(text):
            raise uncarried(text, None, None)
    if isinstance(inner, _Refused):
        raise InputError(inner.message, value=inner.text, expected=inner.expected)
    if isinstance(inner, dict | list) and inner and depth > NESTING.most:
        raise too_deep(None, None)
    if isinstance(inner, _Repeated):
        raise InputError("the key stands here more than once", value=inner.key)
    if isinstance(inner, dict) and len(inner) > COLUMNS.most:
        raise COLUMNS.passed(None, len(inner))


def too_deep(name: str | None, row: int | str | None) -> InputError:
    """Return what to say of a value that is nested too deeply."""
    return InputError("nested too deeply", file=name, row=row, expected=f"at most {NESTING.most} levels")


def _steps(path: list[object]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path if step != "")
