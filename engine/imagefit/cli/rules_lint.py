"""``imagefit rules lint``: what is odd in a pack, found by looking at every case there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from imagefit.cli.budgeting import budget_of, budget_options
from imagefit.cli.helping import command
from imagefit.cli.options import pack_option, text_or_json_option
from imagefit.cli.packs import load_pack_of

if TYPE_CHECKING:
    from imagefit.analysis.lint.findings import Finding, LintReport
    from imagefit.rulepack.pack import Pack

__all__ = ["lint_rules"]


@command("lint")
@pack_option()
@text_or_json_option
@budget_options
@click.pass_context
def lint_rules(ctx: click.Context, output_format: str, budget: int | None, no_budget: bool) -> None:
    """Find rules that never apply, fail or pass, say nothing new or contradict each other; exit with 1 on a finding.

    Also comparisons that never matter, needless doubt, and facts and values that no rule looks at. Each finding
    shows a candidate, or how many combinations were looked at to know it. What is not decided within the budget is a
    finding, too: never fine.
    """
    from imagefit.analysis.lint.linter import lint
    from imagefit.cli.errors import complain
    from imagefit.reports.jsontext import json_text

    pack = load_pack_of(ctx, is_silent=True)
    report = lint(pack, budget_of(budget, no_budget))
    if output_format == "json":
        click.echo(json_text({"pack": {"name": pack.name, "version": pack.version}, **report.to_dict()}))
    else:
        for finding in report.findings:
            click.echo(_text(finding))
        for note in report.notes:
            complain(f"{note.position or note.subject}: note: {note.subject}: {note.message}")
    complain(_summary(pack, report))
    ctx.exit(1 if report.findings else 0)


def _text(finding: Finding) -> str:
    from imagefit.analysis.enumeration import combinations_text
    from imagefit.analysis.lint.findings import FindingKind
    from imagefit.escaping import line
    from imagefit.supply import set_options

    place = f"{finding.position}: " if finding.position else ""
    shown = [f"  see: {set_options(finding.witness)}"] if finding.witness else []
    if finding.combinations and finding.kind is not FindingKind.NOT_DECIDED:
        shown.append(f"  looked at: {combinations_text(finding.combinations)}")
    return "\n".join(map(line, [f"{place}{finding.kind}: {finding.subject}: {finding.message}", *shown]))


def _summary(pack: Pack, report: LintReport) -> str:
    from imagefit.analysis.enumeration import combinations_text
    from imagefit.errors import number_of

    found = number_of(len(report.findings), "finding") if report.findings else "nothing found"
    combinations = combinations_text(report.combinations)
    found += f", {number_of(len(report.notes), 'note')}" if report.notes else ""
    looked = f"{number_of(report.rules, 'rule')}, {number_of(report.pairs, 'pair')} of rules, {combinations}"
    left = f", {number_of(len(report.not_examined), 'question')} not examined" if report.not_examined else ""
    return f"{pack.name} {pack.version}: {looked}: {found}{left}"
