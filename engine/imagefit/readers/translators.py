"""Reading objects by a table of `Translation`s: what equal attributes mean is worked out once, however many have them.

A fact hangs on the attributes that its rows look at, and on nothing else of the object: ids, names and dates, at which
no row looks, play no part. So what such attributes told is remembered, of several facts together. Those that turn out
to have too many cases together are halved, until each fact stands for itself; what differs from object to object then
(a size) is not remembered at all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import groupby

from imagefit.errors import InputError
from imagefit.facts import Facts, Field, Origin, Value, read_value
from imagefit.readers.lookedat import VALUES, Memory, Reads, Shape
from imagefit.readers.translation import Attributes, NotUnderstood, Translation
from imagefit.values import dataclass

__all__ = ["Reading", "Told", "Translator"]

CASES = 256
"""So many cases of several facts are remembered; facts that have more are halved."""

SHAPES = 64
"""Of so many choices of attributes, which most objects of a file share, is remembered at which of them rows look."""

READINGS = 1024
"""So many readings are remembered by their cases: objects that are alike in all of them have one."""

HASTE = 8
"""Of that, a share of one in so many is enough where most objects were cases of their own."""

ALIKE = 32
"""So many cases of one fact are remembered where they are asked for with others: of the few objects of most files."""

_LONG = 128  # characters of a value; what is longer hardly comes again
_PLAIN = frozenset([str, int, bool, type(None)])  # -0.0 equals 0.0, and is written otherwise

_NONE: frozenset[str] = frozenset()


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


@dataclass(frozen=True, slots=True)
class Reading:
    """What a table made of one object's attributes.

    Attributes
    ----------
    told
        What was told of each fact, where anything was.
    others
        The attributes at which the table does not look.
    is_part
        Whether the object is, or may be, a part of one, so that nothing was concluded from absence.
    """

    facts: Facts
    origins: Mapping[str, Origin]
    told: Sequence[Told]
    others: tuple[str, ...]
    notes: tuple[str, ...]
    is_part: bool = False

    @property
    def concluded(self) -> frozenset[str]:
        """The facts that were concluded from absence."""
        return frozenset(told.fact for told in self.told if told.is_concluded)


class Translator:
    """Turns the attributes of objects into facts; of several rows for a fact, the first that tells it counts.

    Parameters
    ----------
    table
        The rows; those for one fact stand together.
    fields
        The pack's fields; rows for other facts are skipped, and a value that is none of its field's is
        not understood.

    Attributes
    ----------
    reads
        The attributes at which the rows look.
    """

    def __init__(self, table: Iterable[Translation], fields: Mapping[str, Field]) -> None:
        rows = [row for row in table if row.fact in fields]
        self.reads = Reads.of(rows)
        self._facts = [_Fact(fields[fact], tuple(of)) for fact, of in groupby(rows, lambda row: row.fact)]
        self._bundles: dict[tuple[bool, frozenset[str]], list[_Bundle]] = {}
        self._shapes: dict[tuple[str, ...], Shape] = {}
        self._readings: dict[tuple[int, ...], tuple[Reading, Sequence[_Case], Shape]] = {}

    def read(self, attributes: Attributes, *, complete: bool = True, silent: frozenset[str] = _NONE) -> Reading:
        """Return what an object's attributes tell.

        Parameters
        ----------
        complete
            Whether the object states all its attributes, so that absence means something.
        silent
            The facts that the object's shape can't tell by absence, however whole the object is.
        """
        bundles = self._bundles.get((complete, silent))
        if bundles is None:
            bundles = self._bundles[complete, silent] = [_Bundle(self._facts, complete, silent)]
        outgrown, are_alike = None, True
        shape = self._shape(tuple(attributes))
        cases = []
        for bundle in bundles:
            if bundle.various is not None:
                cases.append(bundle.various(attributes))
                are_alike = False
                continue
            cases.append(bundle.case(attributes, shape))
            if bundle.is_outgrown:
                outgrown = bundle
        if outgrown is not None:
            place = bundles.index(outgrown)
            bundles[place : place + 1] = outgrown.halves()
        if not are_alike:
            return _reading(cases, shape, complete)
        key = (id(shape), *map(id, cases))
        if (known := self._readings.get(key)) is None:
            known = _reading(cases, shape, complete), cases, shape
            if len(self._readings) < READINGS:
                self._readings[key] = known  # as long as they are there, nothing else has their ids
        return known[0]

    def _shape(self, names: tuple[str, ...]) -> Shape:
        if (found := self._shapes.get(names)) is None:
            looked_at = frozenset(self.reads.among(names))
            found = Shape(names, tuple([name for name in names if name not in looked_at]), {})
            if len(self._shapes) < SHAPES:
                self._shapes[names] = found
        return found


@dataclass(frozen=True, slots=True)
class _Case:
    """What equal attributes tell."""

    facts: Facts
    origins: Mapping[str, Origin]
    told: Sequence[Told]
    notes: Sequence[str]


def _reading(cases: Sequence[_Case], shape: Shape, complete: bool) -> Reading:
    facts: dict[str, Value] = {}
    origins: dict[str, Origin] = {}
    every: list[Told] = []
    notes: list[str] = []
    for case in cases:
        facts.update(case.facts)
        origins.update(case.origins)
        every += case.told
        notes += case.notes
    return Reading(facts, origins, every, shape.others, tuple(notes), not complete)


class _Bundle:
    """Facts that stand together in a table, of objects that are alike in what their absences mean.

    Attributes
    ----------
    is_outgrown
        Whether there are so many cases that its halves are better.
    various
        Works out the only fact, where it has so many cases that none is remembered.
    """

    def __init__(self, facts: Sequence[_Fact], complete: bool, silent: frozenset[str]) -> None:
        self._facts = [(fact, complete and fact.name not in silent) for fact in facts]
        self._complete, self._silent, self._is_part = complete, silent, not complete or bool(silent)
        self._reads = Reads.of(row for fact in facts for row in fact.rows)
        self._cuts = (
            [] if self._reads.beginnings else _cuts(self._reads.names, [r for fact in facts for r in fact.rows])
        )
        self._cases: dict[Hashable, _Case] = {}
        self._asked = 0
        self.is_outgrown = False
        self.various: Callable[[Attributes], _Case] | None = None

    def case(self, attributes: Attributes, shape: Shape) -> _Case:
        """Return what an object of some shape tells of these facts."""
        self._asked += 1
        names = self._reads.names
        if self._reads.beginnings:
            if (among := shape.looked_at.get(self._reads)) is None:
                among = shape.looked_at[self._reads] = self._reads.among(shape.names)
            names = among
        values = tuple(map(attributes.get, names))
        if self._cuts:
            values = self._cut(values)
        key = names, values, tuple(map(type, values))
        try:
            found = self._cases.get(key)
        except TypeError:  # a list or an object
            is_kept = False
        else:
            if found is not None:
                return found
            is_kept = _is_short(values)
        found = self._worked_out(attributes)
        if is_kept:
            self._cases[key] = found
            self._look_at_size()
        else:  # some fact of these is never remembered: so that the others are
            self.is_outgrown = len(self._facts) > 1
        return found

    def _cut(self, values: tuple[object, ...]) -> tuple[object, ...]:
        """Return values, of some texts what the rows look at."""
        found = list(values)
        for place, of_text in self._cuts:
            if isinstance(text := found[place], str):
                found[place] = of_text(text)
        return tuple(found)

    def _look_at_size(self) -> None:
        count, most = len(self._cases), VALUES if len(self._facts) == 1 else CASES
        if count <= most and (count <= most // HASTE or count * 2 <= self._asked):
            return
        if len(self._facts) > 1:
            self.is_outgrown = True
        else:
            self.various = self._worked_out
            self._cases.clear()

    def halves(self) -> tuple[_Bundle, _Bundle]:
        """Return the facts in two bundles."""
        facts, half = [fact for fact, _ in self._facts], len(self._facts) // 2
        first, second = (_Bundle(part, self._complete, self._silent) for part in (facts[:half], facts[half:]))
        return first, second

    def _worked_out(self, attributes: Attributes) -> _Case:
        told = [fact.told(attributes, speaks, self._is_part) for fact, speaks in self._facts]
        return _Case(
            {each.fact: each.value for each in told if each.value is not None},
            {each.fact: each.origin for each in told if each.origin is not None},
            told,
            [note for each in told for note in each.notes],
        )


class _Fact:
    """The rows for one fact."""

    def __init__(self, field: Field, rows: Sequence[Translation]) -> None:
        self.name, self.rows, self._field = field.name, rows, field
        self._reads = Reads.of(rows)
        self._of_text = [item for row in rows for item in row.of_text.items()] if len(rows) == 1 else []
        self._told_by = Memory(self._by)
        self._seen: dict[Hashable, Told] = {}

    def told(self, attributes: Attributes, complete: bool, is_part: bool) -> Told:
        """Work out what the attributes at which the rows look tell: they are given no others."""
        names = self._reads.among(attributes) if self._reads.beginnings else self._reads.names
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
            if _is_short(values):
                self._seen[key] = found
        return found

    def _worked_out(self, seen: Attributes, attributes: Attributes, complete: bool, is_part: bool) -> Told:
        notes: tuple[str, ...] = ()
        for place, row in enumerate(self.rows):
            try:
                value, is_concluded = row.told_by(seen), False
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
            said = "no " + ", ".join(name for name in row.reads if name not in names)
        return used, Origin(row.origin, ", ".join(used) if said is None else said, is_part=is_part)


def _cuts(names: Sequence[str], rows: Sequence[Translation]) -> list[tuple[int, Callable[[str], str]]]:
    """Return of which names, by their places, all rows look at the same part of a text, with what returns it."""
    found = []
    for place, name in enumerate(names):
        parts = {row.of_text.get(name) for row in rows if name in row.reads}
        if len(parts) == 1 and (part := parts.pop()) is not None:
            found.append((place, part))
    return found


def _is_short(values: Iterable[object]) -> bool:
    """Whether what values told is remembered: short texts, whole numbers and booleans, and whether they are there."""
    return all(len(value) <= _LONG if type(value) is str else type(value) in _PLAIN for value in values)


def _checked(field: Field, row: Translation, attributes: Attributes, value: Value) -> Value | None:
    try:
        return read_value(field, value)
    except InputError as error:
        shown = row.present(attributes)
        name = shown[0] if shown else row.fact
        raise NotUnderstood(name, attributes.get(name, value), field.expects) from error
