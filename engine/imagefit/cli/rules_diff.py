"""``imagefit rules diff``: what a change of rules means, and which real candidates it touches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from imagefit.cli.helping import command
from imagefit.cli.options import parse_facts, set_option, text_or_json_option
from imagefit.cli.packs import load_named
from imagefit.cli.paths import PACK, READ
from imagefit.cli.single import option

if TYPE_CHECKING:
    from imagefit.analysis.diff import PackDiff, RuleDiff
    from imagefit.analysis.impact import Impact
    from imagefit.facts import Facts
    from imagefit.rulepack.pack import Pack

__all__ = ["diff_rules"]

SHOWN = 20
"""How many of the candidates that changed the text shows; the JSON has all."""


@command("diff")
@click.argument("old", metavar="OLD", type=PACK)
@click.argument("new", metavar="NEW", type=PACK)
@option("--on", "files", metavar="FILE", type=READ, multiple=True, help="Say which of these candidates change verdict.")
@option("--operation", "operations", metavar="OP", multiple=True, help="With --on: only these operations.")
@set_option
@option("--from", "input_format", metavar="FORMAT", help="The files' format; detected by default.")
@text_or_json_option
@click.pass_context
def diff_rules(
    ctx: click.Context,
    old: str,
    new: str,
    files: Sequence[str],
    operations: Sequence[str],
    given: Sequence[str],
    input_format: str | None,
    output_format: str,
) -> None:
    """Compare two packs (folders, or names of packs that ship) by meaning; exit with 1 if they do not mean the same.

    Each change of outcome is shown with a candidate; rules that are written in another way and mean the same are
    named as such.
    """
    from imagefit.analysis.diff import diff
    from imagefit.escaping import line
    from imagefit.reports.jsontext import json_text

    packs = load_named(ctx, old), load_named(ctx, new)
    found = diff(*packs)
    impact = _impact(packs, files, operations, given, input_format) if files else None
    if output_format == "json":
        data = found.to_dict()
        if impact is not None:
            data["on"] = impact.to_dict()
        click.echo(json_text(data))
    else:
        for text in (*_text(found), *(_impact_text(impact) if impact else ())):
            click.echo(line(text))
    ctx.exit(0 if found.is_same_meaning else 1)


def _text(found: PackDiff) -> Iterator[str]:
    if not found.rules and not found.words:
        yield "the packs say the same"
        return
    for rule in found.rules:
        yield from _rule_text(rule)
    for word in found.words:
        yield f"{word.kind} {word.name}: {word.change}"
    meaning = "the same meaning" if found.is_same_meaning else "another meaning"
    yield f"{meaning}; {found.same} rules are unchanged"


def _rule_text(rule: RuleDiff) -> Iterator[str]:
    from imagefit.supply import set_options

    place = f"{rule.position}: " if rule.position else ""
    into = f" to {rule.new_name}" if rule.new_name else ""
    proof = f" ({rule.combinations:,} combinations)" if rule.combinations else ""
    yield f"{place}{rule.rule}: {rule.change}{into}{proof}"
    for text in rule.scope:
        yield f"  {text}"
    for change in rule.outcomes:
        yield f"  {change.old} -> {change.new}: {set_options(change.witness) or 'nothing known'}"
    if rule.wording:
        yield f"  another {', '.join(rule.wording)}"


def _impact(
    packs: tuple[Pack, Pack],
    files: Sequence[str],
    operations: Sequence[str],
    given: Sequence[str],
    input_format: str | None,
) -> Impact:
    from imagefit.analysis.diff import joint_fields
    from imagefit.analysis.impact import compare
    from imagefit.cli.errors import complain
    from imagefit.errors import UnknownNameError
    from imagefit.sources.reading import read

    known = list(dict.fromkeys([*packs[0].operations, *packs[1].operations]))
    for name in operations:
        if name not in known:
            raise UnknownNameError.of("operation", name, known).at(option="--operation")
    fields = joint_fields(*packs)
    facts = parse_facts(given, packs[1])

    def candidates() -> Iterator[tuple[str, Facts, Sequence[str]]]:
        for file in files:
            document = read(file, fields, format=input_format)
            for warning in document.warnings:
                complain(f"{document.file}: {warning}")
            for record in document.records:
                asked = operations or ([record.operation] if record.operation in known else known)
                yield record.key, {**record.facts, **facts}, asked

    return compare(*packs, candidates())


def _impact_text(impact: Impact) -> Iterator[str]:
    changed = len({moved.key for moved in impact.moved})
    yield f"{changed} of {impact.candidates} candidates change verdict ({impact.evaluations} evaluations)"
    for (operation, old, new), count in sorted(impact.counts().items()):
        yield f"  {operation}: {old} -> {new}: {count}"
    for moved in impact.moved[:SHOWN]:
        reasons = f" ({', '.join(moved.rules)})" if moved.rules else ""
        yield f"{moved.key}: {moved.operation}: {moved.old} -> {moved.new}{reasons}"
    if len(impact.moved) > SHOWN:
        yield f"... and {len(impact.moved) - SHOWN} more (--format json has all)"
