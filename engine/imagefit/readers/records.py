"""What every reader gives: records of facts, each fact with its origin, and nothing of it silently dropped.

A record says what was read, where each fact came from, and what in the input told no fact. Nothing here
reads a file, and nothing here evaluates.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from imagefit.errors import InputError
from imagefit.facts import Facts, Origin

__all__ = ["Document", "Format", "Kind", "Record", "pick"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Kind(StrEnum):
    """What a record describes."""

    IMAGE = "image"
    ECS = "ecs"  # an existing ECS, or a flavor to create one of
    REQUEST = "request"  # an API request's body: create an ECS, change its OS, create a full-ECS image
    MEMBERS = "members"  # whom an image is shared with
    DISK = "disk"  # an EVS disk, with what it tells of the image it was made from
    FACTS = "facts"  # a row of a facts file: any facts of either side


class Format(StrEnum):
    """The input formats, by the names that ``--from`` takes."""

    FACTS_JSON = "facts-json"
    FACTS_JSONL = "facts-jsonl"
    FACTS_CSV = "facts-csv"
    IMS = "ims"
    NOVA = "nova"
    DISKS = "disks"
    FLAVORS = "flavors"
    SERVERS = "servers"
    REQUEST = "request"
    MEMBERS = "members"
    CONSOLE_CSV = "console-csv"


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
    columns
        Of a facts file: the caller's columns that are no facts, untouched.
    in_zones
        Of a flavor that is not on sale alike in all availability zones: the flavor as it is in each of them.
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
    columns: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    in_zones: tuple[Record, ...] = ()

    def completed_by(self, other: Record) -> Record:
        """Return this record with the facts of `other` where it has none itself, and the notes of both.

        So a request is completed by the flavor that it names, or an image by its list of members.
        """
        return replace(
            self,
            facts={**other.facts, **self.facts},
            origins={**other.origins, **self.origins},
            notes=(*self.notes, *(note for note in other.notes if note not in self.notes)),
            operation=self.operation or other.operation,
        )


@dataclass(frozen=True, slots=True)
class Document:
    """One file, read.

    Attributes
    ----------
    warnings
        What concerns the file as a whole, in words: that a page is not the whole list, ...
    """

    file: str
    format: Format
    records: tuple[Record, ...]
    warnings: tuple[str, ...] = ()


def pick(document: Document, selector: str) -> Record:
    """Return the one record that ``FILE#SELECTOR`` means: by id, else by name.

    Raises
    ------
    InputError
        If no record, or more than one, has that id or name; lists the near or the many.
    """
    for attribute in ("id", "name", "key"):
        found = [record for record in document.records if getattr(record, attribute) == selector]
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(
                f"{len(found)} records have this {attribute}",
                file=document.file,
                value=selector,
                expected=f"one of the ids {_listed([record.key for record in found])}"
                if attribute == "name"
                else f"an {attribute} that is unique",
            )
    raise _absent(document, selector)


def _absent(document: Document, selector: str) -> InputError:
    names = list(dict.fromkeys(n[:200] for r in document.records for n in (r.id, r.name) if n))
    near = [name for name in names if len(selector) > 1 and name.startswith(selector)][:4]
    near = near or difflib.get_close_matches(selector[:200], names, n=4, cutoff=0.5)
    if not near:
        folded = {name.casefold(): name for name in names}
        near = [folded[n] for n in difflib.get_close_matches(selector[:200].casefold(), folded, n=4, cutoff=0.5)]
    choices = near or names if len(names) <= 12 else near
    return InputError(
        "no record has this id or name",
        file=document.file,
        value=selector,
        expected=f"one of {_listed(choices)}" if choices else f"one of its {len(document.records)} records",
        nearest=near[0] if near else None,
    )


def _listed(names: list[str], limit: int = 6) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
