"""`suggest`: the question the other way round, which flavors take an image, or which images fit an ECS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from imagefit.api.defaults import defaults_for
from imagefit.api.packs import load_default
from imagefit.errors import InputError
from imagefit.explanations.prepared import prepare, selectors
from imagefit.facts import Facts
from imagefit.planning.choices import Alternative, Suggestion, Suggestions, suggestions
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

    def alternatives() -> Iterator[Alternative]:
        for candidate in candidates_of(images, [replace(each) for each in ecss], given):
            subject = candidate.ecs if of_image else candidate.image
            assert subject is not None
            completed = supply.complete(candidate.facts, candidate.origins)
            yield Alternative(subject.record.key, subject.record.name, subject.record.facts, completed)

    def missing_of(candidate: Completed) -> Sequence[str]:
        return prepared.verdict(candidate).missing

    planner = planner_of(pack, operation, selectors(select), selectors(ignore))
    return suggestions(planner, choice, alternatives(), asked, missing_of, like)


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
