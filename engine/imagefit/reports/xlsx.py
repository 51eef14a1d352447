"""Tables as a workbook of Excel: typed cells, verdicts in colour, a header that stays, a filter, a sheet that sums up.

A text is written as a text, never as a formula, a number or a link. What a sheet has no room for is on the next one.
"""

from __future__ import annotations

import datetime
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import pyarrow as pa

from imagefit.columns.older import older
from imagefit.errors import InputError
from imagefit.reports.files import Layout, Rows
from imagefit.verdicts import VerdictKind

__all__ = ["XlsxWriter"]

MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS = 1_048_576, 16_384, 32_767
"""So many rows, columns and characters of a cell Excel takes."""

LARGEST = 2**53
"""A larger number may be another one in Excel: it is written as text."""

COLOURS = {
    VerdictKind.INCOMPATIBLE: ("#FFC7CE", "#9C0006"),
    VerdictKind.UNKNOWN: ("#FFEB9C", "#7F6000"),
    VerdictKind.COMPATIBLE: ("#C6EFCE", "#006100"),
}
"""The background and the colour of each verdict, which says so in words, too."""

WIDEST, WIDTH_ROWS = 60, 200
AT_ONCE = 2048
"""So many rows are values of Python's at a time, when they are written: these take ten times the room of columns."""

