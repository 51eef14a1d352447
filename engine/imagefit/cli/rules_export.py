"""``imagefit rules export``: the rules for those who run them with another engine."""

from __future__ import annotations

from collections.abc import Sequence

import click

from imagefit.cli.helping import command
from imagefit.cli.options import operation_option, pack_option, selection_options, split_names
from imagefit.cli.packs import load_pack_of
from imagefit.cli.single import option

__all__ = ["export_rules"]


@command("export")
@pack_option()
@option(
    "--to", "target", type=click.Choice(["durable-rules"]), required=True, help="The engine: durable-rules prints JSON."
)
@operation_option
@selection_options
@click.pass_context
def export_rules(
    ctx: click.Context,
    target: str,
    operation: str | None,
    select: Sequence[str],
    ignore: Sequence[str],
) -> None:
    """Print the rules as another engine reads them: for each operation, the rulesets that it needs."""
    from imagefit.evaluators.durable.rulesets import compile_rules
    from imagefit.reports.jsontext import json_text

    pack = load_pack_of(ctx)
    rulesets = {
        ruleset.name: ruleset.definition
        for name in ([operation] if operation else pack.operations)
        for ruleset in compile_rules(pack.rules_for(name, split_names(select), split_names(ignore)), pack.fields, name)
    }
    click.echo(json_text(rulesets))
