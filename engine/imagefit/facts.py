"""Facts: the named, typed values of a candidate, and where each of them came from.

A fact that is missing is *unknown*; there is no value for unknown and no default. This module reads
values and shows them; it never decides anything.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import field as attribute
from enum import StrEnum
from functools import cache
from typing import Any, cast

from imagefit.errors import InputError, Position, nearest
from imagefit.values import dataclass, pattern
from imagefit.values.printed import elements_of_python, elements_pattern, is_printed

__all__ = [
    "EMPTY_SET",
    "INTEGER_LIMIT",
    "INTEGER_TEXT",
    "NO_ELEMENT",
    "NUMBER_TEXT",
    "Facts",
    "Field",
    "FieldType",
    "Origin",
    "OriginKind",
    "Scalar",
    "Value",
    "read_text",
    "read_value",
    "show_value",
]

Scalar = str | bool | int | float
"""Text (enum, string), a boolean, an integer or a number."""

Value = Scalar | frozenset[str]
"""A known value: a scalar, or a set of strings."""

Facts = Mapping[str, Value]
"""The known facts of one candidate by dotted name; a name that is absent is unknown."""

INTEGER_LIMIT = 2**63
"""Integers are 64 bits wide everywhere, so that no two evaluators can differ on a large one."""

EMPTY_SET = "[]"
"""How a set without elements is shown, and written."""

NO_ELEMENT = "none"  # what people write for it, too; unless a set has an element of that name


class FieldType(StrEnum):
    """The types that a field can have."""

    ENUM = "enum"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    STRING = "string"
    STRING_SET = "set"

    @property
    def is_ordered(self) -> bool:
        """Whether values of the type can be compared by size."""
        return self in (FieldType.INTEGER, FieldType.NUMBER)

    @property
    def with_article(self) -> str:
        """The type in a sentence: ``an enum``, ``a set``."""
        return f"an {self}" if self[0] in "aei" else f"a {self}"


_ENUM, _STRING, _BOOLEAN, _INTEGER = FieldType.ENUM, FieldType.STRING, FieldType.BOOLEAN, FieldType.INTEGER


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a pack's vocabulary.

    Attributes
    ----------
    values
        What an enum may be, or what a set's elements may be (empty: any text).
    elements
        What each element of a set looks like, such as ``name=value``: the words in it stand for text, the signs
        between them for themselves (empty: any text).
    unit
        Of an integer or a number: ``GiB``, ``MiB``, ...; empty where there is none.
    at_least
        Of an integer or a number: the least that it can be; None where nothing says so.
    supplied_by
        The pack's calls that supply it, by name, the usual one first.
    carried, carried_values
        Whether no rule needs to look at the fact, or at which of its values none needs to: readers
        supply them, people and catalogs use them. Only `rules lint` asks.
    """

    name: str
    type: FieldType
    values: tuple[str, ...] = ()
    unit: str = ""
    meaning: str = ""
    example: Value | None = None
    carried: bool = attribute(default=False, compare=False)
    carried_values: tuple[str, ...] = attribute(default=(), compare=False)
    elements: str = ""
    at_least: int | float | None = None
    supplied_by: tuple[str, ...] = attribute(default=(), compare=False)
    position: Position | None = attribute(default=None, compare=False, repr=False)

    @property
    def expects(self) -> str:
        """Say in a few words what a value of this field looks like, for an error message."""
        if self.type is FieldType.ENUM:
            return "one of " + ", ".join(self.values)
        if self.type is FieldType.STRING_SET:
            of = f" of {', '.join(self.values)}" if self.values else f" of {self.elements or 'strings'}"
            return f"a set{of} (a JSON list, or text separated by ';'; [] if there is none)"
        if not self.type.is_ordered:
            return "text" if self.type is FieldType.STRING else "true or false"
        unit = f" of {self.unit}" if self.unit else ""
        least = "" if self.at_least is None else f", at least {show_value(self.at_least)}"
        return f"a {'whole ' if self.type is FieldType.INTEGER else ''}number{unit}{least}"

    def may_contain(self, element: str) -> bool:
        """Whether a text may be an element of this set."""
        if self.values:
            return element in self.values
        return not self.elements or _pattern(self.elements).fullmatch(element) is not None

    def takes(self, other: Field) -> bool:
        """Whether this field can be all that another one of its type can be."""
        if self.values:
            return bool(other.values) and set(other.values) <= set(self.values)
        return self.at_least is None or (other.at_least is not None and other.at_least >= self.at_least)

    def shaped(self, text: str) -> str:
        """Return an element of this set that is made of a word: ``a=a`` of ``a``, where they are ``name=value``."""
        return re.sub("[a-z]+", lambda _: text, self.elements) if self.elements else text


