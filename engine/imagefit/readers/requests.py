"""What the bodies of API requests mean: create an ECS or a disk, change an ECS's OS, create a full-ECS image.

A request states all that it wants, so that what a whole one leaves out means the API's own default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from imagefit.errors import InputError, nearest, shortened
from imagefit.facts import Origin, OriginKind, Value
from imagefit.readers.assembly import Settings, assembled, label
from imagefit.readers.catalogs import Catalogs
from imagefit.readers.flavorids import from_catalog, in_zone
from imagefit.readers.known import known_attributes
from imagefit.readers.recognised import CHANGES, is_create_disk
from imagefit.readers.records import Kind, Record
from imagefit.readers.regions import named_zone, one_zone, zone_row
from imagefit.readers.requestdisks import (
    DISKS,
    boots_from,
    boots_from_image,
    boots_from_no_image,
    disk_rows,
    encryption_row,
)
from imagefit.readers.speaking import spoken_of
from imagefit.readers.translation import (
    Attributes,
    Translation,
    choice,
    flattened,
    one,
    text,
    whole,
)
from imagefit.readers.translators import Translator
from imagefit.readers.wholeimages import whole_image_table
from imagefit.readers.wholes import CREATE, CREATE_DISK, OS_CHANGE
from imagefit.values import replace

__all__ = [
    "change_table",
    "create_table",
    "disk_table",
    "named",
    "read_requests",
]

_REGION, _ZONE = "extendparam.regionID", "availability_zone"
_MARKET, _MODE = "extendparam.marketType", "extendparam.chargingMode"


def create_table(catalogs: Catalogs) -> tuple[Translation, ...]:
    """Return the table of the request to create an ECS, the ECS service's form and Nova's."""
    return (
        Translation("ecs.region", (_REGION,), "as it is; unknown if the zone lies in another one", one(_REGION, text)),
        zone_row("availability_zone", catalogs),
        Translation("ecs.availability_zone", ("availability_zone",), "as it is", one("availability_zone", one_zone)),
        *disk_rows(),
        _injection(("adminPass",), ("key_name",), ("user_data",)),
        Translation(
            "ecs.request_api",
            ("root_volume*", DISKS, "networks"),
            f"a root_volume: ecs; {DISKS} or networks: nova; both, or neither, do not tell",
            _api,
            because=lambda a: next(filter(_is_of_an_api, a)),
        ),
        Translation(
            "ecs.temporary",
            ("metadata.virtual_env_type",),
            "IsoImage: true; FusionCompute: false",
            one("metadata.virtual_env_type", choice({"IsoImage": True, "FusionCompute": False})),
            absent=lambda _: False,
            absent_rule="false",
        ),
        Translation(
            "ecs.billing",
            (_MARKET, _MODE),
            "marketType spot: spot; else chargingMode prePaid: yearly_monthly, postPaid: pay_per_use",
            _billing,
            absent=lambda _: "pay_per_use",
            absent_rule="pay_per_use",
            absent_because=lambda a: "extendparam.chargingMode" if _MODE in a else f"no {_MARKET}, {_MODE}",
        ),
    )


def change_table() -> tuple[Translation, ...]:
    """Return the table of the requests to change an ECS's OS: they tell next to nothing of the ECS."""
    return (
        encryption_row("metadata."),
        _injection(("adminpass", "adminPass"), ("keyname", "key_name"), ("user_data", "metadata.user_data")),
    )


def disk_table(catalogs: Catalogs) -> tuple[Translation, ...]:
    """Return the table of the request to create an EVS disk; the ECS's facts are the disk's."""
    return (
        zone_row("availability_zone", catalogs),
        Translation("ecs.availability_zone", ("availability_zone",), "as it is", one("availability_zone", one_zone)),
        Translation(
            "ecs.data_disk",
            ("size",),
            "a size above 0: explicit",
            one("size", lambda name, raw: "explicit" if whole(name, raw) else None),
            absent=lambda _: "unstated",
            absent_rule="unstated, also where it is 0",
        ),
        Translation(
            "ecs.data_disk_gib", ("size",), "GiB; 0 states no size", one("size", lambda n, raw: whole(n, raw) or None)
        ),
    )


def _billing(attributes: Attributes) -> Value | None:
    """Tell how it is paid for; ``postPaid`` without a market type is pay per use, and with one may be spot."""
    market, mode = attributes.get(_MARKET), attributes.get(_MODE)
    if market is not None:
        return choice({"spot": "spot"})(_MARKET, market)
    told = None if mode is None else _MODES(_MODE, mode)
    return None if told == "pay_per_use" else told


