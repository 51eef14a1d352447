"""`suggest` of a request: the smallest change to its own fields that makes it fit.

Every change is made to the request's body, which is then read and judged again: nothing is worked out on paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from imagefit.api.alternatives import alternatives_of, choice_of
from imagefit.conditions import leaves
from imagefit.errors import InputError
from imagefit.explanations.candidate.prepared import Prepared, prepare
from imagefit.facts import Facts, Value
from imagefit.planning.choices import promising, suggestions
from imagefit.planning.planner import planner_of
from imagefit.planning.repairs import Change, Changes, Repair, Repairs, grown, of_fields
from imagefit.readers import Kind
from imagefit.readers.catalogs import shipped_catalogs
from imagefit.readers.flavorids import likely_size
from imagefit.readers.own import OwnTables
from imagefit.readers.patches import FIELDS, SIZES, both, merged, of_region, patch_of, stated
from imagefit.readers.queried import region_of_ecss, region_of_images, zone_of_ecss
from imagefit.readers.regions import named_zone
from imagefit.rulepack.pack import Pack
from imagefit.sources.candidates import CandidateFile, refuse_lacking
from imagefit.sources.json import JsonDocument
from imagefit.sources.meant import certain, meant_by
from imagefit.sources.pairing import Candidate, candidates_of
from imagefit.sources.reading import flavor_ids, open_data
from imagefit.sources.spelling import OPTIONS, Spelling
from imagefit.sources.subjects import Place, Reader, Subject
from imagefit.supply import Completed, Supply
from imagefit.values import dataclass, replace
from imagefit.verdicts import Verdict, VerdictKind

__all__ = ["Rules", "repairs_of"]

MOST_CHANGES = 3
"""So many fields are changed at most."""

TRIED = 8
"""Of flavors, and of images, that fit by what is known of them, so many of the nearest are tried."""

SIDES = {"flavor": "ecs", "image": "image"}
"""Of what can be chosen, which side of a candidate it is."""


@dataclass(frozen=True, eq=False)
class Rules:
    """What is the same whatever is suggested.

    Attributes
    ----------
    select, ignore
        Which rules count.
    given, supply
        The facts that hold for all, and what is assumed where facts are missing.
    limit
        So many of each kind are returned; 0: all.
    own, spelling
        How tables are written, and how messages write what the caller gives.
    """

    pack: Pack
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    given: Facts
    supply: Supply
    limit: int
    own: OwnTables
    spelling: Spelling = OPTIONS


@dataclass(eq=False)
class _Bench:
    """A request, and what can be put in its fields; `reader` is what read it."""

    rules: Rules
    reader: Reader
    operation: str
    body: Mapping[str, Any]
    name: str
    of_images: Sequence[object]
    of_ecss: Sequence[object]
    images: list[Subject] = field(init=False)
    prepared: Prepared = field(init=False)
    _files: list[CandidateFile] = field(init=False)
    _places: list[Place] = field(init=False)
    _flavors: dict[str, list[Subject]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.images = self.reader.images(self.of_images, region_of_images(self.given))
        self._files = [*self.reader.files]
        if not self.of_ecss:
            refuse_lacking(self._files)
        self._places = self.reader.opened(self.of_ecss, region_of_ecss(self.given), "ecs")
        self.prepared = prepare(self.pack, self.operation, self.rules.select, self.rules.ignore)

    @property
    def pack(self) -> Pack:
        """The pack by whose rules is judged."""
        return self.rules.pack

    @property
    def given(self) -> Facts:
        """The facts that hold for all."""
        return self.rules.given

    def _reader(self, zone: str) -> Reader:
        return Reader(self.pack.fields, zone=zone or None, spelling=self.rules.spelling, own=self.rules.own)

    def flavors(self, zone: str) -> list[Subject]:
        """Return the flavors that are given as they are in a zone."""
        if zone not in self._flavors:
            places = [replace(each, file=each.file.in_zone(zone)) if zone else each for each in self._places]
            self._flavors[zone] = self._reader(zone).ecss(places, [], region_of_ecss(self.given))
            refuse_lacking([*self._files, *(each.file for each in places)])
        return self._flavors[zone]

    def zone(self, body: Mapping[str, Any]) -> str:
        """Return the zone that counts: the one that is given, else the one that a request asks for."""
        return zone_of_ecss(None, self.given) or named_zone(stated(body, "zone")) or ""

    def paired(self, body: Mapping[str, Any]) -> Candidate:
        """Return what a request asks for, read anew."""
        zone, region = self.zone(body), region_of_ecss(self.given)
        asked = zone_of_ecss(None, self.given)
        (record, *_) = open_data(body, self.name, self.pack.fields, region=region, zone=asked).records()
        subject = Subject(record, self.name)
        own = [each for each in self.flavors(zone) if each.record.id == record.flavor_ref] or self.flavors(zone)
        wholes = self._reader(zone).with_requests([subject, *own])
        _refuse_several("ECS", [each.record.key for each in wholes])
        named = meant_by([each for each in self.images if each.record.id == record.image_ref], subject, "an image")
        candidates = candidates_of(named[:1] or self.images, wholes, self.given, self.rules.spelling)
        _refuse_several("image", [each.image.record.key for each in candidates if each.image is not None])
        (candidate,) = candidates
        return candidate

    def candidate(self, body: Mapping[str, Any]) -> Completed:
        """Return what a request asks for, with what is assumed of it."""
        paired = self.paired(body)
        return self.rules.supply.complete(paired.facts, paired.origins)

    def verdict(self, body: Mapping[str, Any]) -> Verdict:
        """Judge what a request asks for."""
        return self.prepared.verdict(self.candidate(body))

    def small(self, facts: Facts) -> dict[str, list[Change]]:
        """Return the changes of the disk's size and of the zone that could matter, the nearest first."""
        found = {}
        for of, values in (("disk size", self._sizes(facts)), ("zone", self._zones(facts))):
            before = stated(self.body, of)
            if patch_of(self.body, of, None) is not None:
                found[of] = [Change(of, before, value) for value in values if str(value) != str(before)]
        return found

    def _sizes(self, facts: Facts) -> list[int]:
        """Return the sizes at which a comparison of some rule changes its truth."""
        fact = next((SIZES[key] for key in self.body if key in SIZES), "")
        others: set[Value | None] = set()
        for rule in self.prepared.rules:
            for leaf in leaves(rule.violation):
                if fact in leaf.facts:
                    others.update(
                        leaf.literals if leaf.other is None else {facts.get(n) for n in leaf.facts if n != fact}
                    )
        near = {int(each) + step for each in others if isinstance(each, int | float) for step in (-1, 0, 1)}
        now = facts.get(fact)
        start = now if isinstance(now, int) else 0
        return sorted((size for size in near if size > 0), key=lambda size: (abs(size - start), size))

    def _zones(self, facts: Facts) -> list[str]:
        """Return the zones of the regions that the candidate knows, its own first, and those that flavors name."""
        zones = shipped_catalogs().zones
        now = str(stated(self.body, "zone"))
        known = {str(value) for value in facts.values() if isinstance(value, str)}
        regions = [zones.get(now), *(known & set(zones.values()))]
        found = [zone for zone, region in zones.items() if region in regions] + sorted(known & zones.keys())
        found += [zone for flavor in self.flavors("") for zone in flavor.record.zones]
        return sorted(dict.fromkeys(found), key=lambda zone: (zones.get(zone) != zones.get(now), zone))

    def applied(self, changes: Sequence[Change]) -> dict[str, Any]:
        """Return the patch of some changes."""
        patch: dict[str, Any] = {}
        for change in changes:
            region = shipped_catalogs().zones.get(str(change.after)) if change.field == "zone" else None
            own = patch_of(merged(self.body, patch), change.field, change.after, region)
            patch = both(patch, own or {})
        return patch

    def chosen(self, changes: Changes) -> Iterator[Changes]:
        """Yield changes with a flavor, or an image, that would fit then by what is known of it, the nearest first."""
        body = merged(self.body, self.applied(changes))
        for of in ("flavor", "image"):
            if patch_of(body, of, "") is not None:
                yield from ((*changes, change) for change in self._nearest(body, of))

    def chosen_together(self, changes: Changes) -> Iterator[Changes]:
        """Yield changes with a flavor and an image that would fit then, of the images that some flavor could take."""
        body = merged(self.body, self.applied(changes))
        if patch_of(body, "flavor", "") is None or patch_of(body, "image", "") is None:
            return
        for image in self._nearest(body, "image", beside="flavor"):
            with_image = merged(body, self.applied([*changes, image]))
            yield from ((*changes, flavor, image) for flavor in self._nearest(with_image, "flavor"))

    def _nearest(self, body: Mapping[str, Any], of: str, beside: str = "") -> Iterator[Change]:
        """Yield the nearest flavors, or images, that fit; where another field is to be changed beside, that may fit."""
        before = str(stated(body, of) or "")
        choice = choice_of(self.pack, SIDES[of])
        others = self._others(of, self.zone(body))
        now = self.candidate(body)
        rest = {name: value for name, value in now.facts.items() if name not in choice.facts}

        def put(row: int) -> Completed:
            return self.candidate(merged(body, patch_of(body, of, others[row].record.id)))

        alternatives = alternatives_of(others, rest, self.given, self.rules.supply, put)
        planner = planner_of(self.pack, self.operation, self.rules.select, self.rules.ignore)
        likely = likely_size(before) if of == "flavor" else {}
        wanted = {name: value for name, value in {**likely, **now.facts}.items() if name in choice.facts}
        if beside:
            rows = promising(planner, choice, alternatives, wanted, choice_of(self.pack, SIDES[beside]).facts)
            names = [(others[row].record.key, others[row].record.name) for row in rows]
        else:
            found = suggestions(
                planner, choice, alternatives, wanted, lambda _: ((), ()), before, TRIED, one_step=False
            )
            names = [(each.key, each.name) for each in (*found.fitting, *found.undecided)]
        for key, name in [each for each in names if each[0] != before][: TRIED if beside else None]:
            yield Change(of, before or None, key, "" if name == key else name)

    def _others(self, of: str, zone: str) -> list[Subject]:
        """Return the flavors, or the images, that can be named."""
        if of == "flavor":
            others = self.flavors(zone) if self.of_ecss else self._reader(zone).flavors(flavor_ids(), None)
        else:
            others = self.images
        kinds = (Kind.ECS, Kind.IMAGE, Kind.FACTS)
        return certain([each for each in others if each.record.kind in kinds and each.record.id])


