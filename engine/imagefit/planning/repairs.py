"""The smallest change to a request's own fields that makes it fit, as typed results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import product
from typing import Any

from imagefit.values import dataclass
from imagefit.verdicts import VerdictKind

__all__ = ["Change", "Changes", "Repair", "Repairs", "grown", "of_fields"]


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a request that becomes another; `name` is what a person calls the new value."""

    field: str
    before: object
    after: object
    name: str = ""

    def __hash__(self) -> int:
        return hash((self.field, self.after, self.name))  # what a request says may be anything


Changes = tuple[Change, ...]
"""Several fields that become others."""


@dataclass(frozen=True, slots=True)
class Repair:
    """Changes to a request that were applied, after which it was read and judged again.

    Attributes
    ----------
    patch
        The same as a JSON merge patch (RFC 7396).
    missing, assumed
        The facts that could still change the verdict, and the assumptions that it rests on.
    elsewhere
        What the request still names that is in another region than the one that it now asks for.
    warnings
        The warnings that fail, and the notices that apply, and did not before.
    """

    changes: Changes
    patch: Mapping[str, Any]
    verdict: VerdictKind
    missing: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON data; `elsewhere` only where there is something."""
        more = {"elsewhere": list(self.elsewhere)} if self.elsewhere else {}
        return {
            "changes": [asdict(change) for change in self.changes],
            "patch": self.patch,
            "verdict": self.verdict.value,
            "missing": list(self.missing),
            "assumed": list(self.assumed),
            "warnings": list(self.warnings),
            **more,
        }


@dataclass(frozen=True, slots=True)
class Repairs:
    """What would repair a request.

    Attributes
    ----------
    verdict, failed, missing
        What the request is as it stands, the rules that it fails, and the facts that could still change the verdict.
    repairs
        The smallest changes, all of as many fields; none if it needs none, or there is none.
    notes, fields
        What a person should know of the request as it stands, and the fields of it that can be changed.
    """

    key: str
    verdict: VerdictKind
    failed: tuple[str, ...]
    missing: tuple[str, ...]
    repairs: tuple[Repair, ...]
    notes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return them as JSON data."""
        return {
            "key": self.key,
            "verdict": self.verdict.value,
            "failed": list(self.failed),
            "missing": list(self.missing),
            "repairs": [repair.to_dict() for repair in self.repairs],
            "notes": list(self.notes),
        }


def of_fields(small: Mapping[str, Sequence[Change]], count: int) -> Iterator[Changes]:
    """Yield every change of so many fields; of fewer than none, nothing."""
    names = list(small)
    if count == 0:
        yield ()
    elif count == 1:
        yield from ((change,) for name in names for change in small[name])
    elif count == len(names):
        yield from product(*small.values())


def grown(small: Mapping[str, Sequence[Change]], changes: Changes) -> Iterator[Changes]:
    """Yield the changes with one more of a field that comes later."""
    names = list(small)
    later = names[names.index(changes[-1].field) + 1 :] if changes else names
    yield from ((*changes, change) for name in later for change in small[name])
