"""What the details of an existing ECS mean: its own attributes, and those of the flavor inside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from imagefit.errors import shortened
from imagefit.facts import Value
from imagefit.readers.assembly import Settings, assembled, label, with_constant
from imagefit.readers.catalogs import Catalogs
from imagefit.readers.flavorids import from_catalog, in_zone
from imagefit.readers.flavors import flavor_attributes, flavor_table
from imagefit.readers.known import known_attributes
from imagefit.readers.records import Kind, Record
from imagefit.readers.regions import named_zone, one_zone, zone_row
from imagefit.readers.speaking import spoken_of
from imagefit.readers.translation import (
    Attributes,
    NotUnderstood,
    Translation,
    choice,
    flattened,
    identifier,
    one,
    text,
)
from imagefit.readers.translators import Reading
from imagefit.values import replace

__all__ = ["read_servers", "server_table"]

_ZONE = "OS-EXT-AZ:availability_zone"


def server_table(catalogs: Catalogs) -> tuple[Translation, ...]:
    """Return the table: an ECS's own attributes to facts (``metadata`` by dotted names)."""
    return (
        zone_row(_ZONE, catalogs),
        Translation("ecs.availability_zone", (_ZONE,), "as it is", one(_ZONE, one_zone)),
        Translation(
            "ecs.status", ("status",), "in lower case", one("status", lambda name, raw: text(name, raw).lower())
        ),
        Translation(
            "ecs.account",
            ("tenant_id", "project_id"),
            "as it is (a project id); unknown if the two differ",
            _account,
        ),
        Translation(
            "ecs.billing",
            ("metadata.charging_mode",),
            "0: pay_per_use, 1: yearly_monthly, 2: spot",
            one("metadata.charging_mode", choice({"0": "pay_per_use", "1": "yearly_monthly", "2": "spot"})),
        ),
        Translation(
            "ecs.temporary",
            ("metadata.virtual_env_type",),
            "IsoImage: true; FusionCompute: false",
            one("metadata.virtual_env_type", choice({"IsoImage": True, "FusionCompute": False})),
        ),
    )


def _account(attributes: Attributes) -> Value | None:
    told = [identifier(name, attributes[name]) for name in ("tenant_id", "project_id") if name in attributes]
    if len(set(told)) > 1:
        raise NotUnderstood("project_id", told[1], f"{shortened(told[0])}, as tenant_id is")
    return told[0] if told else None


def read_servers(servers: Iterable[dict[str, object]], settings: Settings) -> Iterator[Record]:
    """Read the details of existing ECSs; the catalog adds what it knows of the flavor's family."""
    yield from (_read_server(row, server, settings) for row, server in enumerate(servers, start=1))


def _read_server(row: int, server: dict[str, object], settings: Settings) -> Record:
    stated = server.get("flavor")
    flavor: dict[str, object] = stated if isinstance(stated, dict) else {}
    attributes = flattened({name: value for name, value in server.items() if name not in ("flavor", "addresses")})
    inner, is_whole = flavor_attributes(flavor)
    zone = settings.zone or named_zone(attributes.get(_ZONE))
    translator = settings.translator(flavor_table, settings.catalogs, zone)
    silent = frozenset(spoken_of("flavor", tuple(inner), translator))
    of_flavor = translator.read(inner, complete=is_whole, silent=silent)
    reading = _joined(settings.translator(server_table, settings.catalogs).read(attributes), of_flavor)
    record = assembled(
        Kind.ECS,
        row,
        {**attributes, **{f"flavor.{name}": value for name, value in inner.items()}},
        reading,
        settings,
        region_fact="ecs.region",
        known=_known(),
        identity=(server.get("id"), server.get("name")),
        used=("id", "name", "flavor.id"),
    )
    image = server.get("image")
    record = replace(
        record,
        image_ref=(label(image.get("id")) or None) if isinstance(image, dict) else None,
        flavor_ref=label(inner.get("id")) or label(inner.get("original_name")) or None,
    )
    record = in_zone(from_catalog(record, settings, of_flavor.concluded), settings)
    if not flavor:
        return record
    return with_constant(
        record, "ecs.system_disk", "explicit", "an existing ECS has a disk with a size of its own", settings.fields
    )


def _joined(own: Reading, of_flavor: Reading) -> Reading:
    """Join what the ECS's attributes tell and what its flavor's do; the ECS's own count more."""
    inside = {
        fact: replace(origin, detail=", ".join(_inside(part) for part in origin.detail.split(", ")))
        for fact, origin in of_flavor.origins.items()
    }
    return Reading(
        {**of_flavor.facts, **own.facts},
        {**inside, **own.origins},
        (
            *own.told,
            *(replace(told, used=tuple(f"flavor.{name}" for name in told.used)) for told in of_flavor.told),
        ),
        (*own.others, *(f"flavor.{name}" for name in of_flavor.others)),
        (*own.notes, *(f"flavor: {note}" for note in of_flavor.notes)),
        is_part=of_flavor.is_part,
    )


@cache
def _known() -> frozenset[str]:
    return known_attributes("server").union(f"flavor.{name}" for name in known_attributes("flavor"))


def _inside(part: str) -> str:
    return part if part.startswith("no ") else f"flavor.{part}"