def repairs_of(request: object, of_images: Sequence[object], of_ecss: Sequence[object], rules: Rules) -> Repairs:
    """Return the smallest changes that make a request fit; raises `InputError` if it is no request."""
    reader = Reader(rules.pack.fields, spelling=rules.spelling, own=rules.own)
    body, name, operation = _body_of(request, reader)
    bench = _Bench(rules, reader, operation, body, name, of_images, of_ecss)
    now = bench.verdict(body)
    failed = tuple(rule.rule for rule in now.failed)
    found = _smallest(bench, now) if now.verdict is not VerdictKind.COMPATIBLE else []
    best = sorted(found, key=_weight)
    kept = _of_nearest_sizes(each for each in best if each.verdict is best[0].verdict)
    notes = bench.paired(body).notes(operation, rules.pack)
    fields = tuple(of for of in FIELDS if patch_of(body, of, None) is not None)
    return Repairs(name, now.verdict, failed, now.missing, tuple(kept[: rules.limit or None]), notes, fields)


def _weight(repair: Repair) -> tuple[object, ...]:
    """Return what repairs are sorted by: what they come to, the fields that they change, and what then warns."""
    return repair.verdict.level, [FIELDS.index(change.field) for change in repair.changes], len(repair.warnings)


def _of_nearest_sizes(repairs: Iterable[Repair]) -> list[Repair]:
    """Return repairs without those that differ from one before in the disk's size alone: the nearest comes first."""
    found: dict[Changes, Repair] = {}
    for each in repairs:
        found.setdefault(tuple([change for change in each.changes if change.field != "disk size"]), each)
    return list(found.values())


