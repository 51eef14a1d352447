"""What `check --format json` printed."""

from __future__ import annotations

import json
from typing import Any


def verdicts(text: str) -> list[dict[str, Any]]:
    """Return the verdicts of a check's JSON."""
    found = json.loads(text)
    assert set(found) == {"format_version", "pack", "verdicts"}
    verdicts: list[dict[str, Any]] = found["verdicts"]
    return verdicts


def verdict(text: str) -> dict[str, Any]:
    """Return the only verdict of a check's JSON."""
    (found,) = verdicts(text)
    return found
