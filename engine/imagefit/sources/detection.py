"""Telling formats apart by content: by the first bytes, a CSV's header, or the first JSON object that is recognised.

How long a file is, and whether it is compressed, play no part. Of JSON Lines alone the name's ending may tell.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from itertools import chain, islice

from imagefit.errors import InputError, nearest
from imagefit.facts import Field
from imagefit.readers.assembly import Settings
from imagefit.readers.recognised import is_details, is_nova_image
from imagefit.readers.told import near_attribute
from imagefit.sources.formats import Bytes, Columns, Detected, Format, Objects, format_named
from imagefit.sources.json import JsonDocument
from imagefit.sources.jsonlines import is_json_lines, json_lines
from imagefit.sources.limits import CHECKED
from imagefit.sources.names import near_fact
from imagefit.sources.opening import Opened
from imagefit.values import pattern

__all__ = ["detected"]

LOOKED_AT = CHECKED.most
"""So many objects are looked at for one that is recognised."""

LISTS = frozenset(key for format in Format if isinstance(of := format.recognised, Objects) for key in of.lists)
"""The keys of an object in which there is a list."""

SINGLES = frozenset(key for format in Format if isinstance(of := format.recognised, Objects) for key in of.singles)
"""The keys of an object in which there is one."""

_OF_A_SERVICE = (Format.IMS, Format.NOVA, Format.DISKS, Format.FLAVORS, Format.SERVERS, Format.MEMBERS)
"""The formats of objects that have attributes with a single value, all of them."""

OTHER_SEPARATORS = pattern(r"\w[|:^~]\w")

_EXPECTED = "one of " + ", ".join(Format)


def detected(file: Opened, settings: Settings, wanted: str | None) -> Detected:
    """Say what a file is.

    Parameters
    ----------
    settings
        The facts that there are, and what the caller says of tables.
    wanted
        The format that it is in, where the caller says it.

    Raises
    ------
    InputError
        If it is in no format that is read; says what it looks like where that is known.
    UnknownNameError
        If there is no such format.
    """
    if wanted is not None:
        format = format_named(wanted)
        is_lines = isinstance(format.recognised, Objects) and _is_lines(file, [format], settings.fields)
        return Detected(format, is_lines or format is Format.FACTS_JSONL)
    for format in Format:
        if isinstance(format.recognised, Bytes) and file.start.startswith(format.recognised.beginnings):
            return Detected(format)
    if not _is_json(file):
        return Detected(_of_text(file, settings))
    if _is_lines(file, Format, settings.fields):
        found = _of_objects((value for _, _, value in json_lines(file)), settings, file.name)
        return Detected(Format.FACTS_JSONL if found is Format.FACTS_JSON else found, is_lines=True)
    try:
        return Detected(_of_document(file, settings))
    except InputError as error:
        raise _refused(file, error) from None


def _refused(file: Opened, error: InputError) -> InputError:
    """Return what is to be said of a text in which nothing is recognised: what it is, where that is known."""
    from imagefit.sources.refusals import refused_text

    return refused_text(file) or error


def _is_json(file: Opened) -> bool:
    with file.text() as text:
        while block := text.block(4096):
            if found := block.lstrip():
                return found[0] in "{["
    return False


def _is_lines(file: Opened, formats: Iterable[Format], fields: Mapping[str, Field]) -> bool:
    """Tell whether a file is JSON Lines, and not one line with a whole document; raises if each is one."""
    if not is_json_lines(file):
        return False
    with contextlib.closing(json_lines(file)) as lines:
        _, _, first = next(lines, (0, "", None))
        if not isinstance(first, dict) or not first.keys().isdisjoint(fields):
            return True
        if not any(_wraps(format, first) for format in formats):
            return True
        _, _, second = next(lines, (0, "", None))
    if isinstance(second, dict):
        from imagefit.sources.refusals import refused_pages

        raise refused_pages(file.name)
    return False


def _wraps(format: Format, found: dict[str, object]) -> bool:
    of = format.recognised
    if not isinstance(of, Objects):
        return False
    has_list = any(isinstance(found.get(key), list) for key in of.wrappers)
    return has_list or (_is_around_one(found) and any(isinstance(found.get(key), dict) for key in of.singles))


def _is_around_one(found: Mapping[str, object]) -> bool:
    """Tell whether an object may be around the one that is meant, and be none itself: an ECS has a flavor in it."""
    return "id" not in found and not is_details(found) and not is_nova_image(found, {})


def _of_text(file: Opened, settings: Settings) -> Format:
    """Return the format of a text that is not JSON; what it is, where it is known by another name, comes before CSV."""
    from imagefit.sources.csvtext import header_of

    try:
        columns = header_of(file, settings.own.delimiter).columns
        return _of_header(columns, settings, file.name)
    except InputError as error:
        raise _below_its_title(file, settings) or _refused(file, error) from None


def _below_its_title(file: Opened, settings: Settings) -> InputError | None:
    """Return what is to be said of a table that begins with something else than its header, whatever separates it."""
    import csv

    from imagefit.sources.accounts import titles_below

    with contextlib.suppress(InputError, csv.Error), file.text() as text:
        lines = text.block(4096).splitlines()
        separators = [settings.own.delimiter] if settings.own.delimiter else [",", ";", "\t"]
        for separator in separators:
            cells = (
                (number, next(csv.reader([line], delimiter=separator), [])) for number, line in enumerate(lines, 1)
            )
            if (found := titles_below(cells, settings.own.known(settings.fields), file.name)) is not None:
                return found
    return None


def _of_header(columns: tuple[str, ...], settings: Settings, name: str) -> Format:
    fields, known = settings.fields, settings.own.known(settings.fields)
    for format in Format:
        if isinstance(format.recognised, Columns) and format.recognised.is_one(columns, known):
            return format
    if settings.own.is_any:
        return Format.FACTS_CSV
    from imagefit.sources.refusals import refused_columns

    if (refused := refused_columns(columns, name)) is not None:
        raise refused
    if (lacking := settings.own.lacking(columns)) is not None:
        raise lacking.at(file=name)
    from imagefit.readers.console import lacking_titles

    near = near_attribute(columns[:200], fields)
    titles = lacking_titles(columns) if near is None else []
    near = near or next((near for column in columns[:200] if (near := near_fact(column, fields))), None)
    is_one = len(columns) == 1
    if is_one and near is None and not OTHER_SEPARATORS.search(columns[0]):
        raise InputError("the content is in no format that is read", file=name, value=columns[0], expected=_EXPECTED)
    such, of_titles = next(iter(fields), "a.b"), "all of them"
    if titles:  # it is near to being the console's, and to no fact
        near, of_titles = None, f"of which this lacks {', '.join(titles)}"
    hint = "; is it separated by something else (--delimiter)?" if is_one else ""
    raise InputError(
        f"no column of this CSV is a fact{hint}",
        file=name,
        value=", ".join(columns)[:200],
        expected=f"facts such as {such}, or the console's titles, {of_titles}; imagefit map suggest says which columns"
        " could be facts, and --from facts-csv reads it all the same",
        nearest=near,
    )


def _of_document(file: Opened, settings: Settings) -> Format:
    objects = {format: of for format in Format if isinstance(of := format.recognised, Objects)}
    wrappers = {key for of in objects.values() for key in of.wrappers}
    with file.text() as text:
        document = JsonDocument(text, wrappers, keep_going=True)
        values = document.values()
        place, first = _first(values)
        if not document.outer.keys().isdisjoint(settings.fields):  # what stands under other keys is the caller's own
            return Format.FACTS_JSON
        if document.wrapper is not None:
            return _told_by_first(document.wrapper, objects, first, settings.fields, file.name)
        if document.count is not None:
            if not place:
                return Format.FACTS_JSON
            return _of_objects(chain([first], (value for _, value in values)), settings, file.name)
        for key, value in document.outer.items():
            of_key = [format for format, of in objects.items() if key in of.singles]
            if of_key and isinstance(value, dict) and _is_around_one(document.outer):
                return _told(of_key, value)
        if not isinstance(first, dict):
            raise InputError("neither an object nor a list", file=file.name, value=first, expected=_EXPECTED)
        format = _of_objects([first], settings, file.name)
        if format in _OF_A_SERVICE and not any(map(_is_scalar, first.values())) and not is_details(first):
            from imagefit.sources.refusals import refused_by_columns

            if (refused := refused_by_columns(first, file.name)) is not None:
                raise refused
        return format


def _is_scalar(value: object) -> bool:
    return not isinstance(value, dict | list)


def _first(values: Iterable[tuple[str, object]]) -> tuple[str, object]:
    """Return the first value that is none of those that are refused; raises the first of these if there is no other."""
    error: InputError | None = None
    for place, value in islice(values, LOOKED_AT):
        if not isinstance(value, InputError):
            return place, value
        error = error or value
    if error is not None:
        raise error
    return "", None


def _told_by_first(
    wrapper: str, objects: Mapping[Format, Objects], first: object, fields: Mapping[str, Field], name: str
) -> Format:
    """Return which of the formats with a key around a list the first element is of; empty, it is the first's."""
    formats = [format for format, of in objects.items() if wrapper in of.wrappers]
    is_told = any(objects[format].wrappers[wrapper] for format in formats)
    if not is_told or not first:
        return _told(formats, first)
    for format in formats:
        held = objects[format].wrappers[wrapper]
        has_one = not held or (isinstance(first, dict) and any(key in first for key in held))
        if has_one and objects[format].tells(first):
            return format
    raise _unknown(first if isinstance(first, dict) else {}, fields, name)


