"""Auto Scaling configurations: each asks for ECSs of one or several flavors, as a request to create one does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from imagefit.readers.assembly import Settings, label
from imagefit.readers.records import Record
from imagefit.readers.requests import named, read_requests
from imagefit.values import replace

__all__ = ["read_scaling"]


_OF_A_REQUEST_ALONE = frozenset({"ecs.injects", "ecs.request_api", "ecs.data_disk_images", "ecs.data_disk_keys"})
_TOLD_BY = {"ecs.billing": "market_type", "ecs.temporary": "disk"}


def read_scaling(configurations: Iterable[dict[str, object]], settings: Settings) -> Iterator[Record]:
    """Read configurations as the requests that Auto Scaling makes of them: one for each of their flavors."""
    for row, configuration in enumerate(configurations, start=1):
        config = configuration.get("instance_config")
        config = config if isinstance(config, dict) else {}
        identifier, name = (label(configuration.get(f"scaling_configuration_{of}")) for of in ("id", "name"))
        flavors = [flavor for part in named(config, "flavorRef").split(",") if (flavor := part.strip())]
        for flavor in flavors or [""]:
            (record,) = read_requests([{"server": _server(config, name, flavor)}], settings)
            record = _without(record, config)
            key = identifier or name or str(row)
            notes = record.notes
            if label(config.get("instance_id")) and not record.image_ref:
                notes = (
                    *notes,
                    "made like an ECS that is there: its image and its flavor the configuration does not say",
                )
            yield replace(record, key=f"{key}@{flavor}" if len(flavors) > 1 else key, id=identifier, notes=notes)


def _without(record: Record, config: Mapping[str, object]) -> Record:
    """Return a record without what was concluded from parts that every whole configuration has, and this one lacks."""
    lacking = {fact for fact, name in _TOLD_BY.items() if name not in config} | _OF_A_REQUEST_ALONE
    if "ecs.system_disk_gib" not in record.facts:  # the size of the system disk is mandatory
        lacking.add("ecs.system_disk")
    return record.without(lacking)


def _server(config: Mapping[str, object], name: str, flavor: str) -> dict[str, object]:
    """Return the body of the request to create an ECS that a configuration amounts to."""
    image = named(config, "imageRef")
    server: dict[str, object] = {"name": name, "imageRef": image or None, "flavorRef": flavor or None}
    disks = config.get("disk")
    system = [
        d for d in (disks if isinstance(disks, list) else ()) if isinstance(d, dict) and d.get("disk_type") == "SYS"
    ]
    if len(system) == 1:
        root = {name: system[0].get(name) for name in ("size", "metadata")}
        server["root_volume"] = {name: value for name, value in root.items() if value is not None}
    if (market := config.get("market_type")) is not None:
        server["extendparam"] = {"marketType": market}
    return server
