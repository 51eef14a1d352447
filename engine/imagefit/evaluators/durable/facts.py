"""How a candidate's facts are written for durable_rules: as one fact of the engine, whose properties they are.

`durable` says why. This module decides how names and values are spelled, so that the engine, which is C
and reads JSON with a parser of its own, can't lose or confuse any. It compares nothing but sets with sets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring as quoted
from typing import Any

from imagefit.conditions import Leaf
from imagefit.evaluators.reference import leaf_truth
from imagefit.facts import Facts, Value

__all__ = ["MARKER", "Layout", "encoded", "json_text", "property_names", "value_text"]

MARKER = "is-candidate"
"""A property that every candidate has, and the facts that the engine makes for itself do not."""

RESERVED = ("id", "sid", MARKER, "$i", "$s", "$m", "$forward")
"""Properties to which the engine, or this module, gives a meaning."""

LONGEST_TEXT = 1000
LARGEST_SET = 10_000
DIGEST = "sha256:"


def encoded(text: str) -> str:
    """Return the text, or its digest where it is long: the engine counts lengths modulo 65,536.

    A text that looks like a digest is replaced by its own, so that no two texts become one.
    """
    if len(text) <= LONGEST_TEXT and not text.startswith(DIGEST):
        return text
    return DIGEST + hashlib.sha256(text.encode()).hexdigest()


def value_text(value: Value) -> str:
    """Return the JSON text of a value.

    A set gets an empty text as its first element: of an empty array the engine says that neither any
    item matches nor all do. A number always has a decimal point: without it, the engine's parser reads an
    integer and refuses an exponent (``1e+20``).
    """
    if isinstance(value, frozenset):
        return f"[{','.join(quoted(encoded(text)) for text in ('', *sorted(value)))}]"
    if isinstance(value, str):
        return quoted(encoded(value))
    if isinstance(value, float):
        mantissa, e, exponent = repr(value).partition("e")
        return (mantissa if "." in mantissa else mantissa + ".0") + e + exponent
    return "true" if value is True else "false" if value is False else repr(value)


def json_text(data: Any) -> str:
    """Return JSON data as text whose numbers the engine can read; its texts are written as they are."""
    if isinstance(data, Mapping):
        return "{" + ",".join(f"{quoted(key)}:{json_text(value)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ",".join(map(json_text, data)) + "]"
    return quoted(data) if isinstance(data, str) else value_text(data)


def property_names(names: Iterable[str]) -> dict[str, str]:
    """Return the property that stands for each name: the name itself, and hyphens where it would be mistaken.

    The engine tells properties apart by a hash of 32 bits alone, and a test whether there is an `id` never
    ends.
    """
    taken = {_hash(name) for name in RESERVED}
    found: dict[str, str] = {}
    for name in dict.fromkeys(names):
        written = name
        while _hash(written) in taken:
            written += "-"
        taken.add(_hash(written))
        found[name] = written
    return found


def _hash(name: str) -> int:
    """FNV-1a over 32 bits, as the engine computes it."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


@dataclass(frozen=True, slots=True)
class Layout:
    """Which properties the fact of a candidate has.

    Attributes
    ----------
    facts
        For each property, the fact that it holds.
    comparisons
        For each property, the comparison (not negated) whose truth it holds: of a set with a set, which
        the engine can't make.
    lists
        For each property, the JSON text of the literals in which the engine looks a fact up.
    wanted
        For each set, the literal elements and the facts that leaves look for in it.
    """

    facts: Mapping[str, str]
    comparisons: Mapping[str, Leaf]
    lists: Mapping[str, str]
    wanted: Mapping[str, tuple[frozenset[str], tuple[str, ...]]]

    @property
    def properties(self) -> list[str]:
        """The names of all properties that a candidate's fact can have, beside those that each has."""
        return [*self.facts, *self.comparisons, *self.lists]

    def fact(self, facts: Facts, key: str) -> str:
        """Return the JSON text of a candidate; `key` is its id, without which facts collide by hash."""
        properties = [f'"id":{quoted(key)},"sid":"0","{MARKER}":true']
        for written, name in self.facts.items():
            if (value := facts.get(name)) is not None:
                properties.append(f'"{written}":{value_text(self._within_reason(name, value, facts))}')
        for written, leaf in self.comparisons.items():
            if (truth := leaf_truth(leaf, facts)) is not None:
                properties.append(f'"{written}":{"true" if truth else "false"}')
        properties += [f'"{written}":{text}' for written, text in self.lists.items()]
        return "{" + ",".join(properties) + "}"

    def _within_reason(self, name: str, value: Value, facts: Facts) -> Value:
        """Leave out of a huge set what no leaf looks for: the engine takes 16 MB a property."""
        if not isinstance(value, frozenset) or len(value) <= LARGEST_SET:
            return value
        literals, others = self.wanted[name]
        return value & (literals | {text for other in others if isinstance(text := facts.get(other), str)})