def _told(formats: list[Format], inside: object) -> Format:
    """Return which of the formats with a key what is in there is of."""
    told = (format for format in formats if isinstance(of := format.recognised, Objects) and of.tells(inside))
    return formats[0] if len(formats) == 1 else next(told, formats[0])


def _of_objects(values: Iterable[object], settings: Settings, name: str) -> Format:
    """Return the format that the first object of several that is recognised is in; a table of one's own comes last."""
    first: dict[str, object] | None = None
    error: InputError | None = None
    for value in islice(values, LOOKED_AT):
        if isinstance(value, InputError):
            error = error or value
            continue
        if not isinstance(value, dict):
            if first is None and error is None:
                raise InputError("the list holds no objects", file=name, value=value, expected="JSON objects")
            continue
        first = value if first is None or not first else first
        for format in Format:
            if isinstance(format.recognised, Objects) and format.recognised.is_one(value, settings.fields):
                return format
    if first is not None and (settings.own.is_any or not first.keys().isdisjoint(settings.own.names)):
        return Format.FACTS_JSON
    if error is not None:
        raise error
    if first is not None and not first:  # an object that states nothing is a candidate of which nothing is known
        return Format.FACTS_JSON
    if first is not None and (lacking := settings.own.lacking(first)) is not None:
        raise lacking.at(file=name)
    raise _unknown(first or {}, settings.fields, name)


def _unknown(found: dict[str, object], fields: Mapping[str, Field], name: str) -> InputError:
    from imagefit.sources.refusals import refused_object, refused_pages

    if (refused := refused_object(found, name)) is not None:
        return refused
    for key, value in found.items():
        if (key in LISTS and isinstance(value, list)) or (key in SINGLES and isinstance(value, dict)):
            return refused_pages(name)
        if key in LISTS:
            said = "null" if value is None else value
            return InputError("not a list", file=name, column=key, value=said, expected="a list of objects")
    near = near_attribute(list(found)[:50], fields)
    near = near or next((n for key in list(found)[:50] if (n := nearest(str(key), fields)) is not None), None)
    keys = ", ".join(str(key) for key in list(found)[:6])
    return InputError(
        "the content is in no format that is read",
        file=name,
        value=f"an object with {keys}" if keys else "an empty object",
        expected=_EXPECTED,
        nearest=near,
    )
