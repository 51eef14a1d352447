"""The options of waivers, and what there is to say of waivers that nothing here needed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from imagefit.cli.paths import READ
from imagefit.cli.single import aside, option_aside
from imagefit.readers.called import CALLED

if TYPE_CHECKING:
    from imagefit.rulepack.pack import Pack, Rule
    from imagefit.rulepack.waivers import Waiver

__all__ = [
    "NOTICED",
    "Met",
    "day_of",
    "is_complete",
    "tell_unused",
    "waived",
    "waiver_options",
    "waivers_of_run",
    "waivers_option",
]

NOTICED = ("pass", "unknown")
"""The outcomes of the notice of a waiver that applies, or may."""

_READ = "imagefit.waivers"
"""The waivers that `waived` read, in a context's `meta`."""


def waiver_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--waivers`` and all that goes with it; `cli.packs` puts the waivers into the pack."""
    return waivers_option(
        option_aside(
            "--waivers-complete",
            is_flag=True,
            help="Say which waivers are no longer needed: this run covers all that they name.",
        )(command)
    )


def waivers_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--waivers`` and what says which of them count."""
    for add in (
        option_aside(
            "--allow-endless",
            is_flag=True,
            help="Let a waiver do without the day on which it ends.",
        ),
        option_aside(
            "--today",
            metavar="DATE",
            help="The day, as YYYY-MM-DD, for what expires; by default the clock's.",
        ),
        option_aside(
            "--waivers",
            metavar="FILE",
            type=READ,
            setting="waivers",
            help="Findings that somebody answers for until a day: they are shown, and decide nothing.",
        ),
    ):
        command = add(command)
    return command


def waived(ctx: click.Context, pack: Pack) -> Pack:
    """Return a pack with the waivers that the command line names; says on stderr what has expired or soon does."""
    said = aside(ctx)
    path = said.get("waivers")
    if path is None:
        return pack
    from pathlib import Path

    from imagefit.cli.errors import complain
    from imagefit.rulepack.waivers import read_waivers, waived_pack

    waivers = read_waivers(Path(path), path, pack, is_endless_allowed=bool(said.get("allow_endless")))
    ctx.meta[_READ] = waivers
    made, notes = waived_pack(pack, waivers, day_of(said.get("today")))
    for note in notes:
        complain(note)
    return made


def waivers_of_run(ctx: click.Context) -> tuple[tuple[Waiver, ...], date]:
    """Return the waivers of the pack that `waived` returned, and the day of this run."""
    return ctx.meta.get(_READ, ()), day_of(aside(ctx).get("today"))


def day_of(text: str | None, option: str = "--today") -> date:
    """Return the day that an option names, the clock's if it names none; raises `InputError` if it is no day."""
    if text is None:
        return date.today()
    from imagefit.errors import InputError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("no day", option=option, value=text, expected="YYYY-MM-DD") from None


def is_complete(ctx: click.Context) -> bool:
    """Whether ``--waivers-complete`` is said, and there are waivers."""
    return bool(aside(ctx).get("waivers_complete") and ctx.meta.get(_READ))


class Met:
    """Which of the names in waivers the images and the ECSs of a run have."""

    def __init__(self) -> None:
        self._names: dict[str, set[str]] = {}

    def add(self, facts: Mapping[str, Any]) -> None:
        """Take note of the facts of a candidate."""
        for side, fact in CALLED.items():
            self._names.setdefault(side, set()).update(facts.get(fact, ()))

    def note(self, columns: Mapping[str, Any]) -> None:
        """Take note of columns of facts."""
        for fact in CALLED.values():
            if (column := columns.get(fact)) is not None:
                for value in (column.constant,) if hasattr(column, "constant") else column.values:
                    self.add({fact: value or ()})

    def of(self, side: str) -> Collection[str]:
        """Return the names of ``image`` or ``ecs``."""
        return self._names.get(side, ())


def tell_unused(ctx: click.Context, applied: Iterable[str], rules: Iterable[Rule], met: Met) -> None:
    """Say which waivers applied nowhere.

    Parameters
    ----------
    applied
        The ids of the notices of waivers that did, or may.
    rules
        The rules that this run looked at.
    """
    from imagefit.cli.errors import complain
    from imagefit.rulepack.words import WAIVED

    waivers, today = waivers_of_run(ctx)
    if not waivers:
        return
    looked_at = {rule.id: rule for rule in rules}
    used = {str(looked_at[notice].position) for notice in applied if notice in looked_at and notice.startswith(WAIVED)}
    for waiver in waivers:
        if str(waiver.position) in used or not waiver.counts_on(today):
            continue
        lacking = [name for side in ("image", "ecs") for name in getattr(waiver, side) if name not in met.of(side)]
        said = f"the waiver of {waiver.selector} is not used here"
        if is_complete(ctx) and not lacking and not looked_at.keys().isdisjoint(waiver.rules):
            said = f"the waiver of {waiver.selector} is no longer needed: what it names was checked, and nothing fails"
        elif is_complete(ctx) and lacking:
            said += f": nothing is called {', '.join(lacking)}"
        complain(f"{waiver.position}: {said} ({waiver.owner})")
