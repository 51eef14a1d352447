"""Where the user asked, by the facts that he gave: lists do not say which region and which zone they are of."""

from __future__ import annotations

from collections.abc import Mapping

from imagefit.errors import InputError
from imagefit.facts import Value
from imagefit.readers.regions import named_zone

__all__ = ["region_of_ecss", "region_of_images", "regions_of", "zone_of_ecss"]

_ZONE = "ecs.availability_zone"


def region_of_images(given: Mapping[str, Value]) -> str | None:
    """Return the region whose images were queried, if the user gave it: a reader knows which there are."""
    return _text(given.get("image.region"))


def region_of_ecss(given: Mapping[str, Value]) -> str | None:
    """Return the region of the ECSs, if the user gave it."""
    return _text(given.get("ecs.region"))


def zone_of_ecss(asked: str | None, given: Mapping[str, Value]) -> str | None:
    """Return the zone that ECSs are wanted in: the fact counts before an option, as it does before a file.

    Raises
    ------
    InputError
        If no zone is called so: of a name that is in no flavor's list (nothing, two of them, one with a blank) the
        list would say that the flavor is not on sale there.
    """
    stated = _text(given.get(_ZONE))
    zone = asked if stated is None else stated
    if zone is not None and named_zone(zone) != zone:
        raise InputError("not an availability zone", column=_ZONE, value=zone, expected="one, such as cn-north-4a")
    return zone


def regions_of(given: Mapping[str, Value]) -> Mapping[str, str]:
    """Return the regions that the user gave, by their facts: where a file may be a list of images or of ECSs."""
    found = {"image.region": region_of_images(given), "ecs.region": region_of_ecss(given)}
    return {fact: region for fact, region in found.items() if region is not None}


def _text(value: Value | None) -> str | None:
    return value if isinstance(value, str) else None
