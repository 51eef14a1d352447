"""The same objects under other names: what other programs make of the services' answers, brought back to the wire's.

A shape is a table of names (``names.csv``: theirs, the wire's) and what tells it. An object is renamed, and handed to
the reader of the wire's own form, so that what an attribute means is said in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

from imagefit.facts import Origin
from imagefit.readers.assembly import Settings
from imagefit.readers.records import Record
from imagefit.values import dataclass, replace

__all__ = [
    "SHAPES",
    "Reader",
    "Renamed",
    "Shape",
    "in_their_names",
    "names_of",
    "read_shaped",
    "reading",
    "renamed",
    "shape_of",
    "silent_of",
]

Reader = Callable[[Iterable[dict[str, object]], Settings], Iterator[Record]]

_SPECS = "os_extra_specs."

BESIDE = "."
"""The place in the table for an object whose own attributes are taken beside the others."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Another form of the objects that a service lists.

    Attributes
    ----------
    name
        Its name in ``names.csv``.
    of
        What it describes: ``image``, ``flavor`` or ``server``.
    called
        Whose form it is, in words.
    markers
        The names that tell it, all of them; several in one: any. ``outer.inner`` is an attribute of an object inside.
    lacks
        The names that it does not have.
    silent
        The facts that absence does not tell in this shape, for it can't carry all that speaks of them.
    """

    name: str
    of: str
    called: str
    markers: tuple[tuple[str, ...], ...]
    lacks: tuple[str, ...] = ()
    silent: frozenset[str] = frozenset()

    def is_met_by(self, found: Mapping[str, object]) -> bool:
        """Tell whether an object is of this shape."""
        return all(any(_has(found, name) for name in names) for names in self.markers) and not any(
            name in found for name in self.lacks
        )


def _has(found: Mapping[str, object], name: str) -> bool:
    outer, dot, inner = name.partition(".")
    if not dot:
        return name in found
    inside = found.get(outer)
    return isinstance(inside, dict) and inner in inside


# No shape carries all three attributes that tell a full-ECS image: the SDKs lack __whole_image.
_UNKNOWN_KIND = frozenset({"image.type", "image.full_ecs_origin", "image.bound_to_zone"})
_UNKNOWN_SUPPORT = _UNKNOWN_KIND | {"image.accelerators", "image.attributes"}
_UNKNOWN_FLAGS = _UNKNOWN_SUPPORT | {"image.architecture", "image.encrypted", "image.gpu_types"}
_UNKNOWN_DEMANDS = frozenset({"ecs.accelerator", "ecs.required_image_attributes", "ecs.platform_target"})
_UNKNOWN_SALES = frozenset({"ecs.architecture", "ecs.flavor_status", "ecs.spot_status", "ecs.charging_allowed"})

SHAPES = (
    Shape(
        "otc-image",
        "image",
        "images of the Open Telekom Cloud SDK (`to_dict()`), and of Ansible's `ims_image_info`",
        (("_Image__os_version", "_Image__os_type", "cmk_id"), ("imagetype",)),
        silent=_UNKNOWN_FLAGS,
    ),
    Shape(
        "sdk-image",
        "image",
        "images of the vendor's Python SDK (`to_dict()`)",
        (("imagetype",), ("os_bit", "os_version", "image_source_type", "isregistered", "platform", "support_kvm")),
        silent=_UNKNOWN_SUPPORT,
    ),
    Shape(
        "openstack-image",
        "image",
        "`openstack image show -f json`, openstacksdk, Ansible's `image_info`",
        (("properties",), ("disk_format", "container_format", "min_disk"), ("visibility", "owner", "owner_id")),
    ),
    Shape(
        "terraform-image",
        "image",
        "images of the provider's data sources for Terraform",
        (("image_type",), ("min_disk_gb", "size_bytes", "max_ram_mb")),
        silent=_UNKNOWN_FLAGS,
    ),
    Shape(
        "terraform-image-resource",
        "image",
        "images that Terraform made",
        (("image_size", "data_origin"), ("source_image_id", "instance_id", "backup_id"), ("min_disk", "max_ram")),
        silent=_UNKNOWN_FLAGS,
    ),
    Shape(
        "sdk-flavor",
        "flavor",
        "flavors of the vendor's Python SDK (`to_dict()`)",
        (
            (
                "os_flv_disable_ddisabled",
                "os_extra_specs.ecsperformancetype",
                "os_extra_specs.ecsgeneration",
                "os_extra_specs.condoperationstatus",
            ),
        ),
        silent=_UNKNOWN_DEMANDS,
    ),
    Shape(
        "openstack-flavor",
        "flavor",
        "`openstack flavor show -f json`, openstacksdk, Ansible's `compute_flavor_info`",
        (("vcpus",), ("ram",), ("properties", "is_disabled")),
    ),
    Shape(
        "terraform-flavor",
        "flavor",
        "flavors of the provider's data source for Terraform",
        (("cpu_core_count",), ("memory_size",), ("performance_type", "generation")),
        silent=_UNKNOWN_DEMANDS | _UNKNOWN_SALES,
    ),
    Shape(
        "sdk-server",
        "server",
        "ECSs of the vendor's Python SDK (`to_dict()`)",
        (("flavor",), ("os_ext_a_zavailability_zone", "os_ext_st_svm_state")),
    ),
    Shape(
        "openstack-server",
        "server",
        "ECSs of openstacksdk and of Ansible's `server_info`",
        (("flavor",), ("compute_host", "vm_state", "availability_zone")),
        ("imageRef", "flavorRef", "block_device_mapping_v2"),
    ),
    Shape(
        "terraform-server",
        "server",
        "ECSs of Terraform (`huaweicloud_compute_instance`)",
        (("flavor_id",), ("image_id",), ("system_disk_type", "system_disk_id", "volume_attached", "network")),
    ),
)
"""All shapes; of several that an object meets, the first counts."""


class Renamed(dict[str, object]):
    """An object with the wire's names, which it had not from the beginning, and the facts that its absences hide."""

    silent: frozenset[str] = frozenset()


