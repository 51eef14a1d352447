"""The pack that the command line names: at the command, else at `imagefit`, else the built-in one."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagefit.cli.single import aside
from imagefit.cli.waivers import waived

if TYPE_CHECKING:
    from imagefit.rulepack.pack import Pack

__all__ = ["NO_CACHE", "PACK_PATH", "load_named", "load_pack_of", "load_unproven_pack_of", "own_file", "pack_path_of"]

NO_CACHE = "imagefit.no_cache"
"""What ``--no-cache`` sets in a context's `meta`."""

PACK_PATH = "pack_path"
"""What ``--pack`` puts aside, where one is named."""


def load_pack_of(ctx: click.Context, *, is_silent: bool = False) -> Pack:
    """Load the pack that the command line names; what is to be said of it goes to stderr.

    With `is_silent`, which is for who asks more of the pack than that it loads, nothing is said, and it is read anew.
    """
    return waived(ctx, load_named(ctx, pack_path_of(ctx), is_silent=is_silent))


def load_named(ctx: click.Context, path: str | None, *, is_silent: bool = False) -> Pack:
    """Load the pack with this path or name, as `load_pack_of`."""
    from imagefit.api.packs import load_pack, load_pack_from_cache
    from imagefit.cli.errors import complain
    from imagefit.errors import ImagefitWarning

    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always", ImagefitWarning)
        pack = (load_pack if is_silent or ctx.meta.get(NO_CACHE) else load_pack_from_cache)(path)
    for warning in found:
        if not issubclass(warning.category, ImagefitWarning):
            warnings.showwarning(warning.message, warning.category, warning.filename, warning.lineno)
        elif not is_silent:
            complain(str(warning.message))
    return pack


def load_unproven_pack_of(ctx: click.Context) -> Pack:
    """Load the pack that the command line names without checking its rules' examples."""
    from imagefit.api.packs import load_unproven_pack

    return load_unproven_pack(pack_path_of(ctx))


def pack_path_of(ctx: click.Context) -> str | None:
    """Return what ``--pack`` names: the command's own, else its group's."""
    path: str | None = aside(ctx).get(PACK_PATH)
    return path


def own_file(ctx: click.Context, name: str) -> Path | None:
    """Return where a file of the pack is, by its name in positions; None if it is of a pack that this one extends."""
    from imagefit.api.packs import place_of_pack

    place, prefix = place_of_pack(pack_path_of(ctx))
    folder = place if place.is_dir() else place.parent
    path = folder / name.removeprefix(prefix)
    is_own = name.startswith(prefix) and ".." not in path.relative_to(folder).parts and path.is_file()
    return path if is_own else None
