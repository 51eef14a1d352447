"""What the parts of texts say that state sets: looked at once, however many texts and batches have them."""

from __future__ import annotations

from enum import IntFlag

from imagefit.errors import InputError
from imagefit.facts import EMPTY_SET, NO_ELEMENT, Field, read_value
from imagefit.values.printed import is_printed

__all__ = ["Part", "SetParts"]

MOST = 1 << 14
"""So many parts of one field are remembered."""


class Part(IntFlag):
    """What is to be known of a part."""

    LIST = 1
    """It begins as a list does in JSON."""
    NOTHING = 2
    """It says that a set has no element."""
    BLANK = 4
    """It is empty."""
    PRINTED = 8
    """It may be a set as a program prints it."""
    WRONG = 16
    """It is no element of the field's sets."""


class SetParts(dict[str, tuple[str, int]]):
    """Of each part of a text between semicolons the element that it names, and what is to be known of it."""

    def __init__(self, field: Field) -> None:
        self._field = field

    def __missing__(self, part: str) -> tuple[str, int]:
        name, field = part.strip(), self._field
        said = Part.LIST * part.lstrip().startswith("[") | Part.BLANK * (not part)
        said |= Part.NOTHING * (name == EMPTY_SET or (name == NO_ELEMENT and NO_ELEMENT not in field.values))
        said |= Part.PRINTED * (name not in field.values and is_printed(name))
        try:
            read_value(field, [name])
        except InputError:
            said |= Part.WRONG
        found = name, int(said)
        if len(self) < MOST:
            self[part] = found
        return found
