"""``imagefit convert``: what files say, as a table of facts."""

from __future__ import annotations

from collections.abc import Sequence

import click

from imagefit.cli.audit_run import source_of
from imagefit.cli.errors import complain
from imagefit.cli.helping import command
from imagefit.cli.inputs import places
from imagefit.cli.notes import refuse_near_misses, tell_notes_of
from imagefit.cli.options import pack_option, parse_facts, set_option, strict_option
from imagefit.cli.output import opened, refuse_terminal
from imagefit.cli.own import own_options, own_tables
from imagefit.cli.packs import load_pack_of
from imagefit.cli.paths import READ, STANDARD, WRITTEN
from imagefit.cli.project_of_run import no_config_option
from imagefit.cli.single import option

__all__ = ["convert"]


def _refuse_output(_ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value is not None:
        raise click.UsageError(f"convert has no -o: what it writes is its last argument, as in 'FILE... {value}'.")


@command(epilog="Example: imagefit convert images.json facts.csv")
@click.argument("files", metavar="FILE...", type=READ, nargs=-1, required=True)
@click.argument("output", metavar="OUT", type=WRITTEN)
@pack_option()
@set_option
@option("--from", "input_format", metavar="FORMAT", help="The files' format; detected by default.")
@own_options
@option(
    "--format",
    "output_format",
    metavar="FORMAT",
    help="csv, jsonl, parquet, arrow or xlsx; by default what OUT ends in.",
)
@option(
    "-o",
    "--output",
    "refused",
    hidden=True,
    has_variable=False,
    expose_value=False,
    is_eager=True,
    callback=_refuse_output,
)
@strict_option
@no_config_option
@option("-v", "--verbose", is_flag=True, help="Show all that the readers noted.")
@click.pass_context
def convert(
    ctx: click.Context,
    files: Sequence[str],
    output: str,
    given: Sequence[str],
    input_format: str | None,
    output_format: str | None,
    is_strict: bool,
    verbose: bool,
) -> None:
    """Write what files say as a table of facts, a row for each candidate, which is read as the files are.

    Reads whatever audit does: image lists, flavors, servers, requests, tables of your own. Each row has what it is
    called and what it asks for beside its facts; other columns are left out. OUT is written whole or not at all.
    """
    from imagefit.errors import number_of
    from imagefit.reports.facttable import table_format, write_facts
    from imagefit.sources.factcolumns import FactColumns

    if output == STANDARD and output_format is None:
        raise click.UsageError("Say what to write to standard output: --format csv, for one.")
    kind = table_format(output, output_format)
    if output == STANDARD and kind not in ("csv", "jsonl"):
        refuse_terminal(kind, "name a file as OUT")
    pack = load_pack_of(ctx)
    facts = parse_facts(given, pack)
    source = source_of(places(ctx, files), input_format, facts, pack, own_tables(ctx, pack), keep_going=False)
    refuse_near_misses(source.files, is_strict=is_strict)
    table = FactColumns(source, pack, facts)
    with opened(kind, output) as file:
        count = write_facts(file, kind, table.schema, table.batches())
    refuse_near_misses(source.files, is_strict=is_strict)
    tell_notes_of(source, verbose)
    if output != STANDARD:
        complain(f"{output}: {number_of(count, 'row')}, {number_of(len(table.fields), 'fact')}")
