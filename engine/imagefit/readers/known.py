"""The attributes that are known and tell no fact, so that what is new in a payload stands out.

They stand in a file beside this module. Some look as if they told one: ``size`` of an image is not its
size, its ``visibility`` does not tell it, and what an ECS's details say of the image it was created from
is not about the candidate.
"""

from __future__ import annotations

from _csv import reader  # csv's own, without all that csv defines beside it
from functools import cache
from pathlib import Path

__all__ = ["known_attributes"]


@cache
def known_attributes(of: str) -> frozenset[str]:
    """Return the known attributes without a fact of an ``image``, ``flavor``, ``server``, ``request`` or ``member``."""
    with Path(__file__).with_name("known-attributes.csv").open(encoding="utf-8") as lines:
        rows = reader(lines)
        whose, name = map(next(rows).index, ("of", "attribute"))
        return frozenset(row[name] for row in rows if row[whose] == of)
