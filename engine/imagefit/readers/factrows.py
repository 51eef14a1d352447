"""What objects tell of one fact: by its rows of a table, of which the first that tells it counts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence

from imagefit.errors import InputError
from imagefit.facts import Field, Origin, Value, read_value
from imagefit.readers.lookedat import Memory, Reads
from imagefit.readers.translation import Attributes, NotUnderstood, Translation, is_nothing
from imagefit.values import dataclass

__all__ = ["ALIKE", "FactRows", "Told", "cuts", "is_short"]

ALIKE = 32
"""So many cases of one fact are remembered where they are asked for with others: of the few objects of most files."""

_LONG = 128  # characters of a value; what is longer hardly comes again
_PLAIN = frozenset([str, int, bool, type(None)])  # -0.0 equals 0.0, and is written otherwise


@dataclass(frozen=True, slots=True)
class Told:
    """What an object tells of one fact.

    Attributes
    ----------
    used
        The attributes that gave it.
    is_concluded
        Whether it was concluded from absence.
    """

    fact: str
    value: Value | None = None
    origin: Origin | None = None
    used: tuple[str, ...] = ()
    is_concluded: bool = False
    notes: tuple[str, ...] = ()


class FactRows:
    """The rows for one fact."""

    def __init__(self, field: Field, rows: Sequence[Translation]) -> None:
        self.name, self.rows, self._field = field.name, rows, field
        self.reads = Reads.of(rows)
        self._of_text = [item for row in rows for item in row.of_text.items()] if len(rows) == 1 else []
        self._told_by = Memory(self._by)
        self._seen: dict[Hashable, Told] = {}

    def case(self, attributes: Attributes) -> Hashable:
        """Return what the rows look at, of an object whose attributes are texts, whole numbers and booleans."""
        found = {name: attributes[name] for name in self.reads.among(attributes)}
        for place, of_text in cuts(self.reads.names, self.rows):
            if isinstance(text := found.get(name := self.reads.names[place]), str):
                found[name] = of_text(text)
        return tuple(found.items())

    def told(self, attributes: Attributes, complete: bool, is_part: bool) -> Told:
        """Work out what the attributes at which the rows look tell: they are given no others."""
        names = self.reads.among(attributes) if self.reads.beginnings else self.reads.names
        seen = {name: attributes[name] for name in names if name in attributes}
        for name, of_text in self._of_text:
            if isinstance(text := seen.get(name), str):
                seen[name] = of_text(text)
        if self._of_text or len(self._seen) >= ALIKE:
            return self._worked_out(seen, attributes, complete, is_part)
        values = tuple(seen.values())
        key = complete, is_part, tuple(seen), values, tuple(map(type, values))
        try:
            found = self._seen.get(key)
        except TypeError:  # a list or an object
            return self._worked_out(seen, attributes, complete, is_part)
        if found is None:
            found = self._worked_out(seen, attributes, complete, is_part)
            if is_short(values):
                self._seen[key] = found
        return found

    def _worked_out(self, seen: Attributes, attributes: Attributes, complete: bool, is_part: bool) -> Told:
        notes: tuple[str, ...] = ()
        is_odd = any(map(is_nothing, seen.values()))
        for place, row in enumerate(self.rows):
            try:
                value, is_concluded = row.told_by(seen) if is_odd else row.translate(seen), False
                if value is None and complete and row.absent is not None:
                    value, is_concluded = row.absent(seen), True
                if value is None or (row.of_whole and not complete):
                    continue
                why = row.absent_because or None if is_concluded else row.because
                said = why(seen) if callable(why) else why
                value = _checked(self._field, row, attributes, value)
            except NotUnderstood as problem:
                notes += (f"{problem}; {self.name} is unknown",)
                continue
            if value is not None:
                used, origin = self._told_by[place, is_concluded, is_part, said, tuple(seen)]
                return Told(self.name, value, origin, used, is_concluded, notes)
        return Told(self.name, notes=tuple(dict.fromkeys(notes)))

    def _by(self, told_by: tuple[int, bool, bool, str | None, tuple[str, ...]]) -> tuple[tuple[str, ...], Origin]:
        """Return which attributes give a fact, and its origin: by row, by what it says of why, by what there is."""
        place, is_concluded, is_part, said, names = told_by
        row = self.rows[place]
        used = tuple(row.present(dict.fromkeys(names)))
        if said is None and is_concluded:
            lacking = ", ".join(name for name in row.reads if name not in names)
            said = f"no {lacking}" if lacking else ", ".join(used)  # what is there says nothing of it
        return used, Origin(row.origin, ", ".join(used) if said is None else said, is_part=is_part)


def cuts(names: Sequence[str], rows: Sequence[Translation]) -> list[tuple[int, Callable[[str], str]]]:
    """Return of which names, by their places, all rows look at the same part of a text, with what returns it."""
    found = []
    for place, name in enumerate(names):
        parts = {row.of_text.get(name) for row in rows if name in row.reads}
        if len(parts) == 1 and (part := parts.pop()) is not None:
            found.append((place, part))
    return found


def is_short(values: Iterable[object]) -> bool:
    """Whether what values told is remembered: short texts, whole numbers and booleans, and whether they are there."""
    return all(len(value) <= _LONG if type(value) is str else type(value) in _PLAIN for value in values)


def _checked(field: Field, row: Translation, attributes: Attributes, value: Value) -> Value | None:
    try:
        return read_value(field, value)
    except InputError as error:
        shown = row.present(attributes)
        name = shown[0] if shown else row.fact
        raise NotUnderstood(name, attributes.get(name, value), field.expects) from error
