"""What a planned change of each type of resource asks for: ECSs and images of Terraform's providers, as requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from imagefit.errors import InputError
from imagefit.facts import Origin, OriginKind, Value
from imagefit.readers.assembly import Settings, label
from imagefit.readers.catalogs import shipped_catalogs
from imagefit.readers.records import Kind, Record
from imagefit.readers.regions import named_zone
from imagefit.readers.requestdisks import boots_from_image
from imagefit.readers.requests import create_table, read_requests
from imagefit.readers.scaling import read_scaling
from imagefit.readers.shapes import names_of
from imagefit.readers.terraform import read_planned_server
from imagefit.values import dataclass

__all__ = ["IN_BLOCKS", "LOOKED_AT", "PRESENT", "RESOURCES", "SECRET", "Change"]

Reads = Callable[["Change", Settings], Iterator[Record]]
SECRET = "(not shown)"
PRESENT = frozenset(["admin_pass", "password", "key_pair", "key_name", "user_data"])
"""Of these attributes it tells something that they are there, whatever their values."""

LATER = "an image that is known after apply"
OF_PROVIDER = Origin(OriginKind.API, "the provider's region")


@dataclass(frozen=True, slots=True)
class Change:
    """One planned change of a resource.

    Attributes
    ----------
    address
        The resource's address, with its module and its index.
    type
        The type of the resource.
    is_update
        Whether it is changed in place; else it is created, or replaced.
    before, after
        Its attributes; those that are not known yet are not in `after`. Secrets are neither, but for parts of blocks
        and those that only have to be there, which are `SECRET`.
    later
        The attributes that are known after apply, or not shown.
    unset
        Those that the configuration does not set, so that what a request without them means counts.
    """

    address: str
    type: str
    is_update: bool
    before: Mapping[str, object]
    after: Mapping[str, object]
    later: frozenset[str]
    unset: frozenset[str]


def _ecs(shape: str) -> Reads:
    """Return what reads a resource that is an ECS, whose attributes ``names.csv`` brings to the request's names."""

    def reads(change: Change, settings: Settings) -> Iterator[Record]:
        if change.is_update:
            yield from _changed(change, settings)
            return
        names = {theirs: wire for theirs, (wire, _) in names_of(shape).items()}
        server: dict[str, object] = {}
        for name, wire in names.items():  # an id stands before a name
            if (value := change.after.get(name)) not in (None, ""):
                server.setdefault(wire, value)
        if "image_id" in change.later and not boots_from_image(server):
            server.setdefault("imageRef", LATER)  # the request will be whole, whatever the image
        mode = server.pop(_MODE, None)
        if mode is not None:
            server[_MARKET if mode == "spot" else _MODE] = mode
        if shape == "plan-nova":
            server["networks"] = []
        disks = _data_volumes(change) if shape == "plan-ecs" else None
        if disks is not None:
            server["data_volumes"] = disks
        (record,) = read_requests([{"server": server}], settings)
        told = change.after.keys() - change.later  # of a block some of which is known later, nothing is concluded
        silent = {wire for name, wire in names.items() if name not in told and name not in change.unset}
        if _MODE not in names.values():  # nothing here could say how it is paid for
            silent |= {_MODE}
        if disks is None:
            silent |= {"data_volumes"}
        record = _without(record, silent)
        yield replace(record, key="", image_ref=None if record.image_ref == LATER else record.image_ref)

    return reads


def _data_volumes(change: Change) -> list[dict[str, object]] | None:
    """Return the data disks as the request names them: their images and keys; None where they are not known yet."""
    disks = change.after.get("data_disks")
    if not isinstance(disks, list) or "data_disks" in change.later:
        return [] if "data_disks" in change.unset else None
    return [
        {"data_image_id": disk.get("data_image_id"), "metadata": {"__system__cmkid": disk.get("kms_key_id")}}
        for disk in disks
        if isinstance(disk, dict)
    ]


_MARKET, _MODE = "extendparam.marketType", "extendparam.chargingMode"


def _named(record: Record, key: str) -> Record:
    return replace(record, key=key)


def _without(record: Record, wire: Iterable[str]) -> Record:
    """Return a record without the facts that these attributes would tell, did one know them."""
    later = set(wire)
    told, lacking, unread = set[str](), set[str](), set[str]()
    for row in create_table(shipped_catalogs()):  # of several rows for a fact, the first that tells it counts
        is_later = any(name in later or name.partition(".")[0] in later for name in row.reads)
        if is_later:
            unread.add(row.fact)
        if row.fact in record.origins and row.fact not in told | lacking:
            by = record.origins[row.fact].detail.split(", ")
            (lacking if is_later else told if set(by) & set(row.reads) else set()).add(row.fact)
    return replace(record.without(lacking), unread=record.unread | unread)


_ASKED = {"change_os": ("image_id", "image_name"), "resize": ("flavor_id", "flavor_name", "flavor")}
"""What an update in place asks for, by the attributes of which one is another one then; an id counts before a name."""


