"""`load_pack`: the packs that ship, by name, and packs of one's own."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from imagefit.budgets import Budget
from imagefit.errors import ImagefitWarning, PackError, Problem, nearest, refuse_no_path
from imagefit.readers.shipped import shipped_folder
from imagefit.rulepack.compiled import PLACE
from imagefit.rulepack.digesting import digest_of_file
from imagefit.rulepack.keeping import Loaded, cache_folder, code_mark, forget_oldest, keep, read_kept
from imagefit.rulepack.pack import Adjustment, Pack, Rule

__all__ = [
    "BUILT_IN",
    "compile_shipped",
    "load_default",
    "load_pack",
    "load_pack_from_cache",
    "load_unproven_pack",
    "place_of_pack",
    "shipped_packs",
]

BUILT_IN = "huawei-ims"
"""The name of the pack that ships with imagefit."""


COMPILED = "pack.json"
"""What a shipped pack is compiled to when a wheel is built, beside its ``pack.yaml``."""

DECIDING = ("conditions.py", "facts.py", "errors.py", "analysis/examples.py", "evaluators/reference.py")
"""The modules outside of `rulepack` that a pack's loading depends on."""

HINT = 100_000
"""So many comparisons are made of each rule, when a pack is loaded, to say that it lacks examples."""

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
        With every problem of the pack: file, line, column, found, expected, nearest match; `InputError` if `path` is
        no path.

    Warns
    -----
    ImagefitWarning
        If a rule can have an outcome that none of its examples shows.
    """
    if path is not None:
        refuse_no_path(path=path)
    return _warned(*(_compiled(path) or _proven(path, {})))


def load_pack_from_cache(path: str | Path | None = None) -> Pack:
    """Load a rule pack as `load_pack` does; from the user's cache if it is there, and put it there if it is not."""
    if (loaded := _compiled(path)) is not None:
        return _warned(*loaded)
    folder, prefix = place_of_pack(path)
    mark = code_mark(*DECIDING)
    key = "\n".join([os.path.realpath(folder), prefix, *shipped_packs()])
    cache = cache_folder()
    place = None if cache is None else cache / f"{digest_of_file(os.fsencode(key))}.json"
    loaded = None if place is None else read_kept(place, folder, mark)
    if loaded is None:
        files: dict[Path, str] = {}
        loaded = _proven(path, files)
        if place is not None:
            with contextlib.suppress(OSError):  # it is kept to be quick, and for nothing else
                keep(place, loaded, {os.path.abspath(path): of for path, of in files.items()}, mark)
                forget_oldest(place.parent)
    return _warned(*loaded)


def compile_shipped(target: str | Path) -> list[Path]:
    """Compile each pack that ships into a folder that is laid out as theirs; returns the files that were written.

    They are found by where they stand from each other, for an installation has its own place for them.
    """
    written = []
    for folder in shipped_packs().values():
        files: dict[Path, str] = {}
        loaded = _proven(folder, files, PLACE)
        place = Path(target) / folder.relative_to(shipped_folder("rules")) / COMPILED
        keep(place, loaded, {os.path.relpath(path, folder): of for path, of in files.items()}, COMPILED)
        written.append(place)
    return written


def _compiled(path: str | Path | None) -> Loaded | None:
    """Return a pack that ships as it was compiled, if it was, and of the files that are there."""
    folder, prefix = place_of_pack(path)
    return (
        read_kept(folder / COMPILED, folder, COMPILED, prefix) if path is None or str(path) in shipped_packs() else None
    )


def _proven(path: str | Path | None, files: dict[Path, str], prefix: str | None = None) -> Loaded:
    """Load a pack from its YAML, and ask what only its examples tell."""
    from imagefit.analysis.examples import unshown_outcomes, wrong_examples

    pack = _load(path, wrong_examples, files, prefix)
    # No more than a hint: where it takes long to say, `rules test` does.
    unshown = [
        rule.id
        for rule in pack.rules
        if any(facts is not None for _, facts in unshown_outcomes(rule, pack, Budget(HINT)))
    ]
    return pack, tuple(unshown)


def _warned(pack: Pack, lacking: tuple[str, ...]) -> Pack:
    """Return a pack; warns if outcomes of its rules are shown by no example."""
    if lacking:
        named = ", ".join(lacking[:NAMED_RULES]) + (", ..." if len(lacking) > NAMED_RULES else "")
        message = f"{pack.name}: examples are missing of {named}; `imagefit rules test --suggest` shows which"
        warnings.warn(message, ImagefitWarning, stacklevel=3)
    return pack


def load_unproven_pack(path: str | Path | None = None) -> Pack:
    """Load a rule pack as `load_pack`, without asking whether its examples are right and all there."""
    return _load(path, lambda rule, pack: (), {})


def shipped_packs() -> dict[str, Path]:
    """Return the folders of the packs that ship, by name: the built-in pack and its profiles."""
    rules = shipped_folder("rules")
    profiles = os.path.join(rules, "profiles")
    names = sorted(os.listdir(profiles)) if os.path.isdir(profiles) else ()
    folders = {name: rules / "profiles" / name for name in names}
    return {BUILT_IN: rules, **{name: folder for name, folder in folders.items() if (folder / "pack.yaml").exists()}}


def place_of_pack(path: str | Path | None) -> tuple[Path, str]:
    """Return where a pack is, and what stands before the names of its files in messages.

    The names are as the caller would type them; of the built-in pack nobody has typed one.
    """
    if path is None:
        return shipped_folder("rules"), ""
    shipped = shipped_packs()
    name = str(path)
    folder = shipped.get(name, Path(path))
    return folder, os.path.join(name if name in shipped or os.path.isdir(folder) else os.path.dirname(name), "")


def _load(
    path: str | Path | None,
    check_examples: Callable[[Rule, Pack], Iterable[Problem]],
    files: dict[Path, str],
    prefix: str | None = None,
) -> Pack:
    from imagefit.analysis.examples import is_right
    from imagefit.rulepack.loading import Overlays, load

    shipped = shipped_packs()
    folder, named = place_of_pack(path)
    if not os.path.exists(folder):
        expected = f"one of {', '.join(shipped)}, or a folder with a pack.yaml"
        near = nearest(str(path), shipped)
        raise PackError([Problem(str(path), 0, 0, "no such pack", expected=expected, nearest=near)])
    overlays = Overlays(shipped, _check_adjustment, is_right)
    return load(folder, check_examples, overlays, named if prefix is None else prefix, files)


def _check_adjustment(adjustment: Adjustment, pack: Pack) -> Iterable[Problem]:
    """Ask, of an overlay only, for it takes a module that other packs do not need."""
    from imagefit.analysis.loosening import check_adjustment

    return check_adjustment(adjustment, pack)


@lru_cache(maxsize=1)
def load_default() -> Pack:
    """Return the built-in pack, loaded once."""
    return load_pack()
