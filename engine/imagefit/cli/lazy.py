"""Command groups whose commands are imported when they are used, so that help is there at once."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from imagefit.cli.helping import DrawsHelp
from imagefit.errors import nearest

__all__ = ["LazyGroup"]


class LazyGroup(DrawsHelp, click.Group):
    """A group that knows its commands by place (``"imagefit.cli.check:check"``) until one is used.

    Parameters
    ----------
    places
        The place of each command by its name; registering a command is one line of this mapping.
    **attributes
        As of `click.Group`.
    """

    def __init__(self, *args: Any, places: Mapping[str, str], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they were registered."""
        return [*self.places, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command, if its name is known."""
        if cmd_name not in self.places:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.places[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; of an unknown one, say which is nearest."""
        if args and not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None:
            near = nearest(args[0], self.list_commands(ctx))
            hint = f"did you mean {near!r}?" if near else f"expected one of {', '.join(self.list_commands(ctx))}"
            raise click.UsageError(f"no such command: {args[0]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)
