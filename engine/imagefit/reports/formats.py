"""The formats in which check, audit and match say what they found: one registry for the three verbs.

A format is a module of its own and a line of `FORMATS`. What it is made of says where it can be used:

=========== ================================================================ =======================================
`findings`  a function of a `findings.Report`, which gives text               check, audit, match
`rows`      a class that encodes rows and writes them (`files.TableWriter`)   check, audit, match
`check`     a function of a `findings.Report`, which gives text               check
`audit`     a class as of `rows`, which is closed with the summary            audit
`match`     a function of a `match.view.View`, which gives text               match
=========== ================================================================ =======================================
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO

from imagefit.errors import InputError, UnknownNameError
from imagefit.values import dataclass

if TYPE_CHECKING:
    from imagefit.reports.files import Layout, TableWriter

__all__ = ["FORMATS", "Format", "check_format", "format_of", "made", "write_batches", "write_table", "writer_for"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: what it shows, and the places (``module:name``) of what makes it.

    Attributes
    ----------
    ending
        What names of such files end in, where that is not the format's name.
    is_binary
        Whether it is nothing for a terminal.
    """

    shows: str
    findings: str = ""
    rows: str = ""
    check: str = ""
    audit: str = ""
    match: str = ""
    ending: str = ""
    is_binary: bool = False


FORMATS: Mapping[str, Format] = {
    "text": Format(
        "all of it, for people",
        check="imagefit.reports.text:report_text",
        audit="imagefit.reports.audit.text:TextWriter",
        match="imagefit.reports.match.text:view_text",
    ),
    "concise": Format("a line a finding", findings="imagefit.reports.findings.lines:concise"),
    "json": Format(
        "check: whole verdicts; audit, match: the summary",
        check="imagefit.reports.verdictjson:report_json",
        audit="imagefit.reports.audit.summaryjson:JsonWriter",
        match="imagefit.reports.match.viewjson:view_json",
    ),
    "jsonl": Format("a row a line; check, audit: whole verdicts", rows="imagefit.reports.jsonlines:JsonLinesWriter"),
    "csv": Format("a row a candidate", rows="imagefit.reports.csvfile:CsvWriter"),
    "parquet": Format("the same, typed", rows="imagefit.reports.parquet.writer:ParquetWriter", is_binary=True),
    "xlsx": Format("a workbook, with a summary", rows="imagefit.reports.xlsx:XlsxWriter", is_binary=True),
    "html": Format(
        "a page to look through and to send on",
        check="imagefit.reports.html.check:report_html",
        audit="imagefit.reports.html.audit:HtmlWriter",
        match="imagefit.reports.html.match:view_html",
    ),
    "sarif": Format("findings, for code hosts", findings="imagefit.reports.findings.sarif:sarif"),
    "junit": Format("findings, for CI servers", findings="imagefit.reports.findings.junit:junit", ending="xml"),
    "github": Format("findings, as annotations of GitHub Actions", findings="imagefit.reports.findings.lines:github"),
    "markdown": Format("findings, for a page", findings="imagefit.reports.findings.summary:markdown", ending="md"),
}


def check_format(name: str) -> Format:
    """Return a format; raises `UnknownNameError` if there is none of that name."""
    if name not in FORMATS:
        raise UnknownNameError.of("output format", name, FORMATS)
    return FORMATS[name]


def format_of(path: str | os.PathLike[str]) -> str:
    """Return the format that a file's name ends in; raises `UnknownNameError` if that is none."""
    ending = PurePath(path).suffix.lstrip(".").lower()
    endings = {format.ending or name: name for name, format in FORMATS.items()}
    if ending not in endings:
        raise UnknownNameError.of("output format", ending, endings).at(file=str(path))
    return endings[ending]


def made(place: str) -> Any:
    """Return what is at a place."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def writer_for(name: str, file: BinaryIO, layout: Layout) -> TableWriter:
    """Return what writes the rows of an audit in a format; raises `UnknownNameError` if there is no such format."""
    format = check_format(name)
    if format.findings:
        from imagefit.reports.findings.writer import FindingsWriter

        return FindingsWriter(file, layout, made(format.findings))
    writer: TableWriter = made(format.rows or format.audit)(file, layout)
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


def write_table(kind: str, file: BinaryIO, schema: Any, batches: Iterable[Any], summary: Any = None) -> int:
    """Write batches of columns that are all ours in a format of tables; returns the number of rows.

    A batch is a row group in Parquet: what makes them knows how many rows take how much memory.
    """
    import pyarrow as pa

    from imagefit.reports.files import Layout

    rows = 0
    writer = writer_for(kind, file, Layout(lambda: pa.schema([]), schema, group_rows=1, compression="zstd"))
    for batch in batches:
        writer.write(writer.encode(_OwnRows(batch)))
        rows += batch.num_rows
    writer.close(summary)
    return rows


def write_batches(path: str | os.PathLike[str], schema: Any, batches: Iterable[Any]) -> int:
    """Write batches as `write_table` does, to a file of the format that its name ends in.

    Raises
    ------
    InputError
        If the name ends in no format of a table.
    """
    kind = PurePath(path).suffix.lstrip(".").lower()
    tables = [name for name, format in FORMATS.items() if format.rows]
    if kind not in tables:
        expected = f"a name that ends in {', '.join(f'.{name}' for name in tables)}"
        raise InputError("no format that is written", file=str(path), expected=expected)
    from imagefit.reports.atomic import atomic_file

    with atomic_file(path) as file:
        return write_table(kind, file, schema, batches)