def _smallest(bench: _Bench, now: Verdict) -> list[Repair]:
    """Return the changes of the fewest fields after which the verdict is a better one."""
    small = bench.small(now.facts)
    found: dict[str, Repair] = {}
    helpful: dict[Changes, bool] = {(): True}
    warned = {rule.rule for rule in now.warnings}

    def tried(changes: Changes) -> None:
        patch = bench.applied(changes)
        verdict = bench.verdict(merged(bench.body, patch))
        helpful[changes] = not {rule.rule for rule in now.failed} <= {rule.rule for rule in verdict.failed}
        if verdict.verdict.level < now.verdict.level:
            elsewhere = of_region(bench.body) if _leaves_region(changes) else ()
            new = tuple(rule.rule for rule in verdict.warnings if rule.rule not in warned)
            more = (verdict.missing, tuple(verdict.assumed), elsewhere, new)
            found[str(patch)] = Repair(changes, patch, verdict.verdict, *more)

    for count in range(1, MOST_CHANGES + 1):
        before = list(of_fields(small, count - 1))
        for changes in before:
            for more in grown(small, changes):
                tried(more)
        for is_helpful in (True, False):  # what helps by itself first: mostly that is enough
            for changes in before:
                if helpful.get(changes, False) is is_helpful and not (found and not is_helpful):
                    for more in bench.chosen(changes):
                        tried(more)
        for changes in () if found else of_fields(small, count - 2):  # another flavor takes another image
            if helpful.get(changes, False):
                for more in bench.chosen_together(changes):
                    tried(more)
        if found or now.verdict is VerdictKind.UNKNOWN:
            break
    return list(found.values())


