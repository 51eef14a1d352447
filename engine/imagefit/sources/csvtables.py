"""Facts files as CSV of any size: every cell is text, as it stands there.

Arrow reads them; where it meets a row that does not fit, Python's `csv` says which row that is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import csv as arrow_csv

from imagefit.errors import InputError
from imagefit.facts import Field
from imagefit.sources.factsfiles import near_facts
from imagefit.sources.streams import Opened
from imagefit.sources.tables import BadRow, Piece

__all__ = ["CsvTable", "is_facts_csv"]

BLOCK_BYTES = 4 << 20
PIECE_ROWS = 16_384


def is_facts_csv(text: str, fields: Mapping[str, Field]) -> bool:
    """Tell whether a column in the first line of a CSV is a fact."""
    header = next(csv.reader(io.StringIO(text, newline="")), [])
    return any(column in fields for column in header)


class CsvTable:
    """A CSV file whose columns are facts, and others."""

    def __init__(self, file: Opened, fields: Mapping[str, Field], *, keep_going: bool = False) -> None:
        self._file, self._fields, self._keep_going = file, fields, keep_going
        self.name = file.name
        self.size: int | None = None
        self.columns = self._header()
        self.schema: Any = pa.schema([(name, pa.string()) for name in self.columns])
        self.notes = tuple(near_facts((name for name in self.columns if name not in fields), fields))

    def share(self) -> float:
        """Return how much of the file was read, from 0 to 1."""
        return self._file.share()

    def pieces(self) -> Iterator[Piece]:
        """Yield the rows."""
        if self._keep_going or not self._file.encoding.startswith("utf-8"):
            return self._careful_pieces(raising=not self._keep_going)
        return self._fast_pieces()

    def _header(self) -> tuple[str, ...]:
        with self._file.text() as text:
            header = next((cells for cells in self._cells(text) if cells), None)
        if header is None:
            raise InputError("the file is empty", file=self.name, expected="a header, at least")
        for place, column in enumerate(header):
            if column in header[:place]:
                raise InputError("the column stands twice", file=self.name, row="the header", value=column)
        return tuple(header)

    def _fast_pieces(self) -> Iterator[Piece]:
        kinds = {name: pa.dictionary(pa.int32(), pa.string()) for name in self.columns if name in self._fields}
        number = 1
        try:
            with self._file.binary() as content:
                quotes: Any = _Quotes(content)
                reader = arrow_csv.open_csv(
                    quotes,
                    read_options=arrow_csv.ReadOptions(block_size=BLOCK_BYTES),
                    parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
                    convert_options=arrow_csv.ConvertOptions(
                        column_types={name: kinds.get(name, pa.string()) for name in self.columns},
                        strings_can_be_null=False,
                    ),
                )
                for batch in reader:
                    yield Piece(batch, range(number, number + batch.num_rows))
                    number += batch.num_rows
        except pa.ArrowInvalid as error:
            for _ in self._careful_pieces(raising=True):
                pass
            raise InputError(f"not CSV ({_first_line(error)})", file=self.name) from None
        if quotes.count % 2:
            raise InputError("not CSV (a quote is left open)", file=self.name)

    def _careful_pieces(self, *, raising: bool) -> Iterator[Piece]:
        """Yield the rows that fit the header; raise what is wrong with others, or yield them as bad rows."""
        rows: list[Sequence[str]] = []
        numbers: list[int] = []
        bad: list[BadRow] = []
        with self._file.text() as text:
            lines = (cells for cells in self._cells(text) if cells)
            next(lines)
            for number, cells in enumerate(lines, start=1):
                if len(cells) == len(self.columns):
                    rows.append(cells)
                    numbers.append(number)
                else:
                    error = InputError(
                        f"the row has {len(cells)} cells",
                        file=self.name,
                        row=number,
                        expected=f"{len(self.columns)}, as the header",
                    )
                    if raising:
                        raise error
                    bad.append(BadRow(number, error, ",".join(cells)))
                if len(rows) + len(bad) >= PIECE_ROWS:
                    yield Piece(self._batch(rows), numbers, bad)
                    rows, numbers, bad = [], [], []
        yield Piece(self._batch(rows), numbers, bad)

    def _batch(self, rows: Sequence[Sequence[str]]) -> Any:
        columns = zip(*rows, strict=True) if rows else [() for _ in self.columns]
        return pa.RecordBatch.from_arrays([pa.array(column, pa.string()) for column in columns], list(self.columns))

    def _cells(self, text: Any) -> Iterator[list[str]]:
        lines = csv.reader(text, strict=True)
        try:
            yield from lines
        except csv.Error as error:
            raise InputError(f"not CSV ({error})", file=self.name, row=f"line {lines.line_num}") from None
        except UnicodeDecodeError as error:
            raise InputError(
                f"not {error.encoding.upper()} after line {lines.line_num}",
                file=self.name,
                expected="UTF-8, or UTF-16 with a byte order mark",
            ) from None


class _Quotes(io.RawIOBase):
    """Passes content on and counts its quotes: where their number is odd, one was left open."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = self._content.read(size)
        self.count += block.count(b'"')
        return block


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]
