"""What the attributes of a flavor mean.

One table reads the flavors of the ECS service (attributes beside ``os_extra_specs``, taken together) and
the flavor inside an ECS's details. What a payload does not state, the catalog of families may tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from imagefit.facts import Value
from imagefit.readers.accelerators import accelerator_row
from imagefit.readers.assembly import Settings, assembled
from imagefit.readers.catalogs import Catalogs
from imagefit.readers.flavorids import from_catalog, in_zone, without_disk
from imagefit.readers.known import known_attributes
from imagefit.readers.records import Kind, Record
from imagefit.readers.regions import region_row
from imagefit.readers.sales import differing_zones, sales_rows
from imagefit.readers.shapes import silent_of
from imagefit.readers.speaking import spoken_of
from imagefit.readers.translation import (
    Attributes,
    NotUnderstood,
    Translation,
    choice,
    cleaned,
    one,
    positive,
    text,
)
from imagefit.readers.wholes import FLAVOR
from imagefit.values import replace

__all__ = [
    "SPECS",
    "flavor_attributes",
    "flavor_table",
    "read_flavors",
]

T = TypeVar("T")

SPECS = ("os_extra_specs", "extra_specs")
"""The two names of the object that holds a flavor's specifications."""


def flavor_table(catalogs: Catalogs, zone: str | None = None) -> tuple[Translation, ...]:
    """Return the table: attributes of a flavor to facts."""
    return (
        region_row("ecs.region", catalogs),
        Translation(
            "ecs.architecture",
            _ARCHITECTURE_NAMES,
            "arm64, x86_64; the second is a bare metal flavor's",
            _architecture,
            absent=lambda _: "x86_64",
            absent_rule="x86_64, unless the catalog says that the family is another's",
        ),
        accelerator_row(),
        Translation(
            "ecs.virtualization",
            ("ecs:virtualization_env_types",),
            "CloudCompute: kvm, FusionCompute: xen",
            one("ecs:virtualization_env_types", choice({"CloudCompute": "kvm", "FusionCompute": "xen"})),
        ),
        Translation("ecs.vcpus", ("vcpus",), "as it is", one("vcpus", positive)),
        Translation("ecs.memory_mib", ("ram",), "MiB", one("ram", positive)),
        Translation(
            "ecs.required_image_attributes",
            ("cond:image",),
            "name=value, several separated by commas: what the flavor demands of an image; booleans as true or false",
            one("cond:image", _demands),
            absent=lambda _: frozenset(),
            absent_rule="nothing is demanded",
        ),
        platform_row(),
        *sales_rows(zone),
    )


_ARCHITECTURE_NAMES = ("ecs:instance_architecture", "capabilities:cpu_arch")
_ARCHITECTURES = choice({"arm64": "arm64", "aarch64": "arm64", "arm": "arm64", "x86_64": "x86_64", "x86": "x86_64"})


def _architecture(attributes: Attributes) -> Value | None:
    stated = {_ARCHITECTURES(name, attributes[name]): name for name in _ARCHITECTURE_NAMES if name in attributes}
    if len(stated) > 1:
        first, last = _ARCHITECTURE_NAMES
        raise NotUnderstood(first, attributes[first], f"what {last} says")
    return next(iter(stated), None)


def platform_row() -> Translation:
    """Return the row of ``ecs.platform_target``: what kind of server a flavor makes."""
    kind = "capabilities:hypervisor_type"

    def target(attributes: Attributes) -> Value | None:
        named = (attributes.get("resource_type"), attributes.get(kind))
        return "bms" if any(isinstance(name, str) and name.casefold() == "ironic" for name in named) else None

    return Translation(
        "ecs.platform_target",
        ("resource_type", kind),
        "ironic in either: bms",
        target,
        absent=lambda _: "ecs",
        absent_rule="ecs",
        absent_because=f"ironic neither in resource_type nor in {kind}",
    )


