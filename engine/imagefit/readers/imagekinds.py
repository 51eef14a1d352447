"""What kind of image it is: of one disk, of an installation medium, or of a whole ECS, and where that came from.

Three attributes tell a full-ECS image, and any one does; so their absence tells an image of a system disk only
where the object is whole.
"""

from __future__ import annotations

from imagefit.facts import Value
from imagefit.readers.regions import one_zone
from imagefit.readers.translation import Attributes, NotUnderstood, Translation, boolean, choice, identifier, one, text

__all__ = ["KIND_ROWS", "is_ecs_image"]

_WHOLE_TELLERS = ("__whole_image", "__backup_id", "__data_origin")
_TYPES = choice({"FusionCompute": "", "DataImage": "data_disk", "IsoImage": "iso", "Ironic": ""})


def _type(attributes: Attributes) -> Value | None:
    teller = _full_ecs_teller(attributes)
    environment = attributes.get("virtual_env_type")
    of_one_disk = None if environment is None else _TYPES("virtual_env_type", environment) or None
    if teller and of_one_disk:
        raise NotUnderstood("virtual_env_type", environment, f"what {teller} says")
    return "full_ecs" if teller else of_one_disk


def _full_ecs_teller(attributes: Attributes) -> str:
    """Return the attribute that tells a full-ECS image: any one of three does."""
    stated = attributes.get("__whole_image")
    if stated is not None and boolean("__whole_image", stated):
        return "__whole_image"
    if "__backup_id" in attributes and identifier("__backup_id", attributes["__backup_id"]):
        return "__backup_id"
    origin = attributes.get("__data_origin")
    said = "" if origin is None else text("__data_origin", origin)
    return "__data_origin" if said.split(",")[0].strip().casefold() == "server_backup" else ""


def _before_id(origin: str) -> str:
    """Return what ``__data_origin`` says before the id that it ends with: ``instance,``."""
    what, comma, _ = origin.partition(",")
    return what + comma


_OF_ORIGIN = {"__data_origin": _before_id}


def _system_disk(attributes: Attributes) -> Value | None:
    return "system_disk" if is_ecs_image(attributes) and not _full_ecs_teller(attributes) else None


def is_ecs_image(attributes: Attributes) -> bool:
    """Tell whether an image is one for ECSs, of a system disk or of all disks."""
    environment = attributes.get("virtual_env_type")
    return isinstance(environment, str) and environment.strip().casefold() == "fusioncompute"


def _made_of_ecs(attributes: Attributes) -> Value | None:
    """Tell a full-ECS image that was made of an ECS itself: never against a backup, which says otherwise."""
    origin = attributes.get("__data_origin")
    if attributes.get("__backup_id") or not _full_ecs_teller(attributes) or origin is None:
        return None
    return "ecs" if text("__data_origin", origin).startswith("instance,") else None


KIND_ROWS = (
    Translation(
        "image.type",
        ("virtual_env_type", *_WHOLE_TELLERS),
        "__whole_image true, __backup_id not empty or server_backup in __data_origin, any of them: full_ecs; "
        "else DataImage: data_disk, IsoImage: iso; Ironic does not tell",
        _type,
        absent=_system_disk,
        absent_rule="system_disk, where virtual_env_type is FusionCompute and none of the three tells a full-ECS image",
        absent_because="virtual_env_type, with none of " + ", ".join(_WHOLE_TELLERS),
        because=lambda a: _full_ecs_teller(a) or "virtual_env_type",
        of_text=_OF_ORIGIN,
    ),
    Translation(
        "image.platform_target",
        ("virtual_env_type",),
        "Ironic: bms; FusionCompute, DataImage, IsoImage: ecs",
        one(
            "virtual_env_type",
            choice({"FusionCompute": "ecs", "DataImage": "ecs", "IsoImage": "ecs", "Ironic": "bms"}),
        ),
    ),
    Translation(
        "image.full_ecs_origin",
        _WHOLE_TELLERS,
        "\"server_backup,...\" and a __backup_id do not tell whether CBR's or CSBS's",
        lambda _: None,
        absent=_made_of_ecs,
        absent_rule='ecs, of a full-ECS image with "instance,..." in __data_origin and no __backup_id',
        absent_because="__data_origin, with no __backup_id",
        of_text=_OF_ORIGIN,
    ),
    Translation(
        "image.bound_to_zone",
        ("__whole_image_az",),
        "the zone in which alone the image can be used so far",
        one("__whole_image_az", one_zone),
        absent=lambda _: "none",
        absent_rule="none: usable in all of the region",
    ),
)
"""The rows of what an image holds, for what kind of server, and what follows from that."""
