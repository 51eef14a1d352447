"""The options for tables of one's own: which columns are which facts, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

from imagefit.cli.options import place_of_assignment
from imagefit.cli.single import aside, option_aside

if TYPE_CHECKING:
    from imagefit.readers.own import OwnTables
    from imagefit.rulepack.pack import Pack

__all__ = ["own_map", "own_options", "own_tables"]

T = TypeVar("T")

_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "--map": {
        "metavar": "COLUMN=FACT",
        "multiple": True,
        "setting": "map",
        "help": "A column of a table of yours that is a fact by another name; imagefit map suggest FILE proposes some.",
    },
    "--map-value": {
        "metavar": "FACT:THEIRS=OURS",
        "multiple": True,
        "setting": "map-value",
        "help": "What a value is called in your tables, and what it is called here; nothing behind the = is unknown.",
    },
    "--delimiter": {
        "metavar": "SIGN",
        "help": "What separates the cells of CSV, such as ; or tab; by default the header tells.",
    },
    "--encoding": {
        "metavar": "NAME",
        "help": "What text without a byte order mark is written in, such as gbk; by default UTF-8.",
    },
}


def own_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--map``, ``--map-value``, ``--delimiter`` and ``--encoding``."""
    for name, attributes in reversed(tuple(_OPTIONS.items())):
        command = option_aside(name, **attributes)(command)
    return command


def own_tables(ctx: click.Context, pack: Pack) -> OwnTables:
    """Return what the command line, and the project file, say of tables.

    Raises
    ------
    InputError
        If it is nothing that could be: names the option, or the line of the project file, and the nearest.
    """
    from imagefit.readers.own import OwnTables, own_names
    from imagefit.sources.opening import checked_encoding

    names, spellings, expected = own_map(ctx, pack)
    said = aside(ctx)
    delimiter, encoding = said.get("delimiter"), said.get("encoding")
    if delimiter:
        from imagefit.sources.csvtext import checked_delimiter

        delimiter = _read(partial(checked_delimiter, delimiter), "--delimiter")
    return OwnTables(
        own_names(names, spellings, pack.fields),
        frozenset(spellings),
        delimiter,
        encoding and _read(partial(checked_encoding, encoding), "--encoding"),
        tuple(expected),
        "--map",
    )


def own_map(ctx: click.Context, pack: Pack) -> tuple[list[tuple[str, str]], dict[str, dict[str, str]], list[str]]:
    """Return the columns with their facts, what values are called, and the columns that have to be there.

    Raises
    ------
    InputError
        As `own_tables`.
    """
    from imagefit.errors import InputError
    from imagefit.readers.own import own_names

    said = aside(ctx)
    names: list[tuple[str, str]] = []
    expected: list[str] = []
    for text in said.get("map") or ():
        column, equals, fact = text.rpartition("=")
        place = place_of_assignment("--map", column, fact)
        if not equals or not column:
            raise InputError("no column with its fact", option=place, value=text, expected="COLUMN=FACT")
        _read(partial(own_names, [(column, fact)], {}, pack.fields), place)
        names.append((column, fact))
        expected += [column] if place == "--map" else []
    spellings: dict[str, dict[str, str]] = {}
    for text in said.get("map_value") or ():
        name, equals, ours = text.partition("=")
        fact, colon, theirs = name.partition(":")
        place = place_of_assignment("--map-value", name, ours)
        if not equals or not colon:
            raise InputError("no value of a fact", option=place, value=text, expected="FACT:THEIRS=OURS")
        _expect_fact(fact, pack, place)
        _read(partial(own_names, (), {fact: {theirs: ours}}, pack.fields), place)
        if spellings.setdefault(fact, {}).setdefault(theirs, ours) != ours:
            raise InputError(f"{name} is given two values", option=place, value=ours)
    return names, spellings, expected


def _expect_fact(name: str, pack: Pack, place: str) -> None:
    from imagefit.errors import UnknownNameError

    if name not in pack.fields:
        raise UnknownNameError.of("fact", name, pack.fields).at(option=place)


def _read(read: Callable[[], T], place: str) -> T:
    from imagefit.errors import InputError

    try:
        return read()
    except InputError as error:
        raise error.at(option=place) from None
