"""The opener, on top of all formats; a file read whole into records; and what a flavor's id alone tells."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from itertools import islice
from os import PathLike, fspath

from imagefit.errors import InputError, UnknownNameError
from imagefit.facts import Facts, Field
from imagefit.readers.assembly import Settings
from imagefit.readers.catalogs import Catalogs, shipped_catalogs
from imagefit.readers.flavorids import is_flavor_id, read_flavor_id
from imagefit.readers.own import AS_THEY_ARE, OwnTables
from imagefit.readers.queried import regions_of, zone_of_ecss
from imagefit.readers.records import Record
from imagefit.sources.candidates import CandidateFile, Wanted
from imagefit.sources.detection import detected
from imagefit.sources.formats import Detected, Format
from imagefit.sources.limits import CHECKED
from imagefit.sources.names import split_sheet
from imagefit.sources.opening import Opened, opened
from imagefit.values import dataclass

__all__ = ["Document", "few_records", "flavor", "flavor_ids", "open_data", "open_file", "pick", "read", "whole"]

SEARCHED = 10_000
"""So many names are compared with one that no record has."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file, read whole.

    Attributes
    ----------
    warnings
        What concerns the file as a whole, in words: that a page is not the whole list, ...
    """

    file: str
    format: Format
    records: tuple[Record, ...]
    warnings: tuple[str, ...] = ()


def open_file(
    path: str | PathLike[str],
    fields: Mapping[str, Field],
    *,
    format: str | None = None,
    catalogs: Catalogs | None = None,
    region: str | None = None,
    zone: str | None = None,
    keep_going: bool = False,
    by_zone: bool = False,
    own: OwnTables = AS_THEY_ARE,
    given: Facts | None = None,
) -> CandidateFile:
    """Open a file of candidates, of any size, compressed or not.

    Parameters
    ----------
    path
        The file; ``-`` is standard input.
    fields
        The pack's fields: only these facts are given.
    format
        One of `Format`; by default, the content tells.
    catalogs
        The reference catalogs; the built-in ones by default.
    region
        The region that was queried, for payloads that do not say: an image list does not.
    zone
        The availability zone that flavors are wanted in: whether one is on sale depends on it.
    keep_going, by_zone
        As of `Wanted`.
    own
        What the caller says of tables of his own.
    given
        Facts that hold for all candidates: of a file that may be a list of images or of ECSs, they say which region
        was queried, and which zone is meant.

    Raises
    ------
    InputError
        If the file can't be read, or is in no format that is read; names the nearest.
    UnknownNameError
        If there is no such `format`.
    """
    given = given or {}
    zone = zone_of_ecss(zone, given)
    settings = Settings(fields, catalogs or shipped_catalogs(), region, zone, own, regions_of(given))
    place, sheet = split_sheet(fspath(path))
    return _reader(opened(place, own.encoding), format, Wanted(settings, keep_going, by_zone, sheet))


def open_data(
    found: object,
    name: str,
    fields: Mapping[str, Field],
    *,
    format: str | None = None,
    region: str | None = None,
    zone: str | None = None,
    own: OwnTables = AS_THEY_ARE,
) -> CandidateFile:
    """Open data in memory as a file that holds it would be: an object, a list of them, what a service answers.

    Parameters
    ----------
    found
        Mappings and lists; also what has ``to_dict()``, as an SDK's answers have, and data frames.
    name
        What messages call it.
    fields, format, region, zone, own
        As of `open_file`.

    Raises
    ------
    InputError, UnknownNameError
        As of `open_file`.
    """
    from imagefit.sources.wrappings import held_in_memory

    return _reader(held_in_memory(found, name), format, Wanted(Settings(fields, region=region, zone=zone, own=own)))


def _reader(opened_file: Opened, format: str | None, wanted: Wanted) -> CandidateFile:
    file, what = _detected(opened_file, wanted.settings, format)
    module, _, name = what.reader.partition(".")
    reader: type[CandidateFile] = getattr(import_module(f"{__package__}.{module}"), name)
    return reader(file, what, wanted)


def _detected(file: Opened, settings: Settings, format: str | None) -> tuple[Opened, Detected]:
    """Return what a file is, or what it holds that is around no more; raises as `detected` does.

    Of several objects that it holds, each of which would be read, none is: nobody said which one is meant.
    """
    try:
        return file, detected(file, settings, format)
    except UnknownNameError:
        raise
    except InputError as error:
        from imagefit.sources.wrappings import insides

        found: dict[str, tuple[Opened, Detected]] = {}
        for key, inside in insides(file):
            with contextlib.suppress(InputError):
                told = inside, detected(inside, settings, format)
                if key is None:
                    return told
                found[key] = told
        if len(found) > 1:
            raise _several(file.name, list(found)) from None
        if found:
            return next(iter(found.values()))
        raise error from None


def _several(name: str, keys: list[str]) -> InputError:
    message = f"{len(keys)} objects stand side by side here under names of their own, and only one would be read"
    expected = "one of them in a file of its own, or a list of all of them, such as by jq '[.[]]'"
    return InputError(message, file=name, value=_listed([key[:100] for key in keys]), expected=expected)


def read(
    path: str | PathLike[str],
    fields: Mapping[str, Field],
    *,
    format: str | None = None,
    catalogs: Catalogs | None = None,
    region: str | None = None,
    zone: str | None = None,
) -> Document:
    """Read a file into records of facts.

    Parameters
    ----------
    path, fields, format, catalogs, region, zone
        As of `open_file`.

    Raises
    ------
    InputError, UnknownNameError
        As of `open_file`; and if a value is stated wrongly (names the row or path, the column or key, the value,
        what was expected and the nearest match), or there are more records than are checked one by one.
    """
    return whole(open_file(path, fields, format=format, catalogs=catalogs, region=region, zone=zone))


def whole(file: CandidateFile) -> Document:
    """Return a file read whole; raises as `read` does."""
    records = tuple(few_records(file))
    return Document(file.name, file.what.format, records, tuple(file.warnings))


def few_records(file: CandidateFile) -> Iterator[Record]:
    """Yield the records of a file; raises `InputError` if there are more than are checked one by one."""
    records = file.records()
    yield from islice(records, CHECKED.most)
    if next(records, None) is not None:
        message = f"more than {CHECKED.most} objects or rows"
        raise InputError(message, file=file.name, expected="a smaller file, or a table for audit")


def flavor(
    flavor_id: str,
    fields: Mapping[str, Field],
    *,
    catalogs: Catalogs | None = None,
    region: str | None = None,
    zone: str | None = None,
) -> Record:
    """Return what a flavor's id alone tells of an ECS: what the catalogs know, and what its form says.

    A family that no catalog has is no error: its facts are unknown, and a note names the nearest.

    Raises
    ------
    InputError
        If the id is empty or no id at all.
    """
    if not is_flavor_id(flavor_id):
        raise InputError("not a flavor id", value=flavor_id, expected="an id such as c7n.xlarge.2")
    return read_flavor_id(flavor_id, Settings(fields, catalogs or shipped_catalogs(), region, zone))


def flavor_ids() -> tuple[str, ...]:
    """Return the ids of the flavors that the catalog has."""
    return tuple(shipped_catalogs().sizes)


def pick(records: Iterable[Record], selector: str, file: str) -> Record:
    """Return the one record of a file that ``FILE#SELECTOR`` means: by id, else by name, else by key.

    Raises
    ------
    InputError
        If no record, or more than one, has that id or name; lists the near or the many.
    """
    named: dict[str, list[Record]] = {"id": [], "name": [], "key": []}
    names: dict[str, None] = {}
    count = 0
    for record in records:
        count += 1
        for attribute, found in named.items():
            if getattr(record, attribute) == selector:
                found.append(record)
        if len(names) < SEARCHED:
            names.update(dict.fromkeys(name[:200] for name in (record.id, record.name) if name))
    for attribute, found in named.items():
        if len(found) == 1:
            return found[0]
        if found:
            ids = f"one of the ids {_listed([record.key for record in found])}"
            expected = ids if attribute == "name" else f"an {attribute} that is unique"
            raise InputError(
                f"{len(found)} records have this {attribute}", file=file, value=selector, expected=expected
            )
    near = _near(selector, list(names))
    choices = near or list(names) if len(names) <= 12 else near
    nearest = near[0] if near else None
    is_told = len(choices) > (nearest is not None)  # more than what is nearest, of which it is asked
    told = _listed(choices) if is_told else f"its {count} records"
    raise InputError(
        "no record has this id or name",
        file=file,
        value=selector,
        expected=None if count == 1 and nearest else f"one of {told}",
        nearest=nearest,
    )


def _near(selector: str, names: list[str]) -> list[str]:
    import difflib

    near = [name for name in names if len(selector) > 1 and name.startswith(selector)][:4]
    near = near or difflib.get_close_matches(selector[:200], names, n=4, cutoff=0.5)
    if not near:
        folded = {name.casefold(): name for name in names}
        near = [folded[n] for n in difflib.get_close_matches(selector[:200].casefold(), folded, n=4, cutoff=0.5)]
    return near


def _listed(names: list[str], limit: int = 6) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
