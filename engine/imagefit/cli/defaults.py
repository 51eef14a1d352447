"""What is assumed of a flavor that ``--flavor`` names: the pack says it, and ``--no-assume`` stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagefit.facts import Value
    from imagefit.readers import Record

__all__ = ["assumed_of", "stated_of"]


def assumed_of(record: Record) -> dict[str, Value]:
    """Return the facts of a record that are assumed."""
    from imagefit.facts import OriginKind

    return {
        name: record.facts[name]
        for name, origin in record.origins.items()
        if origin.kind is OriginKind.ASSUMED and name in record.facts
    }


def stated_of(record: Record) -> dict[str, Value]:
    """Return the facts of a record that are not assumed."""
    assumed = assumed_of(record)
    return {name: value for name, value in record.facts.items() if name not in assumed}
