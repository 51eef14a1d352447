"""Which project file a run of the command line has, if any, and what there is to say of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from imagefit.cli.helping import Option

if TYPE_CHECKING:
    from imagefit.cli.project_settings import Project

__all__ = ["leave_out", "no_config_option", "project_of"]

KEY = "imagefit.project"
"""Of ``ctx.meta``, which all commands of a run share."""


def project_of(ctx: click.Context) -> Project | None:
    """Return the project file of this run; read once, and where it stands above the working folder, said once.

    Raises
    ------
    InputError
        If the file is not as it should be.
    """
    if KEY not in ctx.meta:
        ctx.meta[KEY] = None if ctx.resilient_parsing else _found(ctx)
    project: Project | None = ctx.meta[KEY]
    return project


def no_config_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--no-config``, which `cli.root` looks for before anything else is read."""
    return click.option(
        "--no-config",
        cls=Option,
        is_flag=True,
        expose_value=False,
        help="Read no project file (imagefit.toml, or [tool.imagefit] in pyproject.toml).",
    )(command)


def leave_out(ctx: click.Context) -> None:
    """Let this run have no project file."""
    ctx.meta[KEY] = None


def _found(ctx: click.Context) -> Project | None:
    from imagefit.cli.errors import complain
    from imagefit.cli.paths import claim
    from imagefit.cli.project_toml import find_project

    try:
        path = find_project(Path.cwd())
    except FileNotFoundError:  # the working folder is gone
        return None
    if path is None:
        return None
    from imagefit.cli.project_settings import read_project

    claim(ctx, "the project file", os.path.relpath(path), is_written=False)
    project = read_project(path)
    if project.is_above and (deciding := project.deciding()):
        complain(f"{project.shown_path}: sets {', '.join(deciding)} (--no-config leaves it out)")
    return project
