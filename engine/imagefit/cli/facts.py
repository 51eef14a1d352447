"""``imagefit facts``: what the facts of a pack mean, and where they come from."""

from __future__ import annotations

from collections.abc import Sequence

import click

from imagefit.cli.completion import completed_fact
from imagefit.cli.helping import command
from imagefit.cli.options import pack_option, text_or_json_option
from imagefit.cli.packs import load_pack_of

__all__ = ["facts"]


@command()
@pack_option()
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=completed_fact)
@text_or_json_option
@click.pass_context
def facts(ctx: click.Context, names: Sequence[str], output_format: str) -> None:
    """Show the facts: type, meaning, where they come from, which rules look at them.

    NAME is a fact, or what several begin with, such as image; without any, all facts are listed.
    """
    from imagefit.cli.errors import complain
    from imagefit.cli.terminal import is_colour_wanted, text_width
    from imagefit.errors import UnknownNameError
    from imagefit.reports.facttext import fact_data, fact_list, fact_text
    from imagefit.reports.jsontext import json_text

    pack = load_pack_of(ctx)
    chosen: dict[str, None] = {} if names else dict.fromkeys(pack.fields)
    for name in names:
        found = [fact for fact in pack.fields if fact == name or fact.startswith(f"{name}.")]
        if not found:
            raise UnknownNameError.of("fact", name, pack.fields)
        chosen.update(dict.fromkeys(found))
    fields = [pack.fields[name] for name in chosen]
    if output_format == "json":
        click.echo(json_text([fact_data(field, pack) for field in fields]))
    elif set(names) >= set(chosen):
        texts = [fact_text(field, pack, width=text_width(), colour=is_colour_wanted()) for field in fields]
        click.echo("\n\n".join(texts), color=True)
    else:
        click.echo(fact_list(fields, width=text_width(), colour=is_colour_wanted()), color=True)
        complain(f"{len(fields)} of {len(pack.fields)} facts of {pack.name} {pack.version}")
