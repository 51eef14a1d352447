"""The smallest change to a request's own fields that makes it fit, as typed results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from imagefit.values import dataclass
from imagefit.verdicts import VerdictKind

__all__ = ["Change", "Repair", "Repairs"]


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a request that becomes another; `name` is what a person calls the new value."""

    field: str
    before: object
    after: object
    name: str = ""


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

    changes: tuple[Change, ...]
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
    """

    key: str
    verdict: VerdictKind
    failed: tuple[str, ...]
    missing: tuple[str, ...]
    repairs: tuple[Repair, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return them as JSON data."""
        return {
            "key": self.key,
            "verdict": self.verdict.value,
            "failed": list(self.failed),
            "missing": list(self.missing),
            "repairs": [repair.to_dict() for repair in self.repairs],
        }
