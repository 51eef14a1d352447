"""What the attributes of a flavor mean, and what its id alone tells.

One table reads the flavors of the ECS service (attributes beside ``os_extra_specs``, taken together) and
the flavor inside an ECS's details. What a payload does not state, the catalog of families may tell.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from imagefit.facts import Field, Origin, OriginKind, Value
from imagefit.readers.accelerators import accelerator_row
from imagefit.readers.assembly import Settings, assembled, with_constant
from imagefit.readers.called import called
from imagefit.readers.catalogs import Catalogs, plain_id
from imagefit.readers.known import known_attributes
from imagefit.readers.records import Kind, Record
from imagefit.readers.regions import region_row
from imagefit.readers.sales import differing_zones, sales_rows
from imagefit.readers.shapes import silent_of
from imagefit.readers.translation import (
    Attributes,
    NotUnderstood,
    Translation,
    choice,
    cleaned,
    one,
    text,
    whole,
)
from imagefit.readers.wholes import FLAVOR
from imagefit.values import replace

__all__ = [
    "SIZE",
    "SPECS",
    "flavor_attributes",
    "flavor_table",
    "from_catalog",
    "in_zone",
    "is_flavor",
    "kind_of_id",
    "read_flavor_id",
    "read_flavors",
]

T = TypeVar("T")

SIZE = {"ecs.vcpus": "vcpus", "ecs.memory_mib": "memory_mib"}
"""The facts of a flavor's size, and what a catalog calls them."""

MEANT = 3
"""So many flavors are named that an id may mean."""

SPECS = ("os_extra_specs", "extra_specs")
"""The two names of the object that holds a flavor's specifications."""


