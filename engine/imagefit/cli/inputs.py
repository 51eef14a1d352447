"""Reading what ``--image``, ``--ecs`` and ``--flavor`` name: files, one record of a file, a flavor's id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from imagefit.errors import InputError
from imagefit.facts import Field, Value
from imagefit.readers import Kind, Record, flavor, format_named, pick, read

__all__ = ["Reader", "Subject", "region_of_ecss", "region_of_images", "split_place"]


def region_of_images(given: Mapping[str, Value]) -> str | None:
    """Return the region whose images were queried, if the user gave it: a reader knows which there are."""
    return _region(given.get("image.region"))


def region_of_ecss(given: Mapping[str, Value]) -> str | None:
    """Return the region of the ECSs, if the user gave it."""
    return _region(given.get("ecs.region"))


def _region(value: Value | None) -> str | None:
    return value if isinstance(value, str) else None


_IMAGE_KINDS = frozenset({Kind.IMAGE, Kind.DISK, Kind.FACTS, Kind.MEMBERS, Kind.REQUEST})
_ECS_KINDS = frozenset({Kind.ECS, Kind.FACTS, Kind.REQUEST})


@dataclass(frozen=True, slots=True)
class Subject:
    """A record, and the file that it was read from (empty for a flavor's id)."""

    record: Record
    file: str

    def __str__(self) -> str:
        record = self.record
        name = f"{record.name} ({record.key})" if record.name and record.name != record.key else record.key
        if record.flavor_ref and record.flavor_ref not in (record.key, record.name):
            name += f", flavor {record.flavor_ref}"
        if not self.file:
            return f"{name}, known by its id alone"
        where = "standard input" if self.file == "-" else self.file
        return f"row {name} of {where}" if record.key.isdigit() and not record.id else f"{name}, {where}"


@dataclass
class Reader:
    """Reads subjects, and collects what the readers have to say of their files.

    Attributes
    ----------
    input_format
        What ``--from`` says; None lets the content tell.
    zone
        The availability zone that flavors are wanted in; without it, the one that a request asks for.
    may_be_empty
        Whether a file may hold no record at all.
    warnings
        What concerns a file as a whole, in words, with the file's name.
    """

    fields: Mapping[str, Field]
    input_format: str | None = None
    zone: str | None = None
    may_be_empty: bool = False
    warnings: list[str] = field(default_factory=list)
    _has_read_standard_input: bool = False

    def __post_init__(self) -> None:
        if self.input_format is not None:
            format_named(self.input_format)  # a misspelt one is an error where no file is read, too

    def images(self, places: Iterable[str], region: str | None) -> list[Subject]:
        """Read images; a list of members completes the image that it is of.

        Raises
        ------
        InputError
            If a file is unreadable, holds nothing or no image, or lacks the record that is asked for.
        """
        found = list(self._subjects(places, region, _IMAGE_KINDS, "image"))
        members = [subject for subject in found if subject.record.kind is Kind.MEMBERS]
        images = [subject for subject in found if subject.record.kind is not Kind.MEMBERS]
        if not images:
            return found
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
            images[images.index(of[0])] = replace(of[0], record=of[0].record.completed_by(subject.record))
        return images

    def ecss(self, places: Iterable[str], flavors: Iterable[str], region: str | None) -> list[Subject]:
        """Read ECSs, flavors and requests; a request is completed by the flavor or the ECS given beside it.

        Raises
        ------
        InputError
            As `images`; and if a request names a flavor that the flavors given beside it lack.
        """
        found = list(self._subjects(places, region, _ECS_KINDS, "ecs"))
        found += [Subject(flavor(name, self.fields, region=region), "") for name in flavors]
        requests = [subject for subject in found if subject.record.kind is Kind.REQUEST]
        others = [subject for subject in found if subject.record.kind is not Kind.REQUEST]
        if not requests or not others:
            return found
        return [whole for request in requests for whole in self._completed(request, others, region)]

    def _completed(self, request: Subject, others: Sequence[Subject], region: str | None) -> Iterator[Subject]:
        """Yield the request with the flavor that it names; one that names none (an OS change), with each ECS."""
        wanted = request.record.flavor_ref
        if wanted is None:
            for other in others:
                whole = replace(request.record.completed_by(other.record), key=other.record.key, name=other.record.name)
                yield replace(request, record=whole)
            return
        named = next((other for other in others if other.record.id == wanted), None)
        if named is None:
            message = "the request names a flavor that is not among those given"
            raise InputError(message, file=request.file, value=wanted)
        in_zone = self._in_zone(named, request.record.zone, region)
        yield replace(request, record=request.record.completed_by(in_zone))

    def _in_zone(self, named: Subject, zone: str | None, region: str | None) -> Record:
        """Return the flavor as it is in the zone that a request asks for, unless ``--az`` says another."""
        record = named.record
        if zone is None or self.zone is not None or record.kind is not Kind.ECS:
            return record
        if named.file in ("", "-"):  # there is nothing to read again
            return next((each for each in record.in_zones if each.key == f"{record.key}@{zone}"), record)
        document = read(named.file, self.fields, format=self.input_format, region=region, zone=zone)
        return next(each for each in document.records if each.id == record.id)

    def _subjects(
        self, places: Iterable[str], region: str | None, kinds: frozenset[Kind], option: str
    ) -> Iterator[Subject]:
        for place in places:
            path, selector = split_place(place)
            if not path:
                raise InputError("no file is named", file=f"--{option}", value=place, expected="FILE or FILE#ID")
            if path == "-":
                if self._has_read_standard_input:
                    raise InputError("standard input can be read once only", file=f"--{option}")
                self._has_read_standard_input = True
            document = read(path, self.fields, format=self.input_format, region=region, zone=self.zone)
            self.warnings += [f"{document.file}: {warning}" for warning in document.warnings]
            records = document.records if selector is None else (pick(document, selector),)
            if not records and not self.may_be_empty:
                raise InputError("nothing to check: it holds no record", file=document.file)
            for record in records:
                if record.kind not in kinds:
                    expected = ", ".join(sorted(kinds))
                    message = f"not what --{option} takes"
                    raise InputError(message, file=document.file, value=record.kind.value, expected=expected)
                yield Subject(record, path)


def split_place(place: str) -> tuple[str, str | None]:
    """Split ``FILE#ID``; a ``#`` that is part of an existing file's name stays in it.

    >>> split_place("images.json#web-22")
    ('images.json', 'web-22')
    """
    if "#" not in place or _is_there(place):
        return place, None
    parts = place.split("#")
    for number in range(1, len(parts)):
        path = "#".join(parts[:number])
        if path == "-" or _is_there(path):
            break
    else:
        number = 1
    return "#".join(parts[:number]), "#".join(parts[number:])


def _is_there(path: str) -> bool:
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False
