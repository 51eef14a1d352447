"""Some candidates of a source as Arrow data, with what is known of each row beside its facts; and what gives them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from json.encoder import encode_basestring as quoted
from typing import Any, Protocol, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.arrowdata import bytes_of
from imagefit.errors import InputError
from imagefit.readers.own import AS_THEY_ARE, OwnTables
from imagefit.readers.records import Record
from imagefit.sources.names import KEY_COLUMNS
from imagefit.values import dataclass, replace

__all__ = [
    "CELLS",
    "SLICE_ROWS",
    "BadRow",
    "Batch",
    "Keys",
    "Source",
    "keys_of",
    "pieces",
    "row_text",
    "row_texts",
    "rows_of",
]

T = TypeVar("T")

SLICE_ROWS = 131_072
"""Rows that are judged at a time: large enough that threads need not fight for the interpreter."""

CELLS = 1 << 22
"""About so many cells are in a batch at a time, however wide a table is: up to half as many again, to be even."""

CELLS_IN_MEMORY = 1 << 23
"""So many cells are judged at a time of a table that is in memory anyway: shorter slices cost more a row."""

PIECE_CELLS, PIECE_CHARACTERS = 1 << 20, 1 << 25
"""So many cells, of so many characters, are in Python at a time."""


BYTES, OF_A_ROW = 1 << 24, 192
"""A batch of about so many bytes is large, or of so many for each of its rows at most: what is made of it takes several
times as many."""


def rows_of(columns: int, most: int, row_bytes: float = 0, *, is_in_memory: bool = False) -> int:
    """Return how many rows of a table are taken at a time: `most`, or fewer where it is very wide, or its rows long."""
    cells = CELLS_IN_MEMORY if is_in_memory else CELLS
    return max(64, min(most, cells // max(columns, 1), int(min(BYTES, OF_A_ROW * most) / max(row_bytes, 1))))


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no row of the table: its number, what is wrong with it, and its text."""

    number: int
    error: InputError
    text: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a source.

    Attributes
    ----------
    data
        A ``pyarrow.RecordBatch`` with the facts, and what else is at hand of the caller's columns.
    first
        The place of the first row among all, from 0.
    file, numbers
        The file, and the rows' numbers in it, from 1; in memory, rows are counted on from `first`.
    rows
        The rows as the file has them, where they are mappings.
    bad
        Rows that could not be read, and are not in `data`.
    keys
        What the rows are called, where a reader knows it; else columns say it.
    records
        What the rows were made of, where a reader gives records: their names, origins, notes, operations.
    own
        What the caller says of the columns.
    """

    data: Any
    first: int = 0
    file: str | None = None
    numbers: Sequence[int] | None = None
    rows: Sequence[Mapping[str, object]] | None = None
    bad: Sequence[BadRow] = ()
    keys: Sequence[str] | None = None
    records: Sequence[Record] | None = None
    own: OwnTables = AS_THEY_ARE

    @property
    def count(self) -> int:
        """How many rows there are."""
        return int(self.data.num_rows)

    def number(self, row: int) -> int:
        """Return the number of the row at a place, for messages."""
        return self.first + 1 + row if self.numbers is None else self.numbers[row]

    def located(self, row: int, error: InputError) -> InputError:
        """Return what is wrong with a value of the row at a place, with where that stands."""
        error = error.at(file=self.file, row=self.number(row))
        return self.own.located(error, self.data.schema.names) if self.own.names else error

    def slice(self, start: int, count: int) -> Batch:
        """Return some of the rows; the bad ones come with the first."""
        stop = start + count
        bad = () if start else self.bad
        return self._with(lambda values: values[start:stop], self.data.slice(start, count), self.first + start, bad)

    def slices(self, rows: int = SLICE_ROWS, *, is_written: bool = False) -> Iterator[Batch]:
        """Yield the batch in even pieces of about so many rows, and of cells as a batch has them.

        With `is_written`, they are also fewer where the rows are long: what is written of them takes room, too.
        """
        row_bytes = bytes_of(self.data) / max(self.count, 1) if is_written else 0
        most = rows_of(self.data.num_columns, rows, row_bytes, is_in_memory=self.file is None)
        rows = -(-max(self.count, 1) // max(1, round(self.count / most)))
        for start in range(0, max(self.count, 1), rows):
            yield self.slice(start, rows)

    def take(self, places: Sequence[int], first: int) -> Batch:
        """Return the rows at some places, the first of which is at `first` now; without the bad ones."""
        numbered = (
            replace(self, numbers=range(self.first + 1, self.first + 1 + self.count)) if self.numbers is None else self
        )
        data = self.data.take(pa.array(places, pa.int64()))
        return numbered._with(lambda values: [values[place] for place in places], data, first)

    def _with(self, chosen: Callable[[Any], Any], data: Any, first: int, bad: Sequence[BadRow] = ()) -> Batch:
        """Return other rows, chosen from all that is known row by row."""
        of_rows = (self.numbers, self.rows, self.keys, self.records)
        numbers, rows, keys, records = (None if values is None else chosen(values) for values in of_rows)
        return Batch(data, first, self.file, numbers, rows, bad, keys, records, self.own)

    def has_keys(self) -> bool:
        """Whether the rows are called something, and not only counted."""
        return self.keys is not None or any(name in self.data.schema.names for name in KEY_COLUMNS)

    def key_texts(self) -> Any:
        """Return what each row is called, as an Arrow array of text: by its columns, or else its number."""
        texts = self._names() if self.keys is None else pa.array(self.keys, pa.large_string())
        if texts is not None and not texts.null_count:
            return texts
        rows = np.arange(self.count) + self.first + 1 if self.numbers is None else self.numbers
        numbers = pa.array(rows, pa.int64()).cast(pa.large_string())
        return numbers if texts is None else pc.coalesce(texts, numbers)

    def names(self) -> list[str | None]:
        """Return what each row is called, None where it has nothing but a number."""
        columns = self._names()
        texts: list[str | None] = [None] * self.count if columns is None else columns.to_pylist()
        if self.keys is None:
            return texts
        if self.records is not None:
            texts = [record.id or record.name or None for record in self.records]
        named = zip(texts, self.keys, strict=True)
        return [key if text or key != str(self.number(row)) else None for row, (text, key) in enumerate(named)]

    def _names(self) -> Any:
        """Return what columns call the rows, null where they call one nothing; None if there is no such column."""
        texts = None
        for name in KEY_COLUMNS:
            if texts is not None and not texts.null_count:
                return texts
            if (own := self._texts(name)) is not None:
                texts = own if texts is None else pc.coalesce(texts, own)
        return texts

    def _texts(self, name: str) -> Any:
        """Return a column as text, null where it says nothing; None if there is no such column of values."""
        if (place := self.data.schema.get_field_index(name)) < 0:
            return None
        column = self.data.column(place)
        try:
            column = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
            texts = column.cast(pa.large_string())
        except pa.ArrowException:
            return None
        is_empty = pc.fill_null(pc.equal(pc.binary_length(texts), pa.scalar(0, pa.int64())), False)
        # No `if_else`: up to Arrow 21 at least, it reads other rows where a slice stands beside a null.
        return pc.replace_with_mask(texts, is_empty, pa.scalar(None, pa.large_string()))


row_text = json.JSONEncoder(default=str, ensure_ascii=False).encode
"""Returns a row that is a mapping as a text: what a bad row has of it."""


def row_texts(data: Any) -> list[str]:
    """Return the rows of Arrow data as `row_text` does: column by column, which takes half the time."""
    names = data.schema.names
    if len(set(names)) < len(names) or not names:
        return list(map(row_text, data.to_pylist()))
    cells = []
    for begin, name, column in zip(("{", *[", "] * len(names)), names, data.columns, strict=False):
        start = f"{begin}{quoted(name)}: "
        values = column.to_pylist()
        cells.append([start + (quoted(v) if type(v) is str else row_text(v)) for v in values])
    return ["".join(row) + "}" for row in zip(*cells, strict=True)]


def pieces(rows: Iterable[T], most: int, size_of: Callable[[T], tuple[Collection[str], int]]) -> Iterator[list[T]]:
    """Yield rows in lists that are no larger than Python is to hold at a time.

    Parameters
    ----------
    most
        So many rows are in one at most.
    size_of
        Returns the columns of a row, and its characters.
    """
    piece: list[T] = []
    columns: set[str] = set()
    characters = 0
    for row in rows:
        piece.append(row)
        own, size = size_of(row)
        columns.update(own)
        characters += size
        if len(piece) >= min(most, PIECE_CELLS // max(len(columns), 1)) or characters >= PIECE_CHARACTERS:
            yield piece
            piece, characters = [], 0
            columns.clear()
    if piece:
        yield piece


class Source(Protocol):
    """Batches of candidates that can be read again and again."""

    @property
    def names(self) -> Sequence[object]:
        """The names of the caller's columns."""

    @property
    def schema(self) -> Any:
        """The caller's columns, as a ``pyarrow.Schema``."""

    @property
    def rows(self) -> int | None:
        """The number of rows, if that is known without reading them."""

    @property
    def frame(self) -> Any:
        """The caller's table where it is a ``pandas.DataFrame``; else None."""

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, in order."""

    def columns(self) -> Iterator[Batch]:
        """Yield the rows, in order, for who looks at columns alone: `rows` and `records` may not be there."""

    def key_of(self, batch: Batch) -> Callable[[int], str]:
        """Return a function that says what the row at a place of a batch is called."""

    def carried(self, batch: Batch) -> Any:
        """Return the caller's columns of a batch, as a ``pyarrow.RecordBatch``."""

    def filtered(self, masks: Iterable[NDArray[np.bool_]]) -> Source:
        """Return the rows for which the masks, batch after batch, are true."""


class Keys:
    """Says what the rows of a batch are called; works that out when it is first asked."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    @cached_property
    def _texts(self) -> Any:
        return self._batch.key_texts()

    def __call__(self, row: int) -> str:
        """Return what the row at a place is called."""
        return self._batch.keys[row] if self._batch.keys is not None else str(self._texts[row].as_py())

    def at(self, rows: NDArray[np.intp]) -> Any:
        """Return what the rows at some places are called, as an Arrow array."""
        return self._texts.take(pa.array(rows))


def keys_of(batch: Batch) -> Keys:
    """Return a function that says what the row at a place is called."""
    return Keys(batch)
