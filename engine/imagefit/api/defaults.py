"""What a pack lets us assume of something that says too little of itself, such as a flavor known by its id alone."""

from __future__ import annotations

from imagefit.evaluators.reference import truth
from imagefit.facts import Facts, Value
from imagefit.rulepack.pack import Pack

__all__ = ["defaults_of"]


def defaults_of(kind: str, pack: Pack, facts: Facts) -> dict[str, Value]:
    """Return the facts that the pack assumes of a thing of this kind.

    Parameters
    ----------
    kind
        ``flavor_by_id``: a flavor that is known by its id alone.
    facts
        What is known of it: nothing of that is assumed, and what an assumption rests on must be known.
    """
    return {
        default.fact: default.value
        for default in pack.assumptions.values()
        if default.of == kind and default.fact not in facts and truth(default.where, facts) is True
    }