_MODES = choice({"prePaid": "yearly_monthly", "postPaid": "pay_per_use"})


def _injection(password: tuple[str, ...], key: tuple[str, ...], user_data: tuple[str, ...]) -> Translation:
    """Return the row of what is put into the ECS when it first starts."""
    names = {"password": password, "key": key, "user_data": user_data}
    return Translation(
        "ecs.injects",
        (*password, *key, *user_data),
        f"{' or '.join(password)}: password; {' or '.join(key)}: key; {' or '.join(user_data)}: user_data",
        lambda a: frozenset(what for what, of in names.items() if any(name in a for name in of)) or None,
        absent=lambda _: frozenset(),
        absent_rule="nothing",
        of_whole=True,
    )


def _is_of_an_api(attribute: str) -> bool:
    return attribute in (DISKS, "networks") or attribute.partition(".")[0] == "root_volume"


def _api(attributes: Attributes) -> Value | None:
    """Tell which API's body it is by the parameters that one of them alone has."""
    told = {"nova" if name in (DISKS, "networks") else "ecs" for name in attributes if _is_of_an_api(name)}
    return told.pop() if len(told) == 1 else None


def read_requests(bodies: Iterable[dict[str, object]], settings: Settings) -> Iterator[Record]:
    """Read the bodies of requests; raises `InputError` if one is of no kind that is read."""
    yield from (_read_request(body, settings) for body in bodies)


def _read_request(body: dict[str, object], settings: Settings) -> Record:
    asked = [key for key in (*CHANGES, "server", "volume") if isinstance(body.get(key), dict)]
    if len(asked) > 1:
        expected = "one of them in a file of its own"
        raise InputError("the body of more than one request", value=", ".join(asked), expected=expected)
    for key, image_attribute in CHANGES.items():
        if key in body:
            return _read_change(_inside(body, key), image_attribute, settings)
    if "server" in body:
        return _read_create(_inside(body, "server"), settings)
    if is_create_disk(body.get("volume")):
        return _read_create_disk(_inside(body, "volume"), settings)
    if "instance_id" in body or "backup_id" in body:
        return _read_full_ecs_image(body, settings)
    raise InputError(
        "not the body of a request that is read",
        value=", ".join(list(body)[:6]),
        expected=f"server, volume with an imageRef, {', '.join(CHANGES)}, or the body that creates a full-ECS image",
    )


def _inside(body: dict[str, object], key: str) -> dict[str, object]:
    if isinstance(inside := body[key], dict):
        return inside
    raise InputError("not an object", row=key, value=inside, expected="a JSON object")


def _read_create(server: dict[str, object], settings: Settings) -> Record:
    """Read the body of the request to create an ECS; the catalog adds what it knows of the flavor's family."""
    attributes = flattened(server)
    if isinstance(disks := server.get(DISKS), dict) and disks:  # no list, as it should be
        attributes = {name: value for name, value in attributes.items() if not name.startswith(f"{DISKS}.")}
        attributes[DISKS] = disks
    translator = settings.translator(create_table, settings.catalogs)
    is_whole = CREATE.is_met_by(attributes)
    record = _read(attributes, translator, settings, is_whole=is_whole, used=("imageRef", "flavorRef", "name"))
    image, of_disk = named(server, "imageRef"), boots_from_image(attributes)
    if image and of_disk and image != of_disk:
        raise InputError(
            "the request names two images", column="imageRef", value=image, expected=f"{of_disk}, as {DISKS}"
        )
    image = image or of_disk
    record = replace(
        record,
        operation="create_ecs",
        image_ref=image or None,
        flavor_ref=named(server, "flavorRef") or None,
        zone=named_zone(attributes.get("availability_zone")),
        without_image="" if image or not boots_from_no_image(attributes) else boots_from(attributes),
    )
    return in_zone(from_catalog(_where_asked(_in_its_region(record, settings), settings), settings), settings)


def _where_asked(record: Record, settings: Settings) -> Record:
    """Return a request as it is in the zone that the caller asks for, if that is another one than its own."""
    zone, fact, region = settings.zone, "ecs.availability_zone", "ecs.region"
    if zone is None or record.zone in (None, zone):
        return record
    given = record.facts.get(region) if record.origins.get(region, _READ).kind is OriginKind.GIVEN else None
    bare = record.without({fact} if given else {fact, region})
    note = f"asks for availability zone {shortened(record.zone)}; {shortened(zone)}, which the caller asks for, counts"
    return in_zone(replace(bare, zone=zone, unread=record.unread - {region}, notes=(*record.notes, note)), settings)


