"""Files of JSON objects: facts, or what a vendor's API gives; in a document or in lines, read one by one."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Sequence
from typing import TYPE_CHECKING

from imagefit.errors import InputError, nearest
from imagefit.readers.records import Kind, Record
from imagefit.readers.strangers import Strangers
from imagefit.readers.told import tells_any
from imagefit.readers.wholes import WHOLE
from imagefit.sources.candidates import CandidateFile, Wanted
from imagefit.sources.facts import MOST_SEEN, Row, SeenColumns, record_of
from imagefit.sources.formats import Detected, Format, Objects
from imagefit.sources.json import JsonDocument
from imagefit.sources.jsonlines import json_lines
from imagefit.sources.limits import COLUMNS
from imagefit.sources.names import LOOKED_AT, key_of_row
from imagefit.sources.opening import Opened
from imagefit.sources.pages import names_next_page, stated_count
from imagefit.sources.strictjson import expect_object

if TYPE_CHECKING:
    from imagefit.sources.accounts import Account
    from imagefit.sources.kept import Kept

__all__ = ["FactsFile", "ObjectsFile"]


_KINDS = {
    Format.IMS: "image",
    Format.NOVA: "image",
    Format.FLAVORS: "flavor",
    Format.SERVERS: "server",
    Format.MEMBERS: "member",
}


_LISTS = {key for format in Format if isinstance(of := format.recognised, Objects) for key in of.wrappers}
"""The keys of an object in which there is a list."""


class ObjectsFile(CandidateFile):
    """Objects as a vendor's API lists them: records, made by the format's own reader."""

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        super().__init__(file, what, wanted)
        assert isinstance(what.format.recognised, Objects)
        self._of = what.format.recognised
        self._page: list[str] = []
        self._beside = ""
        self._parts, self._count = 0, 0
        self._names: dict[str, None] = {}  # of attributes that are not known
        self._strangers = Strangers(_KINDS.get(what.format, ""))

    def remarks(self) -> Sequence[str]:
        """Warn of a page that is not the whole list, and of objects that are not whole."""
        whole = WHOLE.get(self.what.format, ())
        said = (kind.remark(self._parts, self._count) for kind in whole)
        return (*self._page, *filter(None, (self._beside, *said)))

    def account(self) -> Account:
        """Return which attributes are not known, and which nearly have the name of one that is read."""
        from imagefit.sources.accounts import Account

        format, unknown = str(self.what.format), tuple(self._names)
        read = self.wanted.settings.read_names() if unknown else ()
        near = {name: known for name in unknown[:LOOKED_AT] if (known := nearest(name, read)) is not None}
        return Account(format, "objects", self._count or None, 0, 0, unknown, near)

    def records(self) -> Iterator[Record]:
        """Yield what the objects mean."""
        assert self._of.read is not None
        if not tells_any(self.fields):
            expected = f"facts such as {next(iter(self.fields), 'its own')}"
            message = f"{self.what.format} is nothing for this pack, which has none of its facts"
            raise InputError(message, file=self.name, expected=expected)
        objects = self._in_lines() if self.what.is_lines else self._in_document()
        self._parts, self._count = 0, 0
        self._refused.clear()
        try:
            for record in self._of.read(objects, self.wanted.settings):
                self._count += 1
                if self._page and record.kind is Kind.MEMBERS:  # they are read all together, and so was the page
                    from imagefit.readers.members import as_part

                    record = as_part(
                        record, "not all members are here, so that whom the image is shared with is unknown"
                    )
                self._parts += record.is_part
                if record.unrecognised and len(self._names) < MOST_SEEN:
                    self._names.update(dict.fromkeys(record.unrecognised))
                yield record
        except InputError as error:
            raise error.at(file=self.name) from None

    def kept(self) -> Kept | None:
        """Return the rows, read once and kept as columns; None where some may be refused."""
        from imagefit.sources.kept import Kept

        return None if self.wanted.keep_going else Kept(self.batches(), self.fields)

    def _refuse(self, text: str, error: InputError) -> None:
        """Note an object that is refused, if it is to go on; else raise what is wrong with it."""
        if not self.wanted.keep_going:
            raise error
        self._refused.append((text, error))

    def _in_lines(self) -> Iterator[dict[str, object]]:
        for number, text, value in json_lines(self.file):
            if isinstance(value, dict) and (error := self._strangers.error(value, number, self.name)) is not None:
                self._refuse(text, error)
            elif isinstance(value, dict):
                yield value
            else:
                self._refuse(text, value if isinstance(value, InputError) else _no_object(number, text, self.name))

    def _in_document(self) -> Iterator[dict[str, object]]:
        with self.file.text() as text:
            wrappers = self._of.wrappers
            document = JsonDocument(text, wrappers, keep_going=self.wanted.keep_going)
            for place, value in document.values():
                if isinstance(value, InputError):
                    self._refuse(document.text, value)
                    continue
                found = expect_object(value, place, self.name)
                if document.count is None:
                    found = self._unwrapped(found)
                if document.wrapper is not None and (inner := wrappers[document.wrapper]):
                    yield from self._held(found, inner, place)
                elif (error := self._strangers.error(found, place, self.name)) is not None:
                    self._refuse(document.text, error)
                else:
                    yield found
            self._page = _page(document, next(iter(wrappers))) if wrappers else []
            self._beside = "" if self._of.is_whole else _beside(document, self._of, self.fields)

    def _held(self, found: dict[str, object], keys: Sequence[str], place: str) -> Iterator[dict[str, object]]:
        """Yield the object that an element of a list holds, or those of the list that it holds."""
        key = next((key for key in keys if key in found), keys[0])
        held = found.get(key)
        if not isinstance(held, list):
            yield expect_object(held, f"{place}.{key}", self.name)
            return
        for number, each in enumerate(held):
            yield expect_object(each, f"{place}.{key}[{number}]", self.name)

    def _unwrapped(self, whole: dict[str, object]) -> dict[str, object]:
        for key, inner in self._of.wrappers.items():
            if inner and key in whole:
                expected = "a list of JSON objects"
                raise InputError("not a list", file=self.name, row=key, value=whole[key], expected=expected)
        for key in self._of.singles if "id" not in whole and not self._of.is_whole else ():
            if isinstance(inside := whole.get(key), dict):
                return inside
        lists = [key for key, value in whole.items() if isinstance(value, list) and key in _LISTS]
        is_one = self._of.is_whole or self._of.is_one(whole, self.fields)
        if lists and not is_one:  # of a format that was asked for, and is not that of the file
            expected = f"what is read as {self.what.format}"
            raise InputError("a list of something else", file=self.name, row=lists[0], expected=expected)
        return whole


class FactsFile(CandidateFile):
    """Objects whose keys are facts, and others."""

    states_facts = True

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        super().__init__(file, what, wanted)
        self._seen, self._count = SeenColumns(), 0
        self.piece_rows = 16_384 if what.is_lines else self.piece_rows

    def account(self) -> Account:
        """Return which keys are facts."""
        from imagefit.sources.accounts import account_of_columns

        format = str(self.what.format)
        return account_of_columns(format, self._seen.names, self.fields, self.own, self._count or None, "objects")

    @property
    def columns_read(self) -> Collection[str] | None:
        """The keys of the objects that were read."""
        return self._seen.names if self._count else None

    def records(self) -> Iterator[Record]:
        """Yield the candidates; one that can't be read is an error here in any case."""
        for row in self.rows():
            yield record_of(row, self.fields, self.name, self.own)

    def rows(self) -> Iterator[Row]:
        """Yield the candidates as they stand there."""
        return self._in_lines() if self.what.is_lines else self._in_document()

    def _in_lines(self) -> Iterator[Row]:
        for number, text, value in json_lines(self.file):
            yield self._row_in_line(number, text, value)

    def _row_in_line(self, number: int, text: str, value: object) -> Row:
        found = value if isinstance(value, dict | InputError) else _no_object(number, text, self.name)
        return self._row(found, number, text)

    def _in_document(self) -> Iterator[Row]:
        with self.file.text() as text:
            document = JsonDocument(text, keep_going=self.wanted.keep_going)
            for number, (place, value) in enumerate(document.values(), start=1):
                if not isinstance(value, InputError):
                    value = expect_object(value, place, self.name)
                yield self._row(value, number, document.text)

    def _row(self, found: dict[str, object] | InputError, number: int, text: str) -> Row:
        """Return an object as a row, or what is wrong with it; raises that, unless it is to go on."""
        self._count, seen = number, len(self._seen.names)
        if not isinstance(found, InputError) and not self._seen.see(found):
            found = COLUMNS.passed(self.name, row=number)
        if len(self._seen.names) > seen:
            self.own.check(self._seen.names, self.fields, self.name)
        if not isinstance(found, InputError):
            return Row(number, found, key_of_row(found, number), size=len(text))
        if not self.wanted.keep_going:
            raise found
        return Row(number, {}, text, error=found, size=len(text))


