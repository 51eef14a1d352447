"""What names a pack in results."""

from __future__ import annotations

from typing import Self

from imagefit.rulepack.pack import Pack
from imagefit.values import dataclass

__all__ = ["PackRef"]


@dataclass(frozen=True, slots=True)
class PackRef:
    """Which pack decided."""

    name: str
    version: str
    digest: str

    @classmethod
    def of(cls, pack: Pack) -> Self:
        """Return what names a pack in results."""
        return cls(pack.name, pack.version, pack.digest)

    def to_dict(self) -> dict[str, str]:
        """Return the names as JSON data."""
        return {"name": self.name, "version": self.version, "digest": self.digest}
