"""What images and flavors are known to exist beside those of a candidate: for steps of plans that choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import islice

from imagefit.facts import Facts
from imagefit.planning.planner import PackPlanner
from imagefit.planning.real import Known, Real
from imagefit.readers import Kind
from imagefit.rulepack.pack import Choice, Pack
from imagefit.sources.pairing import Candidate
from imagefit.sources.reading import flavor_ids
from imagefit.sources.subjects import Reader, Subject
from imagefit.supply import Supply
from imagefit.verdicts import Verdict

__all__ = ["choosing", "known_of"]

MOST_LISTED = 10_000
"""So many records of a file are looked at for others to choose."""


def known_of(pack: Pack, reader: Reader, candidate: Candidate, given: Facts, supply: Supply) -> Callable[[], Known]:
    """Return what says which other images and flavors are known to exist, for the steps of plans that choose.

    These are the others of the files that were read, and of flavors, where no file lists any, the shipped catalog.
    """

    @cache
    def known() -> Known:
        of_side = {"image": list(_images(reader, candidate.image)), "ecs": list(_flavors(reader, candidate.ecs))}
        return {
            choice.name: [_real(each, choice, given, supply) for each in of_side[choice.of]]
            for choice in pack.choices.values()
            if of_side[choice.of]
        }

    return known


def choosing(verdict: Verdict, known: Callable[[], Known]) -> Verdict:
    """Let the steps of a verdict's plans choose from what is known to exist."""
    planner = verdict.planner
    return replace(verdict, planner=planner.knowing(known) if isinstance(planner, PackPlanner) else planner)


def _images(reader: Reader, own: Subject | None) -> Iterator[Subject]:
    """Yield the other images of the files that were read; of facts, those of the image's own file."""
    if own is not None and own.record.kind in (Kind.IMAGE, Kind.FACTS):
        for subject in _listed(reader, own, own.record.kind):
            if subject.record.id != own.record.id:
                yield subject


def _flavors(reader: Reader, own: Subject | None) -> Iterator[Subject]:
    """Yield the other flavors of the files that were read, or of the catalog where the ECS names one and none is."""
    if own is None:
        return
    now = own.record.flavor_ref or own.record.id
    is_facts = own.record.kind is Kind.FACTS
    listed = list(_listed(reader, own, Kind.FACTS if is_facts else Kind.ECS))
    if not is_facts:
        listed = [each for each in listed if each.record.id == each.record.flavor_ref]
    if not listed and own.record.flavor_ref:
        listed = reader.flavors(flavor_ids(), None)
    yield from (each for each in listed if each.record.id != now)


def _listed(reader: Reader, own: Subject, kind: Kind) -> Iterator[Subject]:
    zone = own.record.zone if kind is Kind.ECS else None
    for file in [own.source] if kind is Kind.FACTS else reader.files:
        if file is not None:
            records = (file if zone is None else file.in_zone(zone)).records()
            subjects = (Subject(record, file.name) for record in islice(records, MOST_LISTED))
            yield from (each for each in subjects if each.record.kind is kind and each.record.id)


def _real(subject: Subject, choice: Choice, given: Facts, supply: Supply) -> Real:
    record = subject.record
    found = supply.complete({**record.facts, **given}, {n: o for n, o in record.origins.items() if n not in given})
    facts = {name: found.facts[name] for name in choice.facts if name in found.facts}
    name = record.key if record.name in ("", record.key) else f"{record.name} ({record.key})"
    return Real(name, facts, frozenset(found.used).intersection(facts))
