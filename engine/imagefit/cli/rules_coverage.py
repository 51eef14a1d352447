"""What ``imagefit rules test --coverage`` and ``--suggest`` (``--write``) add to the test of examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from imagefit.cli.single import option

if TYPE_CHECKING:
    from imagefit.analysis.suggestion import SuggestedExample
    from imagefit.budgets import Budget
    from imagefit.errors import Position
    from imagefit.rulepack.pack import Pack, Rule

F = TypeVar("F", bound=Callable[..., object])

__all__ = ["coverage_options", "show_coverage", "show_suggestions", "write_suggestions"]


def coverage_options(command: F) -> F:
    """Add ``--coverage``, ``--suggest`` and ``--write`` to a command."""
    for name, text in (
        ("--write", "With --suggest: put the examples into the files, and run all examples afterwards."),
        ("--suggest", "Write the examples that are missing, as YAML to be pasted into the rules; nothing else."),
        ("--coverage", "Also ask whether the examples show each comparison to decide by itself (MC/DC)."),
    ):
        command = option(name, is_flag=True, help=text)(command)
    return command


def show_coverage(pack: Pack, rules: Sequence[Rule], budget: Budget) -> bool:
    """Print what the examples of the rules do not show, and the coverage; return whether it is full."""
    from imagefit.analysis.coverage import coverage_of
    from imagefit.analysis.enumeration import combinations_text
    from imagefit.cli.errors import complain
    from imagefit.escaping import line

    found = coverage_of(pack, rules, budget)
    for rule in found.rules:
        if rule.not_examined:
            size = combinations_text(rule.not_examined)
            at = f"{rule.rule.position}: {rule.rule.id}"
            click.echo(line(f"{at}: not examined, for that is not decided within the budget ({size})"))
        for leaf in rule.leaves:
            text = f"`{leaf.place.leaf}` in the `{leaf.place.part}`"
            where = leaf.place.leaf.position or rule.rule.position
            if leaf.excluded is not None:
                complain(f"{where}: {rule.rule.id}: {text} is left out: {leaf.excluded}")
            elif not leaf.is_shown:
                click.echo(line(f"{where}: {rule.rule.id}: no two examples show that {text} decides by itself"))
    unseen = sum(rule.not_examined > 0 for rule in found.rules)
    percent = f"{found.percent:.1f} %" if found.total or not unseen else "not known"
    left = sum(leaf.excluded is not None for rule in found.rules for leaf in rule.leaves)
    complain(
        f"condition coverage (MC/DC): {percent}, {found.shown} of {found.total} comparisons"
        + (f"; {left} can't decide" if left else "")
        + (f"; {unseen} of {len(found.rules)} rules not examined" if unseen else "")
        + ("" if found.is_full else "; --suggest writes the missing examples")
    )
    return found.is_full


def show_suggestions(pack: Pack, rules: Sequence[Rule], budget: Budget) -> bool:
    """Print the missing examples as YAML, for each rule items of its `examples`; return whether none is missing."""
    from imagefit.cli.errors import complain
    from imagefit.errors import number_of
    from imagefit.escaping import line
    from imagefit.rulepack.yamltext import example_lines

    count = 0
    for rule, examples in _suggestions(pack, rules, budget):
        click.echo(line(f"{rule.id}:  # {rule.position}"))
        for example in examples:
            for text in example_lines(example.facts, example.outcome, example.shows):
                click.echo(line(text))
        count += len(examples)
    complain(f"{number_of(count, 'example')} missing" if count else "no example is missing")
    return count == 0


def write_suggestions(
    pack: Pack, rules: Sequence[Rule], path_of: Callable[[str], Path | None], budget: Budget
) -> dict[Path, bytes]:
    """Put the missing examples into the files of the pack; return the files that changed, as they were.

    Parameters
    ----------
    path_of
        Says where a file of the pack is, by its name in positions; None of a file that is another pack's.
    """
    from imagefit.cli.errors import complain
    from imagefit.escaping import line
    from imagefit.reports.atomic import write_whole
    from imagefit.rulepack.insertion import NewExample, with_examples

    found: dict[Path, list[tuple[Position, list[NewExample]]]] = {}
    for rule, examples in _suggestions(pack, rules, budget):
        path = None if rule.position is None else path_of(rule.position.file)
        if rule.position is None or path is None:
            complain(f"{rule.position}: {rule.id}: left out, it is a rule of the pack that this one extends")
            continue
        added = [NewExample(example.facts, example.outcome, example.shows) for example in examples]
        found.setdefault(path, []).append((rule.position, added))
    before: dict[Path, bytes] = {}
    for path, of_rules in found.items():
        before[path] = path.read_bytes()
        text = with_examples(before[path].decode(), of_rules)
        write_whole(path, text.encode())
        click.echo(line(f"{path}: {sum(len(examples) for _, examples in of_rules)} examples added"))
    return before


def _suggestions(
    pack: Pack, rules: Sequence[Rule], budget: Budget
) -> Iterator[tuple[Rule, Sequence[SuggestedExample]]]:
    """Yield the rules that lack examples, with these."""
    from imagefit.analysis.enumeration import TooManyCases
    from imagefit.analysis.suggestion import suggest
    from imagefit.budgets import SHARE
    from imagefit.cli.errors import complain

    for rule in rules:
        try:
            examples = suggest(rule, pack, budget.part(SHARE))
        except TooManyCases as error:
            complain(f"not examined: {rule.id}: not decided within the budget ({error})")
            continue
        if examples:
            yield rule, examples
