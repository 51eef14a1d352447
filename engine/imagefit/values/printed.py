"""Text that a program printed where a set's elements are expected: a whole list, several elements, or nothing.

A set is written as a JSON list, or as texts with ``;`` between them. What Python, a database or a spreadsheet make of
one looks like an element, and would be an account or a model that nobody has: it is refused, and never taken for one.
As an element of a JSON list any text is what it is.
"""

from __future__ import annotations

from imagefit.values import pattern

__all__ = ["PRINTED", "is_printed"]

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
    if element.endswith(")") and element.partition("(")[0] in _CALLS:
        return True
    first = element.find("=")
    if first < 0:
        return _BETWEEN.search(element) is not None
    last = element.rfind("=")  # several pairs have a separator before the last of the signs
    return first < last and _BETWEEN_PAIRS.search(element, first, last) is not None


def _any_case(word: str) -> str:
    return "".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in word)


PRINTED = "|".join(
    (
        *map(_any_case, _NOTHING),
        f"[{_BEGINNINGS.replace('[', chr(92) + '[')}](?s:.*)",
        rf"(?:{'|'.join(_CALLS)})\((?s:.*)\)",
        f"[^=]*[{_SEPARATORS}][^=]*",
        f"[^=]*=(?s:.*)[ {_SEPARATORS}](?s:.*)=(?s:.*)",
    )
)
"""The same as a regular expression that matches all of an element, for databases."""
