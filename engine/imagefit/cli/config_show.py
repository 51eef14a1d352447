"""``imagefit config show``: each setting, its value, and where that comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import click

from imagefit.cli.helping import command
from imagefit.cli.options import text_or_json_option
from imagefit.cli.project_of_run import no_config_option, project_of
from imagefit.cli.project_settings import SETTINGS
from imagefit.cli.variables import VARIABLE

if TYPE_CHECKING:
    from imagefit.cli.project_settings import Project

__all__ = ["show_config"]

TABLES = ("facts", "names", "values")
DEFAULTS = {"pack": "the built-in pack", "fail-on": "unknown"}


class Line(NamedTuple):
    """A setting, or an entry of a table."""

    setting: str
    value: str | None
    where: str


@command("show")
@no_config_option
@text_or_json_option
@click.pass_context
def show_config(ctx: click.Context, output_format: str) -> None:
    """Show what is set here, and where it is set: the project file with its line, the environment, or nowhere."""
    from imagefit.escaping import line
    from imagefit.reports.jsontext import json_text

    project = project_of(ctx)
    lines = list(_lines(project))
    if output_format == "json":
        file = None if project is None else project.shown_path
        click.echo(json_text({"file": file, "settings": [one._asdict() for one in lines]}))
        return
    click.echo(line(f"project file: {'none' if project is None else project.shown_path}"))
    names, values = (max(len(one[part] or "") for one in lines) for part in (0, 1))
    for one in lines:
        click.echo(line(f"  {one.setting:<{names}}  {one.value or '-':<{min(values, 40)}}  {one.where}".rstrip()))


def _lines(project: Project | None) -> Iterator[Line]:
    for key, setting in SETTINGS.items():
        variable = VARIABLE + key.replace("-", "_").upper()
        said = os.environ.get(variable) if setting.kind != "paths" else None
        from_file = None if project is None else project.values.get(key)
        if said is not None and setting.kind in TABLES:
            for assignment in said.splitlines():
                name, _, value = assignment.strip().partition("=")
                yield Line(f"{key}.{name}", value, variable)
        elif said is not None:
            yield Line(key, ", ".join(said.splitlines()), variable)
            continue
        if isinstance(from_file, dict) and project is not None:
            named = {each.strip().partition("=")[0] for each in (said or "").splitlines()}
            for name, value in from_file.items():
                if name not in named:
                    shown = ", ".join(value) if isinstance(value, tuple) else value
                    yield Line(f"{key}.{name}", shown, project.place(f"{key}.{name}"))
        elif from_file is not None and project is not None:
            shown = ", ".join(from_file) if isinstance(from_file, tuple) else from_file
            yield Line(key, shown, project.place(key))
        elif said is None and setting.kind not in (*TABLES, "paths"):
            yield Line(key, DEFAULTS.get(key), "default" if key in DEFAULTS else "not set")