def _leaves_region(changes: Changes) -> bool:
    """Whether changes take a request to a zone of another region."""
    zones = shipped_catalogs().zones
    of = [[zones.get(str(zone)) for zone in (each.before, each.after)] for each in changes if each.field == "zone"]
    return any(before is not None and before != after for before, after in of)


def _refuse_several(what: str, keys: Sequence[str]) -> None:
    """Raise `InputError` for several of what a request does not name: none is taken for the one that is meant."""
    if len(keys) > 1:
        message = f"the request is about one {what}, and {len(keys)} are given"
        raise InputError(message, value=", ".join(keys[:4]), expected="one, such as FILE#ID")


def _body_of(request: object, reader: Reader) -> tuple[Mapping[str, Any], str, str]:
    """Return a request's body, what to call it, and the operation that it asks for."""
    places = reader.opened([request], None, "request")
    found = [subject for place in places for subject in reader.subjects(place, frozenset(Kind), "request")]
    subject = found[0] if len(found) == 1 and found[0].record.kind is Kind.REQUEST else None
    if subject is None or (operation := subject.record.operation) is None or (file := subject.source) is None:
        raise InputError("not the body of one request", file=places[0].file.name, expected="one such as create.json")
    if isinstance(request, Mapping):
        return request, "the request", operation
    with file.file.text() as text:
        (_, body) = next(JsonDocument(text).values())
    if not isinstance(body, Mapping) or patch_of(body, "image", "") is None:
        expected = "a server, a volume or an OS change that is asked for"
        raise InputError("not a request whose fields can be changed", file=file.name, expected=expected)
    return body, file.name, operation
