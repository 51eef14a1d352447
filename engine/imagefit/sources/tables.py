"""Tables of candidates on disk, read piece by piece: CSV, JSON Lines, Parquet, Arrow IPC, and compressed text.

What a vendor's API or console gives is read by `reading` instead, whole, and laid out as a table. Formats
are told apart by content. A piece is Arrow data, or rows of Python objects; nothing here evaluates.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from imagefit.errors import InputError, UnknownNameError
from imagefit.facts import Field
from imagefit.readers.records import Format
from imagefit.sources.streams import Opened, opened

__all__ = ["TABLE_FORMATS", "BadRow", "Piece", "TableFile", "expanded", "is_table", "open_table"]

LONG_BYTES = 1 << 20
"""JSON that is longer is read element by element."""

PARQUET, ARROW, RECORDS = "parquet", "arrow", "records"

TABLE_FORMATS = (*(known.value for known in Format), PARQUET, ARROW)
"""The input formats of tables, by the names that ``--from`` takes."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no row of the table: its number, what is wrong with it, and its text."""

    number: int
    error: InputError
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a file.

    Attributes
    ----------
    data
        A ``pyarrow.RecordBatch``, or a list of mappings.
    numbers
        The rows' numbers in the file, counted from 1, the header not counted.
    bad
        Rows that are not in `data`, for they could not be read.
    keys
        What the rows are called, where the reader knows it; else a column may say it.
    """

    data: Any
    numbers: Sequence[int]
    bad: Sequence[BadRow] = ()
    keys: Sequence[str] | None = None


class TableFile(Protocol):
    """A file, opened: it can be read again and again."""

    @property
    def name(self) -> str:
        """The file, as messages call it."""

    @property
    def size(self) -> int | None:
        """The number of rows, where the file says it; else None."""

    @property
    def notes(self) -> Sequence[str]:
        """What there is to warn of, in words."""

    @property
    def schema(self) -> Any:
        """The columns as a ``pyarrow.Schema``; None where rows are mappings, each with keys of its own."""

    def share(self) -> float:
        """Return how much of the file was read, from 0 to 1."""

    def pieces(self) -> Iterator[Piece]:
        """Yield the rows; raises `InputError` if the file is not what it should be."""


def expanded(patterns: Iterable[str]) -> list[str]:
    """Return the files that paths and glob patterns mean, each pattern's in the order of their names.

    Raises
    ------
    InputError
        If a pattern means no file.
    """
    found: list[str] = []
    for pattern in patterns:
        if pattern == "-" or not glob.has_magic(pattern) or Path(pattern).exists():
            found.append(pattern)
            continue
        files = sorted(path for path in glob.glob(pattern, recursive=True) if Path(path).is_file())
        if not files:
            raise InputError("no file is named like this", file=pattern)
        found += files
    return found


def open_table(
    path: str,
    fields: Mapping[str, Field],
    *,
    format: str | None = None,
    region: str | None = None,
    keep_going: bool = False,
) -> TableFile:
    """Open a file of candidates.

    Parameters
    ----------
    path
        The file; ``-`` is standard input.
    fields
        The pack's fields.
    format
        One of `TABLE_FORMATS`; by default, the content tells.
    region
        The region that was queried, for image lists, which do not say it.
    keep_going
        Return rows that can't be read as bad rows, and do not raise.

    Raises
    ------
    InputError
        If the file can't be read, or is of no known format.
    """
    if format is not None and format not in TABLE_FORMATS:
        raise UnknownNameError.of("format", format, TABLE_FORMATS)
    file = opened(path)
    kind = format or _kind(file, fields)
    if kind == PARQUET:
        from imagefit.sources.columnar import ParquetTable

        return ParquetTable(file, fields)
    if kind == ARROW:
        from imagefit.sources.columnar import ArrowTable

        return ArrowTable(file, fields)
    if kind == Format.FACTS_CSV:
        from imagefit.sources.csvtables import CsvTable

        return CsvTable(file, fields, keep_going=keep_going)
    if kind == Format.FACTS_JSONL:
        from imagefit.sources.jsonlines import JsonLinesTable

        return JsonLinesTable(file, fields, keep_going=keep_going)
    known = None if kind == RECORDS else kind
    if file.start_text().lstrip()[:1] in ("{", "[") and file.is_longer_than(LONG_BYTES):
        from imagefit.sources.documents import DocumentTable

        return DocumentTable(file, fields, known, region)
    from imagefit.sources.records import RecordsTable

    return RecordsTable(file, fields, known, region)


def is_table(path: str, fields: Mapping[str, Field], *, format: str | None = None) -> bool:
    """Tell whether a file holds rows of facts, to be read piece by piece, and not what `reading` reads whole.

    Raises
    ------
    InputError
        If it can't be read.
    """
    return (format or _kind(opened(path), fields)) in (PARQUET, ARROW, Format.FACTS_CSV, Format.FACTS_JSONL)


def _kind(file: Opened, fields: Mapping[str, Field]) -> str:
    """Tell what a file is by how it begins; `RECORDS`: what `reading` reads."""
    start = file.start
    if start.startswith(b"PAR1"):
        return PARQUET
    if start.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return ARROW
    text = file.start_text()
    if text.lstrip()[:1] in ("{", "["):
        from imagefit.sources.jsonlines import is_lines_of_facts

        return Format.FACTS_JSONL if is_lines_of_facts(text, fields) else RECORDS
    from imagefit.sources.csvtables import is_facts_csv

    return Format.FACTS_CSV if is_facts_csv(text, fields) else RECORDS
