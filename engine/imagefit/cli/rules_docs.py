"""``imagefit rules docs``: the reference of a pack as Markdown, generated from it."""

from __future__ import annotations

import click

from imagefit.cli.helping import command
from imagefit.cli.options import pack_option
from imagefit.cli.packs import load_pack_of

__all__ = ["document_rules"]


@command("docs")
@pack_option()
@click.pass_context
def document_rules(ctx: click.Context) -> None:
    """Print a Markdown reference of the pack: its rules, facts, remedies and sources."""
    from imagefit.reports.markdown import pack_markdown

    click.echo(pack_markdown(load_pack_of(ctx)))
