"""The list of private images as the console exports it: CSV with English or Chinese titles.

The titles are documented, how values are spelled is not: a value that is not understood leaves its fact
unknown, with a note, and a column that is not recognised is reported.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from imagefit.errors import shortened
from imagefit.facts import OriginKind, Value
from imagefit.readers.assembly import Settings, assembled, with_constant
from imagefit.readers.catalogs import Catalogs
from imagefit.readers.records import Kind, Record
from imagefit.readers.translation import (
    Attributes,
    NotUnderstood,
    Translation,
    choice,
    cleaned,
    one,
    text,
)
from imagefit.values import pattern, replace

__all__ = [
    "TITLES",
    "console_table",
    "is_console_export",
    "lacking_titles",
    "may_be_console_export",
    "odd_columns",
    "read_console",
]

TITLES: Mapping[str, tuple[str, ...]] = {
    "name": ("image name", "name", "镜像名称", "名称"),
    "id": ("image id", "id", "镜像id"),
    "status": ("image status", "status", "镜像状态", "状态"),
    "os": ("os", "operating system", "操作系统"),
    "type": ("image type", "type", "镜像类型", "类型"),
    "created": ("created", "created at", "creation time", "time created", "创建时间"),
    "disk": ("disk capacity", "disk capacities", "disk size", "磁盘容量"),
    "shared disk": ("shared disk", "shared disks", "shared disk information", "共享盘信息", "共享盘"),
    "size": ("image size", "size", "镜像大小"),
    "memory": ("minimum memory", "min memory", "min. memory", "最小内存"),
    "encrypted": ("encrypted", "encryption", "是否加密", "加密"),
}
"""What we call the columns, and the titles that mean each, without case and without a unit in brackets."""

_ALWAYS = TITLES.keys() - {"shared disk", "memory"}
"""What every export has; the disks that are shared and the memory are not in the lists of all editions."""

_NO_FACT = frozenset(["created", "shared disk"])
_ABSENT = frozenset(["", "-", "--"])


def is_console_export(columns: tuple[str, ...]) -> bool:
    """Tell whether a CSV's columns are the console's: all titles that every such export is documented to have."""
    return {_meaning(column) for column in columns} >= _ALWAYS


def may_be_console_export(columns: Collection[str]) -> bool:
    """Tell whether columns are some of the console's: other tables have names, ids, a status and days, too."""
    return not (TITLES.keys() - {"name", "id", "status", "created"}).isdisjoint(map(_meaning, columns))


def lacking_titles(columns: Collection[str]) -> list[str]:
    """Return the titles that a table lacks to be the console's; none if it has less than half of them."""
    found = {_meaning(column) for column in columns} & _ALWAYS
    lacking = [titles[0].title() for meaning, titles in TITLES.items() if meaning in _ALWAYS - found]
    return lacking if len(found) > len(lacking) else []


def _meaning(column: str) -> str | None:
    title = " ".join(_split(column)[0].replace("_", " ").split()).casefold()
    return next((name for name, titles in TITLES.items() if title in titles), None)


def _split(cell: str) -> tuple[str, str]:
    """Split ``System disk image(x86)`` in two; brackets, colons and commas may be full-width."""
    plain = unicodedata.normalize("NFKC", cell).strip()
    before, bracket, inside = plain.rpartition("(") if plain.endswith(")") else (plain, "", "")
    return (before.strip(), inside[:-1].strip()) if bracket else (plain, "")


def console_table(catalogs: Catalogs) -> tuple[Translation, ...]:
    """Return the table: the console's columns, by the names of `TITLES`, to facts."""
    return (
        Translation(
            "image.type",
            ("type",),
            "System disk image, Data disk image, Full-ECS image, ISO image (系统盘镜像, 数据盘镜像, 整机镜像, ISO镜像)",
            one("type", lambda name, raw: _TYPES(name, _split(text(name, raw))[0])),
        ),
        Translation(
            "image.architecture",
            ("type",),
            "in brackets behind the type: (x86), (ARM)",
            _architecture,
        ),
        Translation("image.status", ("status",), "Normal (正常): active", one("status", _STATUSES)),
        Translation(
            "image.bound_to_zone",
            ("status",),
            "Normal (正常): none; else unknown",
            lambda a: "none" if str(a.get("status")).strip().casefold() in ("normal", "正常") else None,
        ),
        Translation("image.min_disk_gib", ("disk",), "GiB; of a full-ECS image, the system disk's", one("disk", _disk)),
        Translation("image.size_gib", ("size",), "with its unit, by powers of 1024", one("size", _size)),
        Translation("image.min_memory_mib", ("memory",), "MiB, or with its unit", one("memory", _memory)),
        Translation("image.encrypted", ("encrypted",), "Yes, No (是, 否)", one("encrypted", _ANSWERS)),
        Translation("image.os_version", ("os",), "as it is", one("os", text)),
        Translation(
            "image.os_supports_uefi",
            ("os",),
            "true if the catalog lists it; not listed: unknown",
            one("os", lambda name, raw: catalogs.supports_uefi(text(name, raw))),
            because=lambda a: f"uefi-os: {a['os']}",
            origin=OriginKind.CATALOG,
        ),
    )


