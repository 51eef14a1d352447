"""``imagefit config``: what is set, where it comes from, and a file to begin with."""

from __future__ import annotations

import click

from imagefit.cli.lazy import LazyGroup

__all__ = ["config"]

COMMANDS = {
    "show": "imagefit.cli.config_show:show_config",
    "init": "imagefit.cli.config_init:init_config",
    "schema": "imagefit.cli.config_schema:print_config_schema",
}


@click.group(cls=LazyGroup, places=COMMANDS)
def config() -> None:
    """Show what the project file and the environment set, or begin such a file.

    The project file is the nearest imagefit.toml, or pyproject.toml with a table [tool.imagefit], in the working
    folder or above. An option counts before the environment (IMAGEFIT_FAIL_ON for --fail-on), and that before
    the file.
    """
