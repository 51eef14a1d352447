"""Which attributes every whole object has: only where they are there does the absence of others mean anything.

What a query, a filter or another program left of an object lacks some of them, and what it does not state is
unknown. A format that is not in the table has no whole objects: nothing in it is concluded from absence.
"""

from __future__ import annotations

from collections.abc import Mapping

from imagefit.readers.translation import SURE, is_nothing
from imagefit.values import dataclass, replace

__all__ = ["CREATE", "CREATE_DISK", "FLAVOR", "IMAGE", "MEMBER", "NOVA_IMAGE", "OS_CHANGE", "WHOLE", "Whole"]


_OF_AN_OS = frozenset(["__os_bit", "__os_version"])
"""Attributes that are there and empty in an image that holds no OS, such as a data disk's."""


_LISTS = frozenset(["block_device_mapping_v2"])
"""The only attributes among these that are lists; the others are values."""


def _is_empty(name: str, value: object) -> bool:
    """Tell whether a value is none: null, NaN, empty text, what a program writes for none, or what is no value."""
    if isinstance(value, dict | list):
        return name not in _LISTS
    return value is None or value == "" or value != value or is_nothing(value)


@dataclass(frozen=True, slots=True)
class Whole:
    """What tells a whole object.

    Attributes
    ----------
    markers
        The attributes that every whole object has, with some value, by the names of the table that reads
        them; several names in one: any of them.
    seen
        Where that was seen.
    called
        What several objects are called when there is something to say of those that are parts; empty: nothing is,
        because most objects of the kind are.
    silent
        The facts that absence does not tell in this shape.
    """

    markers: tuple[tuple[str, ...], ...]
    seen: str
    called: str = ""
    silent: frozenset[str] = frozenset()

    def is_met_by(self, attributes: Mapping[str, object]) -> bool:
        """Tell whether an object with these attributes is whole; one that is null or empty is not there.

        In a table every row has every column: of a part of an object, the cells of the others are empty.
        """
        for names in self.markers:
            for name in names:
                value = attributes.get(name)
                if type(value) is str and value[:1] in SURE:  # the most usual case
                    break
                if not _is_empty(name, value) or (name in _OF_AN_OS and isinstance(value, str | float)):
                    break
            else:
                return False
        return True

    def remark(self, parts: int, count: int) -> str | None:
        """Say how many of the objects of a file are parts, or None if there is nothing to say."""
        if not parts or not self.called:
            return None
        if parts == 1:
            which = f"the only one of the {self.called}" if count == 1 else f"1 of {count} {self.called}"
            return f"{which} is cut down: what it does not say is unknown"
        return f"{parts} of {count} {self.called} are cut down: what they do not say is unknown"


IMAGE = Whole(
    (
        ("__image_source_type",),
        ("__isregistered",),
        ("__os_bit",),
        ("__os_version",),
        ("container_format",),
        ("disk_format",),
        ("file",),
        ("schema",),
        ("updated_at",),
    ),
    "all documented and recorded answers of the image service: lists (2022 to 2026, of three clouds), single images, "
    "an image that is still queued",
    "images",
)

NOVA_IMAGE = Whole(
    (
        ("__image_source_type",),
        ("__isregistered",),
        ("__os_bit",),
        ("__os_version",),
        ("min_disk",),
        ("min_ram",),
        ("progress",),
        ("updated",),
    ),
    "the documented list (ECS API reference); it names the architecture HW_ARCH where it does at all, so that "
    "absence does not tell it",
    "images",
    frozenset({"image.architecture"}),
)

FLAVOR = Whole(
    (("ecs:performancetype", "hws:performancetype", "resource_type"),),
    "all documented and recorded answers with a flavor's specifications; bare metal flavors have resource_type alone",
    "flavors",
)

CREATE = Whole(
    (("name",), ("flavorRef",), ("imageRef", "block_device_mapping_v2")),
    "the mandatory parameters of the ECS API reference, of both forms; a request that lacks one of them is refused",
)

CREATE_DISK = Whole(
    (("imageRef",), ("availability_zone",), ("volume_type",)),
    "the mandatory parameters of creating an EVS disk (EVS API reference), and the image",
)

OS_CHANGE = Whole(
    (("imageid", "imageRef"),), "the mandatory parameter of both requests (ECS API reference, Nova API reference)"
)

MEMBER = Whole(
    (("image_id",), ("member_id",), ("status",)),
    "the documented lists of members (IMS API reference); all have the three",
)

WHOLE: Mapping[str, tuple[Whole, ...]] = {
    "ims": (IMAGE,),
    "nova": (NOVA_IMAGE,),
    "flavors": (FLAVOR,),
    "servers": (replace(FLAVOR, called=""),),
    "request": (CREATE, CREATE_DISK, OS_CHANGE),
    "members": (MEMBER,),
}
"""By the format: what tells its whole objects, one for each kind of them; of an ECS, the flavor inside it."""