def flavor_table(catalogs: Catalogs, zone: str | None = None) -> tuple[Translation, ...]:
    """Return the table: attributes of a flavor to facts."""
    return (
        region_row("ecs.region", catalogs),
        Translation(
            "ecs.architecture",
            ("ecs:instance_architecture",),
            "arm64, x86_64",
            one(
                "ecs:instance_architecture",
                choice({"arm64": "arm64", "aarch64": "arm64", "arm": "arm64", "x86_64": "x86_64", "x86": "x86_64"}),
            ),
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
        Translation("ecs.vcpus", ("vcpus",), "as it is", one("vcpus", whole)),
        Translation("ecs.memory_mib", ("ram",), "MiB", one("ram", whole)),
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
        if not (name and equals and value) or "=" in value:
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


def is_flavor(found: Mapping[str, object], fields: Mapping[str, Field]) -> bool:
    """Tell whether an object is a flavor."""
    has_specs = isinstance(found.get("extra_specs", found.get("os_extra_specs")), dict)
    return has_specs or {"vcpus", "ram"} <= found.keys()


def read_flavors(flavors: Iterable[dict[str, object]], settings: Settings) -> Iterator[Record]:
    """Read flavors as the ECS service lists them; the catalog adds what it knows of their families."""
    yield from (_read_flavor(row, flavor, settings) for row, flavor in enumerate(flavors, start=1))


def _read_flavor(row: int, flavor: Mapping[str, object], settings: Settings) -> Record:
    attributes, is_whole = flavor_attributes(flavor)
    translator = settings.translator(flavor_table, settings.catalogs, settings.zone)
    reading = translator.read(attributes, complete=is_whole, silent=silent_of(flavor))
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
    record = in_zone(_without_disk(from_catalog(record, settings, reading.concluded), settings), settings)
    in_zones = {zone: _read_flavor(row, flavor, replace(settings, zone=zone)) for zone in zones}
    return replace(record, in_zones=_told_apart(in_zones)) if in_zones else record


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


def read_flavor_id(flavor_id: str, settings: Settings) -> Record:
    """Return what a flavor's id alone tells: what the catalogs know of it and of its family, and no more."""
    record = Record(Kind.ECS, key=flavor_id, id=flavor_id, name=flavor_id, flavor_ref=flavor_id)
    if settings.region is not None and "ecs.region" in settings.fields:
        given = Origin(OriginKind.GIVEN, "the region that was queried")
        record = replace(record, facts={"ecs.region": settings.region}, origins={"ecs.region": given})
    return in_zone(_without_disk(from_catalog(record, settings), settings), settings)


def kind_of_id(flavor_id: str, catalogs: Catalogs) -> Hashable:
    """Return what an id of known size is read by: ids of which it is the same differ in their size and name alone."""
    family, dot, size = plain_id(flavor_id).partition(".")
    of = catalogs.family(flavor_id)
    is_physical = "physical" in flavor_id.split(".")
    return family, of and of.name, dot and bool(size), is_physical, catalogs.image_demands.get(flavor_id)


def in_zone(record: Record, settings: Settings) -> Record:
    """Say which availability zone a record is for, where the caller asked for one and the record says none.

    The zone's region is the record's, where it says none either.
    """
    if settings.zone is None or "ecs.availability_zone" in record.facts:
        return record
    told: dict[str, tuple[Value, Origin]] = {
        "ecs.availability_zone": (settings.zone, Origin(OriginKind.GIVEN, "the zone that was asked for"))
    }
    if (region := settings.catalogs.zones.get(settings.zone)) is not None:
        told["ecs.region"] = region, Origin(OriginKind.CATALOG, f"availability-zones: {settings.zone}")
    told = {fact: said for fact, said in told.items() if fact in settings.fields and fact not in record.facts}
    return replace(
        record,
        facts={**record.facts, **{fact: value for fact, (value, _) in told.items()}},
        origins={**record.origins, **{fact: origin for fact, (_, origin) in told.items()}},
    )


def _without_disk(record: Record, settings: Settings) -> Record:
    return with_constant(
        record, "ecs.system_disk", "image_default", "a flavor by itself states no disk size", settings.fields
    )


def from_catalog(record: Record, settings: Settings, concluded: Collection[str] = ()) -> Record:
    """Complete a record by what the catalogs tell of the flavor that it names.

    What was read counts more than a catalog. But what was only concluded from absence and contradicts the
    catalog is unknown: one of the two is out of date.

    Parameters
    ----------
    concluded
        The facts of the record that were concluded from absence.
    """
    if not record.flavor_ref:
        return record
    told, notes = _told(record.flavor_ref, settings.catalogs, settings.fields)
    facts, origins, remarks = dict(record.facts), dict(record.origins), [*record.notes, *notes]
    for fact, (value, detail) in told.items():
        if fact not in facts:
            facts[fact], origins[fact] = value, Origin(OriginKind.CATALOG, detail)
            said = f"; {fact} is unknown"
            remarks = [note.replace(said, f"; {detail} says {value}") if said in note else note for note in remarks]
        elif (fact, facts[fact], value) in _NARROWER:
            facts[fact], origins[fact] = value, Origin(OriginKind.CATALOG, detail)
        elif facts[fact] != value:
            outcome = f"{fact} is unknown" if fact in concluded else "what was read counts"
            remarks.append(f"{fact}: {origins[fact].detail} means {facts[fact]}, but {detail} says {value}; {outcome}")
            if fact in concluded:
                del facts[fact], origins[fact]
    for fact, (value, detail) in _named(record.flavor_ref).items():
        if fact in settings.fields and (fact not in facts or fact in concluded):
            facts[fact], origins[fact] = value, Origin(OriginKind.API, detail, is_part=True)
    return called(replace(record, facts=facts, origins=origins, notes=tuple(remarks)), settings.fields)


def _named(flavor_id: str) -> dict[str, tuple[Value, str]]:
    """Return what an id says by its form: a flavor of bare metal servers begins with ``physical.``.

    One that ends so (``c6.22xlarge.2.physical``) is an ECS's, with a whole server to itself.
    """
    family, *size = plain_id(flavor_id).split(".")
    if family == "physical":
        return {"ecs.platform_target": ("bms", "the flavor's id")}
    if not size or not family:
        return {}
    named: dict[str, tuple[Value, str]] = {"ecs.family": (family, "the flavor's id")}
    if "physical" not in size:
        named["ecs.platform_target"] = "ecs", "the flavor's id"
    return named


_NARROWER = {("ecs.virtualization", "kvm", "qingtian")}
"""What a catalog says more exactly than a payload: QingTian takes KVM's drivers, and is called CloudCompute, too."""

_ONLY = {"": ", which tells nothing of it", "*": "; only its architecture is known, by the naming rule"}


def _told(
    flavor_id: str, catalogs: Catalogs, fields: Mapping[str, Field]
) -> tuple[dict[str, tuple[Value, str]], list[str]]:
    told: dict[str, tuple[Value, str]] = {}
    notes: list[str] = []
    is_physical = "physical" in flavor_id.split(".")
    family = catalogs.family(flavor_id)
    if is_physical:
        notes.append(f"flavor {flavor_id} is bare metal: it has no hypervisor")
    elif family is None or family.is_naming_rule:
        only = _ONLY.get(family.name if family else "", f"; only what holds for all {family and family.name} is known")
        near = catalogs.likely_family(flavor_id)
        hint = f"; did you mean {near}?" if near else ""
        notes.append(f"flavor {flavor_id}: its family is in no catalog{only}{hint}")
    if family is not None:
        for fact, value in (
            ("ecs.architecture", family.architecture),
            ("ecs.accelerator", family.accelerator),
            ("ecs.virtualization", "" if is_physical else family.virtualization),
        ):
            if value:
                told[fact] = value, f"flavor-families: {family.name}"
    if (size := catalogs.size(flavor_id)) is not None:
        vcpus, memory, detail = size
        told |= {"ecs.vcpus": (vcpus, detail), "ecs.memory_mib": (memory, detail)}
    elif meant := catalogs.likely_flavors(flavor_id)[:MEANT]:
        notes.append(f"flavor {flavor_id}: its size is not known; did you mean {' or '.join(meant)}?")
    if (demands := catalogs.image_demands.get(flavor_id)) is not None:
        told["ecs.required_image_attributes"] = demands, f"flavor-image-demands: {flavor_id}"
    if family is not None and (models := catalogs.gpu_types.get(family.name)):
        told["ecs.gpu_types"] = models, f"image-gpu-types: {family.name}"
    return {fact: value for fact, value in told.items() if fact in fields}, notes


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
