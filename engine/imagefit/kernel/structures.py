"""What the compiled functions are told, as the files of C beside this one have it.

Pointers are addresses of arrays, which have to outlive the call and be as long as `kernel.c` says.
"""

from __future__ import annotations

import ctypes
from enum import IntEnum

__all__ = [
    "BLOCK",
    "PADDING",
    "SHUFFLED",
    "STRETCH",
    "VERSION",
    "Cell",
    "Column",
    "Digit",
    "Job",
    "Kind",
    "Layer",
    "Part",
    "Plane",
    "ReadColumn",
    "Spread",
    "Templates",
    "Texts",
    "ToldApart",
    "Use",
    "ValueKind",
]

VERSION = 10
"""As in `kernel.c`: a library of another version, which an older build left in a checkout, is told nothing."""

BLOCK, STRETCH, SHUFFLED = 512, 4096, 16
"""Rows that are judged at a time, rows that get codes at a time, and bytes that one step looks up."""

PADDING = 32
"""So many bytes may be read behind the texts of some columns, and written behind rows of text."""


class Kind(IntEnum):
    """Where the cells of a digit come from: `kernel.c` says what each kind uses."""

    CELLS = 0
    CODES = 1
    INTEGERS = 2
    NUMBERS = 3
    INTEGERS_COMPARED = 4
    NUMBERS_COMPARED = 5
    SAME = 6
    SAME_BYTES = 7
    PAIRS = 8
    MEMBERS = 9
    ANY = 10
    ALL = 11


class Digit(ctypes.Structure):
    """Where the kernel finds the cell of one fact, or of a comparison of two, in each row."""

    _fields_ = (
        ("kind", ctypes.c_int32),
        ("above", ctypes.c_int32),
        ("width", ctypes.c_int32),
        ("other_width", ctypes.c_int32),
        ("size", ctypes.c_int32),
        ("other_size", ctypes.c_int32),
        ("cuts", ctypes.c_int32),
        ("stride", ctypes.c_int32),
        ("column", ctypes.c_int32),
        ("other_column", ctypes.c_int32),
        ("values", ctypes.c_void_p),
        ("others", ctypes.c_void_p),
        ("known", ctypes.c_void_p),
        ("other_known", ctypes.c_void_p),
        ("cells", ctypes.c_void_p),
        ("places", ctypes.c_void_p),
        ("other_places", ctypes.c_void_p),
    )


class Use(ctypes.Structure):
    """What a digit says of the terms of a layer."""

    _fields_ = (
        ("digit", ctypes.c_int32),
        ("cells", ctypes.c_int32),
        ("is_true", ctypes.c_void_p),
        ("may_be", ctypes.c_void_p),
    )


class Layer(ctypes.Structure):
    """A term of each condition of a plane."""

    _fields_ = (
        ("first_use", ctypes.c_int32),
        ("uses", ctypes.c_int32),
        ("is_true", ctypes.c_uint8),
        ("may_be", ctypes.c_uint8),
        ("unused", ctypes.c_uint8 * 6),
    )


class Plane(ctypes.Structure):
    """Eight conditions."""

    _fields_ = (
        ("first_layer", ctypes.c_int32),
        ("layers", ctypes.c_int32),
        ("errors", ctypes.c_uint8),
        ("unused", ctypes.c_uint8 * 7),
    )


class Job(ctypes.Structure):
    """A batch to judge."""

    _fields_ = (
        ("rows", ctypes.c_int64),
        ("stride", ctypes.c_int64),
        ("digits", ctypes.c_int32),
        ("planes", ctypes.c_int32),
        ("columns", ctypes.c_int32),
        ("unused", ctypes.c_int32),
        ("column", ctypes.c_void_p),
        ("digit", ctypes.c_void_p),
        ("plane", ctypes.c_void_p),
        ("layer", ctypes.c_void_p),
        ("use", ctypes.c_void_p),
        ("scratch", ctypes.c_void_p),
        ("is_true", ctypes.c_void_p),
        ("is_open", ctypes.c_void_p),
        ("level", ctypes.c_void_p),
    )


