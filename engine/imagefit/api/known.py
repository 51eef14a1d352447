"""What images and flavors are known to exist beside those of a candidate: for steps of plans that choose."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cache, partial
from itertools import islice
from typing import cast

from imagefit.conditions import fields
from imagefit.facts import Facts
from imagefit.planning.distance import distance_from
from imagefit.planning.planner import PackPlanner
from imagefit.planning.real import Known, Others, Real
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

__all__ = ["Existing", "choosing"]

MOST_LISTED = 10_000
"""So many records of a file are looked at for others to choose."""


class Existing:
    """Which images and flavors are known to exist beside candidates, for the steps of plans that choose.

    These are the others of the files that were read, and of flavors, where no file lists any, the shipped catalog.
    What a file lists is read once, however many candidates choose from it.
    """

    def __init__(self, pack: Pack, reader: Reader, given: Facts, supply: Supply) -> None:
        self._pack, self._reader, self._given, self._supply = pack, reader, given, supply
        self._records = cache(_records)
        self._listed: dict[Hashable, Others] = {}
        self._last: tuple[Candidate, Known] | None = None

    def beside(self, candidate: Candidate) -> Callable[[], Known]:
        """Return what says what exists beside a candidate; it is worked out when it is asked for."""

        def known() -> Known:
            if (last := self._last) is None or last[0] is not candidate:  # that of all of them would take much room
                last = self._last = candidate, self._known(candidate)
            return last[1]

        return known

    def _known(self, candidate: Candidate) -> Known:
        found: dict[str, Others] = {}
        for choice in self._pack.choices.values():
            own = candidate.image if choice.of == "image" else candidate.ecs
            if own is None:
                continue
            now = own.record.id if choice.of == "image" else own.record.flavor_ref or own.record.id
            key, listed = self._images(choice, own) if choice.of == "image" else self._flavors(choice, own)
            names, likely = _kept_names(self._pack, choice, candidate.ecs), _likely_size(choice, candidate)
            if names or likely:
                listed = self._once((key, names, *likely.items()), partial(_fitted, choice, listed, names, likely))
            if others := listed.beside(now):
                found[choice.name] = others
        return found

    def _images(self, choice: Choice, own: Subject) -> tuple[Hashable, Others]:
        """Return the images of the files that were read, of facts those of the image's own file; and a key of them."""
        kind = own.record.kind
        key = choice.name, kind, own.source if kind is Kind.FACTS else None
        subjects = self._read(own, kind) if kind in (Kind.IMAGE, Kind.FACTS) else ()
        return key, self._once(key, lambda: self._reals(choice, subjects))

    def _flavors(self, choice: Choice, own: Subject) -> tuple[Hashable, Others]:
        """Return the flavors of the files that were read, beside a request those of facts, too; or the catalog's.

        That is asked where no file lists any, and the ECS names one.
        """
        kind, zone, flavor = own.record.kind, own.record.zone, own.record.flavor_ref
        key: Hashable = (choice.name, kind, zone, own.source if kind is Kind.FACTS else None)
        listed = self._once(key, lambda: self._reals(choice, self._flavors_read(own)))
        if not listed and flavor:
            key = choice.name
            listed = self._once(key, lambda: self._of_catalog(choice))
        return key, listed

    def _flavors_read(self, own: Subject) -> list[Subject]:
        is_facts, listed = own.record.kind is Kind.FACTS, [*self._read(own, Kind.ECS)]
        listed = [each for each in listed if each.record.id == each.record.flavor_ref and not is_facts]
        if is_facts or (own.record.kind is Kind.REQUEST and not listed):
            facts = self._read(own, Kind.FACTS)
            listed = [each for each in facts if is_facts or side_of(each.record) == "ecs"]
        return listed

    def _read(self, own: Subject, kind: Kind) -> Iterator[Subject]:
        """Yield what the files list of a kind; of facts beside facts, what their own file does."""
        zone = own.record.zone if kind is Kind.ECS else None
        for file in [own.source] if own.record.kind is kind is Kind.FACTS else self._reader.files:
            if file is not None:
                records = self._records(file, zone)
                yield from (Subject(each, file.name) for each in records if each.kind is kind and each.id)

    def _reals(self, choice: Choice, subjects: Iterable[Subject]) -> Others:
        return Others([(each.record.id, self._real(each, choice)) for each in certain([*subjects])])

    def _of_catalog(self, choice: Choice) -> Others:
        """Return the flavors of the catalog; of those that differ in size alone, one is read."""
        pack, catalogs = self._pack, shipped_catalogs()
        looked_at = {name for each in pack.assumptions.values() for name in fields(each.where)}
        looked_at |= {each.fact for each in self._supply.assumptions.values() if isinstance(each, Same)}
        is_plain = looked_at.isdisjoint(SIZE) and CALLED["ecs"] not in pack.fields
        kinds = {name: kind_of_id(name, catalogs) if is_plain else name for name in catalogs.sizes}
        read = self._reader.flavors({kind: name for name, kind in kinds.items()}.values(), None)
        of_kind = {kinds[each.record.id]: self._real(each, choice) for each in read}
        own_size = {
            kind: [(fact, has) for fact, has in SIZE.items() if fact in of.facts and fact not in self._given]
            for kind, of in of_kind.items()
        }
        found = []
        for name, size in catalogs.sizes.items():
            of = of_kind[kind := kinds[name]]
            facts = dict(of.facts)
            for fact, has in own_size[kind]:
                facts[fact] = getattr(size, has)
            found.append((name, Real(name, facts, of.assumed)))
        return Others(found)

    def _real(self, subject: Subject, choice: Choice) -> Real:
        record, given = subject.record, self._given
        origins = {name: own for name, own in record.origins.items() if name not in given}
        found = self._supply.complete({**record.facts, **given}, origins)
        facts = {name: found.facts[name] for name in choice.facts if name in found.facts}
        name = record.key if record.name in ("", record.key) else f"{record.name} ({record.key})"
        return Real(name, facts, frozenset(found.used).intersection(facts))

    def _once(self, key: Hashable, make: Callable[[], Others]) -> Others:
        if (found := self._listed.get(key)) is None:
            found = self._listed[key] = make()
        return found


def choosing(verdict: Verdict, known: Callable[[], Known]) -> Verdict:
    """Let the steps of a verdict's plans choose from what is known to exist."""
    planner = verdict.planner
    return replace(verdict, planner=planner.knowing(known) if isinstance(planner, PackPlanner) else planner)


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


def _fitted(choice: Choice, listed: Others, names: frozenset[str], likely: Facts) -> Others:
    """Return what a list has as a candidate would have it: called what that is, too, and at a distance from it."""
    apart = distance_from(choice, likely)
    found = []
    for name, real in listed.items():
        facts = _called_also(real.facts, names) if names else real.facts
        found.append((name, replace(real, facts=facts, apart=apart(facts) if likely else real.apart)))
    return Others(found)


def _records(file: CandidateFile, zone: str | None) -> list[Record]:
    return list(islice((file if zone is None else file.in_zone(zone)).records(), MOST_LISTED))
