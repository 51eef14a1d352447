"""Whether a flavor is on sale: an availability zone's own word counts more than the flavor's.

Zones that are not listed have the flavor's own status. So a status stands for all zones only where those that
are listed and the flavor's own agree.
"""

from __future__ import annotations

from imagefit.facts import Value
from imagefit.readers.translation import Attributes, NotUnderstood, Translation, boolean, choice, text
from imagefit.values import dataclass

__all__ = ["differing_zones", "sales_rows"]

_VALUES = ("normal", "promotion", "obt", "sellout", "obt_sellout", "abandon")


@dataclass(frozen=True, slots=True)
class _Offer:
    """A way in which a flavor is sold: the attributes that speak of it, and what holds where none does.

    Attributes
    ----------
    off
        The attribute that says of a flavor that it is switched off: then nothing holds where no other speaks.
    """

    zones: str
    status: str
    default: str
    off: str = ""

    def silently(self, attributes: Attributes) -> str | None:
        """Return what holds of a flavor of which nothing is said."""
        raw = attributes.get(self.off)
        return self.default if raw is None or not boolean(self.off, raw) else None

    def by_zone(self, attributes: Attributes) -> dict[str, str]:
        """Split ``az0(normal), az1(sellout)``; an entry with nothing in its brackets does not tell."""
        raw = attributes.get(self.zones)
        if raw is None:
            return {}
        found: dict[str, str] = {}
        for entry in text(self.zones, raw).split(","):
            if not entry.strip():
                continue
            zone, bracket, status = (part.strip() for part in entry.partition("("))
            if not bracket or not status.endswith(")") or zone in found:
                raise NotUnderstood(self.zones, raw, "zone(status), ... with each zone once")
            if zone:
                found[zone] = _known(self.zones, inside) if (inside := status[:-1].strip()) else ""
        return found

    def elsewhere(self, attributes: Attributes) -> str | None:
        """Return the status of the zones that are not listed, where it is stated."""
        general = attributes.get(self.status)
        return None if general is None else _known(self.status, text(self.status, general))

    def stated(self, attributes: Attributes, zone: str | None) -> str | None:
        """Return what holds whatever else the flavor may have: the word of a zone, or what all agree on."""
        by_zone, elsewhere = self.by_zone(attributes), self.elsewhere(attributes)
        if zone is not None:
            return by_zone.get(zone) or (elsewhere if by_zone and zone not in by_zone else None)
        return elsewhere if by_zone and set(by_zone.values()) == {elsewhere} else None

    def concluded(self, attributes: Attributes, zone: str | None) -> str | None:
        """Return what holds of a flavor that has no other attribute of these."""
        by_zone, elsewhere = self.by_zone(attributes), self.elsewhere(attributes) or self.silently(attributes)
        if zone is not None:
            return by_zone.get(zone, elsewhere) or None
        return elsewhere if set(by_zone.values()) <= {elsewhere} else None

    def because(self, attributes: Attributes, zone: str | None) -> str:
        """Say which attributes decided."""
        by_zone = self.by_zone(attributes)
        if zone in by_zone:
            return f"{self.zones}: {zone}"
        own = self.status if self.status in attributes else f"no {self.status}"
        if not by_zone:
            return own if self.status in attributes else f"no {self.zones}, {self.status}"
        return f"{own}, as {self.zones} does not list {zone}" if zone is not None else f"{self.zones} and {own} agree"


_ON_DEMAND = _Offer("cond:operation:az", "cond:operation:status", "normal", "OS-FLV-DISABLED:disabled")
_SPOT = _Offer("cond:spot:operation:az", "cond:spot:operation:status", "abandon")
_CHARGES = choice({"period": "period", "demand": "demand"})


def sales_rows(zone: str | None) -> tuple[Translation, ...]:
    """Return the rows that tell whether and how a flavor is sold, in a zone, or in all where that is None."""
    return (
        _row("ecs.flavor_status", _ON_DEMAND, zone, "normal"),
        _row("ecs.spot_status", _SPOT, zone, "abandon: not sold so"),
        Translation(
            "ecs.charging_allowed",
            ("cond:operation:charge",),
            "period (by the year or month), demand (by use); several separated by commas",
            _charges,
            absent=lambda _: frozenset({"period", "demand"}),
            absent_rule="both",
        ),
    )


def _row(fact: str, offer: _Offer, zone: str | None, default: str) -> Translation:
    def because(attributes: Attributes) -> str:
        return offer.because(attributes, zone)

    return Translation(
        fact,
        (offer.zones, offer.status, *filter(None, [offer.off])),
        f"the asked zone's own value in {offer.zones}; a zone not listed there has {offer.status}; no zone asked: "
        f"known only if all that are listed and {offer.status} agree",
        lambda attributes: offer.stated(attributes, zone),
        absent=lambda attributes: offer.concluded(attributes, zone),
        absent_rule=f"where the list of zones is absent, what {offer.status} says; where that is, {default}"
        + (f", unless {offer.off} is true" if offer.off else ""),
        absent_because=because,
        because=because,
    )


def _charges(attributes: Attributes) -> Value | None:
    raw = attributes.get("cond:operation:charge")
    if raw is None:
        return None
    return frozenset(
        str(_CHARGES("cond:operation:charge", part)) for part in text("cond:operation:charge", raw).split(",")
    )


def differing_zones(attributes: Attributes) -> dict[str, str]:
    """Return what each listed zone has (empty text: unknown), where not all zones are alike.

    Nothing where all are, those that are not listed included, or where what they have is not readable.
    """
    try:
        by_zone = _ON_DEMAND.by_zone(attributes)
        elsewhere = _ON_DEMAND.elsewhere(attributes) or _ON_DEMAND.default
    except NotUnderstood:
        return {}
    return by_zone if set(by_zone.values()) - {elsewhere} else {}


def _known(attribute: str, value: str) -> str:
    if value not in _VALUES:
        raise NotUnderstood(attribute, value, "one of " + ", ".join(_VALUES))
    return value
