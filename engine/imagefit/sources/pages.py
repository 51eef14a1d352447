"""Pages: what stands beside a list and says that there are more of it elsewhere.

The services each have their own way to say so; of a page, nothing is known to be all of something.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

__all__ = ["names_next_page", "signs_of_pages", "stated_count"]

_INFO = ("page_info", "pagination", "paging")
_AROUND = (*_INFO, "links", "_links", "meta", "metadata")
"""The objects in which the signs may stand."""

_NEXT = (
    "next",
    "next_link",
    "next_marker",
    "next_page",
    "next_token",
    "has_more",
    "has_next",
    "is_truncated",
    "truncated",
)
_COUNTS = ("count", "total", "total_count", "totalCount", "total_number")


def names_next_page(outer: Mapping[str, object], key: str) -> bool:
    """Tell whether what stands around a list of what `key` calls names a page that comes after it."""
    if any(_is_true(place.get(name)) for place in _places(outer) for name in _NEXT):
        return True
    lists = (outer.get(f"{key}_links"), outer.get("links"))
    return any(isinstance(x, dict) and x.get("rel") == "next" for each in lists if isinstance(each, list) for x in each)


def stated_count(outer: Mapping[str, object]) -> int | None:
    """Return how many there are in all, by what stands around a list; None if that is not said."""
    counts = [count for place in _places(outer) for name in _COUNTS if (count := _count(place.get(name))) is not None]
    return max(counts, default=None)


def signs_of_pages(outer: Mapping[str, object]) -> dict[str, object]:
    """Return what in an object says that a list inside is a page, and nothing else."""
    names = {*_INFO, *_NEXT, *_COUNTS}
    return {name: value for name, value in outer.items() if name in names}


def _places(outer: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    yield outer
    yield from (place for name in _AROUND if isinstance(place := outer.get(name), dict))


def _is_true(said: object) -> bool:
    """Tell whether there is a next page: its address or its marker, or yes."""
    return bool(said) and not (isinstance(said, str) and said.strip().lower() in ("", "false", "null", "none"))


def _count(said: object) -> int | None:
    if isinstance(said, str) and said.isascii() and said.isdigit() and len(said) < 10:
        return int(said)
    return said if isinstance(said, int) and not isinstance(said, bool) else None
