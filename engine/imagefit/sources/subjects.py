"""Reading what a check is given: files, one record of a file, data in memory, a flavor's id.

``FILE#ID`` is the command line's; `imagefit.check` takes the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import partial
from os import PathLike, fspath

from imagefit.errors import InputError, few, nearest
from imagefit.facts import Facts, Field, Origin, OriginKind
from imagefit.readers import Kind, Record
from imagefit.readers.assembly import Settings
from imagefit.readers.catalogs import shipped_catalogs
from imagefit.readers.flavorids import asked_elsewhere, beside_flavor, beside_request
from imagefit.readers.own import AS_THEY_ARE, OwnTables
from imagefit.readers.told import tells_any
from imagefit.sources.candidates import CandidateFile, unknown_places
from imagefit.sources.folders import files_of
from imagefit.sources.formats import Format, format_named
from imagefit.sources.meant import meant_by
from imagefit.sources.names import split_place
from imagefit.sources.opening import is_address
from imagefit.sources.reading import few_records, flavor, open_data, open_file, pick
from imagefit.sources.spelling import OPTIONS, Spelling
from imagefit.values import dataclass, replace

__all__ = [
    "ASKED",
    "ECS_KINDS",
    "IMAGE_KINDS",
    "SURROUNDINGS",
    "USUAL",
    "Place",
    "Reader",
    "Subject",
    "check_kind",
]


SURROUNDINGS: Mapping[str, str] = {
    "ecs.account": "the id of the account",
    "ecs.region": "cn-north-4",
    "image.region": "cn-north-4",
}
"""Facts that are the same for much of what a team checks, with an example each: a project file gives them once."""
USUAL: Mapping[str, str] = {"ecs.billing": "pay_per_use"}
"""Facts that each request says itself: a project file assumes them, so that it is not given another one's."""
ASKED: Mapping[str, tuple[str, float]] = {
    "--vcpus": ("ecs.vcpus", 1),
    "--memory-gib": ("ecs.memory_mib", 1024),
    "--os": ("image.os_version", 1),
}
"""What is asked for in an option of its own: the fact, and so many of its units for one of the option's."""
IMAGE_KINDS = frozenset({Kind.IMAGE, Kind.DISK, Kind.FACTS, Kind.MEMBERS, Kind.REQUEST})
ECS_KINDS = frozenset({Kind.ECS, Kind.FACTS, Kind.REQUEST})


@dataclass(frozen=True, slots=True)
class Subject:
    """A record, and the path of the file that it was read from (empty for a flavor's id).

    Attributes
    ----------
    is_picked
        Whether it was named by its id, as ``FILE#ID``, and is not one of all that a file holds.
    is_completed
        Whether a request has the facts of the flavor that it names.
    """

    record: Record
    file: str
    source: CandidateFile | None = field(default=None, compare=False)
    is_picked: bool = False
    is_completed: bool = False

    def __str__(self) -> str:
        record = self.record
        name = f"{record.name} ({record.key})" if record.name and record.name != record.key else record.key
        if record.flavor_ref and record.flavor_ref not in (record.key, record.name):
            name += f", flavor {record.flavor_ref}"
        if not self.file:
            return f"{name}, known by its id alone"
        where = "standard input" if self.file == "-" else self.file
        return f"row {name} of {where}" if record.key.isdigit() and not record.id else f"{name}, {where}"


@dataclass(frozen=True, slots=True)
class Place:
    """A file that an option names, opened, and which of its records is meant, if not all are."""

    path: str
    file: CandidateFile
    selector: str | None


