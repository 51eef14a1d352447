"""What the compiled functions take and return."""

from __future__ import annotations

import ctypes
from typing import Any

__all__ = ["declared"]

_AT, _INT, _LONG = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
_TEXT = _AT, _LONG
_READ = *_TEXT, _AT, _INT, _LONG

_FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "judge": (None, _AT, _INT),
    "words": (None, _AT, _INT, _LONG, _AT, _INT),
    "cells": (None, _AT, _LONG, _AT, _INT),
    "codes": (None, _AT, _INT, _LONG, _INT),
    "rows": (None, _AT, _INT, _LONG, _INT, _AT, _INT),
    "fits": (None, _AT, _AT, _LONG, _INT, _AT, _AT, _AT),
    "text_size": (_LONG, _AT, _INT, _LONG, _LONG),
    "text": (None, _AT, _INT, _LONG, _LONG, _AT),
    "slots": (None, _AT, _LONG, _AT),
    "ends": (None, _AT, _LONG, _LONG, _AT),
    "filled": (None, _AT, _LONG, _LONG, _AT),
    "count": (_LONG, *_TEXT, _INT),
    "lines": (_LONG, *_READ, _LONG),
    "csv": (_LONG, *_READ, _INT, _INT, _AT),
    "is_utf8": (_INT, *_TEXT),
    "elements": (None, _AT, _AT, _AT, _LONG, _AT, _AT, _AT),
    "gather": (None, _AT, _AT, _AT, _LONG, _AT),
    "spread": (_LONG, _AT, ctypes.c_char_p, _LONG, _AT),
    "told_apart": (_LONG, _AT, _AT, _AT, _LONG, _LONG, _INT, _AT, _AT, _AT),
    "hashes": (None, _AT, _AT, _INT, _LONG, _AT),
}
"""By name, without what all names begin with: what is returned, then what is taken."""


def declared(library: Any) -> Any:
    """Return a library that knows what its functions take; raises `AttributeError` if it lacks one."""
    for name, (returned, *taken) in _FUNCTIONS.items():
        function = getattr(library, f"imagefit_{name}")
        function.restype, function.argtypes = returned, taken
    return library