MADE = datetime.datetime(2000, 1, 1)  # whenever it is written, the same rows are the same bytes
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class XlsxWriter:
    """Writes sheets of rows, and before them one with the summary."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        try:
            import xlsxwriter
        except ImportError:
            raise InputError("xlsx needs XlsxWriter", expected="pip install 'imagefit[excel]'") from None

        carried = [str(name) for name in layout.schema().names]
        self._ours = len(carried)  # the first column that is
        self._names = [*carried, *layout.results.names]
        if len(self._names) > MOST_COLUMNS:
            raise InputError(f"{len(self._names):,} columns", expected=f"{MOST_COLUMNS:,} at most, which Excel takes")
        self._file, self._folder = file, tempfile.mkdtemp(prefix="imagefit-")
        self._book = xlsxwriter.Workbook(f"{self._folder}/book", {**OPTIONS, "tmpdir": self._folder})
        self._clean = weakref.finalize(self, _clean, self._book, self._folder)
        self._book.set_properties({"created": MADE})
        self._strong = self._book.add_format({"bold": True})
        self._formats = {
            str(kind): self._book.add_format({"bg_color": back, "font_color": text})
            for kind, (back, text) in COLOURS.items()
        }
        self._date = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._summary = self._book.add_worksheet("summary")
        self._rows = self._row = 0
        self._sheet: Any = None
        self._sheets = 0
        self._counts: Counter[str] = Counter()

    def encode(self, rows: Rows) -> Iterator[Sequence[Sequence[object]]]:
        """Return what makes the rows of a batch values, some at a time."""
        carried = rows.carried()
        columns = [*(() if carried is None else map(older, carried.columns)), *rows.results()]
        count = len(columns[0]) if columns else 0
        pieces = ([column.slice(start, AT_ONCE) for column in columns] for start in range(0, count, AT_ONCE))
        return (list(zip(*map(_values, piece), strict=True)) for piece in pieces)

    def write(self, encoded: Iterator[Sequence[Sequence[object]]]) -> None:
        """Write the rows of a batch, and before the first ones the header."""
        for rows in encoded:
            self._write(rows)

    def _write(self, rows: Sequence[Sequence[object]]) -> None:
        if self._sheet is None:
            self._begin(rows)
        for row in rows:
            if self._row == MOST_ROWS:
                self._end()
                self._begin(rows)
            for column, value in enumerate(row):
                if column >= self._ours and isinstance(value, str) and value in self._formats:
                    self._counts[value] += 1
                    self._sheet.write_string(self._row, column, value, self._formats[value])
                else:
                    self._cell(self._sheet, self._row, column, value)
            self._row += 1
            self._rows += 1

    def close(self, summary: Any = None) -> None:
        """Write what the rows come to, and the end of the file."""
        if self._sheet is None:
            self._begin([])
        self._end()
        verdicts = {str(kind): self._counts[kind] for kind in COLOURS}
        self._summarise({"rows": self._rows, "verdicts": verdicts} if summary is None else summary.to_dict())
        self._book.close()
        with open(f"{self._folder}/book", "rb") as made:
            shutil.copyfileobj(made, self._file)
        self._clean()

    def _begin(self, rows: Sequence[Sequence[object]]) -> None:
        self._sheets += 1
        self._sheet = self._book.add_worksheet("rows" if self._sheets == 1 else f"rows {self._sheets}")
        self._sheet.freeze_panes(1, 0)
        for column, name in enumerate(self._names):
            widest = max((len(_text(row[column])) for row in rows[:WIDTH_ROWS]), default=0)
            self._sheet.set_column(column, column, min(max(len(name) + 4, widest + 1), WIDEST))
        for column, name in enumerate(self._names):
            self._sheet.write_string(0, column, _cut(name), self._strong)
        self._row = 1

    def _end(self) -> None:
        if self._names:
            self._sheet.autofilter(0, 0, max(self._row - 1, 1), len(self._names) - 1)

    def _cell(self, sheet: Any, row: int, column: int, value: object) -> None:
        if value is None:
            return
        if isinstance(value, str):  # as most are
            sheet.write_string(row, column, _cut(value))
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif isinstance(value, int | float) and abs(value) <= LARGEST and float(f"{value:.16G}") == value:
            sheet.write_number(row, column, value)
        elif isinstance(value, datetime.date) and getattr(value, "tzinfo", None) is None and value.year >= 1900:
            kind = self._moment if isinstance(value, datetime.datetime) else self._date
            sheet.write_datetime(row, column, value, kind)
        else:
            sheet.write_string(row, column, _cut(_text(value)))

    def _summarise(self, summary: Mapping[str, Any]) -> None:
        """Write a summary as its JSON has it: numbers by name, and a table for each list."""
        sheet = self._summary
        sheet.set_column(0, 0, 40)
        sheet.set_column(1, 8, 16)
        for number, row in enumerate(_lines(summary)):
            for column, value in enumerate(row):
                if len(row) == 1:
                    sheet.write_string(number, column, value, self._strong)
                else:
                    self._cell(sheet, number, column, value)


def _clean(book: Any, folder: str) -> None:
    """Remove what was written on the way, whether or not it came to a file."""
    for sheet in book.worksheets():
        if getattr(sheet, "row_data_fh", None) is not None:
            sheet.row_data_fh.close()
    shutil.rmtree(folder, ignore_errors=True)


def _lines(summary: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    """Yield the rows of a summary; of one cell alone, which is a title."""
    for name, value in summary.items():
        title = name.replace("_", " ")
        if isinstance(value, Mapping):
            yield (title,)
            yield from _lines(value)
            yield ()
        elif isinstance(value, list | tuple) and value and all(isinstance(each, Mapping) for each in value):
            yield (title,)
            yield tuple(value[0])
            yield from (
                tuple(_text(cell) if isinstance(cell, list) else cell for cell in each.values()) for each in value
            )
            yield ()
        else:
            yield (title, value)


def _values(column: Any) -> list[object]:
    """Return the cells of a column: a list as one text, what is nested otherwise as Python has it."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    values: list[object] = column.to_pylist()
    return values


def _text(value: object) -> str:
    """Return a value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "; ".join(map(_text, value))
    return str(value)


def _cut(text: str) -> str:
    """Cut what is longer than a cell can be, and say so."""
    if 2 * len(text) <= MOST_CHARACTERS or len(text.encode("utf-16-le", "surrogatepass")) // 2 <= MOST_CHARACTERS:
        return text
    return f"{text[: MOST_CHARACTERS // 2]}… ({len(text):,} characters)"
