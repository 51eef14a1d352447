"""What can be changed in the body of a request: its disk's size, its zone, its flavor and its image.

A change is a JSON merge patch (RFC 7396), so that what a request says besides stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagefit.readers.recognised import CHANGES, is_create, is_create_disk
from imagefit.readers.requestdisks import DISKS, boot_disk

__all__ = ["FIELDS", "SIZES", "both", "merged", "of_region", "patch_of", "stated"]

FIELDS = ("disk size", "zone", "flavor", "image")
"""What can be changed, what is the least change first."""

SIZES: Mapping[str, str] = {"server": "ecs.system_disk_gib", "volume": "ecs.data_disk_gib"}
"""The fact that the disk's size is, by the key of what is asked for."""

OF_REGION = ("vpcid", "nics", "networks", "security_groups", "key_name")
"""What a request names that exists in one region alone."""

Body = Mapping[str, Any]


def merged(body: object, patch: object) -> Any:
    """Return what a JSON merge patch makes of a value, as RFC 7396 says it."""
    if not isinstance(patch, Mapping):
        return patch
    found = dict(body) if isinstance(body, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = merged(found.get(name), value)
    return found


def both(one: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the patch that does what two do, one after the other."""
    found = dict(one)
    for name, value in other.items():
        before = found.get(name)
        found[name] = both(before, value) if isinstance(before, dict) and isinstance(value, Mapping) else value
    return found


def stated(body: Body, field: str) -> object:
    """Return what a request says of a field now; None if nothing, or if the request has no such field."""
    key, inside = _inside(body)
    if field == "image" and key in CHANGES:
        return inside.get(CHANGES[key])
    disk = boot_disk(inside) if key == "server" else None
    root = inside.get("root_volume")
    if field == "disk size" and key == "server":
        return disk.get("volume_size") if disk is not None else root.get("size") if isinstance(root, Mapping) else None
    if field == "image" and disk is not None and "imageRef" not in inside:
        return disk.get("uuid")
    names = {"disk size": "size", "zone": "availability_zone", "flavor": "flavorRef", "image": "imageRef"}
    return inside.get(names[field])


def patch_of(body: Body, field: str, value: object, region: str | None = None) -> dict[str, Any] | None:
    """Return the patch that makes a field another; None if the request has no such field.

    Parameters
    ----------
    region
        Of a zone, the region that it is in: a request that names its region then names this one.
    """
    key, inside = _inside(body)
    if key in CHANGES:
        return {key: {CHANGES[key]: value}} if field == "image" else None
    if key == "volume":
        names = {"disk size": "size", "zone": "availability_zone", "image": "imageRef"}
        return {key: {names[field]: value}} if field in names else None
    if key != "server":
        return None
    disk = boot_disk(inside)
    if disk is not None and (field == "disk size" or (field == "image" and "imageRef" not in inside)):
        name = "uuid" if field == "image" else "volume_size"
        new = {**disk, name: str(value) if isinstance(disk.get(name), str) else value}
        return {key: {DISKS: [new if each is disk else each for each in inside[DISKS]]}}
    if field == "disk size":
        return {key: {"root_volume": {"size": value}}}
    if field == "zone":
        extra = inside.get("extendparam")
        names_region = region is not None and isinstance(extra, Mapping) and "regionID" in extra
        return {key: {"availability_zone": value} | ({"extendparam": {"regionID": region}} if names_region else {})}
    return {key: {"flavorRef" if field == "flavor" else "imageRef": value}}


def of_region(body: Body) -> tuple[str, ...]:
    """Return what a request to create an ECS names that is in its region alone, and has to be named anew in another."""
    key, inside = _inside(body)
    return tuple(name for name in OF_REGION if key == "server" and inside.get(name))


def _inside(body: Body) -> tuple[str, Body]:
    """Return the key of what is asked for, and what is said of it."""
    for key, inside in body.items():
        is_known = key in CHANGES or (key == "server" and is_create(inside)) or is_create_disk(inside)
        if is_known and isinstance(inside, Mapping):
            return key, inside
    return "", {}
