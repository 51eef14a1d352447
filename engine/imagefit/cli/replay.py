"""``imagefit replay``: whether the verdicts of a log come out the same, or which another pack would change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from imagefit.cli.helping import command
from imagefit.cli.options import columns_evaluator_option, pack_option, text_or_json_option
from imagefit.cli.packs import PACK_PATH, load_named, pack_path_of
from imagefit.cli.paths import READ
from imagefit.cli.project_of_run import no_config_option
from imagefit.cli.single import option

if TYPE_CHECKING:
    from imagefit.analysis.replay import Replay
    from imagefit.rulepack.pack import Pack

__all__ = ["replay"]


@command(epilog="Example: imagefit replay verdicts.log --pack rules/next")
@click.argument("logs", metavar="LOG...", type=READ, nargs=-1, required=True)
@pack_option()
@no_config_option
@option("--limit", metavar="N", type=click.IntRange(min=0), default=20, show_default=True, help="Lines shown.")
@text_or_json_option
@columns_evaluator_option
@click.pass_context
def replay(
    ctx: click.Context,
    logs: Sequence[str],
    limit: int,
    output_format: str,
    evaluator: str | None,
) -> None:
    """Evaluate each line of a log (of --log) again, and exit with 1 if one does not come out the same, bit for bit.

    Lines are evaluated by the pack that they name: a pack that ships, or that of the project. --pack evaluates all
    by another one, and says which verdicts change. A line without the value of a fact is counted, and not evaluated.
    """
    from imagefit.analysis.replay import Replay
    from imagefit.analysis.replay import replay as evaluate
    from imagefit.cli.progress import Progress
    from imagefit.escaping import line
    from imagefit.reports.jsontext import json_text
    from imagefit.sources.names import expanded
    from imagefit.sources.opening import opened

    found = Replay()
    is_another = ctx.get_parameter_source(PACK_PATH) is ParameterSource.COMMANDLINE
    pack = load_named(ctx, pack_path_of(ctx)) if is_another else None
    pack_of = _at_hand(ctx) if pack is None else _one(pack)
    for path in expanded(logs):
        file = opened(path)
        with Progress(file.share) as progress:
            evaluate(file, pack_of, found, evaluator=evaluator, on_lines=progress.advance)
    if output_format == "json":
        click.echo(json_text(found.to_dict()))
    else:
        for text in _text(found, limit, pack):
            click.echo(line(text))
    ctx.exit(1 if found.differing or found.impossible else 0)


def _one(pack: Pack) -> Callable[[Mapping[str, str]], Pack]:
    return lambda _: pack


def _at_hand(ctx: click.Context) -> Callable[[Mapping[str, str]], Pack]:
    """Return what finds the pack of a line: the project's, or one that ships."""
    known: dict[str, Pack] = {}
    more = _packs(ctx)

    def pack_of(said: Mapping[str, str]) -> Pack:
        from imagefit.errors import InputError

        digest = said["digest"]
        while digest not in known:
            pack = next(more, None)
            if pack is None:
                named = " ".join(str(said.get(part)) for part in ("name", "version", "digest"))
                expected = "the folder of that pack as --pack; or of another one, to see which verdicts change"
                raise InputError(f"a pack that is not at hand decided here: {named}", expected=expected)
            known[pack.digest] = pack
        return known[digest]

    return pack_of


def _packs(ctx: click.Context) -> Iterator[Pack]:
    from imagefit.api.packs import shipped_packs

    for name in dict.fromkeys((pack_path_of(ctx), *shipped_packs())):
        yield load_named(ctx, name)


def _text(found: Replay, limit: int, pack: Pack | None) -> Iterator[str]:
    from imagefit.errors import number_of

    for each in found.shown[:limit]:
        rules = f" ({', '.join(each.rules)})" if each.rules else ""
        change = f"{each.old} -> {each.new}" if each.old != each.new else f"{each.old}, otherwise"
        yield f"{each.place}: {each.key}: {each.operation}: {change}{rules}"
    if found.differing > len(found.shown[:limit]):
        yield f"... and {found.differing - len(found.shown[:limit]):,} more"
    for (operation, old, new), count in sorted(found.moved.items()):
        yield f"{operation}: {old} -> {new}: {count:,}"
    for facts, count in sorted(found.redacted.items()):
        yield f"not evaluated, for the log lacks {facts}: {count:,}"
    for reason, count in sorted(found.impossible.items()):
        yield f"can't be evaluated ({reason}): {count:,}"
    by = "" if pack is None else f" by {pack.name} {pack.version}"
    yield f"{number_of(found.lines, 'line')}{by}: {found.same:,} come out the same, {found.differing:,} do not"
