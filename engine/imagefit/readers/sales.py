"""Whether a flavor is on sale: an availability zone's own word counts more than the flavor's."""

from __future__ import annotations

from imagefit.facts import Value
from imagefit.readers.translation import Attributes, NotUnderstood, Translation, text

__all__ = ["differing_zones", "sales_row"]

_ZONES, _STATUS = "cond:operation:az", "cond:operation:status"
_VALUES = ("normal", "promotion", "obt", "sellout", "obt_sellout", "abandon")


def sales_row(zone: str | None) -> Translation:
    """Return the row of ``ecs.flavor_status``, for a zone that is asked, or for all where that is None."""
    return Translation(
        "ecs.flavor_status",
        (_ZONES, _STATUS),
        "the asked zone's own value in cond:operation:az; a zone not listed there has cond:operation:status; "
        "no zone asked: known only if all that are listed agree, and cond:operation:status where none is",
        lambda attributes: _status(attributes, zone),
        absent=lambda attributes: None if attributes.keys() & {_ZONES, _STATUS} else "normal",
        absent_rule="normal, where neither attribute is there",
        because=lambda attributes: _because(attributes, zone),
    )


def differing_zones(attributes: Attributes) -> dict[str, str]:
    """Return what each zone has (empty text: unknown); nothing where all agree, or what they have is not readable."""
    try:
        by_zone = _by_zone(attributes)
    except NotUnderstood:
        return {}
    return by_zone if len(set(by_zone.values())) > 1 else {}


def _status(attributes: Attributes, zone: str | None) -> Value | None:
    by_zone = _by_zone(attributes)
    general = attributes.get(_STATUS)
    fallback = None if general is None else _known(_STATUS, text(_STATUS, general))
    if zone is not None:
        return (by_zone[zone] or None) if zone in by_zone else (fallback or ("normal" if by_zone else None))
    agreed = set(by_zone.values())
    if not agreed:
        return fallback
    return (agreed.pop() or None) if len(agreed) == 1 else None


def _because(attributes: Attributes, zone: str | None) -> str:
    by_zone = _by_zone(attributes)
    if zone is not None and zone not in by_zone:
        return f"{_STATUS}, as {_ZONES} does not list {zone}" if by_zone else _STATUS
    return f"{_ZONES}: {zone or 'all that are listed'}" if by_zone else _STATUS


def _by_zone(attributes: Attributes) -> dict[str, str]:
    """Split ``az0(normal), az1(sellout)``; an entry with nothing in its brackets does not tell."""
    raw = attributes.get(_ZONES)
    if raw is None:
        return {}
    found: dict[str, str] = {}
    for entry in text(_ZONES, raw).split(","):
        if not entry.strip():
            continue
        zone, bracket, status = (part.strip() for part in entry.partition("("))
        if not bracket or not status.endswith(")") or zone in found:
            raise NotUnderstood(_ZONES, raw, "zone(status), ... with each zone once")
        if zone:
            found[zone] = _known(_ZONES, inside) if (inside := status[:-1].strip()) else ""
    return found


def _known(attribute: str, value: str) -> str:
    if value not in _VALUES:
        raise NotUnderstood(attribute, value, "one of " + ", ".join(_VALUES))
    return value
