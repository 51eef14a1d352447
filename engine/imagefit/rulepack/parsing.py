"""Read conditions, values and effects from a file's plain data, by the vocabulary.

Nothing raises on a pack's mistake: each is noted as a `Problem` with its place, and reading goes on,
so that an author sees all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from imagefit.conditions import TRUE, AllOf, AnyOf, Condition, Leaf, Operand, Relation, leaves, negate
from imagefit.errors import InputError, Problem, few, nearest
from imagefit.facts import Field, FieldType, Scalar, Value, read_value
from imagefit.rulepack.yamlfile import Path_, YamlFile, as_written

__all__ = ["CONNECTIVES", "ConditionReader", "Place"]


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a file: what it holds, and the way to it."""

    file: YamlFile
    path: Path_
    data: Any

    def at(self, *steps: str | int) -> Place:
        """Return the node further down."""
        data = self.data
        for step in steps:
            data = data[step]
        return Place(self.file, (*self.path, *steps), data)

    def problem(self, message: str, *, of_key: bool = False, **details: str | None) -> Problem:
        """Build a problem that stands here."""
        return self.file.problem(self.path, message, of_key=of_key, **details)


# operator as written -> (relation, negated, what its operand is)
OPERATORS: Mapping[str, tuple[Relation, bool, str]] = {
    "equals": (Relation.EQUALS, False, "value"),
    "not": (Relation.EQUALS, True, "value"),
    "in": (Relation.IN, False, "values"),
    "not_in": (Relation.IN, True, "values"),
    "same_as": (Relation.EQUALS, False, "fact"),
    "at_least": (Relation.AT_LEAST, False, "size"),
    "below": (Relation.AT_LEAST, True, "size"),
    "above": (Relation.ABOVE, False, "size"),
    "at_most": (Relation.ABOVE, True, "size"),
    "contains": (Relation.CONTAINS, False, "element"),
    "contains_any": (Relation.CONTAINS_ANY, False, "elements"),
    "contains_all": (Relation.CONTAINS_ALL, False, "elements"),
}

MAX_REFERENCES = 40  # named conditions inside named conditions
MAX_SIZE = 1000  # comparisons and references of one condition, expanded: references can double it at each level

CONNECTIVES = ("all", "any", "not", "is")
"""Keys of a condition that name no fact."""

_TEXTUAL = (FieldType.ENUM, FieldType.STRING)