_READ = Origin(OriginKind.API, "")


def _in_its_region(record: Record, settings: Settings) -> Record:
    """Return a request whose region is one that there is, and that of its zone; else with a note that says so."""
    region, catalogs, fact = record.facts.get("ecs.region"), settings.catalogs, "ecs.region"
    if not isinstance(region, str) or record.origins[fact].detail != _REGION:
        return record
    if record.zone is not None and (of_zone := catalogs.zones.get(record.zone, region)) != region:
        note = f"{_REGION} is {shortened(region)}, not {of_zone}, in which {record.zone} lies; {fact} is unknown"
        return replace(record.without({fact}), unread=record.unread | {fact}, notes=(*record.notes, note))
    if region in catalogs.regions:
        return record
    near = nearest(region, catalogs.regions)
    note = f"region {shortened(region)} is in no catalog" + (f"; did you mean {near}?" if near else "")
    return replace(record, notes=(*record.notes, note))


def _read_create_disk(volume: dict[str, object], settings: Settings) -> Record:
    """Read the body of the request to create an EVS disk of an image."""
    attributes = flattened(volume)
    is_whole = CREATE_DISK.is_met_by(attributes)
    translator = settings.translator(disk_table, settings.catalogs)
    record = _read(attributes, translator, settings, is_whole=is_whole, used=("imageRef", "name"))
    record = replace(
        record,
        operation="create_disk",
        image_ref=named(volume, "imageRef") or None,
        zone=named_zone(attributes.get("availability_zone")),
    )
    return in_zone(_where_asked(record, settings), settings)


def _read_change(change: dict[str, object], image_attribute: str, settings: Settings) -> Record:
    """Read the body of a request to change an ECS's OS to another image."""
    attributes = flattened(change)
    is_whole = OS_CHANGE.is_met_by(attributes)
    record = _read(attributes, settings.translator(change_table), settings, is_whole=is_whole, used=(image_attribute,))
    return replace(record, operation="change_os", image_ref=named(change, image_attribute) or None)


def named(body: Mapping[str, object], attribute: str) -> str:
    """Return the id that a request gives for an image or a flavor, empty if it gives none.

    Raises `InputError` if what is there is no id, or stands under a name that the API does not have: the request names
    something, and something else would be checked.
    """
    given = body.get(attribute)
    if named := label(given):
        return named
    if given is None or given == "":
        what = re.sub("(?:id|Ref)$", "", attribute)
        alike = {what, f"{what}id", f"{what}ref"}
        for name, other in body.items():
            if label(other) and re.sub("[^a-z]", "", name.casefold()) in alike:
                raise InputError("not an attribute of this request", column=name, value=other, expected=attribute)
        return ""
    raise InputError(
        "not an id", column=attribute, value=given, expected="the id of what the request asks for, as text"
    )


def _read_full_ecs_image(body: dict[str, object], settings: Settings) -> Record:
    """Read the body of the request to create a full-ECS image: the facts are those that the image will have."""
    translator = settings.translator(whole_image_table)
    record = _read(flattened(body), translator, settings, is_whole=False, region_fact="image.region", used=("name",))
    notes = ["the image does not exist yet; these are facts that it will have"]
    if "image.type" not in record.facts and "image.type" in settings.fields:
        notes.append("made of an ECS: whether of its system disk or of all of it, no vault_id tells")
    return replace(record, notes=(*notes, *record.notes))


def _read(
    attributes: dict[str, object],
    translator: Translator,
    settings: Settings,
    *,
    is_whole: bool,
    region_fact: str = "ecs.region",
    used: tuple[str, ...],
) -> Record:
    hidden = translator.hidden(attributes)
    spoken = spoken_of("request", tuple(attributes), translator)
    reading = translator.read(attributes, complete=is_whole, silent=frozenset({*hidden, *spoken}))
    unread = {fact: why for fact, why in hidden.items() if fact not in reading.facts}
    told = {fact: name for fact, name in spoken.items() if fact not in reading.facts and fact not in unread}
    remarks = [f"{why}; {fact} is unknown" for fact, why in unread.items()]
    for name in dict.fromkeys(told.values()):
        facts = ", ".join(fact for fact in told if told[fact] == name)
        remarks.append(f"{name} is not known, and may be what tells {facts}: unknown")
    record = assembled(
        Kind.REQUEST,
        1,
        attributes,
        reading,
        settings,
        region_fact=region_fact,
        known=known_attributes("request"),
        identity=(None, attributes.get("name")),
        used=used,
        remarks=remarks,
    )
    return replace(record, unread=record.unread.union(unread, told))