@dataclass
class Reader:
    """Reads subjects, and collects what the readers have to say of their files.

    Attributes
    ----------
    input_format
        What ``--from`` says; None lets the content tell.
    zone
        The availability zone that flavors are wanted in; without it, the one that a request asks for.
    defaults
        Returns what is assumed of a flavor that is known by its id alone, of which these facts are known.
    may_be_empty
        Whether a file may hold no record at all.
    spelling
        How messages write what the caller gives.
    own
        What the caller says of tables of his own.
    warnings
        What concerns a file as a whole, in words, with the file's name.
    files
        The files that were opened.
    """

    fields: Mapping[str, Field]
    input_format: str | None = None
    zone: str | None = None
    may_be_empty: bool = False
    spelling: Spelling = OPTIONS
    defaults: Callable[[Facts], Facts] | None = None
    own: OwnTables = AS_THEY_ARE
    warnings: list[str] = field(default_factory=list)
    files: list[CandidateFile] = field(default_factory=list)
    _has_read_standard_input: bool = False

    def __post_init__(self) -> None:
        if self.input_format is not None:
            format_named(self.input_format)  # a misspelt one is an error where no file is read, too

    def images(self, places: Iterable[object], region: str | None) -> list[Subject]:
        """Read images; a list of members completes the image that it is of.

        Raises
        ------
        InputError
            If a file is unreadable, holds nothing or no image, or lacks the record that is asked for.
        """
        return self.with_members(list(self._subjects(places, region, IMAGE_KINDS, "image")))

    def with_members(self, found: list[Subject]) -> list[Subject]:
        """Return images, completed by the lists of members among them; raises `InputError` as `images` does."""
        members = [subject for subject in found if subject.record.kind is Kind.MEMBERS]
        images = [subject for subject in found if subject.record.kind is not Kind.MEMBERS]
        if not images:
            return found
        listed: dict[str, Subject] = {}
        for subject in members:
            wanted = subject.record.image_ref
            of = [image for image in images if wanted is None or image.record.id in ("", wanted)]
            if not of:
                raise InputError(
                    "the members of an image that is not among those given", file=subject.file, value=wanted
                )
            if len(of) > 1:
                message = "no member says of which image the list is"
                raise InputError(message, file=subject.file, expected="one image beside it, such as FILE#ID")
            before = listed.setdefault(of[0].record.id, subject)
            if before.record.facts != subject.record.facts:
                message = f"{before.file} has other members of this image: which of them are all is not known"
                raise InputError(message, file=subject.file, value=wanted, expected="one list of all of them")
            images[images.index(of[0])] = replace(of[0], record=of[0].record.completed_by(subject.record))
        return images

    def ecss(
        self,
        places: Iterable[object],
        flavors: Iterable[str],
        region: str | None,
        *,
        beside: Iterable[object] = (),
    ) -> list[Subject]:
        """Read ECSs, flavors and requests; a request is completed by the flavor or the ECS given beside it.

        Parameters
        ----------
        beside
            What completes requests where nothing else is given beside them.

        Raises
        ------
        InputError
            As `images`; and if a request names a flavor that the flavors given beside it lack.
        """
        found = [*self._subjects(places, region, ECS_KINDS, "ecs"), *self.flavors(flavors, region)]
        if found and all(subject.record.kind is Kind.REQUEST for subject in found):
            found += self._subjects(beside, region, ECS_KINDS, "ecs")
        return self.with_requests(found)

    def flavors(self, names: Iterable[str], region: str | None) -> list[Subject]:
        """Return flavors by their ids alone; raises `InputError` if the pack has none of the facts that these tell."""
        catalogs = shipped_catalogs()
        found = [flavor(name, self.fields, catalogs=catalogs, region=region, zone=self.zone) for name in names]
        if found and not any(record.facts for record in found) and not tells_any(self.fields):
            message, name = "a flavor is nothing for this pack, which has none of its facts", found[0].key
            expected = f"facts such as {next(iter(self.fields), 'its own')}"
            raise InputError(message, option=self.spelling.option("flavor"), value=name, expected=expected)
        if found:
            self.warnings += unknown_places(Settings(self.fields, region=region, zone=self.zone))
        return [Subject(self._with_defaults(record), "") for record in found]

    def _with_defaults(self, record: Record) -> Record:
        assumed = {} if self.defaults is None else dict(self.defaults(record.facts))
        origin = Origin(OriginKind.ASSUMED, f"of flavor {record.key}, known by its id alone")
        origins = {**record.origins, **dict.fromkeys(assumed, origin)}
        return replace(record, facts={**record.facts, **assumed}, origins=origins)

    def with_requests(self, found: list[Subject]) -> list[Subject]:
        """Return ECSs; if there are requests among them, these, completed by the others; raises as `ecss` does."""
        requests = [subject for subject in found if subject.record.kind is Kind.REQUEST]
        others = [subject for subject in found if subject.record.kind is not Kind.REQUEST]
        if not requests or not others:
            return found
        return [whole for request in requests for whole in self._completed(request, others)]

    def _completed(self, request: Subject, others: Sequence[Subject]) -> Iterator[Subject]:
        """Yield the request with the flavor that it names; one that names none (an OS change), with each ECS."""
        wanted = request.record.flavor_ref
        if wanted is None and request.record.stands_alone:
            yield request
            return
        if wanted is None:
            for other in others:
                given = beside_request(other.record)
                whole = replace(request.record.completed_by(given), key=other.record.key, name=other.record.name)
                yield replace(request, record=whole)
            return
        called = meant_by([other for other in others if other.record.id == wanted], request, "a flavor")
        named = called[0] if called else None
        if named is None and request.record.stands_alone:
            yield request
            return
        if named is None:
            message, ids = "the request names a flavor that is not among those given", [o.record.id for o in others]
            expected, near = few(ids) or f"one of {len(ids)} flavors", nearest(wanted, ids)
            raise InputError(message, file=request.file, value=wanted, expected=expected, nearest=near)
        in_zone = beside_request(self._in_zone(named, request.record.zone))
        in_zone = asked_elsewhere(in_zone, request.record.facts.get("ecs.region"))
        yield replace(request, record=beside_flavor(request.record).completed_by(in_zone), is_completed=True)

    def _in_zone(self, named: Subject, zone: str | None) -> Record:
        """Return the flavor as it is in the zone that a request asks for, unless ``--az`` says another."""
        record = named.record
        if zone is None or self.zone is not None or record.kind is not Kind.ECS or named.source is None:
            return record
        return next(each for each in named.source.in_zone(zone).records() if each.id == record.id)

    def open(self, place: str, region: str | None, option: str, *, by_zone: bool = False) -> list[Place]:
        """Open the files that a value of an option names; raises `InputError` if it names none, or stdin again."""
        path, selector = split_place(place)
        if not path:
            raise InputError(
                "no file is named", option=self.spelling.option(option), value=place, expected="FILE or FILE#ID"
            )
        if path == "-":
            if self._has_read_standard_input:
                raise InputError("standard input can be read once only", option=self.spelling.option(option))
            self._has_read_standard_input = True
        read = partial(
            open_file,
            fields=self.fields,
            format=self.input_format,
            region=region,
            zone=self.zone,
            by_zone=by_zone,
            own=self.own,
        )
        paths = files_of([path], read, self.warnings)
        if selector is not None and len(paths) > 1:
            raise InputError(
                f"{len(paths)} files",
                option=self.spelling.option(option),
                value=place,
                expected="one file where it has an #ID",
            )
        files = [(each, read(each)) for each in paths]
        opened = [Place(file.name if is_address(each) else each, file, selector) for each, file in files]
        self.files += [place.file for place in opened]
        return opened

    def subjects(self, place: Place, kinds: frozenset[Kind], option: str) -> Iterator[Subject]:
        """Yield the records of a place; raises `InputError` if there is none, or one that the option does not take."""
        file, count, passed, of_image = place.file, 0, "", option == "image"
        chosen = None if place.selector is None else [pick(file.records(), place.selector, file.name)]
        for record in few_records(file) if chosen is None else chosen:
            if file.is_mixed and chosen is None and (record.kind not in kinds or (record.stands_alone and of_image)):
                continue
            check_kind(record, kinds, file.name, self.spelling.option(option))
            if record.without_image:
                passed = record.without_image
                if record.kind is Kind.REQUEST and not record.stands_alone:
                    raise InputError(passed, file=file.name, expected="a request that names an image")
                self.warnings.append(f"{file.name}: {record.key}: {passed}: it is no candidate")
                continue
            count += 1
            yield Subject(record, place.path, file, is_picked=chosen is not None)
        self.warnings += file.named(file.warnings)
        if passed and not count and file.what.format is not Format.PLAN:
            raise InputError(f"nothing to check: {passed}", file=file.name, expected="something with an image")
        if not count and file.what.format is Format.PLAN and not of_image:
            said = f"{file.name}: nothing that the plan changes asks anything of an image"
            self.warnings += [] if passed else [said]
        elif not count and not self.may_be_empty:
            raise InputError("nothing to check: it holds no record", file=file.name)

    def _subjects(
        self, places: Iterable[object], region: str | None, kinds: frozenset[Kind], option: str
    ) -> Iterator[Subject]:
        for named in places:
            for place in self._opened(named, region, option):
                yield from self.subjects(place, kinds, option)

    def opened(self, places: Iterable[object], region: str | None, option: str) -> list[Place]:
        """Open what an option is given, to be read as often as is wanted; raises `InputError` as `open` does."""
        return [place for named in places for place in self._opened(named, region, option)]

    def _opened(self, named: object, region: str | None, option: str) -> list[Place]:
        if isinstance(named, Place):
            return [named]
        if isinstance(named, str | PathLike):
            return self.open(fspath(named), region, option)
        name = f"what is given as {option}"
        file = open_data(
            named, name, self.fields, format=self.input_format, region=region, zone=self.zone, own=self.own
        )
        self.files.append(file)
        return [Place(name, file, None)]


def check_kind(record: Record, kinds: frozenset[Kind], file: str, option: str) -> None:
    """Raise `InputError` if a record is not of the kinds that an option takes."""
    if record.kind not in kinds:
        message, expected = f"not what {option} takes", ", ".join(sorted(kinds))
        raise InputError(message, file=file, value=record.kind.value, expected=expected)
