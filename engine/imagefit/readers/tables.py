"""The services' attributes as the columns of a table: an image, a flavor or an ECS in each row.

Columns such as ``os_extra_specs.ecs:generation`` are attributes of an object inside.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from imagefit.facts import Field
from imagefit.readers.assembly import Settings
from imagefit.readers.flavors import is_flavor, read_flavors
from imagefit.readers.imagelists import is_image, is_nova_image, read_images
from imagefit.readers.records import Record
from imagefit.readers.servers import is_server, read_servers
from imagefit.readers.shapes import Reader, reading, shape_of

__all__ = ["holds_attributes", "is_table", "read_table"]

_INSIDE = frozenset({"extra_specs", "flavor", "image", "metadata", "os_extra_specs", "properties"})

_KINDS: Mapping[str, tuple[Callable[[Mapping[str, object], Mapping[str, Field]], bool], Reader]] = {
    "image": (lambda found, fields: is_image(found, fields) or is_nova_image(found, fields), read_images),
    "server": (is_server, read_servers),
    "flavor": (is_flavor, read_flavors),
}


def is_table(columns: Iterable[object]) -> bool:
    """Tell whether columns are attributes of a service."""
    return holds_attributes(dict.fromkeys((name for name in columns if isinstance(name, str)), ""))


def holds_attributes(found: Mapping[str, object]) -> bool:
    """Tell whether an object, or a row, is an image, a flavor or an ECS by the names of its attributes."""
    return _kind_of(found) is not None


def read_table(columns: Collection[str], rows: Iterable[Mapping[str, object]], settings: Settings) -> Iterator[Record]:
    """Read rows, each a record; what they are, the columns say."""
    kind = _kind_of(dict.fromkeys(columns, "")) or "image"
    return reading(kind, _KINDS[kind][1])(map(_nested, rows), settings)


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
            found[name] = value
    return {**found, **inside}
