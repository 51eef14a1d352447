"""From files, flavor ids and ``--set`` to the candidates that `check` evaluates: one for each image and ECS.

The only place of the command line that knows a candidate to have an image and an ECS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from imagefit.errors import InputError
from imagefit.facts import Field, Origin, OriginKind, Value, show_value
from imagefit.readers import Record, flavor_record, pick, read

__all__ = ["Candidate", "candidates_of", "read_records"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One pair to evaluate: its facts, where they came from, and the records that they were read from."""

    facts: Mapping[str, Value]
    origins: Mapping[str, Origin]
    records: Sequence[Record] = field(default_factory=tuple)

    @property
    def key(self) -> str:
        """The records' keys, such as ``5f2c... x s6.large.2``."""
        return " x ".join(record.key for record in self.records if record.key)

    @property
    def subjects(self) -> list[tuple[str, str]]:
        """What to call the parts of the candidate, for a report."""
        return [(record.kind, _described(record)) for record in self.records]

    @property
    def operation(self) -> str | None:
        """The operation that a request among the records asks for."""
        return next((record.operation for record in self.records if record.operation), None)


def read_records(places: Iterable[str], fields: Mapping[str, Field], input_format: str | None) -> list[Record]:
    """Read every record at the places: ``FILE``, or ``FILE#ID`` for one of its records.

    Raises
    ------
    InputError
        If a file is not readable or empty, or has no such record, or several (names near matches).
    """
    found: list[Record] = []
    for place in places:
        records = pick(place, fields, format=input_format)
        if not records:
            raise InputError("nothing to check: it holds no record", file=place)
        found.extend(records)
    return found


def candidates_of(images: Sequence[Record], ecss: Sequence[Record], given: Mapping[str, Value]) -> list[Candidate]:
    """Return a candidate for each image with each ECS, images first; given facts count before read ones."""
    pairs = [(image, ecs) for image in images or [None] for ecs in ecss or [None]]
    return [_candidate([record for record in pair if record is not None], given) for pair in pairs]


def _candidate(records: Sequence[Record], given: Mapping[str, Value]) -> Candidate:
    facts: dict[str, Value] = {}
    origins: dict[str, Origin] = {}
    for record in records:
        for name, value in record.facts.items():
            if name in facts and name not in given and facts[name] != value:
                both = f"{show_value(facts[name])} ({origins[name]}), {show_value(value)} ({record.origins.get(name)})"
                raise InputError(f"two files say different things: {both}; say which with --set", column=name)
            facts.setdefault(name, value)
            if name in record.origins:
                origins.setdefault(name, record.origins[name])
    facts |= given
    origins |= {name: Origin(OriginKind.GIVEN, "--set") for name in given}
    return Candidate(facts, origins, tuple(records))


def _described(record: Record) -> str:
    return f"{record.name} ({record.key})" if record.name and record.name != record.key else record.key
