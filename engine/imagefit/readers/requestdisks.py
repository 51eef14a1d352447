"""What the body of a request says of disks: the system disk, and data disks that are made from data disk images."""

from __future__ import annotations

from collections.abc import Mapping

from imagefit.readers.assembly import label
from imagefit.readers.speaking import spelled_like
from imagefit.readers.translation import Attributes, NotUnderstood, Translation, choice, identifier, one, whole

__all__ = ["DISKS", "boot_disk", "boots_from", "boots_from_image", "boots_from_no_image", "disk_rows", "encryption_row"]

DISKS = "block_device_mapping_v2"
"""What Nova's form calls the disks."""

_DATA, _DATA_IMAGE = "data_volumes", "data_image_id"
_SIZE, _KEY, _ENCRYPTED = "root_volume.size", "__system__cmkid", "__system__encrypted"


def disk_rows() -> tuple[Translation, ...]:
    """Return the rows of the disks that a request to create an ECS asks for."""
    return (
        Translation(
            "ecs.system_disk",
            (_SIZE, DISKS),
            "a size above 0 of the root volume, or of the disk with boot_index 0: explicit; 0: image_default",
            lambda a: None if (size := _disk_gib(a)) is None else "explicit" if size else "image_default",
            absent=lambda a: None if boots_from_no_image(a) or _is_untold(a) else "image_default",
            absent_rule="image_default: the disk gets the image's smallest size; unknown where it is no image's disk, "
            "or none of Nova's disks is the one that boots",
        ),
        Translation(
            "ecs.system_disk_gib",
            (_SIZE, DISKS),
            "GiB; 0 states no size: unknown",
            lambda a: _disk_gib(a) or None,
        ),
        encryption_row("root_volume.metadata."),
        Translation(
            "ecs.system_disk_key",
            (f"root_volume.metadata.{_KEY}",),
            "as it is (a key's id)",
            one(f"root_volume.metadata.{_KEY}", identifier),
        ),
        *_data_disk_rows(),
    )


def _disk_gib(attributes: Attributes) -> int | None:
    disks = _objects(attributes, DISKS)
    if len(_booting(attributes)) > 1:
        raise NotUnderstood(DISKS, disks, "a list with one disk to boot from")
    size = _of(boot_disk(attributes) or {}, "volume_size")
    of_disk = None if size is None or size == "" else whole(f"{DISKS}.volume_size", size)
    if _SIZE not in attributes:
        return of_disk
    of_volume = whole(_SIZE, attributes[_SIZE])
    if of_disk not in (None, of_volume):
        raise NotUnderstood(_SIZE, attributes[_SIZE], f"what {DISKS} says")
    return of_volume


def _of(disk: Mapping[str, object], name: str) -> object:
    """Return an attribute of a disk; raises `NotUnderstood` if it stands there under another name."""
    if name not in disk and (other := spelled_like(name, disk)) is not None:
        raise NotUnderstood(other, disk[other], f"what is read, which is {name}")
    return disk.get(name)


def _objects(attributes: Attributes, name: str) -> list[Mapping[str, object]]:
    """Return the objects of a list that an attribute holds; raises `NotUnderstood` if it holds something else."""
    held = attributes.get(name)
    if held is not None and not (isinstance(held, list) and all(isinstance(each, dict) for each in held)):
        raise NotUnderstood(name, held, "a list of objects")
    return held or []


def _is_untold(attributes: Attributes) -> bool:
    """Tell whether there are disks of Nova's, and none of them is known to be the one that boots."""
    return bool(attributes.get(DISKS)) and boot_disk(attributes) is None


def boot_disk(attributes: Attributes) -> Mapping[str, object] | None:
    """Return Nova's disk with ``boot_index`` 0, if there is exactly one."""
    boot = _booting(attributes)
    return boot[0] if len(boot) == 1 else None


def _booting(attributes: Attributes) -> list[Mapping[str, object]]:
    disks = attributes.get(DISKS)
    return [
        disk
        for disk in (disks if isinstance(disks, list) else ())
        if isinstance(disk, dict) and str(disk.get("boot_index")) == "0"
    ]


def _data_disk_rows() -> tuple[Translation, ...]:
    """Return the rows of the data disks that are made from data disk images."""
    return (
        Translation(
            "ecs.data_disk_images",
            (_DATA, DISKS),
            "the data_image_id of the data volumes, or images of Nova's disks that do not boot: each once: distinct; "
            "one more than once: repeated",
            _images_of_data_disks,
            absent=lambda a: None if _is_untold(a) else "none",
            absent_rule="none; unknown of Nova's disks if none of them is the one that boots",
            of_whole=True,
        ),
        Translation(
            "ecs.data_disk_keys",
            (_DATA,),
            "true if a data volume with a data_image_id has a metadata.__system__cmkid",
            lambda a: any(isinstance(m := d.get("metadata"), dict) and m.get(_KEY) for d in _of_images(a)) or None,
            absent=lambda _: False,
            absent_rule="false",
            of_whole=True,
        ),
    )


def _of_images(attributes: Attributes) -> list[Mapping[str, object]]:
    """Return the data volumes that name a data disk image."""
    return [disk for disk in _objects(attributes, _DATA) if _of(disk, _DATA_IMAGE)]


def _images_of_data_disks(attributes: Attributes) -> str | None:
    images = [label(disk.get(_DATA_IMAGE)) for disk in _of_images(attributes)]
    disks, boot = attributes.get(DISKS), boot_disk(attributes)
    for disk in disks if isinstance(disks, list) and boot is not None else ():
        if isinstance(disk, dict) and disk is not boot and disk.get("source_type") == "image":
            images.append(label(disk.get("uuid")))
    return None if not images else "distinct" if len(set(images)) == len(images) else "repeated"


def boots_from_image(attributes: Attributes) -> str:
    """Return the image of which Nova is to make the disk to boot from, empty if none is named."""
    boot = boot_disk(attributes) or {}
    return label(boot.get("uuid")) if boot.get("source_type") == "image" else ""


def boots_from_no_image(attributes: Attributes) -> bool:
    """Tell whether Nova is to boot from a disk or a snapshot that is there already."""
    return (boot_disk(attributes) or {}).get("source_type", "image") != "image"


def boots_from(attributes: Attributes) -> str:
    """Say what it boots from that is no image."""
    return f"the request boots from a {label((boot_disk(attributes) or {}).get('source_type')) or 'disk'}, not an image"


def encryption_row(prefix: str) -> Translation:
    """Return the row of the system disk's encryption, for attributes that begin so."""
    key, flag = prefix + _KEY, prefix + _ENCRYPTED
    stated = choice({"1": True, "0": False})
    return Translation(
        "ecs.system_disk_encrypted",
        (flag, key),
        "__system__encrypted 1: true, 0: false; a key (__system__cmkid, the disk's, not the image's): true",
        lambda a: stated(flag, a[flag]) if flag in a else bool(identifier(key, a[key])) if key in a else None,
    )
