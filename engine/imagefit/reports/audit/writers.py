"""Writing audited tables: the formats.

A format is a line in `FORMATS` and a class that is an `auditing.writing.TableWriter`: batches are encoded in threads,
written in order, and the summary comes last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from os import PathLike
from pathlib import PurePath
from typing import Any, BinaryIO

from imagefit.auditing.writing import TableWriter
from imagefit.errors import UnknownNameError

__all__ = ["FORMATS", "Layout", "format_of", "writer_for"]

FORMATS: Mapping[str, str] = {
    "text": "imagefit.reports.audit.text:TextWriter",
    "csv": "imagefit.reports.audit.csvfile:CsvWriter",
    "jsonl": "imagefit.reports.audit.jsonlines:JsonLinesWriter",
    "parquet": "imagefit.reports.audit.parquet:ParquetWriter",
}
"""The output formats, and the place of the class that writes each."""


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
