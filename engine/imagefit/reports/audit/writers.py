"""Writing audited tables: the formats, and what a writer of one has to do.

A format is a line in `FORMATS` and a class: batches are encoded in threads, written in order, and the
summary comes last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from os import PathLike
from pathlib import PurePath
from typing import Any, BinaryIO, Protocol

from imagefit.auditing.summary import Summary
from imagefit.errors import UnknownNameError
from imagefit.verdicts import Verdict

__all__ = ["FORMATS", "AuditedRows", "Layout", "TableWriter", "format_of", "writer_for"]

FORMATS: Mapping[str, str] = {
    "text": "imagefit.reports.audit.text:TextWriter",
    "csv": "imagefit.reports.audit.csvfile:CsvWriter",
    "jsonl": "imagefit.reports.audit.jsonlines:JsonLinesWriter",
    "parquet": "imagefit.reports.audit.parquet:ParquetWriter",
}
"""The output formats, and the place of the class that writes each."""


@dataclass(frozen=True, slots=True)
class AuditedRows:
    """Some rows of an audit.

    Attributes
    ----------
    rows
        Their number.
    carried
        Makes the caller's columns, a ``pyarrow.RecordBatch``; None if there are none.
    results
        Makes the result columns, Arrow arrays in the order of `Layout.results`: the verdict, then lists of text.
    verdicts
        Makes the full verdict of each row.
    key_of, names
        What a row is called, and what the first rows' own column ``name`` says, if there is one.
    """

    rows: int
    carried: Callable[[], Any]
    results: Callable[[], Sequence[Any]]
    verdicts: Callable[[], Iterator[Verdict]]
    key_of: Callable[[int], str]
    names: Callable[[int], Sequence[object] | None]


@dataclass(frozen=True, slots=True)
class Layout:
    """What all batches have in common.

    Attributes
    ----------
    schema
        Makes the ``pyarrow.Schema`` of the caller's columns. Text may come dictionary-encoded.
    results
        The names of the result columns.
    width, colour
        Of text: columns of the terminal, and whether it shows colours.
    shown
        Of text: how many rows to show.
    """

    schema: Callable[[], Any]
    results: Sequence[str]
    width: int = 80
    colour: bool = False
    shown: int = 20


class TableWriter(Protocol):
    """Writes one file."""

    def encode(self, rows: AuditedRows) -> Any:
        """Make what `write` takes; several threads call this at a time."""

    def write(self, encoded: Any) -> None:
        """Write a batch, in the order of the rows."""

    def close(self, summary: Summary) -> None:
        """Write what comes last."""


def format_of(path: str | PathLike[str]) -> str:
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
