"""Help, drawn by rich_click when somebody asks for it: a command that runs imports click alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich_click import RichCommand

__all__ = ["Command", "DrawsHelp", "Option", "command"]

_SAME = ("name", "context_settings", "callback", "params", "help", "epilog", "short_help", "options_metavar")
_FLAGS = ("add_help_option", "no_args_is_help", "hidden", "deprecated")
_OF_CONTEXT = ("info_name", "parent", "terminal_width", "max_content_width", "help_option_names", "show_default")


class Option(click.Option):
    """An option whose help is one line: click imports what reads Python to take the indentation out of several."""

    def __init__(self, *args: Any, help: str | None = None, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.help = help


class DrawsHelp(click.Command):
    """A command whose help rich_click draws."""

    _own_help: click.Option | None = None

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option; click's own looks for a translation of its text in folders, whatever is run."""
        names = self.get_help_option_names(ctx) if self.add_help_option else []
        if names and self._own_help is None:
            as_clicks = {"is_flag": True, "expose_value": False, "is_eager": True, "callback": _show_help}
            self._own_help = Option(names, help="Show this message and exit.", **as_clicks)
        return self._own_help if names else None

    def get_help(self, ctx: click.Context) -> str:
        """Return the help, with colours if the terminal is to have them."""
        from rich_click import RichContext

        twin = _twin(self, ctx)
        ctx.color = True  # rich knows whether there are to be any: click need not look again
        return twin.get_help(RichContext(twin, **{name: getattr(ctx, name) for name in _OF_CONTEXT}))


def _show_help(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


class Command(DrawsHelp):
    """A command of `imagefit` that is no group."""


def _twin(of: click.Command, ctx: click.Context) -> RichCommand:
    """Return what is said of a command as a command of rich_click."""
    from rich_click import RichCommand, RichGroup

    same = {name: getattr(of, name) for name in (*_SAME, *_FLAGS)}
    if not isinstance(of, click.Group):
        return RichCommand(**same)
    commands = {name: command for name in of.list_commands(ctx) if (command := of.get_command(ctx, name)) is not None}
    group = RichGroup(**same, commands=commands, subcommand_metavar=of.subcommand_metavar)
    group.list_commands = lambda ctx: list(commands)  # type: ignore[method-assign]
    return group


command: Callable[..., Callable[[Callable[..., Any]], Any]] = partial(click.command, cls=Command)
"""As `click.command`."""
