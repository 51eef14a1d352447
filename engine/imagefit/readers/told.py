"""Which facts vendors' objects can tell at all: a pack that has none of them has no use for such a file."""

from __future__ import annotations

from collections.abc import Container, Iterator

from imagefit.readers.catalogs import shipped_catalogs
from imagefit.readers.translation import Translation

__all__ = ["tells_any"]

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


def _rows() -> Iterator[Translation]:
    """Yield the rows of all tables, each table imported when it comes to it: a pack for images needs no other."""
    from imagefit.readers.images import image_table

    catalogs = shipped_catalogs()
    yield from image_table(catalogs)

    from imagefit.readers.flavors import flavor_table
    from imagefit.readers.requests import change_table, create_table, whole_image_table
    from imagefit.readers.servers import server_table

    for table in (flavor_table, server_table, create_table):
        yield from table(catalogs)
    yield from (*whole_image_table(), *change_table())
