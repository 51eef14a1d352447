"""``imagefit rules list``: the rules of a pack, filtered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from imagefit.cli.helping import command
from imagefit.cli.options import operation_option, pack_option, selection_options, split_names, text_or_json_option
from imagefit.cli.packs import load_pack_of
from imagefit.cli.single import option

if TYPE_CHECKING:
    from imagefit.rulepack.pack import Rule

__all__ = ["list_rules"]


@command("list")
@pack_option()
@operation_option
@selection_options
@option("--tag", "tags", metavar="TAG", multiple=True, help="Only rules with this tag.")
@option("--source", "sources", metavar="DOCUMENT", multiple=True, help="Only rules that cite this document.")
@text_or_json_option
@click.pass_context
def list_rules(
    ctx: click.Context,
    operation: str | None,
    select: Sequence[str],
    ignore: Sequence[str],
    tags: Sequence[str],
    sources: Sequence[str],
    output_format: str,
) -> None:
    """List the rules of a pack."""
    from imagefit.cli.errors import complain
    from imagefit.cli.terminal import is_colour_wanted, text_width
    from imagefit.errors import UnknownNameError
    from imagefit.reports.jsontext import json_text
    from imagefit.reports.ruletext import rule_list

    pack = load_pack_of(ctx)
    for name in tags:
        if name not in (known := {tag for rule in pack.rules for tag in rule.tags}):
            raise UnknownNameError.of("tag", name, known).at(option="--tag")
    for name in sources:
        if name not in pack.sources:
            raise UnknownNameError.of("document", name, pack.sources).at(option="--source")
    chosen = {
        rule.id: rule
        for name in ([operation] if operation else pack.operations)
        for rule in pack.rules_for(name, split_names(select), split_names(ignore))
    }
    rules = [
        rule
        for _, rule in sorted(chosen.items())
        if (not tags or set(tags) & set(rule.tags))
        and (not sources or {s.document for s in (rule.source, *rule.see_also)} & set(sources))
    ]
    if output_format == "json":
        click.echo(json_text(list(map(_data, rules))))
        return
    if rules:
        click.echo(rule_list(rules, width=text_width(), colour=is_colour_wanted()), color=True)
    complain(f"{len(rules)} of {len(pack.rules)} rules of {pack.name} {pack.version}")


def _data(rule: Rule) -> dict[str, object]:
    return {
        "rule": rule.id,
        "title": rule.title,
        "severity": rule.severity.value,
        "operations": list(rule.operations),
        "tags": list(rule.tags),
        "source": {"document": rule.source.document, "section": rule.source.section},
    }