def _no_object(number: int, text: str, file: str) -> InputError:
    return InputError("not an object", file=file, row=number, value=text, expected="an object of facts")


def _beside(document: JsonDocument, of: Objects, fields: Container[str]) -> str:
    """Say what is left out that is read where it stands alone: other objects, and facts; empty if nothing is."""
    read = document.wrapper or next((key for key in of.singles if isinstance(document.outer.get(key), dict)), None)
    if read is None or (document.wrapper is None and "id" in document.outer):
        return ""
    keys = [
        key for key, value in document.outer.items() if key != read and (key in fields or _is_read_alone(key, value))
    ]
    return f"of what stands side by side here, {read} is read, and {', '.join(keys)} not" if keys else ""


def _is_read_alone(key: str, value: object) -> bool:
    """Tell whether objects under a key would be read, if nothing stood beside them, or it were called otherwise."""
    formats = [of for format in Format if isinstance(of := format.recognised, Objects)]
    found = value[0] if isinstance(value, list) and value else value
    if not isinstance(found, dict) or not found:
        return False
    return any(key in (of.singles if found is value else of.wrappers) or of.is_one(found, {}) for of in formats)


def _page(document: JsonDocument, key: str) -> list[str]:
    """Warn of a page that is not the whole list of what `key` calls."""
    if document.count is None and key == "members":
        return ["this is one member, and not the list of them: the image may have others"]
    if names_next_page(document.outer, key):
        return [f"this is one page of a longer list: it names a next page, and only its own {key} are read"]
    read = document.count if document.wrapper is not None else None
    if read is not None and (count := stated_count(document.outer)) is not None and count > read:
        return [f"this is not the whole list: {read} of {count} {key}"]
    return []
