"""How a vendor's objects are told apart: by their keys alone. What they mean, the reader of each says.

What is read is told before its reader, which knows far more, is imported.
"""

from __future__ import annotations

from collections.abc import Mapping

from imagefit.facts import Field

__all__ = [
    "CHANGES",
    "has_metadata",
    "is_create",
    "is_create_disk",
    "is_details",
    "is_disk",
    "is_flavor",
    "is_image",
    "is_member",
    "is_nova_image",
    "is_output",
    "is_plan",
    "is_request",
    "is_resource",
    "is_scaling",
    "is_server",
]

CHANGES: Mapping[str, str] = {"os-change": "imageid", "rebuild": "imageRef"}
"""The objects that ask for another OS, and the attribute of each that names the image."""

_CREATE = ("imageRef", "flavorRef", "block_device_mapping_v2")
_SPELLED = frozenset(["image_ref", "imageref", "flavor_ref", "flavorref"])
"""Names that a request does not have, and nothing else has: what it asks for, it says by them."""


def is_image(found: Mapping[str, object], fields: Mapping[str, Field]) -> bool:
    """Tell whether an object is an image as the image service has it."""
    return "__imagetype" in found or "virtual_env_type" in found


def is_nova_image(found: Mapping[str, object], fields: Mapping[str, Field]) -> bool:
    """Tell whether an object is an image as Nova has it."""
    return has_metadata(found) and not {"minDisk", "minRam"}.isdisjoint(found)


def has_metadata(found: object) -> bool:
    """Tell whether an image has its attributes in ``metadata``, as in Nova's lists."""
    return isinstance(found, dict) and isinstance(found.get("metadata"), dict)


def is_disk(found: Mapping[str, object], fields: Mapping[str, Field]) -> bool:
    """Tell whether an object is an EVS disk."""
    return "volume_image_metadata" in found


def is_flavor(found: Mapping[str, object], fields: Mapping[str, Field]) -> bool:
    """Tell whether an object is a flavor."""
    has_specs = isinstance(found.get("extra_specs", found.get("os_extra_specs")), dict)
    return has_specs or {"vcpus", "ram"} <= found.keys()


def is_server(found: Mapping[str, object], fields: Mapping[str, Field]) -> bool:
    """Tell whether an object is an existing ECS."""
    return isinstance(found.get("flavor"), dict)


_OF_ECSS = frozenset(
    ["addresses", "hostId", "security_groups", "tenant_id", "user_id", "os-extended-volumes:volumes_attached"]
)
_STATES = frozenset(["active", "build", "deleted", "error", "hard_reboot", "migrating", "paused", "reboot", "rebuild"])
_STATES |= frozenset(["rescue", "resize", "revert_resize", "shelved", "shelved_offloaded", "shutoff", "suspended"])
_STATES |= frozenset(["verify_resize"])
"""The states of ECSs: an answer that a program keeps may have another status of its own (``success``)."""


def is_details(found: Mapping[str, object]) -> bool:
    """Tell whether an object says more of an ECS than the flavor in it does, though its id was left out."""
    image = found.get("image")
    names_image = isinstance(image, dict) and bool(image) and image.keys() <= {"id", "links", "name"}
    is_one = str(found.get("status")).lower() in _STATES or not _OF_ECSS.isdisjoint(found) or names_image
    return isinstance(found.get("flavor"), dict) and (is_one or any(name.startswith("OS-EXT-") for name in found))


def is_member(found: Mapping[str, object], fields: Mapping[str, Field]) -> bool:
    """Tell whether an object is a member of an image."""
    return {"member_id", "image_id"} <= found.keys()


def is_create(server: object) -> bool:
    """Tell whether ``server`` asks for an ECS, and does not describe one."""
    return isinstance(server, dict) and any(key in _CREATE or key.lower() in _SPELLED for key in server)


def is_create_disk(volume: object) -> bool:
    """Tell whether ``volume`` asks for a disk of an image, and does not describe one."""
    return isinstance(volume, dict) and "imageRef" in volume and "id" not in volume


def is_request(found: Mapping[str, object], fields: Mapping[str, Field]) -> bool:
    """Tell whether an object is the body of the request to create a full-ECS image, which has nothing around it."""
    return "name" in found and ("instance_id" in found or "backup_id" in found)


def is_scaling(found: Mapping[str, object], fields: Mapping[str, Field]) -> bool:
    """Tell whether an object is a configuration of Auto Scaling."""
    return isinstance(found.get("instance_config"), dict)


def is_resource(found: object) -> bool:
    """Tell whether an object is a resource of a state."""
    return isinstance(found, dict) and {"mode", "type", "instances"} <= found.keys()


def is_output(found: Mapping[str, object]) -> bool:
    """Tell whether an object is what ``terraform output -json`` prints: each output with its type and value."""
    return bool(found) and all(
        isinstance(output, dict) and {"sensitive", "type", "value"} <= output.keys() for output in found.values()
    )


def is_plan(found: Mapping[str, object]) -> bool:
    """Tell whether an object is what ``terraform show -json`` prints of a plan."""
    return "format_version" in found and ("resource_changes" in found or "planned_values" in found)
