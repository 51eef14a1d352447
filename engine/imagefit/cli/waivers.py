"""The options of waivers, and what there is to say of waivers that nothing here needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from imagefit.cli.paths import READ
from imagefit.cli.single import option

if TYPE_CHECKING:
    from imagefit.rulepack.pack import Pack
    from imagefit.rulepack.waivers import Waiver

__all__ = ["NOTICED", "tell_unused", "waived", "waiver_options", "waivers_of_run"]

NOTICED = ("pass", "unknown")
"""The outcomes of the notice of a waiver that applies, or may."""

KEY = "imagefit.waivers"
"""What the options set in a context's `meta`."""


def waiver_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--waivers``, ``--today`` and ``--allow-endless``; `cli.packs` puts them into the pack."""
    for add in (
        option(
            "--allow-endless",
            is_flag=True,
            expose_value=False,
            callback=_keep,
            help="Let a waiver do without the day on which it ends.",
        ),
        option(
            "--today",
            metavar="DATE",
            expose_value=False,
            callback=_keep,
            help="The day, as YYYY-MM-DD, for what expires; by default the clock's.",
        ),
        option(
            "--waivers",
            metavar="FILE",
            type=READ,
            setting="waivers",
            expose_value=False,
            callback=_keep,
            help="Findings that somebody answers for until a day: they are shown, and decide nothing.",
        ),
    ):
        command = add(command)
    return command


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    ctx.meta.setdefault(KEY, {})[param.name] = value


def waived(ctx: click.Context, pack: Pack) -> Pack:
    """Return a pack with the waivers that the command line names; says on stderr what has expired or soon does."""
    said = ctx.meta.get(KEY, {})
    path = said.get("waivers")
    if path is None:
        return pack
    from pathlib import Path

    from imagefit.cli.errors import complain
    from imagefit.rulepack.waivers import read_waivers, waived_pack

    waivers = read_waivers(Path(path), path, pack, is_endless_allowed=bool(said.get("allow_endless")))
    said["read"] = waivers
    made, notes = waived_pack(pack, waivers, _day(said.get("today")))
    for note in notes:
        complain(note)
    return made


def waivers_of_run(ctx: click.Context) -> tuple[tuple[Waiver, ...], date]:
    """Return the waivers of the pack that `waived` returned, and the day of this run."""
    said = ctx.meta.get(KEY, {})
    return said.get("read", ()), _day(said.get("today"))


def _day(text: str | None) -> date:
    if text is None:
        return date.today()
    from imagefit.errors import InputError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("no day", option="--today", value=text, expected="YYYY-MM-DD") from None


def tell_unused(pack: Pack, applied: Iterable[str]) -> None:
    """Say which waivers of the pack's applied nowhere; `applied` are the ids of their notices that did, or may."""
    from imagefit.cli.errors import complain
    from imagefit.rulepack.words import WAIVED

    used = set(applied)
    by_place: dict[str, list[str]] = {}
    for rule in pack.rules:
        if rule.id.startswith(WAIVED):
            by_place.setdefault(str(rule.position), []).append(rule.id)
    for place, ids in by_place.items():
        if not used & set(ids):
            complain(f"{place}: the waiver of {ids[0].removeprefix(WAIVED)} is not used here")
