"""The services' attributes as the columns of a table: an image, a flavor or an ECS in each row.

Columns such as ``os_extra_specs.ecs:generation`` are attributes of an object inside.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from imagefit.facts import Field
from imagefit.readers.assembly import Settings
from imagefit.readers.flavors import flavor_table, read_flavors
from imagefit.readers.imagelists import read_images
from imagefit.readers.images import image_table
from imagefit.readers.recognised import is_flavor, is_image, is_nova_image, is_server
from imagefit.readers.records import Record
from imagefit.readers.servers import read_servers
from imagefit.readers.shapes import Reader, Renamed, in_their_names, reading, renamed, shape_of
from imagefit.readers.strangers import Strangers

__all__ = ["holds_attributes", "is_table", "read_objects", "read_table"]

_INSIDE = frozenset({"extra_specs", "flavor", "image", "metadata", "os_extra_specs", "properties"})

_KINDS: Mapping[str, tuple[Callable[[Mapping[str, object], Mapping[str, Field]], bool], Reader]] = {
    "image": (lambda found, fields: is_image(found, fields) or is_nova_image(found, fields), read_images),
    "server": (is_server, read_servers),
    "flavor": (is_flavor, read_flavors),
}


def is_table(columns: Iterable[object]) -> bool:
    """Tell whether columns are attributes of a service."""
    return holds_attributes(dict.fromkeys((name for name in columns if isinstance(name, str)), ""))


def read_objects(objects: Collection[Mapping[str, object]], settings: Settings) -> Iterator[Record]:
    """Read mappings, each with the attributes that it has, as a file of the same objects is read.

    Raises `InputError` if one of them is of another kind.
    """
    kind = _kind_of(dict.fromkeys((name for found in objects for name in found), "")) or "image"
    strangers, nested = Strangers(kind), list(map(_nested, objects))
    for row, found in enumerate(nested, start=1):
        if (error := strangers.error(found, row)) is not None:
            raise error
    yield from reading(kind, _KINDS[kind][1])(nested, settings)


def holds_attributes(found: Mapping[str, object]) -> bool:
    """Tell whether an object, or a row, is an image, a flavor or an ECS by the names of its attributes."""
    return _kind_of(found) is not None


def read_table(columns: Collection[str], rows: Iterable[Mapping[str, object]], settings: Settings) -> Iterator[Record]:
    """Read rows, each a record; what they are, the columns say.

    Somebody chose the columns: only what has one can be absent in a row, and what has none tells nothing.
    """
    titles = _nested(dict.fromkeys(columns, ""))
    kind = _kind_of(titles) or "image"
    shape = shape_of(titles, kind)
    whole = titles if shape is None else renamed(titles, shape)
    specs = whole.get("os_extra_specs", whole.get("extra_specs"))
    there = {*whole, *(specs if isinstance(specs, dict) else ())}
    catalogs = settings.catalogs
    table = image_table(catalogs) if kind == "image" else flavor_table(catalogs)
    silent = frozenset(row.fact for row in table if not all(name in there for name in row.reads))

    def stated() -> Iterator[dict[str, object]]:
        for row in map(_nested, rows):
            found = Renamed(row) if shape is None else renamed(row, shape)
            found.silent |= silent
            yield found

    for record in _KINDS[kind][1](stated(), settings):
        yield record if shape is None else in_their_names(record, shape)


def _kind_of(found: Mapping[str, object]) -> str | None:
    nested = _nested(found)
    for kind, (is_one, _) in _KINDS.items():
        if is_one(nested, {}) or shape_of(nested, kind) is not None:
            return kind
    return None


def _nested(row: Mapping[str, object]) -> dict[str, object]:
    """Return a row with the attributes of objects inside in these."""
    found: dict[str, object] = {}
    inside: dict[str, dict[str, object]] = {}
    for name, value in row.items():
        outer, dot, inner = name.partition(".")
        if dot and outer in _INSIDE:
            inside.setdefault(outer, {})[inner] = value
        else:
            found[name] = _opened(value) if name in _INSIDE and isinstance(value, str) else value
    return {**found, **inside}


def _opened(text: str) -> object:
    from imagefit.readers.namevalues import opened

    return opened(text)
