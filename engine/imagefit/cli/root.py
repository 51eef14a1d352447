"""The command `imagefit` itself: its verbs, its help, its version."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

import click
from click.exceptions import Exit

from imagefit.cli.errors import run_safely
from imagefit.cli.lazy import LazyGroup
from imagefit.cli.options import pack_option
from imagefit.cli.project_of_run import leave_out, no_config_option
from imagefit.cli.single import option

__all__ = ["root"]

VERBS = {
    "check": "imagefit.cli.check:check",
    "audit": "imagefit.cli.audit:audit",
    "match": "imagefit.cli.match:match",
    "suggest": "imagefit.cli.suggest:suggest",
    "facts": "imagefit.cli.facts:facts",
    "convert": "imagefit.cli.convert:convert",
    "map": "imagefit.cli.map:map_group",
    "waive": "imagefit.cli.waive:waive",
    "replay": "imagefit.cli.replay:replay",
    "config": "imagefit.cli.config:config",
    "rules": "imagefit.cli.rules:rules",
    "demo": "imagefit.cli.demo:demo",
}


_VERBOSE = "imagefit.verbose"


class Root(LazyGroup):
    """The outermost group, which turns whatever goes wrong into a message and an exit code."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run as `click.Group.main`; with `standalone_mode`, say what goes wrong and exit with imagefit's codes."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        arguments = sys.argv[1:] if args is None else list(args)
        sys.exit(run_safely(partial(self._run, arguments, prog_name or "imagefit", complete_var, extra)))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; ``--no-config`` counts wherever it stands, since `imagefit` itself looks into the project file."""
        own = args[: args.index("--") if "--" in args else None]
        if "--no-config" in own:
            leave_out(ctx)
            args = [each for each in own if each != "--no-config"] + args[len(own) :]
        ctx.meta[_VERBOSE] = "-v" in own or "--verbose" in own  # the version is shown before other options are read
        return super().parse_args(ctx, args)

    def _run(self, args: list[str], prog_name: str, complete_var: str | None, extra: dict[str, Any]) -> object:
        """Run without click's own handling of errors, which ends silently when the output is closed."""
        self._main_shell_completion(extra, prog_name, complete_var)
        try:
            with self.make_context(prog_name, args, **extra) as ctx:
                return self.invoke(ctx)
        except Exit as stop:
            return stop.exit_code


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from imagefit import __version__
    from imagefit.cli.packs import load_pack_of
    from imagefit.escaping import line

    pack = load_pack_of(ctx)
    click.echo(f"imagefit {__version__}\n{line(f'pack {pack.name} {pack.version} {pack.digest}')}")
    if ctx.meta[_VERBOSE]:
        click.echo(_columns_judged_by())
    ctx.exit()


def _columns_judged_by() -> str:
    """Say what judges columns here."""
    from imagefit.errors import EvaluatorError
    from imagefit.evaluators import quickest
    from imagefit.kernel.library import compiled

    try:
        planes = f"compiled, with {compiled().instructions}"
    except EvaluatorError as error:
        planes = str(error)
    return f"columns are judged by {quickest()} (planes: {planes})"


@click.group(
    cls=Root,
    places=VERBS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fits; 1 incompatible; 3 undecided; 4 warnings, if asked for; 2 usage or input error.",
)
@pack_option(eager=True)
@no_config_option
@option(
    "--version",
    is_flag=True,
    has_variable=False,
    expose_value=False,
    callback=_print_version,
    help="Show the version, and the pack's name, version and digest; with -v, what judges columns, too.",
)
@option("-v", "--verbose", is_flag=True, expose_value=False, has_variable=False, hidden=True, help="With --version.")
def root() -> None:
    """Tell whether an image fits an ECS, and if not, why, and what would make it fit."""
