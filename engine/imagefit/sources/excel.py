"""A sheet of a workbook (XLSX): its first row that is not empty names the columns, and cells have types.

A number is a number: 7 is not the text ``007``, and an id that was typed as a number is an error where text is wanted.
Formulas are what was stored of them when the workbook was saved; nothing is computed.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from imagefit.errors import InputError, number_of
from imagefit.readers.console import is_console_export, odd_columns, read_console
from imagefit.readers.records import Record
from imagefit.readers.tables import is_table, read_table
from imagefit.sources.accounts import Account, account_of_columns, refuse_without_facts, titles_below
from imagefit.sources.candidates import CandidateFile, Wanted
from imagefit.sources.facts import Row, record_of
from imagefit.sources.formats import Detected
from imagefit.sources.limits import CELL
from imagefit.sources.names import key_of_row
from imagefit.sources.opening import Opened
from imagefit.sources.workbook import cell_name, opened_workbook

if TYPE_CHECKING:
    from imagefit.sources.batch import Batch

__all__ = ["ExcelFile"]

UNTOLD = "(computed)"
"""What stands for the value of a formula where nobody stored it, among a service's attributes."""


class ExcelFile(CandidateFile):
    """One sheet of a workbook."""

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        super().__init__(file.decompressed(), what, wanted)
        self._book = opened_workbook(self.file.path, self.name)
        self._sheet = self._book.chosen(wanted.sheet)
        self._seen = self._book.sheet(self._sheet)
        if wanted.sheet is not None:
            self.name = f"{self.name}#{wanted.sheet}"
        self._first, self._cells = _read(self.file, self._sheet, self.name)
        self.states_facts = True  # until its columns are known
        self._rows = array("l")  # of the sheet, from 0, that are rows of the table
        header = next(self._numbered(), None)
        if header is None:
            others = [name for name in self._book.parts if name != self._sheet]
            expected = f"a header, at least{f'; or another sheet: FILE#{others[0]}' if others else ''}"
            raise InputError("the sheet is empty", file=self.name, value=self._sheet, expected=expected)
        self._header, titles = header
        self.columns = self._titles(titles)
        self.own.check(self.columns, self.fields, self.name)
        stated = [name for name in self.columns if name in self.stating]
        self.is_console = not stated and is_console_export(self.columns)
        self.is_of_attributes = not stated and not self.is_console and is_table(self.columns)
        self.states_facts = not self.is_console and not self.is_of_attributes
        if self.states_facts and not self.own.is_any:
            try:
                refuse_without_facts(self.columns, self.stating, self.name)
            except InputError as error:
                lines = ((place + 1, cells) for place, cells in self._numbered())
                raise titles_below(lines, self.stating, self.name) or error from None

    def remarks(self) -> Sequence[str]:
        """Say which sheets are not read, which of them are hidden, and that formulas have no values."""
        others = [f"{name} (hidden)" if name in self._book.hidden else name for name in self._book.parts]
        others = [name for name in others if name.removesuffix(" (hidden)") != self._sheet]
        said = []
        if others and self.wanted.sheet is None:
            said.append(
                f"the sheet {self._sheet} is read, and not {', '.join(others[:8])}; {self.name}#SHEET reads one"
            )
        if count := self._seen.without_value.total():
            said.append(f"{number_of(count, 'formula')} without a value stored: what stands in such cells is unknown")
        if self._seen.merged:
            said.append("cells are merged: all rows that they reach over have what stands in them")
        said += [f"column not recognised: {name}" for name in (odd_columns(self.columns) if self.is_console else ())]
        return said

    def account(self) -> Account | None:
        """Return which columns are facts."""
        if not self.states_facts:
            return None
        return account_of_columns(str(self.what.format), self.columns, self.fields, self.own, len(self._rows) or None)

    @property
    def columns_read(self) -> Collection[str]:
        """The columns, if they are those of a table of facts."""
        return self.columns if self.states_facts else ()

    def records(self) -> Iterator[Record]:
        """Yield the rows; one that can't be read is an error here in any case."""
        if self.is_console:
            texts = ([_text(cell) for cell in row.values.values()] for row in self._table())
            yield from read_console(self.columns, texts, self.wanted.settings, self.name)
        elif self.is_of_attributes:
            rows = ({name: _text(cell) for name, cell in row.values.items()} for row in self._table())
            yield from read_table(self.columns, rows, self.wanted.settings)
        else:
            for row in self._table():
                try:
                    yield record_of(row, self.fields, self.name, self.own)
                except InputError as error:
                    raise self._at_cell(error) from None

    def batches(self) -> Iterator[Batch]:
        """Yield the rows."""
        try:
            for batch in super().batches():
                yield replace(batch, bad=[replace(bad, error=self._at_cell(bad.error)) for bad in batch.bad])
        except InputError as error:
            raise self._at_cell(error) from None

    def rows(self) -> Iterator[Row]:
        """Yield the rows as they stand there."""
        if not self.states_facts:
            yield from super().rows()
            return
        for row in self._table():
            if row.error is not None and not self.wanted.keep_going:
                raise row.error
            yield row

    def _table(self) -> Iterator[Row]:
        self._rows = array("l")
        for place, cells in self._numbered():
            if place == self._header:
                continue
            self._rows.append(place)
            number = len(self._rows)
            values = dict(zip(self.columns, cells, strict=True))
            error = self._wrong(place, number, values)
            text = ",".join(map(_text, cells)) if error is not None else key_of_row(values, number)
            size = sum(len(cell) for cell in cells if isinstance(cell, str))
            yield Row(number, values, text, error=error, size=size)

    def _numbered(self) -> Iterator[tuple[int, list[object]]]:
        """Yield the rows that are not empty, with their places in the sheet."""
        top, left = self._first
        merged = _Merged(self._seen.merged, None if self.states_facts else UNTOLD)
        untold = [at - left for at in self._seen.without_value] if not self.states_facts else ()
        for place, row in enumerate(self._cells.iter_rows(), start=top):
            cells = [_plain(cell) for cell in row]
            for at in range(len(cells)) if self._seen.errors else ():
                cells[at] = self._seen.errors.get((place, left + at), cells[at])
            is_empty = all(cell is None for cell in cells)
            merged.complete(place, left, cells)
            if is_empty:
                continue
            for at in untold:  # or its absence would mean something
                cells[at] = UNTOLD if cells[at] is None else cells[at]
            yield place, cells

    def _wrong(self, place: int, number: int, values: Mapping[str, object]) -> InputError | None:
        """Return what is wrong with a row: an error in a cell that is to state a fact, or a long cell."""
        for at, (name, cell) in enumerate(values.items()):
            if isinstance(cell, str) and len(cell) > CELL.most:
                return CELL.passed(self.name, len(cell), row=number, column=name)
            if (place, self._first[1] + at) in self._seen.errors and name in self.stating:
                expected = "a value, or an empty cell where nobody knows it"
                named = f"{name}, cell {cell_name(place, self._first[1] + at)}"
                message = "an error of the spreadsheet"
                return InputError(message, file=self.name, row=number, column=named, value=cell, expected=expected)
        return None

    def _titles(self, header: Sequence[object]) -> tuple[str, ...]:
        """Return what the columns are called: one without a title, by its letters."""
        titles: dict[str, None] = {}
        for place, cell in enumerate(header):
            title = _text(cell) or cell_name(0, self._first[1] + place)[:-1]
            if title in titles:
                raise InputError("the column stands twice", file=self.name, row="the header", value=title)
            titles[title] = None
        return tuple(titles)

    def _at_cell(self, error: InputError) -> InputError:
        """Return an error of a value with the cell that it stands in."""
        name = (error.column or "").partition(" (")[0]
        if error.row is None or name not in self.columns or error.row > len(self._rows):
            return error
        cell = cell_name(self._rows[error.row - 1], self._first[1] + self.columns.index(name))
        return type(error)(
            error.message,
            file=error.file,
            row=error.row,
            column=f"{error.column}, cell {cell}",
            value=error.value,
            expected=error.expected,
            nearest=error.nearest,
        )


