"""``imagefit rules schema``: the JSON Schema of a kind of pack file, for editors."""

from __future__ import annotations

import click

from imagefit.cli.helping import command

__all__ = ["print_schema"]

KINDS = ("pack", "words", "rules")


@command("schema")
@click.argument("kind", type=click.Choice(KINDS), default="rules")
def print_schema(kind: str) -> None:
    """Print the JSON Schema of a kind of pack file: rules (default), words, or pack.

    Words are what vocabulary.yaml, remedies.yaml and sources.yaml define. An editor with YAML support
    completes and checks a file whose first line is "# yaml-language-server: $schema=FILE".
    """
    from imagefit.rulepack.schemas import schema_text

    click.echo(schema_text(kind), nl=False)
