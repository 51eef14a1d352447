"""A checked pack as plain data and back, so that a process need not read and check its YAML again.

What a class is called and which fields it has is part of the data: what was written for other classes is not read.
The data are JSON, never code; the examples of a rule are JSON in a text, which is read when they are looked at: most
processes look at none. Nothing is checked here: only what `dump` made of a checked pack may be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property
from typing import Any

from imagefit import conditions, errors, facts
from imagefit.rulepack import pack as packs
from imagefit.rulepack import words

__all__ = ["PLACE", "dump", "load"]

_PARTS = [
    *(errors.Position, facts.Field, facts.FieldType),
    *(part for module in (conditions, words, packs) for part in vars(module).values() if isinstance(part, type)),
]
_CLASSES: dict[type[Any], None] = dict.fromkeys(part for part in _PARTS if "__match_args__" in vars(part))
_ENUMS: dict[type[Enum], None] = dict.fromkeys(part for part in _PARTS if issubclass(part, Enum) and list(part))
_NAMES = {cls: [*cls.__match_args__] for cls in _CLASSES}

_SHAPE: Any = [
    *([cls.__name__, *names] for cls, names in _NAMES.items()),
    *([kind.__name__, *(member.value for member in kind)] for kind in _ENUMS),
]
"""The classes that the data are of, each with its fields."""

PLACE = "\0/"
"""Stands for what comes before the names of a pack's files, where that is known when the data are read."""

# A list in the data is a number, which says what it is, and its parts; text, numbers, booleans and None are themselves,
# and an object is a mapping.
_TUPLE, _SET, _RULE = range(3)
_EXAMPLES = _NAMES[packs.Rule].index("examples")
_NUMBERS = {kind: 3 + number for number, kind in enumerate((*_CLASSES, *_ENUMS))}


class _Later(Sequence[Any]):
    """A tuple that is made when it is looked at."""

    def __init__(self, make: Callable[[], tuple[Any, ...]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> tuple[Any, ...]:
        return self._make()

    def __getitem__(self, place: Any) -> Any:
        return self._made[place]

    def __len__(self) -> int:
        return len(self._made)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._made)

    def __eq__(self, other: object) -> bool:
        return self._made == (other._made if isinstance(other, _Later) else other)

    def __hash__(self) -> int:
        return hash(self._made)

    def __repr__(self) -> str:
        return repr(self._made)

    def __reduce__(self) -> Any:
        return tuple, (self._made,)


def dump(pack: packs.Pack) -> Any:
    """Return a pack as data for JSON: its rules, each of them once, and the rest."""
    rules: dict[int, int] = {}
    bodies: list[Any] = []

    def plain(value: Any) -> Any:
        if value is None or type(value) in (str, bool, int, float):
            return value
        if isinstance(value, Mapping):
            return {name: plain(each) for name, each in value.items()}
        if type(value) in (tuple, _Later):
            return [_TUPLE, *map(plain, value)]
        if type(value) is frozenset:
            return [_SET, *sorted(value, key=repr)]
        if type(value) is packs.Rule:
            if id(value) not in rules:
                rules[id(value)] = len(bodies)
                bodies.append(parts(value))
                bodies[-1][1 + _EXAMPLES] = json.dumps(plain(value.examples), separators=(",", ":"))
            return [_RULE, rules[id(value)]]
        return [_NUMBERS[type(value)], value.value] if isinstance(value, Enum) else parts(value)

    def parts(value: Any) -> Any:
        return [_NUMBERS[type(value)], *(plain(getattr(value, name)) for name in _NAMES[type(value)])]

    whole = plain(pack)
    return {"shape": _SHAPE, "rules": bodies, "pack": whole}


def load(data: Any, prefix: str = "") -> packs.Pack:
    """Return the pack that `dump` made data of.

    Parameters
    ----------
    prefix
        Stands before the names of files in positions in place of `PLACE`, where that stands there.

    Raises
    ------
    ValueError
        If the data are of other classes.
    """
    if data["shape"] != _SHAPE:
        raise ValueError("the data are of other classes")
    rules: list[packs.Rule] = []
    makers: list[Callable[..., Any]] = [
        lambda *parts: parts,
        lambda *elements: frozenset(elements),
        lambda number: rules[number],
        lambda file, line, column: errors.Position(file.replace(PLACE, prefix), line, column),
        *list(_CLASSES)[1:],
        *(kind._value2member_map_.__getitem__ for kind in _ENUMS),
    ]

    def rule(*parts: Any) -> packs.Rule:
        every = list(parts)
        every[_EXAMPLES] = _Later(lambda: made(json.loads(parts[_EXAMPLES])))
        return packs.Rule(*every)

    makers[_NUMBERS[packs.Rule]] = rule

    def made(value: Any) -> Any:
        kind = type(value)
        if kind is list:
            return makers[value[0]](*[each if type(each) is str else made(each) for each in value[1:]])
        return {name: made(each) for name, each in value.items()} if kind is dict else value

    rules += map(made, data["rules"])
    found: packs.Pack = made(data["pack"])
    return found
