"""The shapes in which images come: IMS and Glance lists, Nova lists, single images, and disks made from one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from imagefit.facts import Facts
from imagefit.readers.assembly import Settings, assembled, label
from imagefit.readers.images import image_table
from imagefit.readers.known import known_attributes
from imagefit.readers.records import Kind, Record
from imagefit.readers.shapes import silent_of
from imagefit.readers.speaking import spoken_of
from imagefit.readers.translation import cleaned
from imagefit.readers.translators import Translator
from imagefit.readers.wholes import IMAGE, NOVA_IMAGE
from imagefit.values import replace

__all__ = ["read_disks", "read_images"]

_NOVA_NAMES = {"minDisk": "min_disk", "minRam": "min_ram"}


def read_images(images: Iterable[dict[str, object]], settings: Settings) -> Iterator[Record]:
    """Read images as IMS, Glance or Nova lists them; each element tells by itself which it is."""
    translator = settings.translator(image_table, settings.catalogs)
    for row, image in enumerate(images, start=1):
        unnested = _unnested(image)
        attributes = cleaned(unnested)
        whole = IMAGE if unnested is image else NOVA_IMAGE
        is_whole = whole.is_met_by(unnested)
        silent = whole.silent | silent_of(image)
        if is_whole:
            silent |= frozenset(spoken_of("image", tuple(attributes), translator))
            silent |= _told_inside(attributes, translator)
        reading = translator.read(attributes, complete=is_whole, silent=silent)
        yield assembled(
            Kind.IMAGE,
            row,
            attributes,
            reading,
            settings,
            region_fact="image.region",
            known=known_attributes("image"),
            identity=(attributes.get("id"), attributes.get("name")),
            used=("id", "name"),
            remarks=_remarks(attributes, reading.facts),
        )


def _told_inside(attributes: Mapping[str, object], translator: Translator) -> frozenset[str]:
    """Return the facts of which an object inside of an image has an attribute: nothing in there is read."""
    inside = [name for value in attributes.values() if isinstance(value, dict) for name in value]
    if not inside:
        return frozenset()
    return frozenset(fact for fact, reads in translator.reads_of.items() if reads.among(inside))


def _unnested(image: dict[str, object]) -> dict[str, object]:
    """Bring Nova's form to IMS's: its ``metadata`` holds the attributes, and three names differ."""
    if not isinstance(metadata := image.get("metadata"), dict):
        return image
    outer = {_NOVA_NAMES.get(name, name): value for name, value in image.items() if name != "metadata"}
    return {**metadata, **outer}


def _remarks(attributes: dict[str, object], facts: Facts) -> list[str]:
    origin = attributes.get("__data_origin")
    if facts.get("image.type") == "full_ecs" and isinstance(origin, str) and origin.startswith("server_backup"):
        return ["made from a server backup; whether that is CBR's or CSBS's, the image's attributes do not say"]
    return []


def read_disks(disks: Iterable[dict[str, object]], settings: Settings) -> Iterator[Record]:
    """Read EVS disks: what their ``volume_image_metadata`` tells of the image that each was made from.

    That is a copy of some of the image's attributes at that time: what it lacks means nothing.
    """
    translator = settings.translator(image_table, settings.catalogs)
    for row, disk in enumerate(disks, start=1):
        metadata = disk.get("volume_image_metadata")
        attributes = cleaned(metadata if isinstance(metadata, dict) else {})
        reading = translator.read(attributes, complete=False)
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
        yield replace(
            record,
            image_ref=label(attributes.get("image_id")) or None,
            without_image="" if attributes else empty,
            notes=(told, *record.notes) if attributes else record.notes,
        )