_TYPES = choice(
    {
        "System disk image": "system_disk",
        "Data disk image": "data_disk",
        "Full-ECS image": "full_ecs",
        "ISO image": "iso",
        "系统盘镜像": "system_disk",
        "数据盘镜像": "data_disk",
        "整机镜像": "full_ecs",
        "ISO镜像": "iso",
    }
)
_STATUSES = choice({"Normal": "active", "Active": "active", "正常": "active"})
_ANSWERS = choice({"Yes": True, "No": False, "true": True, "false": False, "是": True, "否": False})
_ARCHITECTURES: Mapping[str, str] = {"x86": "x86_64", "x86_64": "x86_64", "arm": "arm64", "arm64": "arm64"}
_GIB: Mapping[str, float] = {"b": 2.0**-30, "kb": 2.0**-20, "mb": 2.0**-10, "gb": 1.0, "tb": 2.0**10}
_AMOUNT = pattern(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)\s*([A-Za-z]*)")
_SYSTEM_DISK = pattern(r"(?:system disk|系统盘) ?: ?([^,;]*)", re.IGNORECASE)


def _architecture(attributes: Attributes) -> Value | None:
    inside = _split(text("type", attributes["type"]))[1] if "type" in attributes else ""
    return _ARCHITECTURES.get(inside.casefold())


_SIZED = frozenset(["disk", "size", "memory"])
_NUMBER = pattern(r"(\b[0-9]+(?:\.[0-9]+)?)(?=\s*(?:[,;]|\Z))")
"""A number without a unit of its own, which has that of the column's title."""


def _gib(attribute: str, raw: object, unit: str) -> float:
    match = _AMOUNT.fullmatch(text(attribute, raw).strip())
    factor = None if match is None else _GIB.get((match[2] or unit).casefold().replace("ib", "b"))
    if match is None or factor is None:
        raise NotUnderstood(attribute, raw, "a size, with its unit")
    return float(match[1]) * factor


def _disk(attribute: str, raw: object) -> Value:
    """Read ``40``, ``40 GB``, or the system disk's part of ``System disk: 40, Data disk: 100``."""
    stated = unicodedata.normalize("NFKC", text(attribute, raw))
    match = _SYSTEM_DISK.search(stated)
    gib = _gib(attribute, match[1] if match else stated, "gb")
    if gib != int(gib):
        raise NotUnderstood(attribute, raw, "whole GiB")
    return int(gib)


def _size(attribute: str, raw: object) -> Value | None:
    return _gib(attribute, raw, "") or None


def _memory(attribute: str, raw: object) -> Value:
    mib = _gib(attribute, raw, "mb") * 1024
    if mib != int(mib):
        raise NotUnderstood(attribute, raw, "whole MiB")
    return int(mib)


def read_console(
    columns: tuple[str, ...], rows: Iterable[Sequence[str]], settings: Settings, name: str
) -> Iterator[Record]:
    """Read the console's export: yields a record for each image; `name` is the file's, which may tell the region."""
    translator = settings.translator(console_table, settings.catalogs)
    meanings = _meanings(columns)
    titles = dict(zip(meanings, columns, strict=True))
    units = {meaning: unit for meaning, column in titles.items() if meaning in _SIZED and (unit := _split(column)[1])}
    for row, cells in enumerate(rows, start=1):
        stated = dict(zip(meanings, cells, strict=True))
        attributes = cleaned({key: cell.strip() for key, cell in stated.items() if cell.strip() not in _ABSENT})
        for meaning, unit in units.items():
            if isinstance(cell := attributes.get(meaning), str):
                attributes[meaning] = _NUMBER.sub(rf"\1 {unit}", unicodedata.normalize("NFKC", cell))
        record = assembled(
            Kind.IMAGE,
            row,
            attributes,
            translator.read(attributes, complete=False),
            settings,
            region_fact="image.region",
            known=_NO_FACT,
            identity=(attributes.get("id"), attributes.get("name")),
            used=("id", "name"),
        )
        yield _finished(record, titles, name, settings)


def odd_columns(columns: tuple[str, ...]) -> list[str]:
    """Return the columns of an export that are not known, or mean what another does."""
    return [column for column, meaning in zip(columns, _meanings(columns), strict=True) if meaning not in TITLES]


def _meanings(columns: tuple[str, ...]) -> list[str]:
    """Name each column by what it means, the first where two mean the same; others keep their titles."""
    found: list[str] = []
    for column in columns:
        meaning = _meaning(column)
        found.append(meaning if meaning is not None and meaning not in found else column)
    return found


_FILE_NAME = pattern(r"private-images-([a-z]{2}-[a-z]+-[0-9]+)-")


def _region_of(name: str, catalogs: Catalogs) -> str | None:
    """Return the region in the file name that the console gives: ``private-images-REGION-TIME.csv``."""
    match: re.Match[str] | None = _FILE_NAME.search(name)
    return match[1] if match and match[1] in catalogs.regions else None


_OTHER_IMAGES = pattern(
    r"(?:public|shared|market|marketplace|koogallery)[-_ ]*images?|(?:公共|共享|市场|云商店)镜像", re.IGNORECASE
)
"""What the name of a file says that holds other images than private ones, of which no export is documented."""


def _finished(record: Record, titles: Mapping[str, str], name: str, settings: Settings) -> Record:
    """Say what the export as a whole says, and call the columns by their own titles."""
    if (other := _OTHER_IMAGES.search(name.rpartition("/")[2])) is not None:
        note = f"the file's name says {shortened(other[0])}: whether the images are private is unknown"
        record = replace(record, notes=(*record.notes, note))
    else:
        why = "the console exports private images"
        record = with_constant(record, "image.visibility", "private", why, settings.fields)
    if (region := _region_of(name, settings.catalogs)) is not None:
        record = with_constant(record, "image.region", region, "the file's name", settings.fields)
    return replace(
        record,
        image_ref=record.id or None,
        origins={
            fact: replace(origin, detail=f"column {titles[origin.detail]}") if origin.detail in titles else origin
            for fact, origin in record.origins.items()
        },
        unused={titles.get(attribute, attribute): value for attribute, value in record.unused.items()},
    )
