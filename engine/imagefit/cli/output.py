"""Where the result of check, audit and match goes, and in which format: ``--format`` and ``--output``."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import click

from imagefit.cli.paths import STANDARD, WRITTEN
from imagefit.cli.single import option
from imagefit.escaping import lines
from imagefit.reports.formats import FORMATS, check_format, format_of

if TYPE_CHECKING:
    _Choice = click.Choice[str]
else:
    _Choice = click.Choice  # which is not generic in older versions of click

__all__ = ["format_option", "kind_of", "opened", "output_option", "refuse_terminal"]


class _FormatType(_Choice):
    """One of the formats; an unknown one is an error that names the nearest."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from imagefit.errors import UnknownNameError

        try:
            check_format(str(value))
        except UnknownNameError as error:
            raise error.at(option="--format") from None
        return str(value)


format_option = option(
    "--format",
    "output_format",
    metavar="FORMAT",
    type=_FormatType(list(FORMATS)),
    help=f"One of {', '.join(FORMATS)}; by default what --output ends in, or text.",
)
output_option = option(
    "-o", "--output", metavar="FILE", type=WRITTEN, help="Write there, whole or not at all, instead of to stdout (-)."
)


def kind_of(output_format: str | None, output: str | None) -> str:
    """Return the format: the one that is named, else what the file's name ends in, else text.

    Raises
    ------
    UnknownNameError
        If the name ends in none.
    click.UsageError
        If a terminal is to show what is nothing for it.
    """
    is_shown = output in (None, STANDARD)
    kind = output_format or ("text" if is_shown or output is None else format_of(output))
    if is_shown and FORMATS[kind].is_binary:
        refuse_terminal(kind, "say where to with --output")
    return kind


def refuse_terminal(kind: str, instead: str) -> None:
    """Raise `click.UsageError` if standard output is a terminal, for which this is nothing."""
    if sys.stdout.isatty():
        raise click.UsageError(f"{kind.capitalize()} is nothing for a terminal: {instead}.")


@contextlib.contextmanager
def opened(kind: str, output: str | None) -> Iterator[BinaryIO]:
    """Open the file, which is there whole or not at all; or standard output."""
    if output is not None and output != STANDARD:
        from imagefit.reports.atomic import atomic_file

        with atomic_file(output) as file:
            yield file
        return
    sys.stdout.flush()
    yield cast(BinaryIO, _Shown(kind))
    sys.stdout.buffer.flush()


class _Shown(io.BufferedIOBase):
    """Standard output: text in what that is in, and no cell that acts on a terminal; else as formats write it."""

    def __init__(self, kind: str) -> None:
        is_table = kind not in FORMATS or bool(FORMATS[kind].rows)  # Arrow is of facts alone
        self._is_guarded = is_table and sys.stdout.isatty()
        self._encoding = "utf-8" if is_table or FORMATS[kind].is_binary else sys.stdout.encoding or "utf-8"
        self._written = 0

    def writable(self) -> bool:
        """Say that one can write here."""
        return True

    def tell(self) -> int:
        """Return how much was written: Parquet notes where its parts stand."""
        return self._written

    def write(self, data: Any, /) -> int:
        if self._is_guarded or self._encoding.lower() not in ("utf-8", "utf8"):
            text = bytes(data).decode("utf-8", "backslashreplace")
            data = (lines(text) if self._is_guarded else text).encode(self._encoding, "backslashreplace")
        self._written += memoryview(data).nbytes
        return sys.stdout.buffer.write(data)
