"""``imagefit rules verify``: whether all evaluators and explanations are right, on every case there is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from imagefit.analysis.verify.report import LIMIT
from imagefit.cli.helping import command
from imagefit.cli.options import pack_option, text_or_json_option
from imagefit.cli.packs import load_pack_of
from imagefit.cli.paths import READ
from imagefit.cli.single import option

if TYPE_CHECKING:
    from imagefit.analysis.verify.corpus_run import CorpusRun
    from imagefit.analysis.verify.report import Disagreement, GroupProof, Verification
    from imagefit.rulepack.pack import Pack

__all__ = ["verify_rules"]


@command("verify")
@pack_option()
@option("--corpus", metavar="FILE", type=READ, help="Run the candidates of this file (JSON Lines) instead.")
@option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    default=LIMIT,
    show_default=True,
    help="Look at N combinations of a rule or a group of rules one by one; of more, at a sample.",
)
@text_or_json_option
@click.pass_context
def verify_rules(ctx: click.Context, corpus: str | None, limit: int, output_format: str) -> None:
    """Compare all evaluators on every case that the rules can tell apart; exit with 1 if they disagree.

    Each rule alone and among all others, over every combination of its cells, unknown included; then the verdicts of
    each operation. Missing facts and named leaves are compared with brute force. A disagreement comes with the command
    that shows it.
    """
    from imagefit.analysis.verify.child import maker
    from imagefit.analysis.verify.corpus_run import run_corpus
    from imagefit.analysis.verify.verification import installed, verify
    from imagefit.cli.errors import complain
    from imagefit.escaping import line
    from imagefit.reports.jsontext import json_text
    from imagefit.verdicts import PackRef

    pack = load_pack_of(ctx)

    def announce(count: int) -> None:
        complain(f"{pack.name} {pack.version}: {count:,} combinations will be tried")

    start = time.perf_counter()
    result: Verification | CorpusRun
    with _progress() as show:
        if corpus is None:
            result = verify(pack, limit=limit, progress=show, announce=announce)
        else:
            make = maker(pack)
            result = run_corpus(corpus, pack, *installed(pack, make), make)
    seconds = round(time.perf_counter() - start, 1)
    if output_format == "json":
        click.echo(json_text({"pack": PackRef.of(pack).to_dict(), **result.to_dict(), "seconds": seconds}))
    else:
        for text in _lines(result, pack):
            click.echo(line(text))
    for name, reason in result.left_out.items():
        complain(f"{name} is left out: {reason}")
    complain(f"{pack.name} {pack.version} on {_evaluators(result)}: {_summary(result)} in {seconds} s")
    ctx.exit(1 if result.disagreements else 0)


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is being looked at, while it is."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update


def _lines(result: Verification | CorpusRun, pack: Pack) -> Iterator[str]:
    from imagefit.analysis.verify.report import Verification

    if isinstance(result, Verification):
        for rule in result.rules:
            yield f"{rule.rule:<48} {_amount(rule.combinations, rule.is_complete)}"
        for operation in pack.operations:
            groups = [group for group in result.groups if group.operation == operation]
            yield from _operation_lines(operation, groups, len(pack.rules_for(operation)))
    for one in result.disagreements:
        yield from _disagreement_lines(one)


def _operation_lines(operation: str, groups: list[GroupProof], count: int) -> Iterator[str]:
    """Say what was looked at of an operation: its rules all together, or in groups and at a sample."""
    from imagefit.errors import number_of

    together = [group for group in groups if len(group.rules) == count]
    apart = [group for group in groups if len(group.rules) < count]
    for group in together:
        label = f"{operation}: {number_of(count, 'rule')} together"
        yield f"{label:<48} {_amount(group.combinations, group.is_complete)}"
    if apart:
        combinations = sum(group.combinations for group in apart)
        label = f"{operation}: {number_of(count, 'rule')} in {number_of(len(apart), 'group')}"
        yield f"{label:<48} {_amount(combinations, all(group.is_complete for group in apart))}"


def _amount(combinations: int, is_complete: bool) -> str:
    return f"{combinations:>12,}" + ("" if is_complete else "  (a sample)")


def _disagreement_lines(one: Disagreement) -> Iterator[str]:
    yield str(one)
    yield f"  {one.command}"


def _evaluators(result: Verification | CorpusRun) -> str:
    """Name the evaluators, and the ways of those that have several: ``tabular (candidates, columns, pairs)``."""
    from imagefit.analysis.verify.report import Verification

    if not isinstance(result, Verification):
        return ", ".join(result.evaluators)
    ways = {name: f" ({', '.join(own)})" if len(own) > 1 else "" for name, own in result.ways.items()}
    return ", ".join(name + shown for name, shown in ways.items())


def _summary(result: Verification | CorpusRun) -> str:
    from imagefit.analysis.verify.report import Verification
    from imagefit.errors import number_of

    found = number_of(len(result.disagreements), "disagreement") if result.disagreements else "all agree"
    if isinstance(result, Verification):
        alone = sum(proof.combinations for proof in result.rules)
        of_rules = f"{number_of(alone, 'combination')} of {number_of(len(result.rules), 'rule')}"
        return f"{of_rules}, {result.combinations:,} in all: {found}"
    return f"{number_of(result.entries, 'candidate')}, {number_of(result.outcomes, 'outcome')}: {found}"
