"""Reading objects by a table of `Translation`s: what equal attributes mean is worked out once, however many have them.

A fact hangs on the attributes that its rows look at, and on nothing else of the object: ids, names and dates, at which
no row looks, play no part. So what such attributes told is remembered, of several facts together. Those that turn out
to have too many cases together are parted, so that facts of few cases stay together and others stand for themselves;
what differs from object to object then (a size) is not remembered at all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import groupby

from imagefit.errors import shortened
from imagefit.facts import Facts, Field, Origin, Value
from imagefit.readers.factrows import ALIKE, FactRows, Told, cuts, is_short
from imagefit.readers.lookedat import VALUES, Reads, Shape
from imagefit.readers.translation import Attributes, Translation
from imagefit.values import dataclass

__all__ = ["Reading", "Translator"]

CASES = 256
"""So many cases of several facts are remembered; facts that have more are parted."""

SHAPES = 64
"""Of so many choices of attributes, which most objects of a file share, is remembered at which of them rows look."""

READINGS = 1024
"""So many readings are remembered by their cases: objects that are alike in all of them have one."""

HASTE = 8
"""Of that, a share of one in so many is enough where most objects were cases of their own."""

_NONE: frozenset[str] = frozenset()


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
    reads_of
        Those at which the rows for each fact look.
    """

    def __init__(self, table: Iterable[Translation], fields: Mapping[str, Field]) -> None:
        rows = [row for row in table if row.fact in fields]
        self.reads = Reads.of(rows)
        self._facts = [FactRows(fields[fact], tuple(of)) for fact, of in groupby(rows, lambda row: row.fact)]
        self.reads_of = {fact.name: fact.reads for fact in self._facts}
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
            bundles[place : place + 1] = outgrown.parts()
        if not are_alike:
            return _reading(cases, shape, complete)
        key = (id(shape), *map(id, cases))
        if (known := self._readings.get(key)) is None:
            known = _reading(cases, shape, complete), cases, shape
            if len(self._readings) < READINGS:
                self._readings[key] = known  # as long as they are there, nothing else has their ids
        return known[0]

    def hidden(self, attributes: Attributes) -> Mapping[str, str]:
        """Return the facts that absence does not tell in an object with objects inside, flattened, each with why.

        Where something else stands in the place of an object, or an object in the place of a value, what it says of a
        fact may be in it, and can't be read.
        """
        found: dict[str, str] = {}
        for fact in self._facts:
            for name in fact.reads.names:
                if (why := _hides(name, attributes)) is not None:
                    found.setdefault(fact.name, why)
        return found

    def _shape(self, names: tuple[str, ...]) -> Shape:
        if (found := self._shapes.get(names)) is None:
            found = Shape(names, self.reads.not_among(names), {})
            if len(self._shapes) < SHAPES:
                self._shapes[names] = found
        return found


def _hides(name: str, attributes: Attributes) -> str | None:
    """Say what hides an attribute, such as ``outer.inner``; None if nothing does."""
    parts = name.split(".")
    for outer in (".".join(parts[:count]) for count in range(1, len(parts))):
        if outer in attributes:
            return f"{outer} is {shortened(attributes[outer])}, not an object"
    return f"{name} is an object, not a value" if any(other.startswith(f"{name}.") for other in attributes) else None


_Key = tuple[tuple[str, ...], tuple[object, ...], tuple[type, ...]]
"""The attributes at which rows look, with their values and the types of these."""


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
        if case.facts:
            facts.update(case.facts)
            origins.update(case.origins)
        every += case.told
        if case.notes:
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

    def __init__(self, facts: Sequence[FactRows], complete: bool, silent: frozenset[str]) -> None:
        self._facts = [(fact, complete and fact.name not in silent) for fact in facts]
        self._complete, self._silent, self._is_part = complete, silent, not complete or bool(silent)
        self._reads = Reads.of(row for fact in facts for row in fact.rows)
        self._cuts = [] if self._reads.beginnings else cuts(self._reads.names, [r for fact in facts for r in fact.rows])
        self._cases: dict[_Key, _Case] = {}
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
            is_kept = is_short(values)
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

    def parts(self) -> list[_Bundle]:
        """Return the facts in several bundles: side by side those of which few objects are cases of their own."""
        facts = [fact for fact, _ in self._facts]
        objects = [dict(zip(names, values, strict=True)) for names, values, _ in self._cases]
        most = min(CASES // HASTE, len(objects) // 2)
        parts: list[list[FactRows]] = []
        cases: list[int] = []
        for fact in facts:
            own = [fact.case(seen) for seen in objects]
            together = list(zip(cases, own, strict=True)) if parts else []
            if parts and len(set(together)) <= most:
                parts[-1].append(fact)
                cases = _numbered(together)
            else:
                parts.append([fact])
                cases = _numbered(own)
        if len(parts) == 1 or len(objects) <= ALIKE:  # they are too few to tell
            half = len(facts) // 2
            parts = [facts[:half], facts[half:]]
        return [_Bundle(part, self._complete, self._silent) for part in parts]

    def _worked_out(self, attributes: Attributes) -> _Case:
        told = [fact.told(attributes, speaks, self._is_part) for fact, speaks in self._facts]
        facts: dict[str, Value] = {}
        origins: dict[str, Origin] = {}
        notes: list[str] = []
        for each in told:
            if each.value is not None:
                facts[each.fact] = each.value
            if each.origin is not None:
                origins[each.fact] = each.origin
            notes += each.notes
        return _Case(facts, origins, told, notes)


def _numbered(cases: Sequence[Hashable]) -> list[int]:
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(case, len(numbers)) for case in cases]
