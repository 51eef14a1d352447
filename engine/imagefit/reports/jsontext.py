"""Data as JSON text that is safe to show on a terminal and the same on every run."""

from __future__ import annotations

import json
from typing import Any

from imagefit.escaping import in_json

__all__ = ["FORMAT_VERSION", "json_text"]

FORMAT_VERSION = 1
"""Of what `check`, `audit` and `match` print as JSON: it grows where a key gets another meaning or goes away."""

_ON_ONE_LINE = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def json_text(data: Any, indent: int | None = 2) -> str:
    """Return data as JSON, readable, with control and direction characters escaped."""
    if indent is None:
        return in_json(_ON_ONE_LINE(data))
    return in_json(json.dumps(data, ensure_ascii=False, indent=indent, allow_nan=False))
