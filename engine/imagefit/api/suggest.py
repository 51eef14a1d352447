"""`suggest`: the question the other way round, which flavors take an image, or which images fit an ECS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from imagefit.api.defaults import defaults_for
from imagefit.api.packs import load_default
from imagefit.errors import InputError
from imagefit.explanations.prepared import prepare, selectors
from imagefit.facts import Facts, OriginKind
from imagefit.planning.choices import Alternatives, Suggestion, Suggestions, suggestions
from imagefit.planning.planner import planner_of
from imagefit.rulepack.pack import Choice, Pack
from imagefit.sources.pairing import candidates_of
from imagefit.sources.reading import flavor_ids
from imagefit.sources.subjects import Reader, Subject, region_of_ecss, region_of_images
from imagefit.supply import Completed, Supply, read_assumptions, read_facts

__all__ = ["Suggestion", "Suggestions", "suggest"]


def suggest(
    *,
    image: object = None,
    ecs: object = None,
    flavor: str | None = None,
    like: str | None = None,
    wanted: Mapping[str, object] | None = None,
    zone: str | None = None,
    operation: str = "create_ecs",
    pack: Pack | None = None,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    set: Mapping[str, object] | None = None,
    assume: Mapping[str, object] | None = None,
    limit: int = 10,
) -> Suggestions:
    """Return the flavors that take an image, or the images that fit an ECS, the nearest to what is wanted first.

    Parameters
    ----------
    image, ecs, flavor
        As of `check`. One image, and flavors or nothing (then the shipped catalog of flavors): which flavors take it.
        Several images and one ECS or flavor: which images fit.
    like
        A flavor known by its id alone that what is wanted is like.
    wanted
        Facts of what is wanted: they count before what `like` says.
    zone
        The availability zone in which a flavor has to be on sale.
    set, assume
        Facts that hold for all, and facts to use where others are missing.
    limit
        So many of each kind, the nearest; 0: all. How many there are is counted in any case.

    Raises
    ------
    InputError
        If a file can't be read, or there is neither one image nor one ECS; as `check` besides.
    """
    pack = load_default() if pack is None else pack
    given, assumptions = read_facts(set or {}, pack.fields), read_assumptions(assume, pack.fields)
    reader = Reader(pack.fields, None, zone, defaults=defaults_for(pack, given, assumptions))
    images = reader.images([] if image is None else [image], region_of_images(given))
    ecss = reader.ecss([] if ecs is None else [ecs], [] if flavor is None else [flavor], region_of_ecss(given))
    of_image = len(images) == 1 and (len(ecss) != 1 or flavor is None)
    if not images or (not of_image and len(ecss) != 1):
        counts = f"{len(images)} images and {len(ecss)} ECSs"
        raise InputError(f"{counts} to choose from", expected="one image, or several and one ECS or flavor")
    if of_image and not ecss:
        ecss = reader.flavors(flavor_ids(), region_of_ecss(given))
    choice = _choice(pack, "ecs" if of_image else "image")
    asked = _wanted(reader, like, ecss if of_image else images, pack, wanted or {})
    prepared = prepare(pack, operation, selectors(select), selectors(ignore))
    supply = Supply(assumptions=assumptions)

    others, rest = (ecss, images[0]) if of_image else (images, ecss[0])

    def put(row: int) -> Completed:
        image, other = (rest, others[row]) if of_image else (replace(others[row], is_picked=True), rest)
        (candidate,) = candidates_of([image], [other], given)
        return supply.complete(candidate.facts, candidate.origins)

    alternatives = Alternatives(
        [each.record.key for each in others],
        [each.record.name for each in others],
        [each.record.facts for each in others],
        [_assumed(each) for each in others],
        rest.record.facts,
        given,
        supply,
        put,
    )

    def missing_of(candidate: Completed) -> Sequence[str]:
        return prepared.verdict(candidate).missing

    planner = planner_of(pack, operation, selectors(select), selectors(ignore))
    return suggestions(planner, choice, alternatives, asked, missing_of, like, limit)


def _assumed(subject: Subject) -> tuple[str, ...]:
    """Return the facts that are assumed of a flavor that is known by its id alone."""
    if subject.file:
        return ()
    origins = subject.record.origins
    return tuple(name for name, origin in origins.items() if origin.kind is OriginKind.ASSUMED)


def _choice(pack: Pack, side: str) -> Choice:
    """Return what can be chosen of one side; of several choices, the first."""
    for choice in pack.choices.values():
        if choice.of == side:
            return choice
    raise InputError("the pack does not say what is near to what", value=pack.name, expected="choices: of the pack")


def _wanted(
    reader: Reader, like: str | None, others: Sequence[Subject], pack: Pack, wanted: Mapping[str, object]
) -> Facts:
    """Return the facts of what is wanted: as what it is to be like has them, and as they are said."""
    found: dict[str, object] = {}
    if like is not None:
        named = next((each for each in others if like in (each.record.id, each.record.name)), None)
        found |= (named or reader.flavors([like], None)[0]).record.facts
    return read_facts({**found, **wanted}, pack.fields)
