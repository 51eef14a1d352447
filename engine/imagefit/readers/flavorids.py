"""What a flavor's id alone tells: by its form, and by what the catalogs know of it and of its family."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping

from imagefit.errors import shortened
from imagefit.facts import Facts, Field, Origin, OriginKind, Value
from imagefit.readers.assembly import Settings, with_constant
from imagefit.readers.called import called
from imagefit.readers.catalogs import Catalogs, arithmetic, plain_id
from imagefit.readers.records import Kind, Record
from imagefit.values import pattern, replace

__all__ = [
    "SIZE",
    "asked_elsewhere",
    "beside_flavor",
    "beside_request",
    "from_catalog",
    "in_zone",
    "is_flavor_id",
    "kind_of_id",
    "likely_size",
    "read_flavor_id",
    "without_disk",
]

SIZE = {"ecs.vcpus": "vcpus", "ecs.memory_mib": "memory_mib"}
"""The facts of a flavor's size, and what a catalog calls them."""


def likely_size(flavor_id: str) -> Facts:
    """Return the size that an id's arithmetic says, whether or not that holds in its family: of what is near, no facts.

    >>> likely_size("kai1s.3xlarge.2"), likely_size("c1.xlarge"), likely_size("p1")
    ({'ecs.vcpus': 12, 'ecs.memory_mib': 24576}, {'ecs.vcpus': 4}, {})
    """
    plain = plain_id(flavor_id)
    if (whole := arithmetic(plain)) is not None:
        return dict(zip(SIZE, whole, strict=True))
    part = arithmetic(f"{plain}.1")  # an id of an old family does not say how much memory a vCPU has
    return {} if part is None else {"ecs.vcpus": part[0]}


_DISK, _BY_ITSELF = "ecs.system_disk", "image_default"

MEANT = 3
"""So many flavors are named that an id may mean."""


def read_flavor_id(flavor_id: str, settings: Settings) -> Record:
    """Return what a flavor's id alone tells: what the catalogs know of it and of its family, and no more."""
    record = Record(Kind.ECS, key=flavor_id, id=flavor_id, name=flavor_id, flavor_ref=flavor_id)
    if settings.region is not None and "ecs.region" in settings.fields:
        given = Origin(OriginKind.GIVEN, "the region that was queried")
        record = replace(record, facts={"ecs.region": settings.region}, origins={"ecs.region": given})
    return in_zone(without_disk(from_catalog(record, settings), settings), settings)


_ID = pattern(r"\w[\w.:-]{0,254}")


def is_flavor_id(text: str) -> bool:
    """Tell whether a text can be the id of a flavor: a name without blanks, quotes, commas and wildcards."""
    return _ID.fullmatch(text) is not None


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
        record = asked_elsewhere(record, region)
        told["ecs.region"] = region, Origin(OriginKind.CATALOG, f"availability-zones: {settings.zone}")
    told = {fact: said for fact, said in told.items() if fact in settings.fields and fact not in record.facts}
    return replace(
        record,
        facts={**record.facts, **{fact: value for fact, (value, _) in told.items()}},
        origins={**record.origins, **{fact: origin for fact, (_, origin) in told.items()}},
    )


def without_disk(record: Record, settings: Settings) -> Record:
    """Say of a flavor by itself that the disk is as the image wants it: nobody states its size."""
    return with_constant(record, _DISK, _BY_ITSELF, "a flavor by itself states no disk size", settings.fields)


def beside_request(record: Record) -> Record:
    """Return a flavor without what holds of one by itself alone: which disk there is, the request says, or nobody."""
    return record.without({_DISK}) if record.facts.get(_DISK) == _BY_ITSELF else record


_BY_ID = frozenset({"ecs.architecture", "ecs.accelerator", "ecs.virtualization", "ecs.gpu_types", *SIZE}).union(
    {"ecs.required_image_attributes", "ecs.family", "ecs.platform_target"}
)
"""The facts that the id of a flavor may tell."""


def beside_flavor(record: Record) -> Record:
    """Return a request without what the id of its flavor tells, where the flavor is there: it says that itself."""
    return record.without(_BY_ID)


_SALES = frozenset({"ecs.flavor_status", "ecs.spot_status", "ecs.charging_allowed"})


def asked_elsewhere(record: Record, region: Value | None) -> Record:
    """Return a flavor that is asked for in a region: a list of another one does not tell whether it is sold there."""
    listed = record.facts.get("ecs.region")
    if None in (region, listed) or region == listed or _SALES.isdisjoint(record.facts):
        return record
    note = f"flavor {record.key} is from a list of {listed}: whether it is on sale in {region} is unknown"
    return replace(record.without(_SALES), notes=(*record.notes, note))


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
    if not is_flavor_id(record.flavor_ref):
        note = f"{shortened(record.flavor_ref)} is not the id of a flavor: nothing is known by it"
        return replace(record.without(set(concluded)), notes=(*record.notes, note))  # no catalog could say otherwise
    told, notes = _told(record.flavor_ref, settings.catalogs, settings.fields)
    facts, origins, remarks = dict(record.facts), dict(record.origins), [*record.notes, *notes]
    of = settings.catalogs.family(record.flavor_ref)
    by_rule = record.unread if of is not None and of.is_naming_rule else frozenset()
    for fact, (value, detail) in told.items():
        if fact in by_rule:
            continue  # what the payload says, and nobody understands, counts more than a rule of naming
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