@dataclass
class ConditionReader:
    """Reads conditions over `fields`; `named` are the vocabulary's raw named conditions, by name.

    `ready` are named conditions that have been read already: those of the pack that an overlay extends.
    `is_lost` says of a kind of word and a name whether a definition that can't be used may have it: a
    reference to that is no problem of its own, just a gap. `gaps` counts what could not be read, problems
    included, so that a caller can tell whether a condition is whole.
    """

    fields: Mapping[str, Field]
    named: Mapping[str, Place]
    problems: list[Problem] = field(default_factory=list)
    is_lost: Callable[[str, str], bool] = lambda kind, name: False
    ready: Mapping[str, Condition] = field(default_factory=dict)
    gaps: int = 0
    _with_gaps: set[str] = field(default_factory=set)
    _done: dict[str, Condition] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _size: int = 0  # of the condition that is being read
    _sizes: dict[str, int] = field(default_factory=dict)

    def read(self, place: Place) -> Condition:
        """Read a condition; where it is wrong, note why and return one that is always true."""
        return self._measured(place)[0]

    def _measured(self, place: Place) -> tuple[Condition, int]:
        around, self._size = self._size, 0
        condition = self._condition(place)
        size, self._size = self._size, around
        if size > MAX_SIZE:
            expected = f"at most {MAX_SIZE} comparisons and references, those of named conditions included"
            return self._wrong(place, "too large a condition", expected=expected), 1
        return condition, size

    def _condition(self, place: Place) -> Condition:
        if not isinstance(place.data, dict):
            is_name = isinstance(place.data, str) and place.data in {*self.named, *self.ready}
            return self._wrong(
                place,
                "a condition is a mapping",
                found=as_written(place.data),
                expected="facts, `all`, `any`, `not` or `is`",
                nearest=f"is: {place.data}" if is_name else None,
            )
        if not place.data:
            return self._wrong(place, "an empty condition", expected="facts, `all`, `any`, `not` or `is`")
        parts = [self._entry(key, place.at(key)) for key in place.data]
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def named_condition(self, name: str) -> Condition:
        """Return a named condition of the vocabulary, read once; `name` must be one."""
        if name in self.ready:
            return self.ready[name]
        if name not in self._done:
            place, gaps = self.named[name], self.gaps
            self._open.append(name)
            if len(self._open) > MAX_REFERENCES:
                condition, size = self._wrong(place, "named conditions refer to each other too deeply"), 1
            else:
                condition, size = self._measured(place)
            self._open.pop()
            self._sizes[name] = size
            bare = condition.parts if isinstance(condition, AllOf) and condition.name is None else (condition,)
            self._done[name] = AllOf(bare, name)
            if self.gaps > gaps:
                self._with_gaps.add(name)
        return self._done[name]

    def value(self, place: Place, of: Field) -> Value | None:
        """Read a literal value of a field, strictly: text is no number in a pack."""
        if of.type is FieldType.STRING_SET and isinstance(place.data, list):
            return self.elements(place, of)
        raw, expected = place.data, of.expects
        if of.type is FieldType.STRING_SET:
            expected = f"a list of {', '.join(of.values) or 'texts'}"
        elif of.type is FieldType.STRING and isinstance(raw, bool | int | float):
            expected = "text, in quotes"
        near = None
        if isinstance(raw, str) == (of.type in _TEXTUAL) and of.type is not FieldType.STRING_SET:
            try:
                if (value := read_value(of, raw)) is not None:
                    return value
            except InputError as error:
                near = error.nearest
        return self.nothing(place, f"not a value of {of.name}", found=as_written(raw), expected=expected, nearest=near)

    def elements(self, place: Place, of: Field) -> frozenset[str] | None:
        """Read elements of a set: a list of them, or a single one."""
        places = [place.at(index) for index in range(len(place.data))] if isinstance(place.data, list) else [place]
        values = [self._element(at, of) for at in places]
        return None if None in values else frozenset(str(value) for value in values)

    def fact(self, place: Place, *, of_key: bool = False) -> Field | None:
        """Return the field that `place` (or its key) names."""
        name = place.path[-1] if of_key else place.data
        if not isinstance(name, str):
            return self.nothing(place, "not a fact's name", found=as_written(name))
        if (found := self.fields.get(name)) is None and not self.misses("fields", name):
            near = nearest(name, [*self.fields, *CONNECTIVES] if of_key else self.fields)
            return self.nothing(place, "unknown fact", of_key, found=as_written(name), nearest=near)
        return found

    # -- parts of a condition ------------------------------------------------------------------

    def _entry(self, key: str, place: Place) -> Condition:
        if key in ("all", "any"):
            if not isinstance(place.data, list) or not place.data:
                return self._wrong(place, f"`{key}` takes a list of conditions", found=as_written(place.data))
            parts = tuple(self._condition(place.at(index)) for index in range(len(place.data)))
            return AllOf(parts) if key == "all" else AnyOf(parts)
        if key == "not":
            return negate(self._condition(place))
        if key == "is":
            return self._reference(place)
        self._size += 1
        if (of := self.fact(place, of_key=True)) is None:
            return TRUE
        return self._comparison(of, place)

    def _reference(self, place: Place) -> Condition:
        name = place.data
        if not isinstance(name, str):
            return self._wrong(place, "not the name of a condition", found=as_written(name))
        known = {*self.named, *self.ready}
        if name not in known:
            if self.misses("conditions", name):
                return TRUE
            near = nearest(name, known)
            expected = None if near else few(known)
            return self._wrong(
                place, "unknown named condition", found=as_written(name), expected=expected, nearest=near
            )
        if name in self._open:
            cycle = [*self._open[self._open.index(name) :], name]
            return self._wrong(place, "cyclic named conditions", found=" -> ".join(cycle))
        if self._size > MAX_SIZE:
            return TRUE  # no more of it is looked at
        condition = self.named_condition(name)
        self._size += 1 + (self._sizes[name] if name in self._sizes else sum(1 for _ in leaves(condition)))
        self.gaps += name in self._with_gaps
        return condition

    def _comparison(self, of: Field, place: Place) -> Condition:
        data = place.data
        if not isinstance(data, dict):
            return self._leaf(of, "in" if isinstance(data, list) else "equals", place)
        if not data:
            return self._wrong(place, "an empty comparison", expected="an operator: " + ", ".join(OPERATORS))
        self._size += len(data) - 1
        parts = [self._leaf(of, key, place.at(key)) for key in data]
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _leaf(self, of: Field, operator: str, place: Place) -> Condition:
        if operator not in OPERATORS:
            positive = operator.removeprefix("not_")
            if positive != operator and positive in OPERATORS:  # as results have it: its nearest means the opposite
                expected, near = f"not: {{{of.name}: {{{positive}: ...}}}}", None
            else:
                expected, near = "one of " + ", ".join(OPERATORS), nearest(operator, OPERATORS)
            return self._wrong(place, "unknown operator", True, found=operator, expected=expected, nearest=near)
        relation, negated, operand = OPERATORS[operator]
        if (message := _misuse(of, relation)) is not None:
            return self._wrong(place, message, True, found=f"`{operator}` on {of.name}, {of.type.with_article}")
        if operand == "value" and isinstance(place.data, list):
            relation, operand = Relation.IN, "values"
        position = place.file.position(place.path, of_key=True)
        if operand == "fact" or (isinstance(place.data, dict) and operand != "values"):
            if operand == "fact":
                other = self.other(of, relation, place)
            elif list(place.data) == ["field"]:
                other = self.other(of, relation, place.at("field"))
            else:
                expected = "a value, or {field: FACT}"
                return self._wrong(place, "not an operand", found=as_written(place.data), expected=expected)
            return TRUE if other is None else Leaf(of.name, relation, None, other.name, negated, position)
        literal = self._literal(of, relation, place)
        return TRUE if literal is None else Leaf(of.name, relation, literal, None, negated, position)

    def other(self, of: Field, relation: Relation, place: Place) -> Field | None:
        """Return the field that `place` names, if it can be compared with `of` in this way."""
        if (other := self.fact(place)) is None:
            return None
        if other.name == of.name:
            return self.nothing(place, "compared with itself", found=of.name, expected="another fact")
        if relation is Relation.CONTAINS:
            fits, expected = other.type in _TEXTUAL, "an enum or a string"
        elif relation in (Relation.CONTAINS_ANY, Relation.CONTAINS_ALL):
            fits, expected = other.type is of.type, "a set"
        else:
            fits = other.type is of.type or (other.type in _TEXTUAL and of.type in _TEXTUAL)
            expected = "an enum or a string" if of.type in _TEXTUAL else of.type.with_article
        if not fits:
            found = f"{other.name}, {other.type.with_article}"
            return self.nothing(place, f"can't be compared with {of.name}", found=found, expected=expected)
        return other

    def _literal(self, of: Field, relation: Relation, place: Place) -> Operand | None:
        many = relation in (Relation.IN, Relation.CONTAINS_ANY, Relation.CONTAINS_ALL)
        if many != isinstance(place.data, list):
            expected = "a list" if many else "one value"
            return self.nothing(place, f"not an operand for {of.name}", found=as_written(place.data), expected=expected)
        if not many:
            return self._element(place, of)
        if not place.data:
            return self.nothing(place, "an empty list", expected="at least one value")
        values = [self._element(place.at(index), of) for index in range(len(place.data))]
        return None if None in values else frozenset(value for value in values if isinstance(value, Scalar))

    def _element(self, place: Place, of: Field) -> Value | None:
        """Read one value of a scalar field, or one element of a set."""
        if of.type is not FieldType.STRING_SET:
            return self.value(place, of)
        kind = FieldType.ENUM if of.values else FieldType.STRING
        value = self.value(place, Field(of.name, kind, of.values))
        if of.elements and isinstance(value, str):
            try:
                read_value(of, [value])
            except InputError:
                message = f"not an element of {of.name}"
                return self.nothing(place, message, found=as_written(value), expected=of.elements)
        return value

    # -- problems --------------------------------------------------------------------------------

    def note(self, place: Place, message: str, of_key: bool = False, **details: str | None) -> None:
        """Note a problem at `place`."""
        self.gaps += 1
        self.problems.append(place.problem(message, of_key=of_key, **details))

    def nothing(self, place: Place, message: str, of_key: bool = False, **details: str | None) -> T | None:
        """Note a problem at `place`, and return what stands for a thing that could not be read."""
        self.note(place, message, of_key, **details)
        return None

    def misses(self, kind: str, name: str) -> bool:
        """Whether an unknown name may be one of a definition that can't be used; that is a gap then."""
        is_lost = self.is_lost(kind, name)
        self.gaps += is_lost
        return is_lost

    def _wrong(self, place: Place, message: str, of_key: bool = False, **details: str | None) -> Condition:
        self.note(place, message, of_key, **details)
        return TRUE


def _misuse(of: Field, relation: Relation) -> str | None:
    if of.type is FieldType.STRING_SET:
        return (
            None if relation.startswith("contains") else "a set is compared with contains, contains_any, contains_all"
        )
    if relation.startswith("contains"):
        return "only a set contains something"
    if relation in (Relation.AT_LEAST, Relation.ABOVE) and not of.type.is_ordered:
        return "only an integer or a number has a size"
    return None
