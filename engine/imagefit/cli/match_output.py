"""What ``imagefit match`` prints and writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click
from click.exceptions import Exit

from imagefit.cli.output import opened
from imagefit.reports.formats import FORMATS, Format
from imagefit.verdicts import VerdictKind

if TYPE_CHECKING:
    from imagefit.api.match import Match
    from imagefit.matching.product import Product
    from imagefit.reports.match.view import View

__all__ = ["show_view", "tell_assumed", "write_fitting", "write_matrix"]


def show_view(view: View, kind: str, output: str | None) -> None:
    """Write a view of a match in a format.

    Raises
    ------
    click.UsageError
        If the format can't show it.
    """
    from imagefit.matching.summary import summary_of
    from imagefit.reports.formats import made, write_table

    form = FORMATS[kind]
    _refuse(view, kind, form)
    if not view.is_of_one and not view.is_matrix:
        _count(view.match)
    with opened(kind, output) as file:
        if form.rows:
            write_table(kind, file, *view.table(), summary_of(view.match))
            return
        text: str = made(form.findings)(view.report()) if form.findings else made(form.match)(view)
        file.write(text.encode("utf-8", "backslashreplace"))


def _refuse(view: View, kind: str, form: Format) -> None:
    others = ", ".join(name for name, each in FORMATS.items() if each.match)
    if view.is_matrix and kind != "text":
        raise click.UsageError(f"--matrix shows text: --matrix FILE writes all verdicts, not --format {kind}.")
    if view.is_of_one and not form.match:
        raise click.UsageError(f"--format {kind} is of all images or ECSs; of one there is {others}.")
    if view.by == "rule" and form.findings:
        raise click.UsageError(f"--format {kind} is of images or ECSs, and --by rule is of rules.")


def tell_assumed(match: Match) -> None:
    """Say on stderr what is assumed."""
    from imagefit.matching.assumed import assumed_of_all, assumed_of_rows
    from imagefit.reports.match.text import assumed_lines

    for line in assumed_lines(assumed_of_all(match), assumed_of_rows(match)):
        _say(f"assumed: {line}")


def write_matrix(match: Match, path: str) -> None:
    """Write all verdicts to a file, a row for each image and a column for each ECS."""
    from imagefit.errors import number_of
    from imagefit.matching.matrix import matrix_batches

    schema, batches = matrix_batches(match)
    rows = _written(path, schema, batches, match.images.count)
    _say(f"{path}: {number_of(rows, 'image')} x {number_of(match.ecss.count, 'ECS')}")


def write_fitting(match: Match, path: str) -> None:
    """Write the pairs that fit to a file."""
    fitting = match.fitting()
    rows = _written(path, fitting.schema, fitting, match.counts()[VerdictKind.COMPATIBLE])
    _say(f"{path}: {rows:,} pairs that fit")


def _count(match: Product) -> None:
    """Count all pairs, with a progress bar if that takes long."""
    from imagefit.cli.progress import Progress

    rows = max(match.images.count, match.ecss.count, 1)
    with Progress(lambda: progress.rows / rows) as progress:
        match.count_both_sides(progress.advance)


def _written(path: str, schema: Any, batches: Iterable[Any], total: int) -> int:
    """Write batches to a file with a progress bar; of an interrupted one, say how far it came."""
    from imagefit.cli.exits import INTERRUPTED
    from imagefit.cli.progress import Progress
    from imagefit.reports.formats import write_batches

    def counted() -> Iterator[Any]:
        for batch in batches:
            yield batch
            progress.advance(batch.num_rows)

    with Progress(lambda: progress.rows / max(total, 1)) as progress:
        try:
            return write_batches(path, schema, counted())
        except KeyboardInterrupt:
            _say(f"interrupted after {progress.rows:,} of {total:,} rows; {path} was not written")
            raise Exit(INTERRUPTED) from None


def _say(text: str) -> None:
    from imagefit.cli.errors import complain

    complain(text)
