"""What every reader gives: records of facts, each fact with its origin, and nothing of it silently dropped.

A record says what was read, where each fact came from, and what in the input told no fact. Nothing here
reads a file, and nothing here evaluates.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from imagefit.facts import Facts, Origin
from imagefit.values import dataclass, replace

__all__ = ["Kind", "Record"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Kind(StrEnum):
    """What a record describes."""

    IMAGE = "image"
    ECS = "ecs"  # an existing ECS, or a flavor to create one of
    REQUEST = "request"  # an API request's body: create an ECS, change its OS, create a full-ECS image
    MEMBERS = "members"  # whom an image is shared with
    DISK = "disk"  # an EVS disk, with what it tells of the image it was made from
    FACTS = "facts"  # a row of a facts file: any facts of either side


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that was read: an image, an ECS, a request, ...

    Attributes
    ----------
    key
        What to call it: its id, else its name, else its row (counted from 1).
    id, name
        As the input has them; empty where it has none.
    facts, origins
        The facts that are known of it, and where each came from.
    unused
        Attributes that told no fact, with their values cut short: for ``-v``.
    unrecognised
        Those of `unused` that the reader does not know at all.
    notes
        What a person should know about this record, in words: values that were not understood, ...
    operation
        The operation that a request's body implies, or that a facts file's column states.
    image_ref, flavor_ref
        The image and the flavor that it names, by id. Of an existing ECS, `image_ref` is the image that
        it was created from.
    zone
        Of a request, the availability zone that it asks for.
    without_image
        Why no image belongs to it, in words: a request boots from a volume, a disk was made from none.
    columns
        Of a file whose columns are the caller's: those that are no facts, untouched.
    is_part
        Whether it was, or may have been, only a part of an object: what it does not state is unknown.
    stands_alone
        Of a request, whether it is a candidate whatever else is given: the image and the flavor that it names complete
        it where they are among those given, and are unknown where they are not, or where it does not know them yet.
    later
        Of a planned change, the attributes that matter and are known only once it was applied.
    unread
        The facts of which it says something that was not understood: nothing else may tell them.
    zones, in_zones
        Of a flavor that is not on sale alike in all availability zones: those that it names, and it as it is in each.
    """

    kind: Kind
    key: str
    id: str = ""
    name: str = ""
    facts: Facts = field(default_factory=lambda: _NOTHING)
    origins: Mapping[str, Origin] = field(default_factory=lambda: _NOTHING)
    unused: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    unrecognised: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    operation: str | None = None
    image_ref: str | None = None
    flavor_ref: str | None = None
    zone: str | None = None
    without_image: str = ""
    columns: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    is_part: bool = False
    stands_alone: bool = False
    later: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()
    zones: tuple[str, ...] = ()
    in_zones: tuple[Record, ...] = ()

    def without(self, lacking: Container[str]) -> Record:
        """Return this record without some facts."""
        return replace(
            self,
            facts={fact: value for fact, value in self.facts.items() if fact not in lacking},
            origins={fact: origin for fact, origin in self.origins.items() if fact not in lacking},
        )

    def completed_by(self, other: Record) -> Record:
        """Return this record with the facts of `other` where it says nothing itself, and the notes of both.

        So a request is completed by the flavor that it names, or an image by its list of members.
        """
        told = other.without(self.unread)
        return replace(
            self,
            facts={**told.facts, **self.facts},
            origins={**told.origins, **self.origins},
            notes=(*self.notes, *(note for note in other.notes if note not in self.notes)),
            operation=self.operation or other.operation,
        )
