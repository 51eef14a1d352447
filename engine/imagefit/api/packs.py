"""`load_pack`: the packs that ship, by name, and packs of one's own."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from imagefit.analysis.examples import is_right, unshown_outcomes, wrong_examples
from imagefit.errors import ImagefitWarning, PackError, Problem, nearest
from imagefit.readers.shipped import shipped_folder
from imagefit.rulepack.pack import Adjustment, Pack, Rule

__all__ = ["BUILT_IN", "load_default", "load_pack", "load_unproven_pack", "place_of_pack", "shipped_packs"]

BUILT_IN = "huawei-ims"
"""The name of the pack that ships with imagefit."""


NAMED_RULES = 6  # in a warning


def load_pack(path: str | Path | None = None) -> Pack:
    """Load a rule pack and check everything about it, its examples included.

    Parameters
    ----------
    path
        The name of a pack that ships (``huawei-ims``, the default, or a profile of it such as
        ``open-telekom-cloud``), or a folder with a ``pack.yaml``, or that file.

    Raises
    ------
    PackError
        With every problem of the pack: file, line, column, found, expected, nearest match.

    Warns
    -----
    ImagefitWarning
        If a rule can have an outcome that none of its examples shows.
    """
    pack = _load(path, wrong_examples, _check_adjustment)
    if lacking := [rule.id for rule in pack.rules if any(unshown_outcomes(rule, pack))]:
        named = ", ".join(lacking[:NAMED_RULES]) + (", ..." if len(lacking) > NAMED_RULES else "")
        message = f"{pack.name}: examples are missing of {named}; `imagefit rules test --suggest` shows which"
        warnings.warn(message, ImagefitWarning, stacklevel=2)
    return pack


def load_unproven_pack(path: str | Path | None = None) -> Pack:
    """Load a rule pack as `load_pack`, without asking whether its examples are right and all there."""
    return _load(path, lambda rule, pack: (), _check_adjustment)


def shipped_packs() -> dict[str, Path]:
    """Return the folders of the packs that ship, by name: the built-in pack and its profiles."""
    rules = shipped_folder("rules")
    profiles = sorted(folder.parent for folder in rules.glob("profiles/*/pack.yaml"))
    return {BUILT_IN: rules, **{folder.name: folder for folder in profiles}}


def place_of_pack(path: str | Path | None) -> tuple[Path, str]:
    """Return where a pack is, and what stands before the names of its files in messages.

    The names are as the caller would type them; of the built-in pack nobody has typed one.
    """
    shipped = shipped_packs()
    if path is None:
        return shipped[BUILT_IN], ""
    name = str(path)
    folder = shipped.get(name, Path(path))
    return folder, os.path.join(name if name in shipped or os.path.isdir(folder) else os.path.dirname(name), "")


def _load(
    path: str | Path | None,
    check_examples: Callable[[Rule, Pack], Iterable[Problem]],
    check_adjustment: Callable[[Adjustment, Pack], Iterable[Problem]],
) -> Pack:
    from imagefit.rulepack.loading import Overlays, load

    shipped = shipped_packs()
    folder, prefix = place_of_pack(path)
    if not os.path.exists(folder):
        expected = f"one of {', '.join(shipped)}, or a folder with a pack.yaml"
        near = nearest(str(path), shipped)
        raise PackError([Problem(str(path), 0, 0, "no such pack", expected=expected, nearest=near)])
    return load(folder, check_examples, Overlays(shipped, check_adjustment, is_right), prefix)


def _check_adjustment(adjustment: Adjustment, pack: Pack) -> Iterable[Problem]:
    """Ask, of an overlay only, for it takes a module that other packs do not need."""
    from imagefit.analysis.loosening import check_adjustment

    return check_adjustment(adjustment, pack)


@lru_cache(maxsize=1)
def load_default() -> Pack:
    """Return the built-in pack, loaded once."""
    return load_pack()
