"""``imagefit rules show``: everything that a pack says about a rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from imagefit.cli.completion import completed_rule
from imagefit.cli.helping import command
from imagefit.cli.options import pack_option
from imagefit.cli.packs import load_pack_of

if TYPE_CHECKING:
    from imagefit.rulepack.pack import Pack, Rule

__all__ = ["meant", "show_rule"]


@command("show")
@pack_option()
@click.argument("rule_ids", metavar="ID...", nargs=-1, required=True, shell_complete=completed_rule)
@click.pass_context
def show_rule(ctx: click.Context, rule_ids: Sequence[str]) -> None:
    """Show a rule: in words, its conditions, truth table, remedies, source and examples.

    ID may be what several ids begin with, such as boot.
    """
    from imagefit.cli.terminal import is_colour_wanted, text_width
    from imagefit.reports.ruletext import rule_text

    pack = load_pack_of(ctx)
    rules = list({rule.id: rule for rule_id in rule_ids for rule in meant(rule_id, pack)}.values())
    for number, rule in enumerate(rules):
        text = rule_text(rule, pack, satisfied_by(rule, pack), width=text_width(), colour=is_colour_wanted())
        click.echo(("\n" if number else "") + text, color=True)


def satisfied_by(rule: Rule, pack: Pack) -> list[str] | None:
    """Return the remedies that satisfy a rule that can fail; None if looking for that would take too long."""
    from imagefit.analysis.lint.remedies import satisfying
    from imagefit.budgets import COMMAND, SHARE, Budget, BudgetEnded
    from imagefit.rulepack.pack import Severity

    if rule.severity is Severity.NOTICE:
        return None
    try:
        return satisfying(rule, pack, Budget(COMMAND // SHARE))
    except BudgetEnded:
        return None


def meant(rule_id: str, pack: Pack) -> list[Rule]:
    """Return the rules that an id, or the first parts of one, means; raises `UnknownNameError` if there is none."""
    return [rule for rule in pack.rules if rule.id.startswith(f"{rule_id}.")] or [pack.rule(rule_id)]
