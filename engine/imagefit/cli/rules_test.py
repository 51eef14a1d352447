"""``imagefit rules test``: every example of every rule, on every evaluator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagefit.cli.budgeting import budget_of, budget_options
from imagefit.cli.helping import command
from imagefit.cli.options import pack_option, selection_options, split_names
from imagefit.cli.packs import load_unproven_pack_of, own_file
from imagefit.cli.rules_coverage import coverage_options, show_coverage, show_suggestions, write_suggestions
from imagefit.errors import PackError, number_of

if TYPE_CHECKING:
    from imagefit.rulepack.pack import Pack, Rule

__all__ = ["test_rules"]


@command("test")
@pack_option()
@selection_options
@coverage_options
@budget_options
@click.pass_context
def test_rules(
    ctx: click.Context,
    select: Sequence[str],
    ignore: Sequence[str],
    coverage: bool,
    suggest: bool,
    write: bool,
    budget: int | None,
    no_budget: bool,
) -> None:
    """Run every example on every evaluator; exit with 1 if an outcome is wrong or not shown."""
    from imagefit.analysis.examples import check_examples
    from imagefit.cli.errors import complain
    from imagefit.escaping import line
    from imagefit.evaluators import EVALUATORS

    steps = budget_of(budget, no_budget)
    pack = load_unproven_pack_of(ctx)
    chosen, left_out = split_names(select), split_names(ignore)
    rules = _selected(pack, chosen, left_out)
    if write and not suggest:
        raise click.UsageError("--write is for --suggest: it writes what that shows.")
    if suggest and not write:
        ctx.exit(0 if show_suggestions(pack, rules, steps) else 1)
    if suggest:
        pack = _extended(ctx, write_suggestions(pack, rules, partial(own_file, ctx), steps))
        rules = _selected(pack, chosen, left_out)
    findings = [str(problem) for rule in rules for problem in check_examples(rule, pack, steps)]
    tested = ["reference"]
    for name in EVALUATORS:
        if name != "reference":
            tested += _tested(name, rules, pack, findings)
    for finding in findings:
        click.echo(line(finding))
    examples = sum(len(rule.examples) for rule in rules)
    what = f"{number_of(len(rules), 'rule')}, {number_of(examples, 'example')} on {', '.join(tested)}"
    found = number_of(len(findings), "finding") if findings else "all as expected"
    complain(f"{pack.name} {pack.version}: {what}: {found}")
    is_full = show_coverage(pack, rules, steps) if coverage else True
    ctx.exit(1 if findings or not is_full else 0)


def _extended(ctx: click.Context, before: Mapping[Path, bytes]) -> Pack:
    """Load the pack anew; if its files do not load any more, they become what they were `before`."""
    from imagefit.reports.atomic import write_whole

    try:
        return load_unproven_pack_of(ctx)
    except PackError:
        for path, content in before.items():
            write_whole(path, content)
        raise


def _selected(pack: Pack, select: Sequence[str], ignore: Sequence[str]) -> list[Rule]:
    chosen = {rule.id for name in pack.operations for rule in pack.rules_for(name, select, ignore)}
    return [rule for rule in pack.rules if rule.id in chosen]


def _tested(name: str, rules: Sequence[Rule], pack: Pack, findings: list[str]) -> list[str]:
    """Add an evaluator's findings, and return its name if it is installed."""
    from imagefit.cli.errors import complain
    from imagefit.errors import EvaluatorError

    try:
        findings += _differences(name, rules, pack)
    except (EvaluatorError, ImportError) as error:
        complain(f"{name} is left out: {error}")
        return []
    return [name]


def _differences(name: str, rules: Sequence[Rule], pack: Pack) -> Iterator[str]:
    from imagefit.evaluators import evaluate_with
    from imagefit.evaluators.reference import outcome

    for rule in rules:
        judged = evaluate_with(name, pack, [rule]).judge_all([example.facts for example in rule.examples])
        for example, (found,) in zip(rule.examples, judged, strict=True):
            if found is not (defined := outcome(rule, example.facts)):  # a wrong example is one finding, and not theirs
                yield f"{example.position}: {name} disagrees on {rule.id}: {found}; expected {defined}"
