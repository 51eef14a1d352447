"""Which facts vendors' objects can tell at all: a pack that has none of them has no use for such a file."""

from __future__ import annotations

from functools import cache

from imagefit.readers.catalogs import shipped_catalogs
from imagefit.readers.flavors import flavor_table
from imagefit.readers.images import image_table
from imagefit.readers.requests import change_table, create_table, whole_image_table
from imagefit.readers.servers import server_table

__all__ = ["vendor_facts"]


@cache
def vendor_facts() -> frozenset[str]:
    """Return the facts that vendors' objects can tell."""
    catalogs = shipped_catalogs()
    tables = (image_table, flavor_table, server_table, create_table)
    rows = [row for table in tables for row in table(catalogs)]
    others = (
        "image.shared_with",
        "image.recipients",
        "image.accepted_by",
        "image.shared_with_kinds",
        "ecs.system_disk",
    )
    return frozenset([*(row.fact for row in (*rows, *whole_image_table(), *change_table())), *others])