def _changed(change: Change, settings: Settings) -> Iterator[Record]:
    """Yield what an update in place asks for: another OS where the image changes, a resize where the flavor does."""
    by = {operation: name for operation, names in _ASKED.items() if (name := _other(change, names))}
    for operation in by:
        new = {_ASKED[each][0]: change.after.get(of) for each, of in by.items()}
        after = {**change.after, **new}
        record = read_planned_server(after, settings)
        yield replace(
            record,
            kind=Kind.REQUEST,
            key="" if len(by) == 1 else f" ({operation})",
            operation=operation,
            image_ref=label(after.get("image_id")) or None,
            flavor_ref=label(after.get("flavor_id") or after.get("flavor")) or None,
            zone=named_zone(after.get("availability_zone")),
        )


def _other(change: Change, names: tuple[str, ...]) -> str | None:
    """Return the attribute of these that is another one than before; names that are known later follow from an id."""
    if names[0] in change.later or change.after.get(names[0]) != change.before.get(names[0]):
        return names[0]
    said = {name: value for name in names if name not in change.later and (value := change.after.get(name))}
    return next((name for name, value in said.items() if value != change.before.get(name)), None)


def _disk(change: Change, settings: Settings) -> Iterator[Record]:
    """Yield the making of a disk, where it is of an image."""
    names = {"image_id": "imageRef", "size": "size", "availability_zone": "availability_zone", "name": "name"}
    names |= {"volume_type": "volume_type"}
    volume = {wire: value for name, wire in names.items() if (value := change.after.get(name)) not in (None, "")}
    if change.is_update or not ("imageRef" in volume or "image_id" in change.later):
        return
    (record,) = read_requests([{"volume": {"imageRef": LATER, **volume}}], settings)
    told = change.after.keys() - change.later  # a size that is there and null is stated nowhere, and never will be
    record = record if "size" in told else record.without({"ecs.data_disk"})
    record = replace(record, image_ref=None if record.image_ref == LATER else record.image_ref)
    yield _named(_with_region(record, change, settings, "ecs.region"), "")


def _scaled(change: Change, settings: Settings) -> Iterator[Record]:
    """Yield the ECSs of an Auto Scaling configuration; a new one is made for each change."""
    config = _first(change.after.get("instance_config"))
    disks = config.get("disk")
    body: dict[str, object] = {
        "imageRef": config.get("image"),
        "flavorRef": config.get("flavor"),
        "instance_id": config.get("instance_id"),
        "market_type": config.get("charging_mode"),
        "disk": [
            {name: disk.get(name) for name in ("size", "disk_type")}
            for disk in (disks if isinstance(disks, list) else ())
            if isinstance(disk, dict)
        ],
    }
    body = {name: value for name, value in body.items() if value not in (None, "")}
    for record in read_scaling([{"instance_config": body}], settings):
        flavor = record.key.rpartition("@")[2] if "@" in record.key else ""
        yield _named(_with_region(record, change, settings, "ecs.region"), f"@{flavor}" if flavor else "")


def _pooled(change: Change, settings: Settings) -> Iterator[Record]:
    """Yield the nodes of a pool, where their image is named."""
    extended, map_ = _first(change.after.get("extend_params")), change.after.get("extend_param")
    image = label(extended.get("node_image_id"))
    image = image or (label(map_.get("alpha.cce/NodeImageID")) if isinstance(map_, dict) else "")
    image = image or (LATER if "extend_params.node_image_id" in change.later else "")
    if not image:
        return
    zone, size = change.after.get("availability_zone"), _first(change.after.get("root_volume")).get("size")
    server = {
        "name": change.after.get("name"),
        "imageRef": image,
        "flavorRef": change.after.get("flavor_id"),
        "availability_zone": None if zone == "random" else zone,
        "root_volume.size": size,
    }
    server = {name: value for name, value in server.items() if value not in (None, "")}
    (record,) = read_requests([{"server": server}], settings)
    record = _without(record, ("adminPass", "data_volumes", *(("root_volume.size",) if size is None else ()), _MODE))
    record = replace(record, image_ref=None if image == LATER else image)
    yield _named(_with_region(record, change, settings, "ecs.region"), "")


def _first(blocks: object) -> Mapping[str, object]:
    block = blocks[0] if isinstance(blocks, list) and len(blocks) == 1 else blocks
    return block if isinstance(block, dict) else {}


def _of_image(operation: str, image: str, *facts: tuple[str, str]) -> Reads:
    """Return what reads a resource that does something with an image; pairs of a fact and the attribute with it."""

    def reads(change: Change, settings: Settings) -> Iterator[Record]:
        if change.is_update:
            return
        told = {fact: value for fact, name in facts if (value := label(change.after.get(name)))}
        origins = {fact: Origin(OriginKind.API, name) for fact, name in facts}
        yield _about(change, settings, operation, label(change.after.get(image)), told, origins)

    return reads


