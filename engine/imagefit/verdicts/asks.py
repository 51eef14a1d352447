"""What to ask the cloud for, where facts are missing, and how to give the answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from imagefit.values import dataclass

__all__ = ["Ask"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What to ask the cloud for, and how to give the answer.

    Attributes
    ----------
    command
        What to type; it writes the answer to a file.
    option
        What to give that file with: ``--ecs flavors.json``.
    api, terraform
        What the API and the provider call the same.
    supplies
        The missing facts that it tells, the most decisive first.
    """

    call: str
    command: str
    option: str
    api: str
    terraform: str
    supplies: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as in the JSON of a verdict."""
        return asdict(self) | {"supplies": list(self.supplies)}
