"""What Terraform keeps of the provider's images, flavors and ECSs: in a state, and in the outputs of a module."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from imagefit.errors import InputError
from imagefit.facts import Origin, OriginKind
from imagefit.readers.assembly import Settings, label
from imagefit.readers.flavors import read_flavors
from imagefit.readers.imagelists import read_images
from imagefit.readers.records import Record
from imagefit.readers.servers import read_servers
from imagefit.readers.shapes import SHAPES, Shape, read_shaped, shape_of
from imagefit.values import pattern, replace

__all__ = ["TYPES", "read_outputs", "read_planned_server", "read_resources"]

_SHAPES = {shape.name: shape for shape in SHAPES}
_READERS = {"image": read_images, "flavor": read_flavors, "server": read_servers}

TYPES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("data", "huaweicloud_images_image"): ("terraform-image", ""),
    ("data", "huaweicloud_images_images"): ("terraform-image", "images"),
    ("managed", "huaweicloud_images_image"): ("terraform-image-resource", ""),
    ("managed", "huaweicloud_images_image_copy"): ("terraform-image-resource", ""),
    ("data", "huaweicloud_compute_flavors"): ("terraform-flavor", "flavors"),
    ("data", "huaweicloud_compute_instance"): ("terraform-server", ""),
    ("data", "huaweicloud_compute_instances"): ("terraform-server", "instances"),
    ("managed", "huaweicloud_compute_instance"): ("terraform-server", ""),
}
"""What is read of a state: the mode and type of a resource, with the shape of what it holds and where that lies."""

_ALIKE = pattern(r"_ims_|_images?_image|_compute_(?:instance|flavor)|_ecs_(?:instance|flavor)")
"""What the types of resources have in their names that hold images, flavors and ECSs, of whichever provider."""

Found = tuple[Shape, dict[str, object]]


def read_resources(resources: Iterable[dict[str, object]], settings: Settings) -> Iterator[Record]:
    """Read the resources of a state; raises `InputError` if there are some, and none that is read."""
    seen: dict[str, None] = {}
    others: dict[str, None] = {}

    def found() -> Iterator[Found]:
        for resource in resources:
            kind = label(resource.get("type"))
            seen[kind] = None
            if (label(resource.get("mode")), kind) not in TYPES and _ALIKE.search(kind):
                others[kind] = None
            yield from _of_resource(resource)

    last: Record | None = None
    for record in _read(found(), settings, seen, "a Terraform state"):
        if last is not None:
            yield last
        last = record
    if last is not None:
        left = f"the state holds {', '.join(list(others)[:6])}, too, of which nothing is read"
        yield replace(last, notes=(*last.notes, left)) if others else last


def _of_resource(resource: Mapping[str, object]) -> Iterator[Found]:
    kind = (label(resource.get("mode")), label(resource.get("type")))
    instances = resource.get("instances")
    if kind not in TYPES or not isinstance(instances, list):
        return
    name, inside = TYPES[kind]
    for instance in instances:
        attributes = instance.get("attributes") if isinstance(instance, dict) else None
        if isinstance(instance, dict) and "attributes_flat" in instance:
            named, expected = f"{kind[1]}.{label(resource.get('name'))}", "one that terraform refresh has written"
            raise InputError("a resource as Terraform before 0.12 wrote it", value=named, expected=expected)
        if not isinstance(attributes, dict):
            continue
        held = attributes.get(inside) if inside else [attributes]
        for each in held if isinstance(held, list) else ():
            if isinstance(each, dict):
                yield _SHAPES[name], each


def read_planned_server(attributes: Mapping[str, object], settings: Settings) -> Record:
    """Read an ECS as a plan has it; the attributes are those of a state."""
    shape = _SHAPES["terraform-server"]
    (record,) = read_shaped([(shape, dict(attributes))], {"server": read_servers}, settings)
    return _with_disk(record, attributes, settings)


def read_outputs(documents: Iterable[dict[str, object]], settings: Settings) -> Iterator[Record]:
    """Read the outputs of a module; raises `InputError` if none of them holds what is read."""
    seen: dict[str, None] = {}

    def found() -> Iterator[Found]:
        for document in documents:
            seen.update(dict.fromkeys(document))
            for output in document.values():
                yield from _in_value(output.get("value") if isinstance(output, dict) else None)

    yield from _read(found(), settings, seen, "Terraform's outputs")


def _in_value(value: object, depth: int = 3) -> Iterator[Found]:
    """Yield the objects of known shapes in a value: it, its elements, or what its attributes hold."""
    if isinstance(value, list):
        for element in value:
            yield from _in_value(element, depth)
    elif isinstance(value, dict) and depth:
        shape = next((shape for of in _READERS if (shape := shape_of(value, of)) is not None), None)
        if shape is not None and shape.name.startswith("terraform-"):
            yield shape, value
        else:
            for inside in value.values():
                yield from _in_value(inside, depth - 1)


def _read(found: Iterator[Found], settings: Settings, seen: Iterable[str], what: str) -> Iterator[Record]:
    """Yield the records of objects; raises `InputError` if there are none, though there was something to see."""
    first = next(found, None)
    if first is None:
        if names := list(seen):
            held = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
            read = ", ".join(dict.fromkeys(name for _, name in TYPES))
            raise InputError(f"{what} without an image, a flavor or an ECS", value=held, expected=read)
        return
    objects: deque[Found] = deque(maxlen=1)

    def noted() -> Iterator[Found]:
        for each in chain([first], found):
            objects.append(each)
            yield each

    for record in read_shaped(noted(), _READERS, settings):
        shape, attributes = objects[0]
        yield _with_disk(record, attributes, settings) if shape.of == "server" else record


def _with_disk(record: Record, attributes: Mapping[str, object], settings: Settings) -> Record:
    """Add the size of an ECS's system disk, which Terraform knows and the service's answers do not."""
    size, fact = attributes.get("system_disk_size"), "ecs.system_disk_gib"
    if not isinstance(size, int) or isinstance(size, bool) or size <= 0 or fact not in settings.fields:
        return record
    origin = Origin(OriginKind.API, "system_disk_size")
    return replace(record, facts={**record.facts, fact: size}, origins={**record.origins, fact: origin})
