"""``imagefit map suggest``: a table of names to begin with, as TOML for the project file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from imagefit.cli.helping import command
from imagefit.cli.options import pack_option
from imagefit.cli.own import own_options, own_tables
from imagefit.cli.packs import load_pack_of
from imagefit.cli.paths import READ
from imagefit.cli.project_of_run import no_config_option
from imagefit.cli.single import option
from imagefit.sources.names import KEY_COLUMNS, OPERATION_COLUMN

if TYPE_CHECKING:
    from imagefit.sources.suggesting import Proposal

__all__ = ["suggest_map"]

NAMED = 8


@command("suggest", epilog="Example: imagefit map suggest inventory.csv")
@click.argument("file", metavar="FILE", type=READ)
@pack_option()
@option(
    "--side",
    type=click.Choice(["image", "ecs"]),
    help="Whether the rows are images or ECSs; by default, the columns tell.",
)
@own_options
@no_config_option
@click.pass_context
def suggest_map(ctx: click.Context, file: str, side: str | None) -> None:
    """Propose which columns of a table are which facts, and what their values are called here.

    Prints TOML for the project file. Look at it before you use it: what is not sure is a comment with the reason.
    """
    from dataclasses import replace

    from imagefit.errors import InputError
    from imagefit.sources.reading import open_file
    from imagefit.sources.suggesting import propose

    pack = load_pack_of(ctx)
    own = replace(own_tables(ctx, pack), names={}, spelled=frozenset(), expected=(), is_any=True)
    table = open_file(file, pack.fields, own=own)
    if not table.states_facts:
        expected = "a table whose columns have names of their own"
        raise InputError(f"read as {table.what.format}, and needs no map", file=file, expected=expected)
    proposals = propose(table.batches(), pack.fields, side)
    click.echo("\n".join(_toml(file, proposals, list(table.columns_read or ()), pack.fields)))


def _toml(file: str, proposals: Sequence[Proposal], columns: Sequence[str], facts: Collection[str]) -> Iterator[str]:
    from imagefit.escaping import line, quoted

    named = {one.column for one in proposals}
    yield line(
        f"# What the columns of {file} could be. Look at what is a comment; imagefit facts says what facts mean."
    )
    yield "[map]"
    for one in proposals:
        unit = f"in {one.field.unit}" if one.field.unit else ""
        said = "; ".join([*([f"unsure: {', '.join(one.doubts)}"] if one.doubts else []), *filter(None, [unit])])
        comment = line(f"  # {said}") if said else ""
        yield f"{'# ' if one.doubts else ''}{quoted(one.column)} = {quoted(one.field.name)}{comment}"
    if own := [name for name in columns if name in facts]:
        yield line(f"# facts by their names, which need no map: {_some(own)}")
    known = {*named, *own, *KEY_COLUMNS, OPERATION_COLUMN}
    if others := [name for name in columns if name not in known]:
        yield line(f"# nothing is near to {_some(others)}")
    for one in proposals:
        if one.spelled or one.unread:
            off = "# " if one.doubts else ""
            yield ""
            yield f"{off}[map-value.{quoted(one.field.name)}]"
            yield from (f"{off}{quoted(theirs)} = {quoted(ours)}" for theirs, ours in one.spelled.items())
            for text in one.unread[:NAMED]:
                yield line(f'# {quoted(text)} = ""  # {one.field.expects}; "" if that is unknown')


def _some(names: Sequence[str]) -> str:
    more = f", and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
