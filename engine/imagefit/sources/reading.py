"""The two ways in: a file, read by what is in it, and a flavor's id alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from imagefit.errors import InputError, UnknownNameError
from imagefit.facts import Field
from imagefit.readers.assembly import Settings, expect_object, objects
from imagefit.readers.catalogs import Catalogs
from imagefit.readers.console import is_console_export, read_console
from imagefit.readers.flavors import read_flavor_id, read_flavors
from imagefit.readers.imagelists import read_disks, read_images
from imagefit.readers.members import read_members
from imagefit.readers.records import Document, Format, Record
from imagefit.readers.requests import CHANGES, read_change, read_create, read_full_ecs_image
from imagefit.readers.servers import read_servers
from imagefit.sources.csvtext import parse_csv
from imagefit.sources.detection import detect
from imagefit.sources.factsfiles import near_fact, read_facts_objects, read_facts_table
from imagefit.sources.files import decoded, read_bytes, shown_name
from imagefit.sources.jsontext import parse_json, parse_json_lines

__all__ = ["flavor", "format_named", "read"]


def read(
    path: str | Path,
    fields: Mapping[str, Field],
    *,
    format: str | None = None,
    catalogs: Catalogs | None = None,
    region: str | None = None,
    zone: str | None = None,
) -> Document:
    """Read a file into records of facts.

    Parameters
    ----------
    path
        The file; ``-`` is standard input.
    fields
        The pack's fields: a reader gives only these facts.
    format
        One of `Format`; by default, the content tells.
    catalogs
        The reference catalogs; the built-in ones by default.
    region
        The region that was queried, for payloads that do not say: an image list does not.
    zone
        The availability zone that flavors are wanted in: whether one is on sale depends on it.

    Raises
    ------
    InputError
        If the file cannot be read, is in no known format, or states a wrong value outright; names the
        file, the row or path, the column or key, the value, what was expected and the nearest match.
    UnknownNameError
        If there is no such `format`.
    """
    wanted = None if format is None else format_named(format)
    settings = Settings(fields, catalogs or Catalogs(), region, zone)
    name = shown_name(str(path))
    text = decoded(read_bytes(str(path)), name)
    if wanted in (Format.FACTS_CSV, Format.CONSOLE_CSV):
        return _read_csv(text, wanted, settings, name)
    if wanted is not None or text.lstrip()[:1] in ("{", "["):
        return _read_json(text, wanted, settings, name)
    return _read_csv(text, None, settings, name)


def flavor(
    flavor_id: str,
    fields: Mapping[str, Field],
    *,
    catalogs: Catalogs | None = None,
    region: str | None = None,
) -> Record:
    """Return what a flavor's id alone tells of an ECS: what the catalogs know, and no more.

    A family that no catalog has is no error: its facts are unknown, and a note names the nearest.

    Raises
    ------
    InputError
        If the id is empty or no id at all.
    """
    if not flavor_id or flavor_id != flavor_id.strip() or not flavor_id.isprintable():
        raise InputError("not a flavor id", value=flavor_id, expected="an id such as c7n.xlarge.2")
    return read_flavor_id(flavor_id, Settings(fields, catalogs or Catalogs(), region))


def format_named(name: str) -> Format:
    """Return the format that ``--from`` calls `name`; raises `UnknownNameError` if there is none."""
    if name not in set(Format):
        raise UnknownNameError.of("format", name, [known.value for known in Format])
    return Format(name)


def _read_csv(text: str, wanted: Format | None, settings: Settings, name: str) -> Document:
    table = parse_csv(text, name)
    if wanted is None:
        if any(column in settings.fields for column in table.columns):
            wanted = Format.FACTS_CSV
        elif is_console_export(table.columns):
            wanted = Format.CONSOLE_CSV
        else:
            raise _no_known_column(table.columns, settings, name)
    if wanted is Format.CONSOLE_CSV:
        records, warnings = read_console(table, settings, name)
    else:
        records, warnings = read_facts_table(table, settings.fields, name)
    return Document(name, wanted, tuple(records), tuple(warnings))


def _no_known_column(columns: tuple[str, ...], settings: Settings, name: str) -> InputError:
    hint = "; is it separated by something other than commas?" if len(columns) == 1 else ""
    return InputError(
        f"no column of this CSV is a fact{hint}",
        file=name,
        value=", ".join(columns)[:200],
        expected="facts such as image.boot_mode, or the console's titles; --from facts-csv reads it all the same",
        nearest=next((near for column in columns[:200] if (near := near_fact(column, settings.fields))), None),
    )


def _read_json(text: str, wanted: Format | None, settings: Settings, name: str) -> Document:
    data: object
    if wanted is Format.FACTS_JSONL or (wanted is None and _is_json_lines(text)):
        data = parse_json_lines(text, name)
        if wanted is None and detect(data, settings.fields, name) is Format.FACTS_JSON:
            wanted = Format.FACTS_JSONL
    else:
        data = parse_json(text, name)
    return read_data(data, wanted, settings, name)


def read_data(data: object, wanted: Format | None, settings: Settings, name: str) -> Document:
    """Read a JSON document that is parsed already; raises `InputError` as `read` does."""
    wanted = wanted or detect(data, settings.fields, name)
    if wanted in (Format.FACTS_JSON, Format.FACTS_JSONL):
        found = objects(data if isinstance(data, list) else [data], "", name)
        records, warnings = read_facts_objects(found, settings.fields, name)
    elif wanted is Format.REQUEST:
        records, warnings = [_read_request(expect_object(data, "", name), settings, name)], []
    else:
        key, single, reader = _READERS[wanted]
        records, warnings = reader(_elements(data, key, single, name), settings), _page(data, key)
    return Document(name, wanted, tuple(records), (*warnings, *_unknown_region(settings)))


def _is_json_lines(text: str) -> bool:
    """Tell whether the first line is a JSON document by itself and another follows."""
    first, newline, rest = text.strip().partition("\n")
    return bool(newline) and first.rstrip().endswith(("}", "]")) and rest.lstrip()[:1] in ("{", "[")


_READERS: Mapping[Format, tuple[str, str, Callable[[list[dict[str, object]], Settings], list[Record]]]] = {
    Format.IMS: ("images", "image", read_images),
    Format.NOVA: ("images", "image", read_images),
    Format.DISKS: ("volumes", "volume", read_disks),
    Format.FLAVORS: ("flavors", "flavor", read_flavors),
    Format.SERVERS: ("servers", "server", read_servers),
    Format.MEMBERS: ("members", "member", read_members),
}


def _elements(data: object, key: str, single: str, name: str) -> list[dict[str, object]]:
    """Return the objects of a list, of a wrapped list, or the one that is wrapped or bare."""
    if isinstance(data, list):
        return objects(data, "", name)
    whole = expect_object(data, "", name)
    if isinstance(whole.get(key), list):
        return objects(whole[key], key, name)
    if key == "volumes" and "resources" in whole:
        return _resources(whole["resources"], name)
    if isinstance(whole.get(single), dict) and "id" not in whole:
        return [expect_object(whole[single], single, name)]
    return [whole]


def _resources(raw: object, name: str) -> list[dict[str, object]]:
    """Take the disks out of a list of tagged resources, which holds each as ``resource_detail``."""
    return [
        expect_object(resource.get("resource_detail"), f"resources[{index}].resource_detail", name)
        for index, resource in enumerate(objects(raw, "resources", name))
    ]


def _read_request(body: dict[str, object], settings: Settings, name: str) -> Record:
    for key, image_attribute in CHANGES.items():
        if key in body:
            return read_change(expect_object(body[key], key, name), image_attribute, settings)
    if "server" in body:
        return read_create(expect_object(body["server"], "server", name), settings)
    if "instance_id" in body or "backup_id" in body:
        return read_full_ecs_image(body, settings)
    raise InputError(
        "not the body of a request that is read",
        file=name,
        value=", ".join(list(body)[:6]),
        expected=f"server, {', '.join(CHANGES)}, or the body that creates a full-ECS image",
    )


def _page(data: object, key: str) -> list[str]:
    """Warn of a page that is not the whole list."""
    if not isinstance(data, dict):
        return []
    links = data.get(f"{key}_links")
    has_next = isinstance(links, list) and any(isinstance(link, dict) and link.get("rel") == "next" for link in links)
    if data.get("next") or has_next:
        return [f"this is one page of a longer list: it names a next page, and only its own {key} are read"]
    count, listed = data.get("count"), data.get(key)
    if isinstance(count, int) and isinstance(listed, list) and count > len(listed):
        return [f"this is not the whole list: {len(listed)} of {count} {key}"]
    return []


def _unknown_region(settings: Settings) -> list[str]:
    if settings.region is None or settings.region in settings.catalogs.regions:
        return []
    near = UnknownNameError.of("region", settings.region, settings.catalogs.regions).nearest
    return [f"region {settings.region} is in no catalog" + (f"; did you mean {near}?" if near else "")]
