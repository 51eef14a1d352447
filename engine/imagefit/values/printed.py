"""Text that a program printed where a set's elements are expected: a whole list, several elements, or nothing.

A set is written as a JSON list, or as texts with ``;`` between them. What Python, a database or a spreadsheet make of
one looks like an element, and would be an account or a model that nobody has: it is never taken for one. What Python
writes is read, for it is sure what that means; the rest is refused. In a JSON list, any text is an element, unless a
set's elements have a form.
"""

from __future__ import annotations

import re

from imagefit.values import pattern

__all__ = ["PRINTED", "elements_of_python", "elements_pattern", "is_printed"]

_NOTHING = ("none", "null", "nan", "na", "nat", "nil", "undefined", "n/a", "#n/a", "-", "--")
_BEGINNINGS = "[({<\"'"
_CALLS = ("set", "frozenset", "array", "list", "tuple", "Index", "Series", "deque", "dict_keys", "dict_values")
_SEPARATORS = ",|\\t\\n\\r\uff0c\u3001"

_BETWEEN = pattern(f"[{_SEPARATORS}]")
_BETWEEN_PAIRS = pattern(f"[ {_SEPARATORS}]")


def is_printed(element: str) -> bool:
    """Tell whether a text between ``;`` is no element, but what a program printed for several of them or for none.

    >>> [is_printed(each) for each in ("['a', 'b']", "a, b", "None", "set()", "a=1,b=2")]
    [True, True, True, True, True]
    >>> [is_printed(each) for each in ("9f8e7d6c", "Ubuntu 22.04 server 64bit", "V100", "agents=hss,ces")]
    [False, False, False, False]
    """
    if element.isalnum():
        return len(element) < 10 and element.lower() in _NOTHING
    if element[:1] in _BEGINNINGS or element.lower() in _NOTHING:
        return bool(element)
    if "(" in element and element.partition("(")[0] in _CALLS:
        return True
    first = element.find("=")
    if first < 0:
        return _BETWEEN.search(element) is not None
    last = element.rfind("=")  # several pairs have a separator before the last of the signs
    return first < last and _BETWEEN_PAIRS.search(element, first, last) is not None


_TEXT = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_TEXTS = rf"{_TEXT}(?:\s*,\s*{_TEXT})*\s*,?"
_OF_PYTHON = pattern(
    rf"(?s:(?:frozen)?set\(\)|\(\)|\[\s*{_TEXTS}\s*\]|\(\s*{_TEXTS}\s*\)|(?:(?:frozen)?set\()?\{{\s*{_TEXTS}\s*\}}\)?)"
)
_ONE = pattern(f"(?s:{_TEXT})")


def elements_of_python(text: str) -> list[str] | None:
    """Return the texts in a list, a tuple or a set as Python prints it, such as pandas does in CSV; None if it is none.

    >>> elements_of_python("['a', 'b']"), elements_of_python("set()"), elements_of_python("['a' 'b']")
    (['a', 'b'], [], None)
    """
    if not text.startswith(("[", "(", "{", "set(", "frozenset(")) or _OF_PYTHON.fullmatch(text) is None:
        return None
    from ast import literal_eval

    try:
        return [str(literal_eval(each)) if "\\" in each else each[1:-1] for each in _ONE.findall(text)]
    except (SyntaxError, ValueError):
        return None


def _any_case(word: str) -> str:
    return "".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in word)


PRINTED = "|".join(
    (
        *map(_any_case, _NOTHING),
        f"[{_BEGINNINGS.replace('[', chr(92) + '[')}](?s:.*)",
        rf"(?:{'|'.join(_CALLS)})\((?s:.*)",
        f"[^=]*[{_SEPARATORS}][^=]*",
        f"[^=]*=(?s:.*)[ {_SEPARATORS}](?s:.*)=(?s:.*)",
    )
)
"""The same as a regular expression that matches all of an element, for databases."""


def elements_pattern(elements: str) -> str:
    """Return what an element of this form matches: words stand for text without the signs, the last for any text."""
    parts = re.split("([a-z]+)", elements)
    signs = re.escape("".join(parts[::2]))
    words = [f"[^{signs}]+" if signs else ".+"] * (len(parts) // 2 - 1) + [".+"]
    pieces = [re.escape(sign) + word for sign, word in zip(parts[::2], words, strict=False)]
    return f"(?s:{''.join(pieces)}{re.escape(parts[-1])})"
