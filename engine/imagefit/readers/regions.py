"""Which region something is in: from the host of a link, from an availability zone, or from the caller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from imagefit.errors import nearest
from imagefit.facts import Field, Origin, OriginKind, Value
from imagefit.readers.catalogs import Catalogs
from imagefit.readers.translation import Attributes, NotUnderstood, Translation, identifier, is_nothing
from imagefit.values import pattern

__all__ = ["given_region", "named_zone", "one_zone", "region_row", "zone_row"]

_HOST = pattern(r"https://(?:ecs|evs|glance|image|ims|nova)\.([a-z0-9-]{1,40})\.")


def region_row(fact: str, catalogs: Catalogs) -> Translation:
    """Return the row that reads the region from links, which only sometimes have the cloud's own host in them."""

    def region(attributes: Attributes) -> Value | None:
        found = {
            match[1]
            for link in _links(attributes.get("self"), attributes.get("links"))
            if (match := _HOST.match(link)) and match[1] in catalogs.regions
        }
        return found.pop() if len(found) == 1 else None

    return Translation(
        fact,
        ("self", "links"),
        "the region in a link's host (https://ims.REGION...), if the catalog has it; else the region that was queried",
        region,
        of_text={"self": _before_path},
    )


def _before_path(link: str) -> str:
    return "/".join(link.split("/", 3)[:3])


_ZONE = pattern(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def one_zone(attribute: str, raw: object) -> str:
    """Read the name of an availability zone; raises `NotUnderstood` for what no zone is called, such as two of them."""
    if _ZONE.fullmatch(zone := identifier(attribute, raw)):
        return zone
    raise NotUnderstood(attribute, raw, "one availability zone")


def named_zone(raw: object) -> str | None:
    """Return the availability zone that a value names; None if it names none: then a flavor is asked for in any."""
    try:
        zone = one_zone("", raw)
    except NotUnderstood:
        return None
    return None if is_nothing(zone) else zone


def zone_row(attribute: str, catalogs: Catalogs) -> Translation:
    """Return the row that looks an availability zone up; its name alone does not tell the region."""

    def region(attributes: Attributes) -> Value | None:
        raw = attributes.get(attribute)
        if raw is None:
            return None
        zone = one_zone(attribute, raw)
        if zone in catalogs.zones:
            return catalogs.zones[zone]
        near = _meant(zone, catalogs)
        hint = f" (did you mean {near}?)" if near else ""
        raise NotUnderstood(attribute, zone, f"an availability zone of the catalog{hint}")

    return Translation(
        "ecs.region",
        (attribute,),
        "the region of the zone by the catalog (cn-south-2b is in cn-south-1: the name does not tell)",
        region,
        because=lambda a: f"availability-zones: {a[attribute]}",
        origin=OriginKind.CATALOG,
    )


def _meant(zone: str, catalogs: Catalogs) -> str | None:
    """Return the zone that a name is a slip of the pen for: but for case and separators, or of the same region."""
    near = nearest(zone, catalogs.zones)
    if near is None or _letters(near) == _letters(zone) or near[:-1] == zone[:-1].casefold():
        return near
    return None


def _letters(zone: str) -> str:
    return "".join(filter(str.isalnum, zone)).casefold()


def given_region(
    fact: str,
    region: str | None,
    fields: Mapping[str, Field],
    facts: dict[str, Value],
    origins: dict[str, Origin],
    notes: list[str],
) -> None:
    """Put the region that the caller says was queried in place; it counts more than what was read."""
    if region is None or fact not in fields:
        return
    if (read := facts.get(fact, region)) != region:
        notes.append(f"the region given is {region}, but {origins[fact].detail} says {read}")
    facts[fact], origins[fact] = region, Origin(OriginKind.GIVEN, "the region that was queried")


def _links(*places: object) -> Iterator[str]:
    for place in places:
        if isinstance(place, str):
            yield place
        elif isinstance(place, list):
            yield from (link["href"] for link in place if isinstance(link, dict) and isinstance(link.get("href"), str))
