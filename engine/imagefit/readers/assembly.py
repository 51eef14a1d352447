"""Putting a record together: from an object's attributes and what a table made of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property, lru_cache

from imagefit.errors import shortened
from imagefit.facts import Field, Origin, OriginKind
from imagefit.readers.called import called
from imagefit.readers.catalogs import Catalogs, shipped_catalogs
from imagefit.readers.factrows import Told
from imagefit.readers.own import AS_THEY_ARE, OwnTables
from imagefit.readers.records import Kind, Record
from imagefit.readers.regions import given_region
from imagefit.readers.translation import Attributes, Translation
from imagefit.readers.translators import Reading, Translator
from imagefit.values import dataclass, replace

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
    regions
        Else that of images and that of ECSs, by the facts that say it.
    zone
        The availability zone that a flavor is wanted in.
    own
        What the caller says of tables of his own.
    """

    fields: Mapping[str, Field]
    catalogs: Catalogs = field(default_factory=shipped_catalogs)
    region: str | None = None
    zone: str | None = None
    own: OwnTables = AS_THEY_ARE
    regions: Mapping[str, str] = field(default_factory=dict)
    _translators: dict[Hashable, Translator] = field(default_factory=dict, compare=False, repr=False)

    def translator(self, table: Callable[..., tuple[Translation, ...]], *of: Hashable) -> Translator:
        """Return what reads objects by a table, which is a function of `of`: the same for all records of a file."""
        key = (table, *of)
        if key not in self._translators:
            self._translators[key] = Translator(table(*of), self.fields)
        return self._translators[key]

    def region_of(self, fact: str) -> str | None:
        """Return the region that was queried, for records of which a fact says theirs; None if nobody knows it."""
        return self.region or self.regions.get(fact)

    def read_names(self) -> frozenset[str]:
        """Return the attributes at which the tables look that were used so far."""
        return frozenset(n for table in self._translators.values() for n in table.reads.names)


def assembled(
    kind: Kind,
    row: int,
    attributes: Attributes,
    reading: Reading,
    settings: Settings,
    *,
    region_fact: str,
    known: frozenset[str],
    identity: tuple[object, object],
    used: tuple[str, ...],
    remarks: Sequence[str] = (),
) -> Record:
    """Build the record of one object; everything in it that gave no fact and is not in `used` is listed as unused.

    Parameters
    ----------
    known
        The attributes that are known to tell no fact.
    identity
        The object's id and name, as they are in the input.
    remarks
        What else there is to note.
    """
    facts, origins, notes = reading.facts, reading.origins, reading.notes
    if (region := settings.region_of(region_fact)) is not None:
        facts, origins, told = dict(facts), dict(origins), list(notes)
        given_region(region_fact, region, settings.fields, facts, origins, told)
        notes = tuple(told)
    identifier, name = map(label, identity)
    record = Record(
        kind,
        key=identifier or name or str(row),
        id=identifier,
        name=name,
        facts=facts,
        origins=origins,
        unused=_Unused(attributes, reading.told, used),
        unrecognised=_not_in(reading.others, known, used),
        notes=(*notes, *remarks),
        image_ref=identifier or None if kind is Kind.IMAGE else None,
        is_part=reading.is_part,
        unread=frozenset([told.fact for told in reading.told if told.notes and told.value is None] if notes else ()),
    )
    return called(record, settings.fields)


@lru_cache(64)
def _not_in(names: tuple[str, ...], known: frozenset[str], used: tuple[str, ...]) -> tuple[str, ...]:
    """Return names without those of two kinds; most objects of a file have the same ones."""
    return tuple([name for name in names if name not in known and name not in used])


class _Unused(Mapping[str, str]):
    """The attributes that told no fact, with their values cut short, which are made when somebody asks."""

    def __init__(self, attributes: Attributes, told: Sequence[Told], used: Collection[str]) -> None:
        self._attributes, self._told, self._used = attributes, told, used

    @cached_property
    def _shown(self) -> dict[str, str]:
        used = {name for told in self._told for name in told.used}.union(self._used)
        return {name: _shown(name, value) for name, value in self._attributes.items() if name not in used}

    def __getitem__(self, name: str) -> str:
        return self._shown[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shown)

    def __len__(self) -> int:
        return len(self._shown)

    def __repr__(self) -> str:
        return repr(self._shown)


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
