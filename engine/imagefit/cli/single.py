"""Options as this command line has them.

One that takes a single value refuses a second, where click would let it win without a word. What the command
line does not say, the environment does (``IMAGEFIT_FAIL_ON`` for ``--fail-on``), and then the project file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import click
from click.core import ParameterSource

from imagefit.cli.helping import Option
from imagefit.cli.project_of_run import project_of
from imagefit.cli.variables import VARIABLE, taken_from_environment
from imagefit.values import pattern

__all__ = ["SingleOption", "aside", "option", "option_aside"]


class SingleOption(Option):
    """An option of which the command line may give one value; a flag, or one that is `multiple`, is as of click.

    Parameters
    ----------
    instead
        What to do for several values, in words.
    setting
        The key of the project file that gives its value; empty if none does. A table of facts there is completed
        by the facts that are given here, and a fact that both name is what is given here.
    has_variable
        Whether the environment can give its value.
    """

    def __init__(
        self, *args: Any, instead: str = "", setting: str = "", has_variable: bool = True, **attributes: Any
    ) -> None:
        super().__init__(*args, **attributes)
        self.instead, self.setting = instead, setting
        if has_variable and self.envvar is None:
            name = next(name for name in self.opts if name.startswith("--"))
            self.envvar = VARIABLE + name.removeprefix("--").replace("-", "_").upper()

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
        value, source = super().consume_value(ctx, opts)
        project = project_of(ctx) if self.setting else None
        said = None if project is None else project.texts(self.setting)
        if said is None:
            return value, source
        if source in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT):
            return (_completed(value, said) if self.setting in FACT_TABLES else value), source
        return (list(said) if self.multiple else said[0]), ParameterSource.DEFAULT_MAP

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """Return what the environment says: of an option that may be repeated, a value a line."""
        text = self.resolve_envvar_value(ctx)
        if text is not None and isinstance(self.envvar, str):
            taken_from_environment.update(dict.fromkeys(self.opts, self.envvar))
        if text is None or not self.multiple:
            return super().value_from_envvar(ctx)
        values = [line.strip() for line in text.splitlines() if line.strip()]
        if self.setting in FACT_TABLES[:2] and any(_TWO_ASSIGNMENTS.search(value) for value in values):
            raise click.UsageError(f"{self.envvar} takes one FACT=VALUE a line.", ctx)
        return values


FACT_TABLES = ("set", "assume", "map", "map-value")
_TWO_ASSIGNMENTS = pattern(r"=.*\s[a-z_]+\.[a-z_.]+=")


def _completed(given: Any, said: tuple[str, ...]) -> list[str]:
    """Return the assignments that are given, and before them those of the project file about other facts."""
    named = {assignment.partition("=")[0].strip() for assignment in given}
    return [each for each in said if each.partition("=")[0] not in named] + list(given)


option: Callable[..., Callable[[Callable[..., Any]], Any]] = partial(click.option, cls=SingleOption)
"""As `click.option`; what is single-valued refuses a second value."""

_ASIDE = "imagefit.aside"


def aside(ctx: click.Context) -> dict[str, Any]:
    """Return the values of the options of `option_aside`, by name; those that the command does not have are missing."""
    values: dict[str, Any] = ctx.meta.setdefault(_ASIDE, {})
    return values


def _put_aside(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    aside(ctx)[param.name or ""] = value


option_aside: Callable[..., Callable[[Callable[..., Any]], Any]] = partial(
    option, expose_value=False, callback=_put_aside
)
"""As `option`, for what goes with many commands and is no argument of theirs: `aside` has its value."""
