"""Where another program changed an attribute's value with its name: the few ways back to what the wire has."""

from __future__ import annotations

import contextlib
import json
import re
from ast import literal_eval
from collections.abc import Callable, Mapping

from imagefit.values import pattern

__all__ = ["CONVERSIONS", "opened"]

LONGEST = 100_000

_PROPERTY = pattern(r"""([^\s=,'][^=']*)=(?:'(.*?)'|"(.*?)")(?=, [^=,']+=['"]|\s*$)""", re.DOTALL)
_NUMBER = pattern(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_BILLING = {"postpaid": "0", "prepaid": "1", "spot": "2"}


def opened(value: object) -> object:
    """Return an object that stands in a cell as text, as JSON or as Python prints it; all else stays as it is.

    >>> opened('{"gpus": "1"}'), opened("{'gpus': '1'}"), opened("{gpus}")
    ({'gpus': '1'}, {'gpus': '1'}, '{gpus}')
    """
    if not isinstance(value, str) or value.lstrip()[:1] != "{" or len(value) > LONGEST:
        return value
    for read in (json.loads, literal_eval):
        with contextlib.suppress(ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            found = read(value.strip())
            if isinstance(found, dict) and all(isinstance(name, str) for name in found):
                return found
    return value


def _properties(value: object) -> object:
    """Return ``a='b', c='d'`` as an object; what is neither that nor an object stays as it is."""
    if not isinstance(value, str) or len(value) > LONGEST:
        return value
    found: dict[str, object] = {}
    at = 0
    while match := _PROPERTY.match(value, at):
        found[match[1]] = match[2] if match[3] is None else match[3]
        at = match.end()
        at += 2 if value.startswith(", ", at) else 0
    return found if value[at:].strip() == "" else value


def _mib(value: object) -> object:
    """Return GiB as MiB; what is no number of them stays, and is none of MiB either: it is not understood."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    return value * 1024 if isinstance(value, int | float) and not isinstance(value, bool) else value


def _billing(value: object) -> object:
    return _BILLING.get(value.casefold(), value) if isinstance(value, str) else value


def _not_0(value: object) -> object:
    return None if value == 0 else value


def _stated(value: object) -> object:
    """Return an object without what a program fills in for what it was not told: null, 0, nothing inside."""
    if not isinstance(value, dict):
        return value
    return {name: inside for name, inside in value.items() if inside not in (None, 0, "", {}, [])}


CONVERSIONS: Mapping[str, Callable[[object], object]] = {
    "properties": _properties,
    "GiB": _mib,
    "billing": _billing,
    "not 0": _not_0,
    "stated": _stated,
}
"""The conversions of values, by the names that ``names.csv`` calls them."""