class OriginKind(StrEnum):
    """The kinds of places that a fact can come from."""

    GIVEN = "given"  # by the user: an option, a mapping in Python
    FILE = "file"  # a facts file
    API = "api"  # an attribute of a vendor's payload
    CATALOG = "catalog"  # a reference catalog, looked up by something that was read
    ASSUMED = "assumed"  # --assume


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fact came from, for a person to read: ``api: hw_firmware_type in images.json``.

    `is_part` says that it was a part of what the service knows, which may say more when it is asked.
    """

    kind: OriginKind
    detail: str = ""
    is_part: bool = False

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}" if self.detail else str(self.kind)


# Every engine of regular expressions reads these alike.
INTEGER_TEXT = r"[+-]?[0-9]{1,40}(?:\.0{1,40})?"
NUMBER_TEXT = r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?"
_INTEGER_TEXT = pattern(INTEGER_TEXT)
_NUMBER_TEXT = pattern(NUMBER_TEXT)
_BOOLEANS = {"true": True, "false": False}


def read_value(field: Field, raw: object) -> Value | None:
    """Turn a value as JSON, Python or a table has it into a value of the field; None is unknown.

    None, empty text and NaN are unknown; an empty list is known. Text is read by the field's type
    (see `read_text`); anything else must have that type already. An integral float is a whole number
    (pandas turns integers into floats where one is missing); ``True`` is no number. Scalars and rows of
    numpy and pandas, and decimals, count as what they are in Python.

    Raises
    ------
    InputError
        If `raw` is no value of the field; names the value and what was expected.
    """
    kind = field.type
    if type(raw) is str:  # the common cases first: a check reads some thirty values
        if kind is _STRING and raw.isascii() and raw:
            return raw
        return raw if kind is _ENUM and raw in field.values else read_text(field, raw)
    if kind is _BOOLEAN and isinstance(raw, bool):
        return raw
    if kind is _INTEGER and type(raw) is int and 0 <= raw < INTEGER_LIMIT and not field.at_least:
        return raw
    if raw is None or (isinstance(raw, float) and raw != raw):
        return None
    if isinstance(raw, str):
        return read_text(field, raw)
    if kind.is_ordered and isinstance(raw, int | float) and not isinstance(raw, bool):
        return _number(field, raw, raw)
    if kind is FieldType.STRING_SET and isinstance(raw, list | tuple | set | frozenset):
        return _set(field, raw, raw)
    if (plain := _plain(raw)) is not raw:
        return read_value(field, plain)
    raise _wrong(field, raw)


def read_text(field: Field, text: str) -> Value | None:
    """Turn text (a CSV cell, an option's value) into a value of the field; empty text is unknown.

    Raises
    ------
    InputError
        If the text is no value of the field.
    """
    if text == "":
        return None
    kind = field.type
    if kind is FieldType.STRING:
        return _encodable(field, text)
    if kind is FieldType.ENUM:
        if text not in field.values:
            raise _wrong(field, text, nearest(text, field.values))
        return text
    if kind is FieldType.BOOLEAN:
        if (boolean := _BOOLEANS.get(text.lower())) is None:
            raise _wrong(field, text)
        return boolean
    if kind is FieldType.STRING_SET:
        return _set(field, _elements(field, text), text)
    if text.strip().lower() == "nan":
        return None
    pattern = _INTEGER_TEXT if kind is FieldType.INTEGER else _NUMBER_TEXT
    if not pattern.fullmatch(text.strip()):
        raise _wrong(field, text)
    return _number(field, int(text.split(".")[0]) if kind is FieldType.INTEGER else float(text), text)


def show_value(value: Scalar | Collection[Scalar] | None) -> str:
    """Show a value as a person would write it, and as `read_text` reads it: ``true``, ``40``, ``a; b``, ``[]``.

    Unknown is ``unknown``, and what may be one of several values (an operand) is shown as they are: ``9, 10``.
    """
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, float) and not (value.is_integer() and abs(value) < 1e15):
        return f"{value:.10g}"
    return repr(int(value)) if isinstance(value, int | float) else _shown_set(value)


def _shown_set(elements: Collection[Scalar]) -> str:
    """Show a set as `read_text` reads it; as a JSON list where an element would not come back from plain text."""
    if not all(isinstance(element, str) for element in elements):
        return ", ".join(sorted(map(show_value, elements)))
    texts = sorted(map(str, elements))
    if any(";" in text or text != text.strip() or not text or is_printed(text) for text in texts):
        return json.dumps(texts, ensure_ascii=False)
    return "; ".join(texts) or EMPTY_SET


def _elements(field: Field, text: str) -> Collection[str]:
    """Return the elements that a text for a set states."""
    bare = text.strip()
    if bare == EMPTY_SET or (bare == NO_ELEMENT and NO_ELEMENT not in field.values):
        return ()
    if bare.startswith("[") and bare.endswith("]"):
        with contextlib.suppress(ValueError, RecursionError):
            listed = json.loads(bare)
            if isinstance(listed, list) and all(isinstance(element, str) for element in listed):
                return listed
    if (printed := elements_of_python(bare)) is not None:
        return printed
    parts = [part.strip() for part in text.split(";")]
    if not field.values and any(map(is_printed, parts)):
        raise _wrong(field, text)
    return parts


@cache
def _pattern(elements: str) -> re.Pattern[str]:
    return re.compile(elements_pattern(elements))


def _plain(raw: Any) -> object:
    """Return what a scalar or a row of numpy or pandas, or a decimal, is in plain Python; anything else as it is."""
    if type(raw).__name__ in ("NAType", "NaTType"):  # how pandas marks what is missing
        return None
    if type(raw).__module__ == "decimal":
        is_whole = raw.is_finite() and raw.adjusted() < 20 and raw % 1 == 0
        return int(raw) if is_whole else None if raw.is_nan() else float(raw)
    shape = getattr(raw, "shape", None)
    return raw.tolist() if isinstance(shape, tuple) and len(shape) < 2 and hasattr(raw, "tolist") else raw


def _number(field: Field, number: int | float, raw: object) -> int | float:
    is_endless = isinstance(number, float) and not math.isfinite(number)
    if is_endless or (field.at_least is not None and number < field.at_least):
        raise _wrong(field, raw)
    if field.type is FieldType.NUMBER:
        try:
            return float(number) + 0.0  # -0.0 and 0.0 are one value
        except OverflowError:
            raise _wrong(field, raw) from None
    if number != int(number) or not -INTEGER_LIMIT <= number < INTEGER_LIMIT:
        raise _wrong(field, raw)
    return int(number)


def _set(field: Field, elements: Collection[object], raw: object) -> frozenset[str]:
    values = field.values
    for element in elements:
        if not isinstance(element, str) or element == "":
            raise _wrong(field, raw)
        if values and element not in values:
            raise _wrong(field, element, nearest(element, values))
        if field.elements and not field.may_contain(element):
            raise _wrong(field, element)
        if not element.isascii():
            _encodable(field, element)
    return frozenset(cast("Collection[str]", elements))


def _encodable(field: Field, text: str) -> str:
    """Refuse half a surrogate pair: JSON can spell it, but no file, column or terminal can hold it."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _wrong(field, ascii(text)) from None
    return text


def _wrong(field: Field, raw: object, near: str | None = None) -> InputError:
    return InputError("not a value of this fact", column=field.name, value=raw, expected=field.expects, nearest=near)
