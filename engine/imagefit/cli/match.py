"""``imagefit match``: every image against every ECS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from imagefit.cli.exits import exit_code, is_unknown_failure
from imagefit.cli.helping import command
from imagefit.cli.inputs import lists, places
from imagefit.cli.match_output import show_view, tell_assumed, write_fitting, write_matrix
from imagefit.cli.notes import refuse_near_misses
from imagefit.cli.operations import is_fallback
from imagefit.cli.options import (
    assume_option,
    no_assume_option,
    operation_option,
    pack_option,
    pairs_evaluator_option,
    parse_assumptions,
    parse_facts,
    selection_options,
    set_option,
    split_names,
    strict_option,
)
from imagefit.cli.output import format_option, kind_of, output_option
from imagefit.cli.own import own_options, own_tables
from imagefit.cli.packs import load_pack_of
from imagefit.cli.paths import READ, STANDARD, WRITTEN
from imagefit.cli.project_of_run import no_config_option
from imagefit.cli.single import option
from imagefit.cli.waivers import NOTICED, Met, tell_unused, waiver_options, waivers_of_run
from imagefit.verdicts import VerdictKind

if TYPE_CHECKING:
    from imagefit.api.match import Match

__all__ = ["match"]


@command(epilog="Example: imagefit match --images images.json --ecs flavors.json --operation create_ecs --by image")
@click.argument("files", metavar="[FILE]...", type=READ, nargs=-1)
@option(
    "--images",
    metavar="FILE[#ID]",
    type=READ,
    multiple=True,
    help="Images: a list, a facts file, a table.",
)
@option(
    "--ecs",
    "ecss",
    metavar="FILE[#ID]",
    type=READ,
    multiple=True,
    help="ECSs: flavors, servers, a facts file, a table.",
)
@option("--flavor", "flavors", metavar="ID", multiple=True, help="A flavor known by its id alone.")
@pack_option()
@operation_option
@set_option
@assume_option
@no_assume_option
@strict_option
@no_config_option
@waiver_options
@selection_options
@option(
    "--az", "zone", metavar="ZONE", help="One availability zone; else a flavor is a row for each, unless all are alike."
)
@option("--from", "input_format", metavar="FORMAT", help="The files' format; detected by default.")
@own_options
@option("--by", type=click.Choice(["image", "ecs", "rule"]), help="List the counts of each image, ECS or rule.")
@option("--for-image", "image", metavar="ID", help="List what this image fits, and the nearest misses with reasons.")
@option("--for-ecs", "ecs", metavar="ID", help="List what fits this ECS, and the nearest misses with reasons.")
@option("--misses", metavar="N", type=click.IntRange(min=0), default=5, show_default=True, help="How many misses.")
@option(
    "--matrix",
    metavar="[FILE]",
    type=WRITTEN,
    is_flag=False,
    flag_value=STANDARD,
    help="Show all verdicts; or write them to FILE.",
)
@option("--fitting", metavar="FILE", type=WRITTEN, help="Write the pairs that fit to a .parquet, .csv or .jsonl file.")
@option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=0),
    help="Rows shown: 40 as text, 1000 with their findings (those that are worst), unless this says otherwise; 0: all.",
)
@format_option
@output_option
@pairs_evaluator_option
@option(
    "--fail-on",
    type=click.Choice(["incompatible", "unknown", "assumed", "never"]),
    default="never",
    show_default=True,
    help="Exit with 1 if some image fits no ECS, and with 3 (unknown) if some image may fit one only once more is "
    "known; with --by ecs or --for-ecs, if some ECS fits no image. That a pair does not fit is no failure. "
    "assumed: unknown, and 3 too where the verdict of some pair rests on something that was assumed.",
)
@option("-v", "--verbose", is_flag=True, help="Show all that the readers noted.")
@click.pass_context
def match(
    ctx: click.Context,
    files: Sequence[str],
    images: Sequence[str],
    ecss: Sequence[str],
    flavors: Sequence[str],
    operation: str | None,
    given: Sequence[str],
    assumed: Sequence[str],
    no_assume: bool,
    is_strict: bool,
    select: Sequence[str],
    ignore: Sequence[str],
    zone: str | None,
    input_format: str | None,
    by: str | None,
    image: str | None,
    ecs: str | None,
    misses: int,
    matrix: str | None,
    fitting: str | None,
    limit: int | None,
    output_format: str | None,
    output: str | None,
    evaluator: str,
    fail_on: str,
    verbose: bool,
) -> None:
    """Evaluate every image with every ECS: what fits, how often, and why the rest does not.

    Prints how many pairs fit, which rules stop the others, and what would have to be known. An image or an ECS
    can be asked for by its id; all verdicts, and the pairs that fit, can be written to files. Billions of pairs
    are no problem.
    """
    from imagefit.api.match import match as match_all
    from imagefit.cli.match_inputs import Inputs, files_of
    from imagefit.cli.terminal import is_colour_wanted, text_width
    from imagefit.reports.match.view import View

    if sum(chosen is not None for chosen in (by, image, ecs, matrix)) > 1:
        raise click.UsageError("--by, --for-image, --for-ecs and --matrix exclude each other.")
    kind = kind_of(output_format, output)
    pack = load_pack_of(ctx)
    facts = parse_facts(given, pack)
    assumptions = parse_assumptions(assumed, pack)
    inputs = Inputs(pack, input_format, zone, facts, assumptions, own_tables(ctx, pack), no_assume=no_assume)
    of_images, of_ecss = inputs.sides(places(ctx, files))
    images = (*places(ctx, images), *of_images) or lists(ctx, "images")
    ecss = (*places(ctx, ecss), *of_ecss) or (() if flavors else lists(ctx, "ecss"))
    if not images:
        raise click.UsageError("Say which images: --images FILE.")
    if not ecss and not flavors:
        raise click.UsageError("Say which ECSs: --ecs FILE or --flavor ID.")
    image_side, ecs_side = inputs.images(images), inputs.ecss(ecss, flavors)
    refuse_near_misses(inputs.reader.files, is_strict=is_strict)
    found = match_all(
        image_side,
        ecs_side,
        operation=inputs.operation(operation, is_fallback=is_fallback(ctx)),
        pack=pack,
        select=split_names(select),
        ignore=split_names(ignore),
        assume=inputs.assumptions,
        set=facts,
        evaluator=evaluator,
    )
    inputs.tell_idle(found)
    inputs.tell(verbose)
    if by is not None or matrix is not None:  # these show none of it
        tell_assumed(found)
    if fitting is not None:
        write_fitting(found, fitting)
    if matrix is not None and matrix != STANDARD:
        write_matrix(found, matrix)
    else:
        view = View(
            found,
            by=by,
            image=image,
            ecs=ecs,
            misses=misses,
            is_matrix=matrix is not None,
            limit=limit,
            files={"image": files_of(images), "ecs": files_of(ecss)},
            opened=inputs.reader.files,
            width=text_width(),
            colour=is_colour_wanted(),
            is_unknown_failure=is_unknown_failure(fail_on),
        )
        show_view(view, kind, output)
    tell_unused_of(ctx, found)
    ctx.exit(code_of(found, by, image, ecs, fail_on))


def tell_unused_of(ctx: click.Context, match: Match) -> None:
    """Say which waivers no pair needed."""
    if not waivers_of_run(ctx)[0]:  # nothing has to be counted
        return
    met = Met()
    for side in (match.images, match.ecss):
        met.note(side.encoded.columns)
    counts = match.by_rule().to_pylist()
    tell_unused(ctx, (row["rule"] for row in counts if any(row[each] for each in NOTICED)), match.rules, met)


def code_of(match: Match, by: str | None, image: str | None, ecs: str | None, fail_on: str) -> int:
    """Return the exit code: whether something that was asked about finds no partner, as far as `fail_on` says."""
    if fail_on == "never":  # nothing has to be counted
        return 0
    from imagefit.matching.assumed import is_assumed

    is_by_ecs = ecs is not None or (by == "ecs" and image is None)
    counted = match.by_ecs() if is_by_ecs else match.by_image()
    if image is not None or ecs is not None:
        side = match.images if image is not None else match.ecss
        counted = counted.slice(side.row(str(ecs) if image is None else image), 1)
    fits, may = counted["compatible"].to_numpy() > 0, counted["unknown"].to_numpy() > 0
    level = VerdictKind.COMPATIBLE.level
    if (~fits).any():
        level = (VerdictKind.INCOMPATIBLE if (~fits & ~may).any() else VerdictKind.UNKNOWN).level
    return exit_code(level, fail_on, is_assumed=fail_on == "assumed" and is_assumed(match))
