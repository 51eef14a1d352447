"""The shapes in which images come: IMS and Glance lists, Nova lists, single images, and disks made from one."""

from __future__ import annotations

from dataclasses import replace

from imagefit.readers.assembly import Settings, assembled, label
from imagefit.readers.images import image_table
from imagefit.readers.known import known_attributes
from imagefit.readers.records import Kind, Record
from imagefit.readers.translation import cleaned, translate

__all__ = ["read_disks", "read_images"]

_BRIEF = "none of the image service's own attributes is here, so that absence tells nothing: a brief list?"
_NOVA_NAMES = {"minDisk": "min_disk", "minRam": "min_ram"}


def read_images(images: list[dict[str, object]], settings: Settings) -> list[Record]:
    """Read images as IMS, Glance or Nova lists them; each element tells by itself which it is."""
    table = image_table(settings.catalogs)
    records = []
    for row, image in enumerate(images, start=1):
        attributes = cleaned(_unnested(image))
        is_complete = "__imagetype" in attributes or "virtual_env_type" in attributes
        reading = translate(table, attributes, settings.fields, complete=is_complete)
        record = assembled(
            Kind.IMAGE,
            row,
            attributes,
            reading,
            settings,
            region_fact="image.region",
            known=known_attributes("image"),
            identity=(attributes.get("id"), attributes.get("name")),
            used=("id", "name"),
        )
        remarks = _remarks(attributes, record) if is_complete else [_BRIEF]
        records.append(replace(record, image_ref=record.id or None, notes=(*record.notes, *remarks)))
    return records


def _unnested(image: dict[str, object]) -> dict[str, object]:
    """Bring Nova's form to IMS's: its ``metadata`` holds the attributes, and three names differ."""
    if not isinstance(metadata := image.get("metadata"), dict):
        return image
    outer = {_NOVA_NAMES.get(name, name): value for name, value in image.items() if name != "metadata"}
    return {**metadata, **outer}


def _remarks(attributes: dict[str, object], record: Record) -> list[str]:
    origin = attributes.get("__data_origin")
    if record.facts.get("image.type") != "full_ecs" or not isinstance(origin, str):
        return []
    if origin.startswith("server_backup,"):
        return ["made from a server backup; whether that is CBR's or CSBS's, the image's attributes do not say"]
    return []


def read_disks(disks: list[dict[str, object]], settings: Settings) -> list[Record]:
    """Read EVS disks: what their ``volume_image_metadata`` tells of the image that each was made from.

    That is a copy of some of the image's attributes at that time: what it lacks means nothing.
    """
    table = image_table(settings.catalogs)
    records = []
    for row, disk in enumerate(disks, start=1):
        metadata = disk.get("volume_image_metadata")
        attributes = cleaned(metadata if isinstance(metadata, dict) else {})
        reading = translate(table, attributes, settings.fields, complete=False)
        record = assembled(
            Kind.DISK,
            row,
            attributes,
            reading,
            settings,
            region_fact="image.region",
            known=known_attributes("image"),
            identity=(disk.get("id"), disk.get("name")),
            used=("image_id", "image_name"),
        )
        told = "what the disk's metadata tells of the image that it was made from, as the image was then"
        empty = "the disk's metadata tells of no image"
        records.append(
            replace(
                record,
                image_ref=label(attributes.get("image_id")) or None,
                notes=(told if attributes else empty, *record.notes),
            )
        )
    return records
