"""The three verbs in Python, and `load_pack`. Thin: each finds its evaluator and passes on."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from imagefit.errors import PackError, Problem
from imagefit.evaluators.examples import check_examples
from imagefit.rulepack.pack import Pack

__all__ = ["BUILT_IN", "load_pack"]

BUILT_IN = "huawei-ims"
"""The name of the pack that ships with imagefit."""


def load_pack(path: str | Path | None = None) -> Pack:
    """Load a rule pack and check everything about it, its examples included.

    Parameters
    ----------
    path
        A folder with a ``pack.yaml``, or that file; the built-in pack (``huawei-ims``) by default.

    Raises
    ------
    PackError
        With every problem of the pack: file, line, column, found, expected, nearest match.
    """
    from imagefit.rulepack.loading import load

    if path is None or str(path) == BUILT_IN:
        return load(Path(str(files("imagefit.rules"))), check_examples)
    folder = Path(path)
    if not folder.exists():
        raise PackError([Problem(str(path), 0, 0, "no such pack", expected=f"{BUILT_IN}, or a folder with a pack.yaml")])
    return load(folder, check_examples)
