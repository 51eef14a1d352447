"""``imagefit suggest``: which flavors take an image, or which images fit an ECS."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

import click

from imagefit.cli.exits import exit_code
from imagefit.cli.helping import command
from imagefit.cli.inputs import lists, places
from imagefit.cli.operations import is_fallback, known_operation
from imagefit.cli.options import (
    assume_option,
    operation_option,
    pack_option,
    parse_assumptions,
    parse_facts,
    selection_options,
    set_option,
    split_names,
)
from imagefit.cli.own import own_options, own_tables
from imagefit.cli.packs import load_pack_of
from imagefit.cli.paths import READ
from imagefit.cli.project_of_run import no_config_option
from imagefit.cli.single import option
from imagefit.cli.waivers import waivers_option

if TYPE_CHECKING:
    from imagefit.facts import Value
    from imagefit.planning.repairs import Repairs
    from imagefit.rulepack.pack import Pack

__all__ = ["suggest"]

CREATE = "create_ecs"
"""What is suggested for where nobody says it, by packs that have it."""

EXAMPLE = "Example: imagefit suggest --image images.json#orders-web --like c7n.xlarge.2"


@command(epilog=EXAMPLE)
@option("--image", metavar="FILE[#ID]", type=READ, help="The image; or images to choose from.")
@option("--ecs", metavar="FILE[#ID]", type=READ, help="Flavors to choose from; or the ECS that an image is wanted for.")
@option("--flavor", metavar="ID", help="The flavor that an image is wanted for, known by its id alone.")
@option("--request", metavar="FILE", type=READ, help="A request to repair: the smallest change of its own fields.")
@option("--like", metavar="FLAVOR", help="What is asked for is like this flavor: the nearest come first.")
@option("--vcpus", metavar="N", type=click.IntRange(min=1), help="How many vCPUs the flavor is to have.")
@option("--memory-gib", metavar="N", type=click.FloatRange(min=0, min_open=True), help="How much memory it is to have.")
@option("--os", "os_text", metavar="TEXT", help="The OS that the image is to have, such as 'ubuntu 22'.")
@option(
    "--near", "wanted", metavar="FACT=VALUE", multiple=True, help="A fact that is asked for; it counts before --like."
)
@option("--az", "zone", metavar="ZONE", help="The availability zone that a flavor has to be on sale in.")
@own_options
@no_config_option
@waivers_option
@pack_option()
@operation_option
@set_option
@assume_option
@selection_options
@option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="How many of each to show; 0: all.",
)
@option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "patch"]),
    default="text",
    show_default=True,
    help="patch: the best repair of a --request, as a JSON merge patch (RFC 7396).",
)
@click.pass_context
def suggest(
    ctx: click.Context,
    image: str | None,
    ecs: str | None,
    flavor: str | None,
    request: str | None,
    like: str | None,
    vcpus: int | None,
    memory_gib: float | None,
    os_text: str | None,
    wanted: Sequence[str],
    zone: str | None,
    operation: str | None,
    given: Sequence[str],
    assumed: Sequence[str],
    select: Sequence[str],
    ignore: Sequence[str],
    limit: int,
    output_format: str,
) -> None:
    """Say which flavors take an image (of --ecs, a project's list or the shipped catalog), or which images fit an ECS.

    With --request, name the smallest change of its flavor, zone, disk size or image that makes it fit.

    The nearest to what is asked for come first, then those that one step would make fit, then why the others do not.
    The pack says what is near to what.
    """
    from imagefit.api.repair import Rules, repairs_of
    from imagefit.api.suggest import refuse_beside_request, sides_of, suggested
    from imagefit.cli.notes import tell_notes
    from imagefit.cli.own_process import keep
    from imagefit.cli.terminal import is_colour_wanted, text_width
    from imagefit.reports.jsontext import json_text
    from imagefit.reports.suggest import suggestions_text
    from imagefit.supply import Supply

    pack = load_pack_of(ctx)
    facts, supply = parse_facts(given, pack), Supply(assumptions=parse_assumptions(assumed, pack))
    rules = Rules(pack, split_names(select), split_names(ignore), facts, supply, limit, own_tables(ctx, pack))
    of_images = places(ctx, [image]) if image else lists(ctx, "images")
    of_ecss = places(ctx, [ecs]) if ecs else () if flavor else lists(ctx, "ecss")
    if request is not None:
        asked = {"--vcpus": vcpus, "--memory-gib": memory_gib, "--os": os_text, "--near": tuple(wanted)}
        refuse_beside_request({"--flavor": flavor, "--like": like, **asked, "--az": zone})
        if operation is not None and not is_fallback(ctx):
            tell_notes([f"{request}: a request says its operation itself; --operation is not used"], True)
        repairs = repairs_of(request, of_images, of_ecss, rules)
        show_repairs(repairs, output_format)
        ctx.exit(0 if repairs.repairs else exit_code(repairs.verdict.level, "unknown"))
    if output_format == "patch":
        raise click.UsageError("--format patch is of a --request.")
    operation = known_operation(operation, CREATE if CREATE in pack.operations else None, pack)
    near = {**_asked(pack, vcpus, memory_gib, os_text), **parse_facts(wanted, pack, "--near")}
    sides = sides_of(of_images, of_ecss, flavor, zone, rules)
    keep(sides)
    found = suggested(sides, like, near, operation, rules)
    one = sides.images[0] if sides.of_image else sides.ecss[0]
    tell_notes([*sides.reader.warnings, *(f"{one.record.key}: {note}" for note in one.record.notes)], False)
    if output_format == "json":
        click.echo(json_text(found.to_dict()))
        return
    of_flavors, of_image = ecs or ", ".join(of_ecss) or "the shipped catalog", image or ", ".join(of_images)
    of, of_what = (of_flavors, of_image) if found.side == "ecs" else (of_image, flavor or ecs)
    title = f"Which {found.what} of {of} for {of_what}" + (f", like {like}" if like else "")
    click.echo(suggestions_text(found, title, pack, width=text_width(), colour=is_colour_wanted()), color=True)


def show_repairs(found: Repairs, output_format: str) -> None:
    """Print what repairs a request."""
    from imagefit.cli.terminal import is_colour_wanted, text_width
    from imagefit.reports.jsontext import json_text
    from imagefit.reports.suggest import repairs_text

    if output_format == "patch":
        click.echo(json_text(dict(found.repairs[0].patch) if found.repairs else {}))
    elif output_format == "json":
        click.echo(json_text(found.to_dict()))
    else:
        click.echo(repairs_text(found, width=text_width(), colour=is_colour_wanted()), color=True)


def _asked(pack: Pack, vcpus: int | None, memory_gib: float | None, os_text: str | None) -> dict[str, Value]:
    """Return the facts that are asked for; raises `InputError` if the pack has none of one."""
    from imagefit.errors import InputError
    from imagefit.sources.subjects import ASKED

    found: dict[str, Value] = {}
    for (name, (fact, units)), value in zip(ASKED.items(), (vcpus, memory_gib, os_text), strict=True):
        if isinstance(value, float) and not isfinite(value):
            raise InputError("not a number of GiB", option=name, value=value, expected="such as 16")
        if value is not None and fact not in pack.fields:
            raise InputError("the pack knows no such fact", option=name, value=fact, expected="--near FACT=VALUE")
        if value is not None:
            found[fact] = value if isinstance(value, str) else round(value * units)
    return found
