"""A checked pack as plain data and back, so that a process need not read and check its YAML again.

The data are JSON, never code: a list of all values that are no objects, and a list of objects by kinds, of each part a
list of where it stands among what comes before, so that one pass makes them all. What is the same is there once. What a
class is called and which fields it has is part of the data: what was written for other classes is not read. The
examples of rules are data apart, which are read when they are looked at: most processes look at none. Nothing is
checked here: only what `dump` made of a checked pack may be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache, cached_property
from itertools import groupby
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

_KINDS: tuple[type[Any], ...] = (str, tuple, frozenset, dict, *_CLASSES, *_ENUMS)
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
"""The kinds of objects: a text is the name of a file, and a mapping has its names and its values in turn for parts."""

_OF_PARTS = _NUMBERS[dict]
"""So far, kinds are made of any number of parts; what comes after has as many each, and stands part by part."""

_RULE = _NUMBERS[packs.Rule]
_EXAMPLES, _FILE = _NAMES[packs.Rule].index("examples"), _NAMES[errors.Position].index("file")


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


class _Table:
    """Values and objects, each of them once, in the order in which they can be made."""

    def __init__(self) -> None:
        self.examples: list[Sequence[packs.Example]] = []
        self._values: list[Any] = []
        self._objects: list[list[int]] = []
        self._places: dict[object, int] = {}

    def add(self, value: Any) -> int:
        """Add a value with all its parts; returns its place among values, or below 0 among objects."""
        kind = type(value)
        if value is None or kind in (str, bool, int, float):
            return self._value(value)
        if isinstance(value, Mapping):
            self._objects.append([_NUMBERS[dict], *(self.add(each) for pair in value.items() for each in pair)])
            return -len(self._objects)
        if kind in (tuple, _Later):
            return self._object(tuple, map(self.add, value))
        if kind is frozenset:
            return self._object(frozenset, map(self.add, sorted(value, key=repr)))
        if isinstance(value, Enum):
            return self._object(kind, [self._value(value.value)])
        if kind is packs.Rule:
            return self._rule(value)
        parts = [self.add(getattr(value, name)) for name in _NAMES[kind]]
        if kind is errors.Position:
            parts[_FILE] = self._object(str, [parts[_FILE]])
        return self._object(kind, parts)

    def _value(self, value: Any) -> int:
        if (place := self._places.get(key := (type(value), repr(value)))) is None:
            place = self._places[key] = len(self._values)
            self._values.append(value)
        return place

    def _object(self, kind: type[Any], parts: Iterable[int]) -> int:
        if (place := self._places.get(key := (_NUMBERS[kind], *parts))) is None:
            self._objects.append([*key])
            place = self._places[key] = -len(self._objects)
        return place

    def _rule(self, rule: packs.Rule) -> int:
        if id(rule) not in self._places:
            parts = {name: getattr(rule, name) for name in _NAMES[packs.Rule]} | {"examples": len(self.examples)}
            self.examples.append(rule.examples)
            self._places[id(rule)] = self._object(packs.Rule, map(self.add, parts.values()))
        return self._places[id(rule)]

    def data(self) -> Any:
        """Return what was added, as data for JSON."""
        levels: list[int] = []  # of each object: its parts are of lower ones
        for _, *parts in self._objects:
            levels.append(1 + max([levels[-part - 1] for part in parts if part < 0], default=0))
        order = sorted(range(len(levels)), key=lambda number: (levels[number], self._objects[number][0]))
        place_of = {number: place for place, number in enumerate(order, start=len(self._values))}
        groups = []
        for (_, kind), numbers in groupby(order, key=lambda number: (levels[number], self._objects[number][0])):
            of_each = [
                [part if part >= 0 else place_of[-part - 1] for part in self._objects[number][1:]] for number in numbers
            ]
            groups.append([kind, *(of_each if kind <= _OF_PARTS else zip(*of_each, strict=True))])
        return {"values": self._values, "objects": groups}


def dump(pack: packs.Pack) -> tuple[Any, Any]:
    """Return a pack as data for JSON, and apart the examples of its rules."""
    whole, examples = _Table(), _Table()
    whole.add(pack)
    examples.add(tuple(whole.examples))
    return {"shape": _SHAPE, **whole.data()}, examples.data()


def load(data: Any, examples: Callable[[], Any], prefix: str = "") -> packs.Pack:
    """Return the pack that `dump` made data of.

    Parameters
    ----------
    examples
        Returns the data of the examples, when they are wanted.
    prefix
        Stands before the names of files in positions in place of `PLACE`, where that stands there.

    Raises
    ------
    ValueError
        If the data are of other classes.
    """
    if data["shape"] != _SHAPE:
        raise ValueError("the data are of other classes")

    def later(place: int) -> _Later:
        return _Later(lambda: of_rules()[place])

    makers: list[Callable[..., Any]] = [
        lambda parts: next(parts).replace(PLACE, prefix),
        tuple,
        frozenset,
        lambda parts: dict(zip(parts, parts, strict=True)),
        *_CLASSES,
        *(kind._value2member_map_.__getitem__ for kind in _ENUMS),
    ]

    def made(table: Any) -> Any:
        every = table["values"]
        part = every.__getitem__
        for kind, *parts in table["objects"]:
            if kind <= _OF_PARTS:
                every += [makers[kind](map(part, own)) for own in parts]
                continue
            columns: list[Any] = [map(part, column) for column in parts]
            if kind == _RULE:
                columns[_EXAMPLES] = map(later, columns[_EXAMPLES])
            every += [*map(makers[kind], *columns)]
        return every[-1]

    of_rules = cache(lambda: made(examples()))
    found: packs.Pack = made(data)
    return found
