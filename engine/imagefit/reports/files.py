"""Tables as files: Arrow batches in a format of `FORMATS`, whole or not at all.

A format is a module with a class and a line in `FORMATS`: `csvfile`, `jsonlines` and `parquet` write what an audit
and a match give. Batches are encoded, possibly by several threads, and written in order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import Any, BinaryIO, Literal, Protocol

from imagefit.errors import InputError, UnknownNameError
from imagefit.reports.atomic import atomic_file

__all__ = ["FORMATS", "Layout", "Rows", "TableWriter", "format_of", "write_batches", "writer_for"]

FORMATS: Mapping[str, str] = {
    "text": "imagefit.reports.audit.text:TextWriter",
    "csv": "imagefit.reports.csvfile:CsvWriter",
    "jsonl": "imagefit.reports.jsonlines:JsonLinesWriter",
    "parquet": "imagefit.reports.parquet:ParquetWriter",
}
"""The output formats, and the place of the class that writes each."""

FOR_READERS = frozenset({"text"})
"""Those of them that show some rows of an audit, and are no table."""


class Rows(Protocol):
    """Some rows to write."""

    def carried(self) -> Any:
        """Make the caller's columns, a ``pyarrow.RecordBatch``; None if there are none."""

    def results(self) -> Iterable[Any]:
        """Make our columns, Arrow arrays in the order of `Layout.results`."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What all rows of a table have in common.

    Attributes
    ----------
    schema
        Makes the ``pyarrow.Schema`` of the caller's columns. Text may come dictionary-encoded.
    results
        The ``pyarrow.Schema`` of our columns: text (it may come dictionary-encoded), lists of text, numbers.
    width, colour, shown
        Of text: columns of the terminal, whether it shows colours, and how many rows to show.
    group_rows, compression
        Of Parquet: about how many rows make a row group, and how these are compressed.
    """

    schema: Callable[[], Any]
    results: Any
    width: int = 80
    colour: bool = False
    shown: int = 20
    group_rows: int = 131_072
    compression: Literal["snappy", "zstd"] = "snappy"


class TableWriter(Protocol):
    """Writes one file."""

    def encode(self, rows: Any) -> Any:
        """Make what `write` takes of some `Rows`; several threads call this at a time."""

    def write(self, encoded: Any) -> None:
        """Write what `encode` made, in the order of the rows."""

    def close(self, summary: Any = None) -> None:
        """Write what comes last; `summary` is that of an audit."""


def format_of(path: str | os.PathLike[str]) -> str:
    """Return the format that a file's name ends in.

    Raises
    ------
    UnknownNameError
        If that is none.
    """
    ending = PurePath(path).suffix.lstrip(".").lower()
    if ending not in FORMATS:
        raise UnknownNameError.of("output format", ending, FORMATS).at(file=str(path))
    return ending


def writer_for(name: str, file: BinaryIO, layout: Layout) -> TableWriter:
    """Return the writer of a format.

    Raises
    ------
    UnknownNameError
        If there is no such format.
    """
    if name not in FORMATS:
        raise UnknownNameError.of("output format", name, FORMATS)
    module, _, kind = FORMATS[name].partition(":")
    writer: TableWriter = getattr(import_module(module), kind)(file, layout)
    return writer


@dataclass(frozen=True, slots=True)
class _OwnRows:
    """A batch whose columns are all ours."""

    batch: Any

    def carried(self) -> Any:
        return None

    def results(self) -> Iterable[Any]:
        columns: Iterable[Any] = self.batch.columns
        return columns


def write_batches(path: str | os.PathLike[str], schema: Any, batches: Iterable[Any]) -> int:
    """Write batches of columns that are all ours to a file of the format that its name ends in.

    A batch is a row group in Parquet: what makes them knows how many rows take how much memory.

    Returns
    -------
    int
        The number of rows.

    Raises
    ------
    InputError
        If the name ends in no format of a table.
    """
    kind = PurePath(path).suffix.lstrip(".").lower()
    tables = [name for name in FORMATS if name not in FOR_READERS]
    if kind not in tables:
        expected = f"a name that ends in {', '.join(f'.{name}' for name in tables)}"
        raise InputError("no format that is written", file=str(path), expected=expected)
    import pyarrow as pa

    rows = 0
    with atomic_file(path) as file:
        writer = writer_for(kind, file, Layout(lambda: pa.schema([]), schema, group_rows=1, compression="zstd"))
        for batch in batches:
            writer.write(writer.encode(_OwnRows(batch)))
            rows += batch.num_rows
        writer.close()
    return rows