class _Merged:
    """Gives the cells that are one with another the value that this one alone has.

    Parameters
    ----------
    ranges
        As of `Sheet.merged`.
    beside
        What cells beside the one with the value have, of which nobody can say what is meant.
    """

    def __init__(self, ranges: Iterable[tuple[int, int, int, int]], beside: object) -> None:
        self._ahead, self._beside = sorted(ranges, reverse=True), beside
        self._reaching: dict[int, tuple[int, object]] = {}

    def complete(self, row: int, left: int, cells: list[object]) -> None:
        """Fill a row, of which the first cell is in the column `left`; rows are given in order."""
        for at, (bottom, value) in list(self._reaching.items()):
            if row > bottom:
                del self._reaching[at]
            elif cells[at] is None:
                cells[at] = value
        while self._ahead and self._ahead[-1][0] <= row:
            top, first, bottom, last = self._ahead.pop()
            for column in range(max(first, left), min(last + 1, left + len(cells))) if top == row else ():
                at = column - left
                value = cells[at] if column == first else self._beside
                if value is not None:
                    cells[at], self._reaching[at] = value, (bottom, value)


def _read(file: Opened, sheet: str, name: str) -> tuple[tuple[int, int], Any]:
    """Return the place of the first cell of a sheet, and its cells."""
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        message = "workbooks are read with python-calamine, which is not installed"
        raise InputError(message, file=name, expected="pip install 'imagefit[excel]'") from None
    try:
        found = CalamineWorkbook.from_path(file.path).get_sheet_by_name(sheet)
    except BaseException as error:  # what Rust gives up on is no Exception
        if not isinstance(error, CalamineError | OSError | ValueError) and type(error).__name__ != "PanicException":
            raise
        raise InputError(f"not a readable workbook ({str(error)[:200]})", file=name) from None
    return found.start or (0, 0), found


def _plain(cell: object) -> object:
    """Return what a cell holds: None where it is empty, a whole number as one, a day or a time as text."""
    if cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else cell


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
