"""Which of the files that a command is given hold images, which ECSs, and which both: their content tells."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from itertools import islice

from imagefit.readers import Kind, Record
from imagefit.sources.candidates import CandidateFile
from imagefit.sources.folders import files_of
from imagefit.sources.formats import Format
from imagefit.sources.names import split_place
from imagefit.sources.opening import is_read_once
from imagefit.sources.reading import open_file
from imagefit.sources.subjects import Place, Reader

__all__ = ["is_planned", "sides_of"]

LOOKED_AT = 1000
"""Of a file that may hold both, so many records are looked at."""

Named = str | Place


def sides_of(reader: Reader, places: Iterable[str]) -> tuple[list[Named], list[Named]]:
    """Return the places of images and those of ECSs, in the order given; a place that holds both is in both.

    What can be read once only, such as standard input, comes back opened.

    Raises
    ------
    InputError
        If a file can't be read, or is in no format that is read.
    """
    images: list[Named] = []
    ecss: list[Named] = []
    for named in places:
        path, selector = split_place(named)
        read = partial(open_file, fields=reader.fields, format=reader.input_format, zone=reader.zone, own=reader.own)
        for each in files_of([path], read, reader.warnings):
            name = each if selector is None else f"{each}#{selector}"
            place: Named = name
            if _is_once(each):
                (place,) = reader.open(name, None, "image")
                file = place.file
            else:
                file = read(each)
            sides = _sides(file)
            if "image" in sides or not sides:
                images.append(place)
            if "ecs" in sides:
                ecss.append(place)
    return images, ecss


def _is_once(path: str) -> bool:
    """Whether a file can be read once only; of one that is not there, reading says so."""
    with suppress(OSError):
        return is_read_once(path)
    return False


def is_planned(files: Iterable[CandidateFile]) -> bool:
    """Tell whether one of the files is a Terraform plan: what it does not change is not asked about."""
    return any(file.what.format is Format.PLAN for file in files)


def _sides(file: CandidateFile) -> set[str]:
    if file.what.format is Format.PLAN:
        found = {_side(record) for record in islice(file.records(), LOOKED_AT)}
        return found | {"ecs"}
    return {_side(record) for record in islice(file.records(), LOOKED_AT if file.is_mixed else 1)}


def _side(record: Record) -> str:
    if record.kind in (Kind.IMAGE, Kind.DISK, Kind.MEMBERS):
        return "image"
    if record.kind is Kind.ECS or record.stands_alone:
        return "ecs"
    about_image = any(fact.startswith("image.") for fact in record.facts)
    if record.kind is Kind.REQUEST:  # of a full-ECS image, which it says something of
        return "image" if about_image and record.image_ref is None else "ecs"
    return "image" if about_image or not any(fact.startswith("ecs.") for fact in record.facts) else "ecs"
