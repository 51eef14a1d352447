"""Where the folders that ship with the code are: `rules` with the rule packs, `data` with catalogs and samples.

A wheel has them inside the package; in a checkout, which an editable install leads to, they stand beside `engine/`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["shipped_folder"]

_PACKAGE = Path(__file__).resolve().parents[1]


@cache
def shipped_folder(name: str) -> Path:
    """Return the folder that ships under a name: ``rules`` or ``data``."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parents[1] / name
