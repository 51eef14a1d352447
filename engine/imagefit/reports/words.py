"""Comparisons and values in words: ``is one of private, shared``, ``at least 512 MiB``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from imagefit.conditions import Leaf, Operand
from imagefit.facts import Field, Value, show_value
from imagefit.verdicts import LeafResult, Verdict, VerdictKind

__all__ = [
    "VERDICT_STYLES",
    "counterpart",
    "expectation",
    "first_names",
    "gist",
    "leaf_text",
    "least_text",
    "show_fact",
    "show_operand",
]

VERDICT_STYLES = {VerdictKind.INCOMPATIBLE: "bad", VerdictKind.UNKNOWN: "open", VerdictKind.COMPATIBLE: "good"}
"""The style, of `layout`, in which each verdict is shown."""

_PHRASES = {
    "equals": "is {}",
    "not": "is not {}",
    "in": "is one of {}",
    "not_in": "is none of {}",
    "at_least": "is at least {}",
    "below": "is below {}",
    "above": "is above {}",
    "at_most": "is at most {}",
    "contains": "contains {}",
    "not_contains": "does not contain {}",
    "contains_any": "contains any of {}",
    "not_contains_any": "contains none of {}",
    "contains_all": "contains all of {}",
    "not_contains_all": "does not contain all of {}",
    "same_as": "is the same as {}",
    "not_same_as": "differs from {}",
}

_LONGEST = 1000  # characters of a value


def leaf_text(leaf: Leaf, fields: Mapping[str, Field]) -> str:
    """Return a comparison in words: ``image.boot_mode is bios``, ``ecs.memory_mib is at least 512 MiB``."""
    operand = leaf.other or show_operand(leaf.operand, fields.get(leaf.fact))
    return f"{leaf.fact} {_PHRASES[leaf.operator].format(operand)}"


def expectation(leaf: LeafResult, fields: Mapping[str, Field]) -> str:
    """Return what a leaf expects of its fact: ``one of a, b``, ``the same as ecs.region (eu-west-101)``."""
    shown = show_operand(leaf.expected, fields.get(leaf.fact))
    operand = shown if leaf.expected_fact is None else f"{leaf.expected_fact} ({shown})"
    return _PHRASES[leaf.operator].format(operand).removeprefix("is ")


def show_operand(value: Operand | None, field: Field | None) -> str:
    """Show a value with its unit, or a set's elements in order (numbers by size)."""
    unit = f" {field.unit}" if field is not None and field.unit and value is not None else ""
    if isinstance(value, frozenset) and value:
        return _cut(", ".join(show_value(v) for v in sorted(value, key=lambda v: (str(type(v)), v)))) + unit
    return _cut(show_value(value)) + unit


def least_text(field: Field) -> str:
    """Return what follows a field's type where its numbers have a least one."""
    return "" if field.at_least is None else f", at least {show_value(field.at_least)}"


def show_fact(value: Value | None, field: Field | None) -> str:
    """Show a fact's value with its unit; a set as one writes it."""
    return _cut(show_value(value)) if isinstance(value, frozenset) else show_operand(value, field)


def _cut(text: str) -> str:
    """Cut what would fill the screen: a value is as long as whoever wrote the file liked."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def first_names(names: Sequence[str], most: int) -> str:
    """Return the first names, and how many more there are.

    >>> first_names(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


def counterpart(name: str, verdict: Verdict) -> str | None:
    """Return the known fact that an undecided rule wants a missing one to be the same as."""
    for leaf in (leaf for rule in verdict.undecided for leaf in rule.leaves if leaf.operator == "same_as"):
        for one, other in ((leaf.fact, leaf.expected_fact), (leaf.expected_fact, leaf.fact)):
            if one == name and other in verdict.facts:
                return other
    return None


def gist(meaning: str) -> str:
    """Return the first clause of a field's meaning.

    >>> gist("whether it is paid for; a paid image is billed on top")
    'whether it is paid for'
    """
    return re.split(r"[;:,.] ", meaning, maxsplit=1)[0].strip() if meaning else ""
