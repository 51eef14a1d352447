"""Telling formats apart by content, and handing each to its reader.

Names and endings of files play no part: an IMS list is one because it has ``images``.
"""

from __future__ import annotations

from collections.abc import Mapping

from imagefit.errors import InputError, nearest
from imagefit.facts import Field
from imagefit.readers.records import Format
from imagefit.readers.requests import CHANGES

__all__ = ["detect"]

_WRAPPERS: tuple[tuple[str, type, Format], ...] = (
    ("images", list, Format.IMS),
    ("image", dict, Format.IMS),
    ("flavors", list, Format.FLAVORS),
    ("flavor", dict, Format.FLAVORS),
    ("servers", list, Format.SERVERS),
    ("members", list, Format.MEMBERS),
    ("volumes", list, Format.DISKS),
    ("volume", dict, Format.DISKS),
    ("resources", list, Format.DISKS),
    *((name, dict, Format.REQUEST) for name in CHANGES),
)
_REQUESTED = ("imageRef", "flavorRef", "block_device_mapping_v2")
_EXPECTED = "one of " + ", ".join(Format)


def detect(data: object, fields: Mapping[str, Field], name: str) -> Format:
    """Say which of the JSON formats a document is in.

    Raises
    ------
    InputError
        If it is in none of them; says what it looks like where that is known.
    """
    if isinstance(data, list):
        if not data:
            return Format.FACTS_JSON
        if not isinstance(data[0], dict):
            raise InputError("the list holds no objects", file=name, value=data[0], expected="JSON objects")
        for element in data:
            if isinstance(element, dict) and (format := _of_object(element, fields)) is not None:
                return format
        raise _unknown(data[0], fields, name)
    if isinstance(data, dict):
        for wrapper, kind, format in _WRAPPERS:
            # What has an id of its own is the object, and not what wraps it: an ECS has an image and a flavor.
            if isinstance(data.get(wrapper), kind) and (kind is list or "id" not in data):
                return _nova_or_ims(data[wrapper]) if format is Format.IMS else format
        server = data.get("server")
        if isinstance(server, dict):
            return Format.REQUEST if any(key in server for key in _REQUESTED) else Format.SERVERS
        if (found := _of_object(data, fields)) is not None:
            return found
        raise _unknown(data, fields, name)
    raise InputError("neither an object nor a list", file=name, value=data, expected=_EXPECTED)


def _nova_or_ims(images: object) -> Format:
    first = images[0] if isinstance(images, list) and images else images
    return Format.NOVA if isinstance(first, dict) and isinstance(first.get("metadata"), dict) else Format.IMS


def _of_object(found: dict[str, object], fields: Mapping[str, Field]) -> Format | None:
    """Recognise an object that nothing wraps; None if it is none that is read."""
    if any(key in fields for key in found):
        return Format.FACTS_JSON
    if "__imagetype" in found or "virtual_env_type" in found:
        return Format.IMS
    if "volume_image_metadata" in found:
        return Format.DISKS
    if isinstance(found.get("metadata"), dict) and {"minDisk", "minRam"} & found.keys():
        return Format.NOVA
    if isinstance(found.get("flavor"), dict):
        return Format.SERVERS
    if isinstance(found.get("extra_specs", found.get("os_extra_specs")), dict) or {"vcpus", "ram"} <= found.keys():
        return Format.FLAVORS
    if {"member_id", "image_id"} <= found.keys():
        return Format.MEMBERS
    if "name" in found and ("instance_id" in found or "backup_id" in found):
        return Format.REQUEST
    return None


def _unknown(found: dict[str, object], fields: Mapping[str, Field], name: str) -> InputError:
    looks_like = None
    if "resource_changes" in found or "planned_values" in found:
        looks_like = "a Terraform plan"
    elif "version_list" in found or "os_version_key" in found:
        looks_like = "a list of the OSs that images can have, not of images"
    elif "os-reinstall" in found:
        looks_like = "a request to reinstall an ECS's OS, which keeps its image"
    if looks_like is not None:
        return InputError(f"this is {looks_like}; it is not read", file=name, expected=_EXPECTED)
    near = next((n for key in list(found)[:50] if (n := nearest(str(key), fields)) is not None), None)
    keys = ", ".join(str(key) for key in list(found)[:6])
    return InputError(
        "the content is in no format that is read",
        file=name,
        value=f"an object with {keys}" if keys else "an empty object",
        expected=_EXPECTED,
        nearest=near,
    )
