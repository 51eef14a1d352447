"""The pack that the command line names: at the command, else at `imagefit`, else the built-in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

if TYPE_CHECKING:
    from imagefit.rulepack.pack import Pack

__all__ = ["load_pack_of", "load_unproven_pack_of", "pack_path_of"]


def load_pack_of(ctx: click.Context) -> Pack:
    """Load the pack that the command line names."""
    from imagefit.api.packs import load_pack

    return load_pack(pack_path_of(ctx))


def load_unproven_pack_of(ctx: click.Context) -> Pack:
    """Load the pack that the command line names without checking its rules' examples."""
    from imagefit.api.packs import load_unproven_pack

    return load_unproven_pack(pack_path_of(ctx))


def pack_path_of(ctx: click.Context) -> str | None:
    """Return the nearest ``--pack``: the command's own, else its group's."""
    here: click.Context | None = ctx
    while here is not None:
        path: str | None = here.params.get("pack_path")
        if path is not None:
            return path
        here = here.parent
    return None
