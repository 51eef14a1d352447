"""`suggest`: the question the other way round, which flavors take an image, or which images fit an ECS."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import overload

from imagefit.api.alternatives import alternatives_of, choice_of
from imagefit.api.arguments import (
    pack_of_call,
    places_of_call,
    refuse_no_mapping,
    refuse_no_text,
    tables_of_call,
)
from imagefit.api.defaults import defaults_for
from imagefit.api.repair import Rules, repairs_of
from imagefit.errors import ImagefitWarning, InputError, few, refuse_no_count
from imagefit.explanations.candidate.prepared import prepare, selectors
from imagefit.facts import Facts
from imagefit.planning.choices import Suggestion, Suggestions, suggestions
from imagefit.planning.planner import planner_of
from imagefit.planning.repairs import Repair, Repairs
from imagefit.readers.flavorids import likely_size
from imagefit.readers.own import Map
from imagefit.readers.queried import region_of_ecss, region_of_images, zone_of_ecss
from imagefit.readers.told import tells_any
from imagefit.rulepack.pack import Choice, Pack
from imagefit.sources.candidates import refuse_lacking
from imagefit.sources.pairing import candidates_of
from imagefit.sources.reading import flavor_ids
from imagefit.sources.spelling import ARGUMENTS
from imagefit.sources.subjects import Reader, Subject
from imagefit.supply import Completed, Supply, read_assumptions, read_facts
from imagefit.values import dataclass, replace

__all__ = [
    "Repair",
    "Repairs",
    "Sides",
    "Suggestion",
    "Suggestions",
    "refuse_beside_request",
    "sides_of",
    "suggest",
    "suggested",
]


@overload
def suggest(
    *,
    request: None = None,
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
    map: Map | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    limit: int = 10,
) -> Suggestions: ...
@overload
def suggest(
    *,
    request: object,
    image: object = None,
    ecs: object = None,
    pack: Pack | None = None,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    set: Mapping[str, object] | None = None,
    assume: Mapping[str, object] | None = None,
    map: Map | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    limit: int = 10,
) -> Repairs: ...
def suggest(
    *,
    request: object = None,
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
    map: Map | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    limit: int = 10,
) -> Suggestions | Repairs:
    """Return the flavors that take an image, or the images that fit an ECS, the nearest to what is wanted first.

    Or repair a request: what is the smallest change of its own fields (its flavor, zone, disk size or image) that
    makes it fit.

    Parameters
    ----------
    request
        A request to be repaired: a path, or its body. Then `image` is the images, of which it names one, and `ecs` the
        flavors (or nothing: the shipped catalog) that it may name instead.
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
    map, delimiter, encoding
        How tables of yours are written, as of `read`.
    limit
        So many of each kind, the nearest; 0: all. How many there are is counted in any case.

    Raises
    ------
    InputError
        If a file can't be read, or there is neither one image nor one ECS; as `check` besides.
    """
    pack = pack_of_call(pack)
    refuse_no_text("operation", flavor=flavor, like=like, zone=zone, operation=operation)
    refuse_no_mapping(wanted=wanted, set=set, assume=assume)
    refuse_no_count(limit=limit)
    own = tables_of_call(map, pack.fields, delimiter, encoding)
    given, assumptions = read_facts(set or {}, pack.fields), read_assumptions(assume, pack.fields)
    rules = Rules(
        pack, selectors(select), selectors(ignore), given, Supply(assumptions=assumptions), limit, own, ARGUMENTS
    )
    if request is not None:
        refuse_beside_request({"flavor": flavor, "like": like, "wanted": wanted, "zone": zone})
        return repairs_of(request, places_of_call(image), places_of_call(ecs), rules)
    sides = sides_of(places_of_call(image), places_of_call(ecs), flavor, zone, rules)
    found = suggested(sides, like, wanted or {}, operation, rules)
    for warning in dict.fromkeys(sides.reader.warnings):
        warnings.warn(warning, ImagefitWarning, stacklevel=2)
    return found


def refuse_beside_request(options: Mapping[str, object]) -> None:
    """Raise `InputError` if something is said of what is asked for beside a request, which says that itself."""
    for option, value in options.items():
        if value not in (None, (), {}):
            message = "not of a request, which says itself what is asked for"
            raise InputError(message, option=option, value=value, expected="a request without it")


@dataclass(frozen=True, eq=False, slots=True)
class Sides:
    """The images and the ECSs that were read, of which one of one side is to be chosen, and what read them."""

    reader: Reader
    images: Sequence[Subject]
    ecss: Sequence[Subject]
    of_image: bool


def sides_of(
    of_images: Sequence[object], of_ecss: Sequence[object], flavor: str | None, zone: str | None, rules: Rules
) -> Sides:
    """Read the images and the ECSs; raises `InputError` as `suggest` does."""
    pack, given, supply = rules.pack, rules.given, rules.supply
    defaults = defaults_for(pack, given, supply.assumptions)
    zone, spelling = zone_of_ecss(zone, given), rules.spelling
    reader = Reader(pack.fields, zone=zone, spelling=spelling, defaults=defaults, own=rules.own)
    images = reader.images(of_images, region_of_images(given))
    ecss = reader.ecss(of_ecss, [] if flavor is None else [flavor], region_of_ecss(given))
    refuse_lacking(reader.files)
    of_image = len(images) == 1 and (len(ecss) != 1 or flavor is None)
    if not images or (not of_image and len(ecss) != 1):
        counts = f"{len(images)} images and {len(ecss)} ECSs"
        raise InputError(f"{counts} to choose from", expected="one image, or several and one ECS or flavor")
    reader.warnings += _notes(each for each in ecss if not each.file)
    if of_image and not ecss:
        if not tells_any(pack.fields):
            message = "nothing to choose from: flavors are nothing for this pack, which has none of their facts"
            raise InputError(message, expected=f"{spelling.option('ecs')}, with what to choose from")
        ecss = reader.flavors(flavor_ids(), region_of_ecss(given))
    return Sides(reader, images, ecss, of_image)


def suggested(
    sides: Sides, like: str | None, wanted: Mapping[str, object], operation: str, rules: Rules
) -> Suggestions:
    """Return the flavors that take an image, or the images that fit an ECS; as `suggest`."""
    pack, given, supply = rules.pack, rules.given, rules.supply
    images, ecss, of_image = sides.images, sides.ecss, sides.of_image
    choice = choice_of(pack, "ecs" if of_image else "image")
    asked = _wanted(sides.reader, like, ecss if of_image else images, pack, wanted)
    _refuse_not_near(choice, wanted)
    prepared = prepare(pack, operation, rules.select, rules.ignore)
    others, rest = (ecss, images[0]) if of_image else (images, ecss[0])

    def put(row: int) -> Completed:
        image, other = (rest, others[row]) if of_image else (replace(others[row], is_picked=True), rest)
        (candidate,) = candidates_of([image], [other], given, rules.spelling)
        return supply.complete(candidate.facts, candidate.origins)

    alternatives = alternatives_of(others, rest.record.facts, given, supply, put)

    def said_of(candidate: Completed) -> tuple[Sequence[str], Sequence[str]]:
        verdict = prepared.verdict(candidate)
        return verdict.missing, [rule.rule for rule in verdict.warnings]

    planner = planner_of(pack, operation, rules.select, rules.ignore)
    return suggestions(planner, choice, alternatives, asked, said_of, like, rules.limit)


def _wanted(
    reader: Reader, like: str | None, others: Sequence[Subject], pack: Pack, wanted: Mapping[str, object]
) -> Facts:
    """Return the facts of what is wanted: as what it is to be like has them, and as they are said."""
    found: dict[str, object] = {}
    if like is not None:
        named = next((each for each in others if like in (each.record.id, each.record.name)), None)
        if named is None:
            (named,) = reader.flavors([like], None)
            reader.warnings += _notes([named])
        found |= {name: value for name, value in likely_size(like).items() if name in pack.fields}
        found |= named.record.facts
    return read_facts({**found, **wanted}, pack.fields)


def _refuse_not_near(choice: Choice, wanted: Iterable[str]) -> None:
    """Raise `InputError` for what is asked for by which none of what is chosen from is nearer than another."""
    near = {each.fact for each in choice.distance}
    for name in wanted:
        if name not in near:
            message = f"no {choice.title} is nearer than another by what is asked for"
            raise InputError(message, value=name, expected=few(near))


def _notes(some: Iterable[Subject]) -> list[str]:
    """Return what the readers noted of flavors that were named."""
    return [f"{each.record.key}: {note}" for each in some for note in each.record.notes]
