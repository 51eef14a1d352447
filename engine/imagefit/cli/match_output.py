"""What ``imagefit match`` prints and writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click
from click.exceptions import Exit

from imagefit.verdicts import PackRef, VerdictKind

if TYPE_CHECKING:
    from imagefit.api.match import Match

__all__ = [
    "count",
    "show_counts",
    "show_matrix",
    "show_partners",
    "show_rules",
    "show_summary",
    "tell_assumed",
    "write_fitting",
    "write_matrix",
]


def show_summary(match: Match, output_format: str) -> None:
    """Print the summary."""
    from imagefit.reports.match.text import summary_text

    count(match)
    summary = match.summary()
    if output_format == "json":
        _json({**summary.to_dict(), "pack": PackRef.of(match.pack).to_dict()})
    else:
        _text(summary_text(summary, match.pack, **_terminal()))


def show_counts(match: Match, by: str, limit: int, output_format: str) -> None:
    """Print the counts of each image, ECS or rule."""
    from imagefit.reports.match.text import counted_text

    if by == "rule":
        show_rules(match, output_format)
        return
    table = match.by_image() if by == "image" else match.by_ecs()
    if output_format == "json":
        _json(table.to_pylist())
    else:
        _text(counted_text(table, match.images if by == "image" else match.ecss, limit, **_terminal()))


def show_rules(match: Match, output_format: str) -> None:
    """Print how many pairs each rule fails, and how many of these it stops alone."""
    from imagefit.reports.match.text import rules_text

    alone = {row["rule"]: row["alone"] for row in match.alone().to_pylist()}
    rows = [{**row, "alone": alone.get(row["rule"])} for row in match.by_rule().to_pylist()]
    if output_format == "json":
        _json(rows)
    else:
        _text(rules_text(rows, **_terminal()))


def show_partners(
    match: Match, image: str | None, ecs: str | None, misses: int, limit: int, output_format: str
) -> None:
    """Print what fits one image or one ECS, and the nearest misses."""
    from imagefit.matching.misses import partners_of
    from imagefit.reports.match.text import partners_text

    partners = partners_of(match, image, ecs, misses)
    if output_format == "json":
        _json({"operation": match.operation, **partners.to_dict(), "pack": PackRef.of(match.pack).to_dict()})
    else:
        _text(partners_text(partners, match, limit, **_terminal()))


def show_matrix(match: Match, limit: int) -> None:
    """Print all verdicts by classes."""
    from imagefit.reports.match.matrix import matrix_text

    _text(matrix_text(match, match.matrix(), most=limit, **_terminal()))


def tell_assumed(match: Match) -> None:
    """Say on stderr what is assumed."""
    from imagefit.matching.assumed import assumed_of_all, assumed_of_rows
    from imagefit.reports.match.text import assumed_lines

    for line in assumed_lines(assumed_of_all(match), assumed_of_rows(match)):
        _say(f"assumed: {line}")


def write_matrix(match: Match, path: str) -> None:
    """Write all verdicts to a file, a row for each image and a column for each ECS."""
    from imagefit.matching.matrix import matrix_batches

    schema, batches = matrix_batches(match)
    rows = _written(path, schema, batches, match.images.count)
    _say(f"{path}: {rows:,} images x {match.ecss.count:,} ECSs")


def write_fitting(match: Match, path: str) -> None:
    """Write the pairs that fit to a file."""
    fitting = match.fitting()
    rows = _written(path, fitting.schema, fitting, match.counts()[VerdictKind.COMPATIBLE])
    _say(f"{path}: {rows:,} pairs that fit")


def count(match: Match) -> None:
    """Count all pairs, with a progress bar if that takes long."""
    from imagefit.cli.progress import Progress

    rows = max(match.images.count, match.ecss.count, 1)
    with Progress(lambda: progress.rows / rows) as progress:
        match.count_both_sides(progress.advance)


def _written(path: str, schema: Any, batches: Iterable[Any], total: int) -> int:
    """Write batches to a file with a progress bar; of an interrupted one, say how far it came."""
    from imagefit.cli.exits import INTERRUPTED
    from imagefit.cli.progress import Progress
    from imagefit.reports.files import write_batches

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


def _terminal() -> dict[str, Any]:
    from imagefit.cli.terminal import is_colour_wanted, text_width

    return {"width": text_width(), "colour": is_colour_wanted()}


def _json(data: Any) -> None:
    from imagefit.reports.jsontext import json_text

    click.echo(json_text(data))


def _text(text: str) -> None:
    click.echo(text, color=True)


def _say(text: str) -> None:
    from imagefit.cli.errors import complain

    complain(text)
