"""Long lists in JSON, of facts or as a vendor's API gives them: read element by element, never whole."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from imagefit.errors import InputError
from imagefit.facts import Field
from imagefit.readers.assembly import Settings, expect_object
from imagefit.readers.records import Format
from imagefit.sources.detection import detect
from imagefit.sources.factsfiles import near_facts
from imagefit.sources.jsonstream import ListStream
from imagefit.sources.reading import read_data
from imagefit.sources.records import row_of
from imagefit.sources.streams import Opened
from imagefit.sources.tables import Piece

__all__ = ["DocumentTable"]

PIECE_ROWS = 4096


class DocumentTable:
    """A JSON list, or an object of which one value is a list."""

    def __init__(self, file: Opened, fields: Mapping[str, Field], format: str | None, region: str | None) -> None:
        self._file = file
        self._settings = Settings(fields, region=region)
        self.name = file.name
        self.size: int | None = None
        self.schema = None
        with file.text() as text:
            stream = ListStream(text, file.name)
            first = list(itertools.islice(self._elements(stream), PIECE_ROWS))
        whole = first if stream.wrapper is None else {stream.wrapper: first}
        self._format = Format(format) if format is not None else detect(whole, fields, file.name)
        self._is_facts = self._format in (Format.FACTS_JSON, Format.FACTS_JSONL)
        names = dict.fromkeys(name for row in first for name in row if name not in fields) if self._is_facts else {}
        self._notes = dict.fromkeys(near_facts(names, fields))

    @property
    def notes(self) -> Sequence[str]:
        """What there is to warn of, as far as the file was read."""
        return tuple(self._notes)

    def share(self) -> float:
        """Return how much of the file was read, from 0 to 1."""
        return self._file.share()

    def pieces(self) -> Iterator[Piece]:
        """Yield the rows."""
        number = 1
        with self._file.text() as text:
            stream = ListStream(text, self.name)
            elements = self._elements(stream)
            try:
                while rows := list(itertools.islice(elements, PIECE_ROWS)):
                    numbers = range(number, number + len(rows))
                    number += len(rows)
                    yield Piece(rows, numbers) if self._is_facts else self._records(stream.wrapper, rows, numbers)
            except UnicodeDecodeError as error:
                message = f"not {error.encoding.upper()} after row {number - 1}"
                raise InputError(message, file=self.name, expected="UTF-8, or UTF-16 with a byte order mark") from None
        if stream.outer.get("next"):
            self._notes["this is one page of a longer list: it names a next page"] = None

    def _elements(self, stream: ListStream) -> Iterator[dict[str, object]]:
        for number, element in enumerate(stream.elements(), start=1):
            yield expect_object(element, f"row {number}", self.name)

    def _records(self, wrapper: str | None, rows: list[dict[str, object]], numbers: Sequence[int]) -> Piece:
        data: object = rows if wrapper is None else {wrapper: rows}
        document = read_data(data, self._format, self._settings, self.name)
        notes = (*document.warnings, *(note for record in document.records for note in record.notes))
        self._notes.update(dict.fromkeys(notes))
        named = zip(document.records, numbers, strict=True)
        keys = [record.key if record.id or record.name else str(number) for record, number in named]
        return Piece([row_of(record, document.format) for record in document.records], numbers, keys=keys)
