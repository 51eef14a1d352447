"""Files of CSV: facts or attributes as columns, or the console's export. Every cell is text, as it stands there.

Ragged rows are errors; a header alone is zero rows. Arrow reads what it can of long tables; where it would not read as
Python's `csv` does, that reads on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from imagefit.errors import InputError, number_of
from imagefit.facts import Field, Value, read_text
from imagefit.readers.console import may_be_console_export, odd_columns, read_console
from imagefit.readers.records import Record
from imagefit.readers.tables import read_table
from imagefit.sources.accounts import Account, account_of_columns
from imagefit.sources.candidates import CandidateFile, Wanted
from imagefit.sources.csvtext import Cells, header_of
from imagefit.sources.facts import Row, record_of
from imagefit.sources.formats import Detected
from imagefit.sources.limits import CELL
from imagefit.sources.names import key_of_row
from imagefit.sources.opening import Opened
from imagefit.sources.text import is_carried, uncarried

if TYPE_CHECKING:
    from imagefit.sources.batch import Batch

__all__ = ["AttributesCsv", "ConsoleCsv", "FactsCsv"]


class _CsvFile(CandidateFile):
    """A file of CSV with a header."""

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        super().__init__(file, what, wanted)
        self.header = header_of(file, wanted.settings.own.delimiter)
        self.columns = self.header.columns

    def lines(self, *, keep_going: bool = False) -> Iterator[tuple[int, list[str], InputError | None]]:
        """Yield the rows with their numbers; raise what is wrong with one that the header does not fit, or yield it."""
        with self.file.text() as text:
            rows = Cells(text, self.header.delimiter, has_separator_line=self.header.has_separator_line)
            next(rows)
            for number, cells in enumerate(rows, start=1):
                error = None
                if len(cells) != len(self.columns):
                    message = f"the row has {number_of(len(cells), 'cell')}"
                    expected = f"{len(self.columns)}, as the header"
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
                encoding, expected = self.file.encoding, self.file.expected_encoding
                return uncarried(cell, self.name, number, column, encoding=encoding, expected=expected)
        return None


class FactsCsv(_CsvFile):
    """A CSV file whose columns are facts, and others."""

    states_facts = True
    _count = 0

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        super().__init__(file, what, wanted)
        self.own.check(self.columns, self.fields, self.name)

    def account(self) -> Account:
        """Return which columns are facts."""
        return account_of_columns(str(self.what.format), self.columns, self.fields, self.own, self._count or None)

    @property
    def columns_read(self) -> Collection[str]:
        """The columns."""
        return self.columns

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
            yield record_of(Row(number, values, key_of_row(values, number)), self.fields, self.name, self.own, _read)

    def batches(self) -> Iterator[Batch]:
        """Yield the rows."""
        count = 0
        for batch in self._batches():
            count += batch.count
            self._count = count
            yield replace(batch, own=self.own)

    def _batches(self) -> Iterator[Batch]:
        from imagefit.sources.csvcolumns import fast_batches, text_batches

        if self.wanted.keep_going:
            return text_batches(self.lines(keep_going=True), self.header, self.name)
        return fast_batches(self.file, self.header, self.stating, self.lines)


class ConsoleCsv(_CsvFile):
    """The list of private images that the console exports."""

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        super().__init__(file, what, wanted)
        if not may_be_console_export(self.columns):  # it would be taken for a list of private images all the same
            found, expected = ", ".join(self.columns)[:200], "columns of the console's, such as Image Type or OS"
            raise InputError("none of the console's columns", file=self.name, value=found, expected=expected)

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
    return None if cell is None else read_text(field, str(cell))
