"""``imagefit map``: which columns of a table of one's own are which facts."""

from __future__ import annotations

import click

from imagefit.cli.lazy import LazyGroup

__all__ = ["map_group"]

COMMANDS = {"suggest": "imagefit.cli.map_suggest:suggest_map"}


@click.group("map", cls=LazyGroup, places=COMMANDS)
def map_group() -> None:
    """Say which columns of a table of your own are which facts, for [map] in the project file."""