def _demands(attribute: str, raw: object) -> Value:
    found = set()
    for part in text(attribute, raw).split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name and equals and value) or "=" in value or not name[-1].isalnum():
            raise NotUnderstood(attribute, raw, "name=value")
        found.add(f"{name}={value.lower() if value.lower() in ('true', 'false') else value}")
    return frozenset(found)


def flavor_attributes(flavor: Mapping[str, object]) -> tuple[dict[str, object], bool]:
    """Return a flavor's attributes and specifications side by side, and whether these are whole."""
    specs: dict[str, object] = {}
    for name in SPECS:
        if isinstance(stated := flavor.get(name), dict):
            specs |= stated
    is_whole = FLAVOR.is_met_by(specs)
    return cleaned({**specs, **{name: value for name, value in flavor.items() if name not in SPECS}}), is_whole


def read_flavors(flavors: Iterable[dict[str, object]], settings: Settings) -> Iterator[Record]:
    """Read flavors as the ECS service lists them; the catalog adds what it knows of their families."""
    yield from (_read_flavor(row, flavor, settings) for row, flavor in enumerate(flavors, start=1))


def _read_flavor(row: int, flavor: Mapping[str, object], settings: Settings) -> Record:
    attributes, is_whole = flavor_attributes(flavor)
    translator = settings.translator(flavor_table, settings.catalogs, settings.zone)
    silent = silent_of(flavor) | frozenset(spoken_of("flavor", tuple(attributes), translator))
    reading = translator.read(attributes, complete=is_whole, silent=silent)
    zones = differing_zones(attributes) if settings.zone is None else {}
    record = assembled(
        Kind.ECS,
        row,
        attributes,
        reading,
        settings,
        region_fact="ecs.region",
        known=known_attributes("flavor"),
        identity=(attributes.get("id"), attributes.get("name")),
        used=("id", "name"),
        remarks=_remarks(attributes, zones),
    )
    record = replace(record, flavor_ref=record.id or None)
    record = in_zone(without_disk(from_catalog(record, settings, reading.concluded), settings), settings)
    in_zones = {zone: _read_flavor(row, flavor, replace(settings, zone=zone)) for zone in zones}
    return replace(record, zones=tuple(zones), in_zones=_told_apart(in_zones)) if in_zones else record


def _told_apart(in_zones: Mapping[str, Record]) -> tuple[Record, ...]:
    """Return a flavor as it is in each zone that it lists; once, where all of these are alike."""
    alike = [_but_zone(each.facts) for each in in_zones.values()]
    if not alike or any(facts != alike[0] for facts in alike):
        return tuple(replace(each, key=f"{each.key}@{zone}") for zone, each in in_zones.items())
    (zone, first), listed = next(iter(in_zones.items())), ", ".join(in_zones)
    origins = {
        fact: replace(origin, detail=f"{origin.detail.removesuffix(zone)}{listed}")
        if origin.detail.endswith(f": {zone}")
        else origin
        for fact, origin in _but_zone(first.origins).items()
    }
    return (replace(first, facts=alike[0], origins=origins),)


def _but_zone(of: Mapping[str, T]) -> dict[str, T]:
    return {name: value for name, value in of.items() if name != "ecs.availability_zone"}


def _remarks(attributes: Attributes, zones: Mapping[str, str]) -> list[str]:
    remarks = []
    if zones:
        listed = ", ".join(f"{zone} {status or 'unknown'}" for zone, status in zones.items())
        elsewhere = attributes.get("cond:operation:status")
        listed += f", elsewhere {elsewhere}" if isinstance(elsewhere, str) else ""
        remarks.append(f"whether the flavor is on sale depends on the availability zone: {listed}")
    if "cond:operation:roles" in attributes:
        remarks.append("the flavor is sold to accounts with certain roles only (cond:operation:roles)")
    if attributes.get("resource_type") == "ironic":
        remarks.append("a flavor of bare metal servers, not of ECSs")
    return remarks
