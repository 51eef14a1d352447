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
from imagefit.sources.limits import CELL, COLUMNS, TEXT
from imagefit.sources.names import key_of_row
from imagefit.sources.opening import Opened
from imagefit.sources.text import Text, is_carried, uncarried

if TYPE_CHECKING:
    from imagefit.sources.batch import Batch

__all__ = ["AttributesCsv", "ConsoleCsv", "FactsCsv", "header_of"]


csv.field_size_limit(max(csv.field_size_limit(), 2 * TEXT.most))  # ours is below: it is the same for all formats


def header_of(file: Opened) -> tuple[str, ...]:
    """Return a file's columns; raises `InputError` if it is empty, or a column stands twice or is no text."""
    with file.text() as text:
        header = next(_Cells(text), None)
    if header is None:
        raise InputError("the file is empty", file=file.name, expected="a header, at least")
    if not all(map(is_carried, header)):
        raise file.not_text()
    if len(header) > COLUMNS.most:
        raise COLUMNS.passed(file.name, len(header), row="the header")
    seen: set[str] = set()
    for column in header:
        if column in seen:
            raise InputError("the column stands twice", file=file.name, row="the header", value=column)
        if len(column) > CELL.most:
            raise CELL.passed(file.name, len(column), row="the header")
        seen.add(column)
    return tuple(header)


class _Cells:
    """The cells of each row that is not empty, the header's too.

    Attributes
    ----------
    is_odd
        Whether a cell of the last row may be too long or hold what is no text.
    """

    def __init__(self, text: Text) -> None:
        self.is_odd = False
        self._text, self._size = text, 0
        self._rows = csv.reader(self._lines(), strict=True)

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        while True:
            self._size, self.is_odd, self._text.may_skip = 0, False, True
            try:
                if cells := next(self._rows):
                    self.is_odd = self.is_odd or self._size > CELL.most
                    return cells
            except csv.Error as error:
                said = "a quote is left open" if str(error) == "unexpected end of data" else str(error)
                row = f"line {self._text.line}"
                raise InputError(f"not CSV ({said})", file=self._text.name, row=row) from None

    def _lines(self) -> Iterator[str]:
        for line in self._text.lines("\r\n"):
            self._text.may_skip = False
            self._size += len(line)
            if self._size > TEXT.most:
                raise TEXT.passed(self._text.name, row=f"line {self._text.line}")
            self.is_odd = self.is_odd or not is_carried(line)
            yield line


class _CsvFile(CandidateFile):
    """A file of CSV with a header."""

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        super().__init__(file, what, wanted)
        self.columns = header_of(file)

    def lines(self, *, keep_going: bool = False) -> Iterator[tuple[int, list[str], InputError | None]]:
        """Yield the rows with their numbers; raise what is wrong with one that the header does not fit, or yield it."""
        with self.file.text() as text:
            rows = _Cells(text)
            next(rows)
            for number, cells in enumerate(rows, start=1):
                error = None
                if len(cells) != len(self.columns):
                    message, expected = f"the row has {len(cells)} cells", f"{len(self.columns)}, as the header"
                    error = InputError(message, file=self.name, row=number, expected=expected)
                elif rows.is_odd:
                    error = self._odd(number, cells)
                if error is not None and not keep_going:
                    raise error
                yield number, cells, error

    def _odd(self, number: int, cells: list[str]) -> InputError | None:
        """Return what is wrong with the first cell that is too long or holds what is no text; None if none does."""
        for column, cell in zip(self.columns, cells, strict=True):
            if len(cell) > CELL.most:
                return CELL.passed(self.name, len(cell), row=number, column=column)
            if not is_carried(cell):
                return uncarried(cell, self.name, number, column)
        return None


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
        count = 0
        for batch in self._batches():
            count += batch.count
            self._count = count
            yield batch

    def _batches(self) -> Iterator[Batch]:
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
