"""``imagefit rules show``: everything that a pack says about a rule."""

from __future__ import annotations

from collections.abc import Sequence

import rich_click as click

from imagefit.cli.completion import completed_rule
from imagefit.cli.options import pack_option
from imagefit.cli.packs import load_pack_of

__all__ = ["show_rule"]


@click.command("show")
@pack_option()
@click.argument("rule_ids", metavar="ID...", nargs=-1, required=True, shell_complete=completed_rule)
@click.pass_context
def show_rule(ctx: click.Context, pack_path: str | None, rule_ids: Sequence[str]) -> None:
    """Show a rule: in words, its conditions, truth table, remedies, source and examples."""
    from imagefit.cli.terminal import is_colour_wanted, text_width
    from imagefit.reports.ruletext import rule_text

    pack = load_pack_of(ctx)
    rules = [pack.rule(rule_id) for rule_id in rule_ids]
    for number, rule in enumerate(rules):
        text = rule_text(rule, pack, width=text_width(), colour=is_colour_wanted())
        click.echo(("\n" if number else "") + text, color=True)
