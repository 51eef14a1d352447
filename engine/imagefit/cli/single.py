"""Options that take one value: a second one is refused, where click would let it win without a word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import rich_click as click

__all__ = ["SingleOption", "option"]


class SingleOption(click.Option):
    """An option of which the command line may give one value; a flag, or one that is `multiple`, is as of click.

    Parameters
    ----------
    instead
        What to do for several values, in words.
    """

    def __init__(self, *args: Any, instead: str = "", **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.instead = instead

    @property
    def is_single(self) -> bool:
        """Whether it takes one value."""
        return not (self.multiple or self.count or self.is_flag)

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Let the parser keep all values, so that a second one can be seen."""
        if not self.is_single:
            super().add_to_parser(parser, ctx)
            return
        parser.add_option(obj=self, opts=self.opts, dest=self.name, action="append", nargs=self.nargs)

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, Any]:
        """Return the one value, from wherever click would take it."""
        found = opts.get(self.name or "")
        if self.is_single and isinstance(found, list):
            if len(found) > 1 and not ctx.resilient_parsing:
                what = " and ".join(str(value) for value in found[:2] if isinstance(value, str))
                message = f"{self.opts[-1]} takes one value" + (f", and {what} are given" if " and " in what else "")
                raise click.UsageError("; ".join(filter(None, (message, self.instead))) + ".", ctx)
            opts = {**opts, self.name or "": found[-1]}
        return super().consume_value(ctx, opts)


option: Callable[..., Callable[[Callable[..., Any]], Any]] = partial(click.option, cls=SingleOption)
"""As `click.option`; what is single-valued refuses a second value."""
