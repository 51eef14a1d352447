"""Translating a vendor's attributes to facts by tables: each row names the attributes, the fact and the rule.

A row's functions are pure: attributes in, a value or None (unknown) out. A value that a row does not
understand makes its fact unknown, with a note that shows the value: a vendor may add values tomorrow, and
a reader never guesses. The documentation of the formats is generated from these tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from imagefit.errors import InputError, shortened
from imagefit.facts import Facts, Field, Origin, OriginKind, Value, read_value

__all__ = [
    "Alike",
    "Attributes",
    "NotUnderstood",
    "Reading",
    "Translation",
    "boolean",
    "choice",
    "cleaned",
    "flattened",
    "one",
    "text",
    "translate",
    "whole",
]

MOST_ALIKE = 4096
"""So many different objects of a list are remembered."""

Attributes = Mapping[str, object]
"""The attributes that an object has, by name; those that are null or empty text count as absent."""


class NotUnderstood(ValueError):
    """An attribute has a value that its row can make nothing of; says what would have been understood."""

    def __init__(self, attribute: str, value: object, expected: str) -> None:
        super().__init__(attribute, value, expected)
        self.attribute, self.value, self.expected = attribute, value, expected

    def __str__(self) -> str:
        return f"{self.attribute} is {shortened(self.value)}, not {self.expected}"


@dataclass(frozen=True, slots=True)
class Translation:
    """One row of a mapping table: how attributes become one fact.

    Attributes
    ----------
    fact
        The fact that it gives.
    reads
        The attributes that it looks at; ``name*`` means all that start so.
    rule
        The translation in words, for the documentation.
    translate
        Given the object's attributes (of which it looks at `reads` alone), returns the value, or None if
        they do not tell. Raises `NotUnderstood` for a value that it does not know.
    absent
        What it means that `translate` gave None in an object that is whole; None: that is unknown.
    absent_rule, absent_because
        The same in words: for the documentation, and as the origin of the fact.
    of_whole
        Whether even what is there tells the fact in a whole object alone: a set, of which a part may be missing.
    because
        Says which attribute decided, where that is not all that are present.
    origin
        The kind of place that the value comes from.
    """

    fact: str
    reads: tuple[str, ...]
    rule: str
    translate: Callable[[Attributes], Value | None]
    absent: Callable[[Attributes], Value | None] | None = None
    absent_rule: str = "unknown"
    absent_because: str | Callable[[Attributes], str] = ""
    of_whole: bool = False
    because: Callable[[Attributes], str] | None = None
    origin: OriginKind = OriginKind.API

    def present(self, attributes: Attributes) -> list[str]:
        """Return the names of the attributes that the row looks at and the object has."""
        names: list[str] = []
        for name in self.reads:
            if name.endswith("*"):
                names += [other for other in attributes if other.startswith(name[:-1])]
            elif name in attributes:
                names.append(name)
        return names


@dataclass(frozen=True, slots=True)
class Reading:
    """What a table made of one object's attributes.

    Attributes
    ----------
    used, looked_at
        The attributes that gave a fact, and all that a row looked at.
    concluded
        The facts that were concluded from absence.
    is_part
        Whether the object is, or may be, a part of one, so that nothing was concluded from absence.
    """

    facts: Facts
    origins: Mapping[str, Origin]
    used: frozenset[str]
    looked_at: frozenset[str]
    concluded: frozenset[str]
    notes: tuple[str, ...]
    is_part: bool = False


def translate(
    table: Iterable[Translation],
    attributes: Attributes,
    fields: Mapping[str, Field],
    *,
    complete: bool = True,
    silent: Collection[str] = (),
) -> Reading:
    """Turn an object's attributes into facts, row by row; of several rows for a fact, the first that tells it counts.

    Parameters
    ----------
    fields
        The pack's fields; rows for other facts are skipped, and a value that is none of its field's is
        not understood.
    complete
        Whether the object states all its attributes, so that absence means something.
    silent
        The facts that the object's shape can't tell by absence, however whole the object is.
    """
    facts: dict[str, Value] = {}
    origins: dict[str, Origin] = {}
    used: set[str] = set()
    looked_at: set[str] = set()
    concluded: set[str] = set()
    notes: list[str] = []
    for row in table:
        if row.fact not in fields:
            continue
        looked_at.update(row.present(attributes))
        if row.fact in facts:
            continue
        try:
            value, why, is_concluded = _value(row, attributes, complete and row.fact not in silent)
            if value is not None:
                value = _checked(fields[row.fact], row, attributes, value)
        except NotUnderstood as problem:
            notes.append(f"{problem}; {row.fact} is unknown")
            continue
        if value is not None:
            facts[row.fact] = value
            origins[row.fact] = Origin(row.origin, why, is_part=not complete or bool(silent))
            used.update(row.present(attributes))
            if is_concluded:
                concluded.add(row.fact)
    return Reading(
        facts,
        origins,
        frozenset(used),
        frozenset(looked_at),
        frozenset(concluded),
        tuple(dict.fromkeys(notes)),
        is_part=not complete,
    )


class Alike:
    """Translates many objects by one table: those that are alike in all that its rows look at, once.

    So a list of ten thousand images, most of which differ in ids and dates alone, costs little more than its JSON.
    """

    def __init__(self, table: Sequence[Translation], fields: Mapping[str, Field]) -> None:
        self._table, self._fields = table, fields
        names = [name for row in table for name in row.reads]
        self._names = frozenset(name for name in names if not name.endswith("*"))
        self._beginnings = tuple(dict.fromkeys(name[:-1] for name in names if name.endswith("*")))
        self._seen: dict[object, Reading] = {}

    def translate(self, attributes: Attributes, *, complete: bool, silent: Collection[str] = ()) -> Reading:
        """Return what `translate` does of what the table looks at."""
        names, beginnings = self._names, self._beginnings
        looked_at = {n: v for n, v in attributes.items() if n in names or n.startswith(beginnings)}
        key = complete, silent, tuple([(n, v, v.__class__) for n, v in looked_at.items()])
        try:
            if (found := self._seen.get(key)) is not None:
                return found
        except TypeError:  # a list, or an object
            return translate(self._table, looked_at, self._fields, complete=complete, silent=silent)
        found = translate(self._table, looked_at, self._fields, complete=complete, silent=silent)
        if len(self._seen) < MOST_ALIKE:
            self._seen[key] = found
        return found


def _value(row: Translation, attributes: Attributes, complete: bool) -> tuple[Value | None, str, bool]:
    value = row.translate(attributes)
    if value is not None and (complete or not row.of_whole):
        return value, row.because(attributes) if row.because else ", ".join(row.present(attributes)), False
    if value is None and complete and row.absent is not None:
        return row.absent(attributes), _why_absent(row, attributes), True
    return None, "", False


def _why_absent(row: Translation, attributes: Attributes) -> str:
    if not row.absent_because:
        return "no " + ", ".join(name for name in row.reads if name not in attributes)
    return row.absent_because if isinstance(row.absent_because, str) else row.absent_because(attributes)


def _checked(field: Field, row: Translation, attributes: Attributes, value: Value) -> Value | None:
    try:
        return read_value(field, value)
    except InputError as error:
        shown = row.present(attributes)
        name = shown[0] if shown else row.fact
        raise NotUnderstood(name, attributes.get(name, value), field.expects) from error


def cleaned(attributes: Mapping[str, object]) -> dict[str, object]:
    """Return the attributes without those that are null, NaN or empty text: the vendor's ways to say absent."""
    return {name: value for name, value in attributes.items() if value is not None and value != "" and value == value}


