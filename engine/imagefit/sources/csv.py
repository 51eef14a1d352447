"""Files of CSV: facts or attributes as columns, or the console's export. Every cell is text, as it stands there.

Ragged rows, repeated columns and an empty file are errors; a header alone is zero rows. Arrow reads what it
can of long tables; where it would not read as Python's `csv` does, that reads on.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from imagefit.errors import InputError
from imagefit.facts import Field, Value, read_text
from imagefit.readers.console import odd_columns, read_console
from imagefit.readers.records import Record
from imagefit.readers.tables import read_table
from imagefit.sources.accounts import Account, account_of_columns
from imagefit.sources.candidates import CandidateFile, Wanted
from imagefit.sources.facts import Row, record_of
from imagefit.sources.formats import Detected
from imagefit.sources.names import key_of_row
from imagefit.sources.opening import Opened

if TYPE_CHECKING:
    from imagefit.sources.batch import Batch

__all__ = ["AttributesCsv", "ConsoleCsv", "FactsCsv", "header_of"]


def header_of(file: Opened) -> tuple[str, ...]:
    """Return a file's columns; raises `InputError` if it is empty, or a column stands twice."""
    with file.text() as text:
        header = next(_cells(text.lines(), file.name), None)
    if header is None:
        raise InputError("the file is empty", file=file.name, expected="a header, at least")
    seen: set[str] = set()
    for column in header:
        if column in seen:
            raise InputError("the column stands twice", file=file.name, row="the header", value=column)
        seen.add(column)
    return tuple(header)


def _cells(lines: Iterator[str], name: str) -> Iterator[list[str]]:
    """Yield the cells of each row that is not empty, the header's too."""
    reader = csv.reader(lines, strict=True)
    try:
        yield from (cells for cells in reader if cells)
    except csv.Error as error:
        said = "a quote is left open" if str(error) == "unexpected end of data" else str(error)
        raise InputError(f"not CSV ({said})", file=name, row=f"line {reader.line_num}") from None


class _CsvFile(CandidateFile):
    """A file of CSV with a header."""

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        super().__init__(file, what, wanted)
        self.columns = header_of(file)

    def lines(self, *, keep_going: bool = False) -> Iterator[tuple[int, list[str], InputError | None]]:
        """Yield the rows with their numbers; raise what is wrong with one that the header does not fit, or yield it."""
        with self.file.text() as text:
            rows = _cells(text.lines(), self.name)
            next(rows)
            for number, cells in enumerate(rows, start=1):
                error = None
                if len(cells) != len(self.columns):
                    message, expected = f"the row has {len(cells)} cells", f"{len(self.columns)}, as the header"
                    error = InputError(message, file=self.name, row=number, expected=expected)
                    if not keep_going:
                        raise error
                yield number, cells, error


class FactsCsv(_CsvFile):
    """A CSV file whose columns are facts, and others."""

    states_facts = True
    _count = 0

    def account(self) -> Account:
        """Return which columns are facts."""
        return account_of_columns(str(self.what.format), self.columns, self.fields, self._count or None)

    @property
    def schema(self) -> Any:
        """The columns, all of text."""
        import pyarrow as pa

        return pa.schema([(name, pa.string()) for name in self.columns])

    def records(self) -> Iterator[Record]:
        """Yield the rows; one that can't be read is an error here in any case."""
        for number, cells, _ in self.lines():
            self._count = number
            values = dict(zip(self.columns, cells, strict=True))
            yield record_of(Row(number, values, key_of_row(values, number)), self.fields, self.name, _read)

    def batches(self) -> Iterator[Batch]:
        """Yield the rows."""
        from imagefit.sources.csvcolumns import fast_batches, text_batches

        if self.wanted.keep_going or self.file.encoding != "utf-8":
            return text_batches(self.lines(keep_going=self.wanted.keep_going), self.columns, self.name)
        return fast_batches(self.file, self.columns, self.fields, self.lines)


class ConsoleCsv(_CsvFile):
    """The list of private images that the console exports."""

    def remarks(self) -> Sequence[str]:
        """Warn of columns that are not known."""
        return [f"column not recognised: {column}" for column in odd_columns(self.columns)]

    def records(self) -> Iterator[Record]:
        """Yield the images; the caller's own columns stay as they are."""
        rows: list[list[str]] = []

        def taken() -> Iterator[list[str]]:
            for _, cells, _ in self.lines():
                rows[:] = [cells]
                yield cells

        for record in read_console(self.columns, taken(), self.wanted.settings, self.name):
            yield replace(record, columns=dict(zip(self.columns, rows[0], strict=True)))


class AttributesCsv(_CsvFile):
    """A table whose columns are a service's attributes."""

    def records(self) -> Iterator[Record]:
        """Yield the images, flavors or ECSs; the caller's own columns stay as they are."""
        rows: list[dict[str, object]] = []

        def taken() -> Iterator[dict[str, object]]:
            for _, cells, _ in self.lines():
                rows[:] = [dict(zip(self.columns, cells, strict=True))]
                yield rows[0]

        for record in read_table(self.columns, taken(), self.wanted.settings):
            yield replace(record, columns=rows[0])


def _read(field: Field, cell: object) -> Value | None:
    return read_text(field, str(cell))
