"""What images and flavors are known to exist beside those of a candidate: for steps of plans that choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import cast

from imagefit.conditions import fields
from imagefit.facts import Facts
from imagefit.planning.distance import distance_from
from imagefit.planning.planner import PackPlanner
from imagefit.planning.real import Known, Real
from imagefit.readers import Kind, Record
from imagefit.readers.called import CALLED, names_met, side_of
from imagefit.readers.catalogs import shipped_catalogs
from imagefit.readers.flavorids import SIZE, kind_of_id, likely_size
from imagefit.rulepack.pack import Choice, Pack
from imagefit.sources.candidates import CandidateFile
from imagefit.sources.meant import certain
from imagefit.sources.pairing import Candidate
from imagefit.sources.subjects import Reader, Subject
from imagefit.supply import Same, Supply
from imagefit.values import replace
from imagefit.verdicts import Verdict

__all__ = ["choosing", "known_of"]

MOST_LISTED = 10_000
"""So many records of a file are looked at for others to choose."""


_Read = Callable[[CandidateFile, str | None], list[Record]]


def known_of(pack: Pack, reader: Reader, candidate: Candidate, given: Facts, supply: Supply) -> Callable[[], Known]:
    """Return what says which other images and flavors are known to exist, for the steps of plans that choose.

    These are the others of the files that were read, and of flavors, where no file lists any, the shipped catalog.
    """

    @cache
    def known() -> Known:
        found: dict[str, Sequence[Real]] = {}
        read = cache(_records)  # of a file, whatever is chosen from it
        for choice in pack.choices.values():
            is_image = choice.of == "image"
            of_side = _images(reader, candidate.image, read) if is_image else _flavors(reader, candidate.ecs, read)
            if of_side is not None:
                reals = [_real(each, choice, given, supply) for each in certain([*of_side])]
            else:
                reals = _of_catalog(pack, reader, candidate.ecs, choice, given, supply)
            if names := _kept_names(pack, choice, candidate.ecs):
                reals = [replace(each, facts=_called_also(each.facts, names)) for each in reals]
            if likely := _likely_size(choice, candidate):
                apart = distance_from(choice, likely)
                reals = [replace(each, apart=apart(each.facts)) for each in reals]
            if reals:
                found[choice.name] = reals
        return found

    return known


def choosing(verdict: Verdict, known: Callable[[], Known]) -> Verdict:
    """Let the steps of a verdict's plans choose from what is known to exist."""
    planner = verdict.planner
    return replace(verdict, planner=planner.knowing(known) if isinstance(planner, PackPlanner) else planner)


def _images(reader: Reader, own: Subject | None, read: _Read) -> Iterator[Subject]:
    """Yield the other images of the files that were read; of facts, those of the image's own file."""
    if own is not None and own.record.kind in (Kind.IMAGE, Kind.FACTS):
        for subject in _listed(reader, own, own.record.kind, read):
            if subject.record.id != own.record.id:
                yield subject


def _flavors(reader: Reader, own: Subject | None, read: _Read) -> list[Subject] | None:
    """Return the other flavors of the files that were read, beside a request those of facts, too; None if none is."""
    if own is None:
        return None
    is_facts, listed = own.record.kind is Kind.FACTS, [*_listed(reader, own, Kind.ECS, read)]
    listed = [each for each in listed if each.record.id == each.record.flavor_ref and not is_facts]
    if is_facts or (own.record.kind is Kind.REQUEST and not listed):
        listed = [each for each in _listed(reader, own, Kind.FACTS, read) if is_facts or side_of(each.record) == "ecs"]
    now = own.record.flavor_ref or own.record.id
    return [each for each in listed if each.record.id != now] if listed else None


def _of_catalog(
    pack: Pack, reader: Reader, own: Subject | None, choice: Choice, given: Facts, supply: Supply
) -> list[Real]:
    """Return the other flavors of the catalog, if an ECS names one; of those that differ in size alone, one is read."""
    if own is None or not (now := own.record.flavor_ref):
        return []
    catalogs = shipped_catalogs()
    looked_at = {name for each in pack.assumptions.values() for name in fields(each.where)}
    looked_at |= {each.fact for each in supply.assumptions.values() if isinstance(each, Same)}
    is_plain = looked_at.isdisjoint(SIZE) and CALLED["ecs"] not in pack.fields
    kinds = {name: kind_of_id(name, catalogs) if is_plain else name for name in catalogs.sizes}
    read = reader.flavors({kind: name for name, kind in kinds.items()}.values(), None)
    of_kind = {kinds[each.record.id]: _real(each, choice, given, supply) for each in read}
    own_size = {
        kind: [(fact, has) for fact, has in SIZE.items() if fact in of.facts and fact not in given]
        for kind, of in of_kind.items()
    }
    found = []
    for name, size in catalogs.sizes.items():
        if name != now:
            of = of_kind[kind := kinds[name]]
            facts = dict(of.facts)
            for fact, has in own_size[kind]:
                facts[fact] = getattr(size, has)
            found.append(Real(name, facts, of.assumed))
    return found


def _likely_size(choice: Choice, candidate: Candidate) -> Facts:
    """Return how large the flavor that is asked for is likely to be, as far as nobody says."""
    if choice.of != "ecs" or candidate.ecs is None:
        return {}
    likely = likely_size(candidate.ecs.record.flavor_ref or "")
    return {name: value for name, value in likely.items() if name not in candidate.facts}


def _kept_names(pack: Pack, choice: Choice, own: Subject | None) -> frozenset[str]:
    """Return the names of waivers that a request has by its own name: it keeps them whatever flavor it asks for."""
    name = CALLED["ecs"]
    if choice.of != "ecs" or name not in pack.fields or own is None or own.record.kind is not Kind.REQUEST:
        return frozenset()
    before = cast("frozenset[str]", own.record.facts.get(name, frozenset()))
    return before - (names_met(pack.fields[name], own.record.flavor_ref) or frozenset())


def _called_also(facts: Facts, names: frozenset[str]) -> Facts:
    before = cast("frozenset[str]", facts.get(CALLED["ecs"], frozenset()))
    return {**facts, CALLED["ecs"]: before | names}


def _listed(reader: Reader, own: Subject, kind: Kind, read: _Read) -> Iterator[Subject]:
    zone = own.record.zone if kind is Kind.ECS else None
    for file in [own.source] if own.record.kind is kind is Kind.FACTS else reader.files:
        if file is not None:
            yield from (Subject(each, file.name) for each in read(file, zone) if each.kind is kind and each.id)


def _records(file: CandidateFile, zone: str | None) -> list[Record]:
    return list(islice((file if zone is None else file.in_zone(zone)).records(), MOST_LISTED))


def _real(subject: Subject, choice: Choice, given: Facts, supply: Supply) -> Real:
    record = subject.record
    found = supply.complete({**record.facts, **given}, {n: o for n, o in record.origins.items() if n not in given})
    facts = {name: found.facts[name] for name in choice.facts if name in found.facts}
    name = record.key if record.name in ("", record.key) else f"{record.name} ({record.key})"
    return Real(name, facts, frozenset(found.used).intersection(facts))
