"""Missing facts in words and as data: where the budget of a search ended, those that are named are the least."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["AT_LEAST", "missing_dict", "missing_text"]

AT_LEAST = "at least"
"""Stands before missing facts, in words and in lists, where the budget ended before others were looked at."""


def missing_text(missing: Sequence[str], not_examined: Sequence[str]) -> str:
    """Return missing facts in words; where the budget ended they are the least.

    >>> missing_text(["a", "b"], ()), missing_text(["a", "b"], ["c"])
    ('a, b', 'at least a, b')
    """
    return (f"{AT_LEAST} " if not_examined else "") + ", ".join(missing)


def missing_dict(missing: Sequence[str], not_examined: Sequence[str]) -> dict[str, Any]:
    """Return missing facts as JSON data; where the budget ended, that is said."""
    found: dict[str, Any] = {"missing": list(missing)}
    return found | {"missing_at_least": True, "not_examined": list(not_examined)} if not_examined else found
