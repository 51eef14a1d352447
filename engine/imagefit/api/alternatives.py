"""Alternatives to an image or to an ECS of a candidate: what else could be chosen, as `planning` takes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from imagefit.errors import InputError
from imagefit.facts import Facts, OriginKind
from imagefit.planning.choices import Alternatives
from imagefit.rulepack.pack import Choice, Pack
from imagefit.sources.subjects import Subject
from imagefit.supply import Completed, Supply

__all__ = ["alternatives_of", "assumed_of", "choice_of"]


def choice_of(pack: Pack, side: str) -> Choice:
    """Return what can be chosen of one side, ``image`` or ``ecs``; of several choices, the first.

    Raises `InputError` if the pack has none.
    """
    for choice in pack.choices.values():
        if choice.of == side:
            return choice
    raise InputError("the pack does not say what is near to what", value=pack.name, expected="choices: of the pack")


def assumed_of(subject: Subject) -> tuple[str, ...]:
    """Return the facts that are assumed of a flavor that is known by its id alone."""
    if subject.file:
        return ()
    origins = subject.record.origins
    return tuple(name for name, origin in origins.items() if origin.kind is OriginKind.ASSUMED)


def alternatives_of(
    others: Sequence[Subject], rest: Facts, given: Facts, supply: Supply, put: Callable[[int], Completed]
) -> Alternatives:
    """Return records as alternatives, each of which `put` makes a candidate of with the rest of it."""
    return Alternatives(
        [each.record.key for each in others],
        [each.record.name for each in others],
        [each.record.facts for each in others],
        [assumed_of(each) for each in others],
        rest,
        given,
        supply,
        put,
    )
