"""Putting a record together: from an object's attributes and what a table made of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from imagefit.errors import shortened
from imagefit.facts import Field, Origin, OriginKind
from imagefit.readers.called import called
from imagefit.readers.catalogs import Catalogs
from imagefit.readers.own import AS_THEY_ARE, OwnTables
from imagefit.readers.records import Kind, Record
from imagefit.readers.regions import given_region
from imagefit.readers.translation import Attributes, Reading

__all__ = ["Settings", "assembled", "label", "with_constant"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the caller asked for, the same for all records of a file.

    Attributes
    ----------
    fields
        The pack's fields: only these facts are given.
    region
        The region that was queried, where the caller knows it.
    zone
        The availability zone that a flavor is wanted in.
    own
        What the caller says of tables of his own.
    """

    fields: Mapping[str, Field]
    catalogs: Catalogs = field(default_factory=Catalogs)
    region: str | None = None
    zone: str | None = None
    own: OwnTables = AS_THEY_ARE


def assembled(
    kind: Kind,
    row: int,
    attributes: Attributes,
    reading: Reading,
    settings: Settings,
    *,
    region_fact: str,
    known: Collection[str],
    identity: tuple[object, object],
    used: Collection[str] = (),
    image_ref: str | None = None,
) -> Record:
    """Build the record of one object; everything in it that gave no fact and is not in `used` is listed as unused.

    Parameters
    ----------
    known
        The attributes that are known to tell no fact.
    identity
        The object's id and name, as they are in the input.
    """
    facts, origins, notes = dict(reading.facts), dict(reading.origins), list(reading.notes)
    given_region(region_fact, settings.region, settings.fields, facts, origins, notes)
    identifier, name = map(label, identity)
    left = {name: value for name, value in attributes.items() if name not in reading.used and name not in used}
    record = Record(
        kind,
        key=identifier or name or str(row),
        id=identifier,
        name=name,
        facts=facts,
        origins=origins,
        unused=_Shown(left),
        unrecognised=tuple(
            attribute for attribute in left if attribute not in reading.looked_at and attribute not in known
        ),
        notes=tuple(notes),
        image_ref=image_ref,
        is_part=reading.is_part,
    )
    return called(record, settings.fields)


class _Shown(Mapping[str, str]):
    """Attributes with their values cut short: worked out where somebody looks."""

    __slots__ = ("_of",)

    def __init__(self, of: Mapping[str, object]) -> None:
        self._of = of

    def __getitem__(self, name: str) -> str:
        return _shown(name, self._of[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)

    def __repr__(self) -> str:
        return repr(dict(self))


_SECRETS = frozenset(["adminpass", "admin_pass", "password", "user_data"])


def _shown(attribute: str, value: object) -> str:
    is_secret = attribute.replace(":", ".").rpartition(".")[2].lower() in _SECRETS
    return "(not shown)" if is_secret else shortened(value)


def with_constant(record: Record, fact: str, value: str, why: str, fields: Mapping[str, Field]) -> Record:
    """Return the record with a fact that the shape itself tells, where no attribute told it."""
    if fact not in fields or fact in record.facts:
        return record
    return replace(
        record,
        facts={**record.facts, fact: value},
        origins={**record.origins, fact: Origin(OriginKind.API, why)},
    )


def label(raw: object) -> str:
    """Return an id or a name as text; anything that is neither text nor a number is none."""
    if isinstance(raw, str):
        return raw
    return str(raw) if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 10**30 else ""
