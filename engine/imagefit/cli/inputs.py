"""The named lists of the project file, where a command names none, or names one of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from imagefit.cli.paths import claim
from imagefit.cli.project_of_run import project_of
from imagefit.errors import InputError

if TYPE_CHECKING:
    import click

    from imagefit.cli.project_settings import Project
    from imagefit.rulepack.pack import Pack

__all__ = ["concerns_ecs", "lists", "places"]


def places(ctx: click.Context, named: Sequence[str]) -> tuple[str, ...]:
    """Return the files that a command names; the name of a list stands for its files, ``NAME#ID`` too.

    What is a file is that file, whatever the project calls its lists.
    """
    project = project_of(ctx)
    if project is None or not named:
        return tuple(named)
    found: list[str] = []
    for place in named:
        name, hash_, selector = place.partition("#")
        paths = () if os.path.exists(place) or os.path.exists(name) else project.input(name)
        found += [_claimed(ctx, project, name, path) + hash_ + selector for path in paths] or [place]
    return tuple(found)


def lists(ctx: click.Context, name: str) -> tuple[str, ...]:
    """Return the files of a list of the project file; empty where there is no such list."""
    project = project_of(ctx)
    return () if project is None else tuple(_claimed(ctx, project, name, path) for path in project.input(name))


def _claimed(ctx: click.Context, project: Project, name: str, path: str) -> str:
    """Return a path of a list; raises `InputError` if nothing is there, and says where it is named: nobody typed it."""
    claim(ctx, f"the list {name}", path, is_written=False)
    file = path.partition("#")[0]
    if not (os.path.lexists(path) or os.path.lexists(file) or "://" in path or any(sign in path for sign in "*?[")):
        raise InputError("there is no such file", file=project.place(f"inputs.{name}"), column=name, value=path)
    return path


def concerns_ecs(pack: Pack, operations: Iterable[str | None]) -> bool:
    """Tell whether one of these operations looks at an ECS at all; of what is not known yet, yes."""
    for name in operations:
        operation = None if name is None else pack.operations.get(name)
        if operation is None or any(
            fact.startswith("ecs.") for rule in pack.rules_for(operation.name) for fact in rule.facts
        ):
            return True
    return False
