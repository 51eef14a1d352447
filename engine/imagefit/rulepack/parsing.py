"""Read conditions, values and effects from a file's plain data, by the vocabulary.

Nothing raises on a pack's mistake: each is noted as a `Problem` with its place, and reading goes on,
so that an author sees all of them at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any as Anything
from typing import TypeVar

from imagefit.conditions import TRUE, All, Any, Condition, Leaf, Relation, leaves, negate
from imagefit.errors import InputError, Problem, nearest, shortened
from imagefit.facts import Field, FieldType, Value, read_value
from imagefit.rulepack.yamlfile import Path_, YamlFile

__all__ = ["ConditionReader", "Place"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a file: what it holds, and the way to it."""

    file: YamlFile
    path: Path_
    data: Anything

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
MAX_LEAVES = 1000  # of one named condition, references expanded: they can double at each level

_TEXTUAL = (FieldType.ENUM, FieldType.STRING)


@dataclass
class ConditionReader:
    """Reads conditions over `fields`; `named` are the vocabulary's raw named conditions, by name."""

    fields: Mapping[str, Field]
    named: Mapping[str, Place]
    problems: list[Problem] = field(default_factory=list)
    _done: dict[str, Condition] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def read(self, place: Place) -> Condition:
        """Read a condition; where it is wrong, note why and return one that is always true."""
        if not isinstance(place.data, dict):
            return self._wrong(place, "a condition is a mapping", expected="facts, `all`, `any`, `not` or `is`")
        if not place.data:
            return self._wrong(place, "an empty condition")
        parts = [self._entry(key, place.at(key)) for key in place.data]
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def named_condition(self, name: str) -> Condition:
        """Return a named condition of the vocabulary, read once; `name` must be one."""
        if name not in self._done:
            place = self.named[name]
            self._open.append(name)
            if len(self._open) > MAX_REFERENCES:
                condition = self._wrong(place, "named conditions refer to each other too deeply")
            else:
                condition = self.read(place)
            self._open.pop()
            if sum(1 for _ in leaves(condition)) > MAX_LEAVES:
                condition = self._wrong(place, "too large a condition", expected=f"at most {MAX_LEAVES} comparisons")
            self._done[name] = All((condition,), name)
        return self._done[name]

    def value(self, place: Place, of: Field) -> Value | None:
        """Read a literal value of a field, strictly: text is no number in a pack."""
        raw = place.data
        textual = of.type in _TEXTUAL or of.type is FieldType.STRING_SET
        if raw is None or (isinstance(raw, str) and not textual):
            return self._nothing(place, f"not a value of {of.name}", found=shortened(raw), expected=of.expects)
        if of.type in _TEXTUAL and isinstance(raw, bool | int | float):
            hint = f"{of.expects}, in quotes" if of.type is FieldType.STRING else of.expects
            return self._nothing(place, f"not a value of {of.name}", found=shortened(raw), expected=hint)
        try:
            value = read_value(of, raw)
        except InputError as error:
            found = shortened(error.value)
            return self._nothing(
                place, f"not a value of {of.name}", found=found, expected=error.expected, nearest=error.nearest
            )
        if value is None:
            return self._nothing(place, f"not a value of {of.name}", found=shortened(raw), expected=of.expects)
        return value

    def fact(self, place: Place, *, of_key: bool = False) -> Field | None:
        """Return the field that `place` (or its key) names."""
        name = place.path[-1] if of_key else place.data
        if not isinstance(name, str):
            return self._nothing(place, "not a fact's name", found=shortened(name))
        if (found := self.fields.get(name)) is None:
            return self._nothing(
                place, "unknown fact", of_key, found=shortened(name), nearest=nearest(name, self.fields)
            )
        return found

    # -- parts of a condition ------------------------------------------------------------------

    def _entry(self, key: str, place: Place) -> Condition:
        if key in ("all", "any"):
            if not isinstance(place.data, list) or not place.data:
                return self._wrong(place, f"`{key}` takes a list of conditions", found=_kind(place.data))
            parts = tuple(self.read(place.at(index)) for index in range(len(place.data)))
            return All(parts) if key == "all" else Any(parts)
        if key == "not":
            return negate(self.read(place))
        if key == "is":
            return self._reference(place)
        if (of := self.fact(place, of_key=True)) is None:
            return TRUE
        return self._comparison(of, place)

    def _reference(self, place: Place) -> Condition:
        name = place.data
        if not isinstance(name, str) or name not in self.named:
            near = nearest(name, self.named) if isinstance(name, str) else None
            return self._wrong(place, "unknown named condition", found=shortened(name), nearest=near)
        if name in self._open:
            return self._wrong(place, "cyclic named conditions", found=" -> ".join([*self._open, name]))
        return self.named_condition(name)

    def _comparison(self, of: Field, place: Place) -> Condition:
        data = place.data
        if not isinstance(data, dict):
            return self._leaf(of, "in" if isinstance(data, list) else "equals", place)
        if not data:
            return self._wrong(place, "an empty comparison", expected="an operator: " + ", ".join(OPERATORS))
        parts = [self._leaf(of, key, place.at(key)) for key in data]
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _leaf(self, of: Field, operator: str, place: Place) -> Condition:
        if operator not in OPERATORS:
            expected = "one of " + ", ".join(OPERATORS)
            near = nearest(operator, OPERATORS)
            return self._wrong(place, "unknown operator", True, found=operator, expected=expected, nearest=near)
        relation, negated, operand = OPERATORS[operator]
        if (message := _misuse(of, relation)) is not None:
            return self._wrong(place, message, found=f"`{operator}` on a {of.type} ({of.name})")
        if operand == "value" and isinstance(place.data, list):
            relation, operand = Relation.IN, "values"
        position = place.file.position(place.path, of_key=True)
        if operand == "fact" or (isinstance(place.data, dict) and operand != "values"):
            other = self._other(of, relation, place, operand)
            return TRUE if other is None else Leaf(of.name, relation, None, other.name, negated, position)
        literal = self._literal(of, relation, place)
        return TRUE if literal is None else Leaf(of.name, relation, literal, None, negated, position)

    def _other(self, of: Field, relation: Relation, place: Place, operand: str) -> Field | None:
        if operand != "fact":
            if list(place.data) != ["field"]:
                return self._nothing(
                    place, "not an operand", found=shortened(place.data), expected="a value, or {field: FACT}"
                )
            place = place.at("field")
        if (other := self.fact(place)) is None:
            return None
        if relation is Relation.CONTAINS:
            fits, expected = other.type in _TEXTUAL, "an enum or a string"
        elif relation in (Relation.CONTAINS_ANY, Relation.CONTAINS_ALL):
            fits, expected = other.type is FieldType.STRING_SET, "a set"
        else:
            fits = other.type is of.type or (other.type in _TEXTUAL and of.type in _TEXTUAL)
            expected = f"a fact of type {of.type}"
        if not fits:
            return self._nothing(
                place, f"can't be compared with {of.name}", found=f"{other.name}, a {other.type}", expected=expected
            )
        return other

    def _literal(self, of: Field, relation: Relation, place: Place) -> Value | frozenset[Value] | None:
        many = relation in (Relation.IN, Relation.CONTAINS_ANY, Relation.CONTAINS_ALL)
        if many != isinstance(place.data, list):
            expected = "a list" if many else "one value"
            return self._nothing(place, f"not an operand for {of.name}", found=shortened(place.data), expected=expected)
        if not many:
            return self._element(of, place)
        if not place.data:
            return self._nothing(place, "an empty list", expected="at least one value")
        values = [self._element(of, place.at(index)) for index in range(len(place.data))]
        return None if None in values else frozenset(value for value in values if value is not None)

    def _element(self, of: Field, place: Place) -> Value | None:
        """Read one value of a scalar field, or one element of a set."""
        if of.type is not FieldType.STRING_SET:
            return self.value(place, of)
        kind = FieldType.ENUM if of.values else FieldType.STRING
        return self.value(place, Field(of.name, kind, of.values))

    # -- problems --------------------------------------------------------------------------------

    def _note(self, place: Place, message: str, of_key: bool = False, **details: str | None) -> None:
        self.problems.append(place.problem(message, of_key=of_key, **details))

    def _nothing(self, place: Place, message: str, of_key: bool = False, **details: str | None) -> T | None:
        self._note(place, message, of_key, **details)
        return None

    def _wrong(self, place: Place, message: str, of_key: bool = False, **details: str | None) -> Condition:
        self._note(place, message, of_key, **details)
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


def _kind(data: Anything) -> str:
    if isinstance(data, list):
        return "an empty list"
    return "a mapping" if isinstance(data, dict) else shortened(data)
