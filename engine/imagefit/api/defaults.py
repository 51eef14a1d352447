"""What a pack lets us assume of something that says too little of itself, such as a flavor known by its id alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from imagefit.evaluators.reference import truth
from imagefit.facts import Facts, Value
from imagefit.rulepack.pack import Pack

__all__ = ["defaults_for", "defaults_of"]

FLAVOR_BY_ID = "flavor_by_id"
"""A flavor that is known by its id alone."""


def defaults_of(kind: str, pack: Pack, facts: Facts) -> dict[str, Value]:
    """Return the facts that the pack assumes of a thing of this kind.

    Parameters
    ----------
    kind
        Such as `FLAVOR_BY_ID`.
    facts
        What is known of it: nothing of that is assumed, and what an assumption rests on must be known.
    """
    return {
        default.fact: default.value
        for default in pack.assumptions.values()
        if default.of == kind and default.fact not in facts and truth(default.where, facts) is True
    }


def defaults_for(
    pack: Pack, given: Mapping[str, Value], assumed: Collection[str], *, no_assume: bool = False
) -> Callable[[Facts], Facts] | None:
    """Return what `sources.subjects.Reader.defaults` is; None if nothing is to be assumed.

    Parameters
    ----------
    given, assumed
        The facts that the caller gives, and those that he assumes himself: both count before what the pack says.
    """
    if no_assume:
        return None

    def defaults(facts: Facts) -> Facts:
        found = defaults_of(FLAVOR_BY_ID, pack, {**facts, **given})
        return {name: value for name, value in found.items() if name not in assumed}

    return defaults