def flattened(attributes: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Return nested objects' attributes by dotted names (``root_volume.size``), lists as they are."""
    flat: dict[str, object] = {}
    for name, value in attributes.items():
        if isinstance(value, dict) and value:
            flat |= {k: v for k, v in flattened(value, f"{prefix}{name}.").items() if k not in flat}
        elif value != {}:
            flat.setdefault(prefix + name, value)
    return cleaned(flat)


def one(attribute: str, read: Callable[[str, object], Value | None]) -> Callable[[Attributes], Value | None]:
    """Return a translation of a single attribute: unknown where it is absent, else what `read` makes of it."""

    def translated(attributes: Attributes) -> Value | None:
        raw = attributes.get(attribute)
        return None if raw is None else read(attribute, raw)

    return translated


def boolean(attribute: str, raw: object) -> bool:
    """Read a boolean in any of the five spellings: ``"true"``, ``"True"``, ``"False"``, JSON true and false."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.strip().lower() in ("true", "false"):
        return raw.strip().lower() == "true"
    raise NotUnderstood(attribute, raw, "true or false")


_WHOLE = re.compile(r"[0-9]{1,18}(?:\.0{1,9})?")


def whole(attribute: str, raw: object) -> int:
    """Read a whole number that is not negative: 80, ``"80"``, 80.0."""
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw < 10**18:
        return raw
    if isinstance(raw, float) and 0 <= raw < 2**53 and raw == int(raw):
        return int(raw)
    if isinstance(raw, str) and _WHOLE.fullmatch(raw.strip()):
        return int(raw.strip().partition(".")[0])
    raise NotUnderstood(attribute, raw, "a whole number")


def text(attribute: str, raw: object) -> str:
    """Read text as it is."""
    if isinstance(raw, str):
        return raw
    raise NotUnderstood(attribute, raw, "text")


def choice(values: Mapping[str, Value]) -> Callable[[str, object], Value]:
    """Return a reading that looks text up among the `values`, ignoring case and what separates words."""
    known = {_folded(name): value for name, value in values.items()}

    def read(attribute: str, raw: object) -> Value:
        spelled = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 10**9 else raw
        if isinstance(spelled, str) and (value := known.get(_folded(spelled))) is not None:
            return value
        raise NotUnderstood(attribute, raw, _one_of(list(values)))

    return read


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name[:200]).casefold()


def _one_of(names: Sequence[str]) -> str:
    return "one of " + ", ".join(names) if len(names) > 1 else names[0]