def _about(
    change: Change,
    settings: Settings,
    operation: str,
    image: str,
    facts: Mapping[str, Value],
    origins: Mapping[str, Origin],
    key: str = "",
) -> Record:
    told = {fact: value for fact, value in facts.items() if fact in settings.fields}
    record = Record(
        Kind.REQUEST,
        key=key,
        operation=operation,
        image_ref=image or None,
        facts=told,
        origins={fact: origins[fact] for fact in told},
    )
    return _with_region(record, change, settings, "image.region")


def _with_region(record: Record, change: Change, settings: Settings, fact: str) -> Record:
    """Add the region that a resource is in; an image is used in its own."""
    region = label(change.after.get("region"))
    if not region or fact in record.facts or fact not in settings.fields or "region" in change.later:
        return record
    origins = {**record.origins, fact: OF_PROVIDER}
    return replace(record, facts={**record.facts, fact: region}, origins=origins)


def _copied(change: Change, settings: Settings) -> Iterator[Record]:
    """Yield a replication: across regions where another region is named, or the agency that one across needs.

    A region that is named, and known after apply, is another one, or there would be no need to name it.
    """
    after, later = change.after, change.later
    if "target_region" not in later | after.keys():  # a plan says of each attribute that it is not set
        expected = "target_region, as a plan has it"
        raise InputError(
            "a change that was cut down", column="resource_changes", value=change.address, expected=expected
        )
    target, region = after.get("target_region"), label(after.get("region"))
    by_agency = bool(label(after.get("agency_name"))) or "agency_name" in later
    is_other = target not in (None, "", region) if region else by_agency
    across = is_other or "target_region" in later
    operation = "replicate_cross_region" if across else "replicate_in_region"
    yield from _of_image(operation, "source_image_id", ("destination.region", "target_region"))(change, settings)


def _shared(change: Change, settings: Settings) -> Iterator[Record]:
    """Yield a sharing with each of the projects that are new."""
    projects, before = change.after.get("target_project_ids"), change.before.get("target_project_ids")
    known = before if isinstance(before, list) else []
    image = label(change.after.get("source_image_id"))
    region = label(change.after.get("region"))
    for project in projects if isinstance(projects, list) else (SECRET,):
        if project in known and change.is_update:
            continue
        account = label(project) if project != SECRET else ""
        facts = {"recipient.account": account, "recipient.region": region}
        facts = {fact: value for fact, value in facts.items() if value}
        origins = {
            "recipient.account": Origin(OriginKind.API, "target_project_ids"),
            "recipient.region": OF_PROVIDER,
        }
        yield _about(change, settings, "share_with", image, facts, origins, key=f" -> {account}" if account else "")


def _made(change: Change, settings: Settings) -> Iterator[Record]:
    """Yield the making of an image: of a file, a backup, all of an ECS, or its system disk."""
    if change.is_update:
        return
    after = change.after
    of = {
        "image_url": "file",
        "backup_id": "cbr_backup",
        "vault_id": "ecs_whole",
        "instance_id": "ecs_system",
    }
    name = next((name for name in of if label(after.get(name))), None)
    if name is None or (set(of) & change.later):
        facts: dict[str, Value] = {}
    else:
        facts = {"source.kind": of[name]}
    origins = {"source.kind": Origin(OriginKind.API, name or "")}
    yield _about(change, settings, "create_image", "", facts, origins)


RESOURCES: Mapping[str, Reads] = {
    "huaweicloud_compute_instance": _ecs("plan-ecs"),
    "opentelekomcloud_ecs_instance_v1": _ecs("plan-ecs-v1"),
    "flexibleengine_compute_instance_v2": _ecs("plan-nova"),
    "opentelekomcloud_compute_instance_v2": _ecs("plan-nova"),
    "openstack_compute_instance_v2": _ecs("plan-nova"),
    "huaweicloud_as_configuration": _scaled,
    "opentelekomcloud_as_configuration_v1": _scaled,
    "huaweicloud_cce_node_pool": _pooled,
    "huaweicloud_evs_volume": _disk,
    "opentelekomcloud_evs_volume_v3": _disk,
    "openstack_blockstorage_volume_v3": _disk,
    "huaweicloud_images_image_copy": _copied,
    "huaweicloud_images_image_share": _shared,
    "huaweicloud_ims_image_export": _of_image("export", "image_id"),
    "huaweicloud_images_image": _made,
}
"""What is read of a plan, by the type of the resource."""

IN_BLOCKS = (("extend_params", "node_image_id"),)
"""Attributes of blocks that matter where they are known after apply alone."""

LOOKED_AT = frozenset(f"{of}.{name}" for of, name in IN_BLOCKS).union(
    name for shape in ("plan-ecs", "plan-ecs-v1", "plan-nova") for name in names_of(shape) if name not in ("name",)
) | {"instance_config", "target_region", "source_image_id", "target_project_ids", "instance_id", "backup_id", "size"}
"""Attributes that matter where they are known after apply alone."""
