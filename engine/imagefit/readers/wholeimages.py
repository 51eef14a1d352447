"""What the body of a request to create an image of an ECS, or of a backup, says of it: a full-ECS image or not."""

from __future__ import annotations

from imagefit.facts import Value
from imagefit.readers.translation import Attributes, Translation, choice

__all__ = ["whole_image_table"]

_OF_WHOLE = ("instance_id", "backup_id", "whole_image_type", "vault_id")


def whole_image_table() -> tuple[Translation, ...]:
    """Return the table of the request to create a full-ECS image: what the image will be."""
    return (
        Translation(
            "image.type",
            _OF_WHOLE,
            "backup_id, or instance_id with a vault_id or a whole_image_type: full_ecs; an instance_id alone is "
            "what the image of a system disk is made of, too",
            lambda a: "full_ecs" if _is_of_whole(a) else None,
        ),
        Translation(
            "image.full_ecs_origin",
            _OF_WHOLE,
            "instance_id: ecs; backup_id with whole_image_type CBR: cbr_backup, CSBS: csbs_backup",
            _origin,
            because=lambda a: "instance_id" if "instance_id" in a else "whole_image_type",
        ),
    )


def _is_of_whole(attributes: Attributes) -> bool:
    """Tell whether an image will be one of a whole ECS."""
    return "backup_id" in attributes or ("instance_id" in attributes and len(attributes) > 1)


def _origin(attributes: Attributes) -> Value | None:
    if not _is_of_whole(attributes):
        return None
    if "instance_id" in attributes:
        return "ecs"
    kind = attributes.get("whole_image_type")
    return None if kind is None or "backup_id" not in attributes else _ORIGINS("whole_image_type", kind)


_ORIGINS = choice({"CBR": "cbr_backup", "CSBS": "csbs_backup"})
