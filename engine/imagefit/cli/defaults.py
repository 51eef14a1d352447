"""What is assumed of a flavor that ``--flavor`` names: the pack says it, and ``--no-assume`` stops it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagefit.facts import Facts, Value
    from imagefit.readers import Record
    from imagefit.rulepack.pack import Pack
    from imagefit.supply import Assumptions

__all__ = ["assumed_of", "defaults_for", "stated_of"]


def defaults_for(
    pack: Pack, given: Mapping[str, Value], assumptions: Assumptions, *, no_assume: bool
) -> Callable[[Facts], Facts] | None:
    """Return what `Reader.defaults` is: what the user gives or assumes counts before what the pack does."""
    if no_assume:
        return None
    from imagefit.api.defaults import defaults_of

    def defaults(facts: Facts) -> Facts:
        found = defaults_of("flavor_by_id", pack, {**facts, **given})
        return {name: value for name, value in found.items() if name not in assumptions}

    return defaults


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
