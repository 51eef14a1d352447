"""Which facts vendors' objects can tell at all: a pack that has none of them has no use for such a file."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from imagefit.readers.catalogs import shipped_catalogs
from imagefit.readers.known import known_attributes
from imagefit.readers.translation import Translation

__all__ = ["attributes_among", "near_attribute", "tells_any"]

_OTHERS = (
    "image.shared_with",
    "image.recipients",
    "image.accepted_by",
    "image.shared_with_kinds",
    "ecs.system_disk",
)


def tells_any(facts: Container[str]) -> bool:
    """Tell whether vendors' objects can tell one of these facts."""
    return any(fact in facts for fact in _OTHERS) or any(row.fact in facts for row in _rows())


def near_attribute(names: Iterable[str], facts: Container[str]) -> str | None:
    """Return the attribute that one of the names is but for case, blanks and what is before its last dot.

    Names that other programs use as well, such as ``Status``, are no sign of one.
    """
    if not tells_any(facts):
        return None
    read = (name for row in _rows() for name in row.reads if "_" in name and not name.endswith("*"))
    known = {name.casefold(): name for name in (*read, *known_attributes("image")) if "_" in name}
    return next((known[own] for name in names if (own := _own_name(name)) in known and known[own] != name), None)


def attributes_among(names: Iterable[str], facts: Container[str]) -> list[str]:
    """Return those of the names that are attributes of a service, and nothing that other programs say as well."""
    if not tells_any(facts):
        return []
    read = {name for row in _rows() for name in row.reads}
    return [name for name in names if "_" in name and (name in read or name.startswith("__support_"))]


def _own_name(name: str) -> str:
    return name.strip().rpartition(".")[2].strip().casefold()


def _rows() -> Iterator[Translation]:
    """Yield the rows of all tables, each table imported when it comes to it: a pack for images needs no other."""
    from imagefit.readers.images import image_table

    catalogs = shipped_catalogs()
    yield from image_table(catalogs)

    from imagefit.readers.flavors import flavor_table
    from imagefit.readers.requests import change_table, create_table
    from imagefit.readers.servers import server_table
    from imagefit.readers.wholeimages import whole_image_table

    for table in (flavor_table, server_table, create_table):
        yield from table(catalogs)
    yield from (*whole_image_table(), *change_table())
