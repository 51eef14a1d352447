"""The options for tables of one's own: what separates their cells, and how they are encoded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from imagefit.cli.single import option

if TYPE_CHECKING:
    from imagefit.readers.own import OwnTables

__all__ = ["own_options", "own_tables"]

KEY = "imagefit.own"
"""What the options set in a context's `meta`."""


def own_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--delimiter`` and ``--encoding``."""
    for add in (
        option(
            "--encoding",
            metavar="NAME",
            expose_value=False,
            callback=_keep,
            help="What text without a byte order mark is written in, such as gbk; by default UTF-8.",
        ),
        option(
            "--delimiter",
            metavar="SIGN",
            expose_value=False,
            callback=_keep,
            help="What separates the cells of CSV, such as ; or tab; by default the header tells.",
        ),
    ):
        command = add(command)
    return command


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    ctx.meta.setdefault(KEY, {})[param.name] = value


def own_tables(ctx: click.Context) -> OwnTables:
    """Return what the command line says of tables; raises `InputError` if it is nothing that could be.

    An encoding is looked at before there is a file: a misspelt one is an error in any case.
    """
    from imagefit.errors import InputError
    from imagefit.readers.own import OwnTables
    from imagefit.sources.csvtext import checked_delimiter
    from imagefit.sources.opening import checked_encoding

    said = ctx.meta.get(KEY, {})
    delimiter, encoding = said.get("delimiter"), said.get("encoding")
    try:
        delimiter = None if delimiter is None else checked_delimiter(delimiter)
    except InputError as error:
        raise error.at(option="--delimiter") from None
    try:
        encoding = None if encoding is None else checked_encoding(encoding)
    except InputError as error:
        raise error.at(option="--encoding") from None
    return OwnTables(delimiter, encoding)