def shape_of(found: Mapping[str, object], of: str) -> Shape | None:
    """Return the shape that an object is of; None if it has the wire's own names, or is nothing that is known."""
    if "__imagetype" in found:
        return None
    return next((shape for shape in SHAPES if shape.of == of and shape.is_met_by(found)), None)


def silent_of(found: Mapping[str, object]) -> frozenset[str]:
    """Return the facts that absence does not tell in an object, because of the shape that it had."""
    return found.silent if isinstance(found, Renamed) else frozenset()


@cache
def names_of(shape: str) -> Mapping[str, tuple[str, str]]:
    """Return the table of a shape's names: theirs, each with the wire's and the conversion of the value."""
    import csv

    with Path(__file__).with_name("names.csv").open(encoding="utf-8") as lines:
        return {row["theirs"]: (row["wire"], row["value"]) for row in csv.DictReader(lines) if row["shape"] == shape}


def renamed(found: Mapping[str, object], shape: Shape) -> Renamed:
    """Return an object with the wire's names; what the table does not know keeps its own."""
    from imagefit.readers.namevalues import CONVERSIONS

    table = names_of(shape.name)
    inside = {name.partition(".")[0] for name, _ in table.values() if name != BESIDE and "." in name}
    wire, beside = Renamed(), Renamed()
    wire.silent = shape.silent
    for theirs, value in _opened(found, table):
        name, conversion = table.get(theirs) or _by_pattern(theirs, shape.name)
        converted = CONVERSIONS[conversion](value) if conversion else value
        if name == BESIDE:
            if isinstance(converted, dict):
                beside.update(converted)
            elif converted is not None:
                wire[theirs] = converted
        elif converted is not None or name not in wire:
            _put(wire, name, converted, inside)
    for name, value in beside.items():
        if wire.get(name) is None:
            wire[name] = value
    return wire


def _opened(found: Mapping[str, object], table: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield names and values; those of an object inside that the table speaks of, by dotted names."""
    outer = {name.partition(".")[0] for name in table if "." in name}
    for name, value in found.items():
        if name in outer and isinstance(value, dict):
            yield from ((f"{name}.{inner}", inside) for inner, inside in value.items())
        else:
            yield name, value


@lru_cache(4096)
def _by_pattern(theirs: str, shape: str) -> tuple[str, str]:
    for pattern, (name, conversion) in names_of(shape).items():
        if pattern.endswith("*") and theirs.startswith(pattern[:-1]):
            return name[:-1] + theirs[len(pattern) - 1 :], conversion
    return theirs, ""


def _put(wire: dict[str, object], name: str, value: object, nested: Collection[str]) -> None:
    """Set an attribute; ``outer.inner`` is one of an object inside."""
    outer, dot, inner = name.partition(".")
    if not dot or outer not in nested:
        wire[name] = value
        return
    inside = wire.get(outer)
    wire[outer] = {**(inside if isinstance(inside, dict) else {}), inner: value}


def reading(of: str, read: Reader) -> Reader:
    """Return a reader of objects in the wire's form and in any other; `read` reads the wire's."""

    def reads(objects: Iterable[dict[str, object]], settings: Settings) -> Iterator[Record]:
        return read_shaped(((shape_of(found, of), found) for found in objects), {of: read}, settings)

    return reads


def read_shaped(
    objects: Iterable[tuple[Shape | None, dict[str, object]]], readers: Mapping[str, Reader], settings: Settings
) -> Iterator[Record]:
    """Read objects, each with its shape, by the reader of what the shape describes; without one, by the only reader."""
    before = 0
    for shape, group in groupby(objects, key=lambda pair: pair[0]):
        read = next(iter(readers.values())) if shape is None else readers[shape.of]
        alike = (found if shape is None else renamed(found, shape) for _, found in group)
        count = 0
        for count, record in enumerate(read(alike, settings), start=1):
            if before and record.key == str(count) and not record.id and not record.name:
                record = replace(record, key=str(before + count))
            yield record if shape is None else in_their_names(record, shape)
        before += count


def in_their_names(record: Record, shape: Shape) -> Record:
    """Return a record whose facts say by which attribute of the file they are known."""
    origins = {fact: _in_their_names(origin, shape.name) for fact, origin in record.origins.items()}
    return replace(record, origins=origins)


@lru_cache(4096)
def _in_their_names(origin: Origin, shape: str) -> Origin:
    theirs = _their_names(shape)

    def own(part: str) -> str:
        return theirs.get(part) or theirs.get(part.removeprefix("flavor."), part)

    return replace(origin, detail=", ".join(own(part) for part in origin.detail.split(", ")))


@cache
def _their_names(shape: str) -> Mapping[str, str]:
    return {
        wire.removeprefix(_SPECS): name.removeprefix(_SPECS)
        for name, (wire, _) in names_of(shape).items()
        if wire not in (BESIDE, name)
    }
