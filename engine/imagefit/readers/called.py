"""What images and ECSs are called, for a pack that asks: which of the names and patterns in its waivers they meet."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import cast

from imagefit.facts import Field, Origin, OriginKind
from imagefit.readers.records import Kind, Record
from imagefit.values import replace

__all__ = ["CALLED", "called", "names_met", "side_of"]

CALLED: Mapping[str, str] = {"image": "image.called", "ecs": "ecs.called"}
"""The facts that say which of the names that waivers use are those of the image and of the ECS."""


def side_of(record: Record) -> str:
    """Return which side of a candidate a record is of, ``image`` or ``ecs``; of facts, by what they are facts of."""
    if record.kind is Kind.FACTS:
        is_ecs = not any(fact.startswith("image.") for fact in record.facts)
        return "ecs" if is_ecs and any(fact.startswith("ecs.") for fact in record.facts) else "image"
    return _SIDES.get(record.kind, "")


_SIDES = {Kind.IMAGE: "image", Kind.DISK: "image", Kind.ECS: "ecs", Kind.REQUEST: "ecs"}


def names_met(field: Field, *names: str | None) -> frozenset[str] | None:
    """Return the names and patterns of waivers that one of these names meets; None where there is no name.

    >>> from imagefit.facts import FieldType
    >>> names_met(Field("image.called", FieldType.STRING_SET, ("web-*", "db")), "0a1b", "web-22")
    frozenset({'web-*'})
    >>> names_met(Field("ecs.called", FieldType.STRING_SET, ("module.a[*].ecs",)), "module.a[0].ecs")
    frozenset({'module.a[*].ecs'})
    """
    known = [name for name in names if name]
    if not known:
        return None
    patterns = {each: each.replace("[", "[[]") for each in field.values}  # as in the address `ecs[0]`, it is a sign
    return frozenset(e for e, pattern in patterns.items() if e in known or any(fnmatchcase(n, pattern) for n in known))


def called(record: Record, fields: Mapping[str, Field], *names: str) -> Record:
    """Return a record with the names of waivers that it meets, if the pack asks: by its id, its name or one of `names`.

    An ECS is called what its flavor is, too. What the record is known to be called already, it stays.
    """
    fact = CALLED.get(side_of(record), "")
    if fact not in fields:
        return record
    met = names_met(fields[fact], record.id, record.name, record.flavor_ref, *names)
    if met is None:
        return record
    before = record.facts.get(fact, frozenset())
    origins = {**record.origins, fact: Origin(OriginKind.API, "id, name")}
    return replace(record, facts={**record.facts, fact: met.union(cast("frozenset[str]", before))}, origins=origins)