class Part(ctypes.Structure):
    """A plane's bytes, and where their bits go in a word."""

    _fields_ = (("bytes", ctypes.c_void_p), ("bits", ctypes.c_void_p), ("shift", ctypes.c_int64))


class Column(ctypes.Structure):
    """Dictionary indices, or booleans, of which codes are made."""

    _fields_ = (
        ("offset", ctypes.c_int64),
        ("width", ctypes.c_int32),
        ("code_width", ctypes.c_int32),
        ("values", ctypes.c_void_p),
        ("known", ctypes.c_void_p),
        ("codes", ctypes.c_void_p),
    )


class Cell(ctypes.Structure):
    """How a column stands in rows of text."""

    _fields_ = (
        ("bit", ctypes.c_int64),
        ("width", ctypes.c_int32),
        ("offset_width", ctypes.c_int32),
        ("before_size", ctypes.c_int32),
        ("after_size", ctypes.c_int32),
        ("between_size", ctypes.c_int32),
        ("unknown_size", ctypes.c_int32),
        ("is_whole", ctypes.c_int32),
        ("unknown_code", ctypes.c_int32),
        ("before", ctypes.c_char_p),
        ("after", ctypes.c_char_p),
        ("between", ctypes.c_char_p),
        ("unknown", ctypes.c_char_p),
        ("known", ctypes.c_void_p),
        ("codes", ctypes.c_void_p),
        ("offsets", ctypes.c_void_p),
        ("texts", ctypes.c_void_p),
        ("lists", ctypes.c_void_p),
    )


class Texts(ctypes.Structure):
    """Texts, one after the other, and which of them rows have."""

    _fields_ = (("offsets", ctypes.c_void_p), ("texts", ctypes.c_void_p), ("codes", ctypes.c_void_p))


class Templates(ctypes.Structure):
    """Rows of which each has templates, one after the other, and behind them texts of its own."""

    _fields_ = (
        ("bounds", ctypes.c_void_p),
        ("templates", ctypes.c_void_p),
        ("starts", ctypes.c_void_p),
        ("pieces", ctypes.c_void_p),
        ("slots", ctypes.c_void_p),
        ("common", Texts),
        ("ends", Texts),
        ("width", ctypes.c_int64),
    )


class ValueKind(IntEnum):
    """What the values of a column are: `reading.c` says which spelling of them it reads."""

    NULLS = 0
    BOOLEANS = 1
    WHOLE_NUMBERS = 2
    NUMBERS = 3
    TEXTS = 4
    LISTS = 5
    EMPTY_LISTS = 6
    PLAIN_TEXTS = 7
    """Texts that are not told apart: one for each row."""


class ToldApart(ctypes.Structure):
    """Different texts: where each stands, and what it takes to find one that was there before."""

    _fields_ = (
        ("count", ctypes.c_int32),
        ("escaped", ctypes.c_int32),
        ("mask", ctypes.c_int64),
        ("steps", ctypes.c_int64),
        ("slots", ctypes.c_void_p),
        ("places", ctypes.c_void_p),
        ("sizes", ctypes.c_void_p),
    )


class ReadColumn(ctypes.Structure):
    """A column that is read: its name, its values, and the different texts among these."""

    _anonymous_ = ("texts",)

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("name_size", ctypes.c_int64),
        ("row", ctypes.c_int64),
        ("of", ctypes.c_int32),
        ("elements", ctypes.c_int32),
        ("known", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
        ("texts", ToldApart),
    )


class Spread(ctypes.Structure):
    """Where a list of objects was left off, which is written as lines."""

    _fields_ = (
        ("size", ctypes.c_int64),
        ("most", ctypes.c_int64),
        ("depth", ctypes.c_int32),
        ("next", ctypes.c_int32),
        ("is_text", ctypes.c_int32),
        ("is_escaped", ctypes.c_int32),
    )

    @property
    def is_ended(self) -> bool:
        """Whether the list was closed."""
        return bool(self.next == _NOTHING)


_NOTHING = 4
"""What may come behind the end of a list."""
