"""Packs for tests: those that ship, and the small pack `plugs`, whole or with something changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from imagefit import Pack, PackError, load_pack
from imagefit.api.packs import BUILT_IN, shipped_packs
from imagefit.errors import Problem

__all__ = [
    "PLUGS",
    "PLUGS_FOLDER",
    "each_shipped_pack",
    "edited",
    "load_edited",
    "place_of",
    "problems_of",
    "shipped_pack",
    "small_pack",
    "write_pack",
]

SHIPPED = "huawei-ims/"
PLUGS_FOLDER = Path(__file__).parent / "packs" / "plugs"

PLUGS: Mapping[str, str] = {path.name: path.read_text("utf-8") for path in sorted(PLUGS_FOLDER.glob("*.yaml"))}
"""The files of the small pack, by name."""


def each_shipped_pack() -> list[ParameterSet]:
    """Return the names of the packs that ship, as parameters; `make quick` looks at the one that the others adjust."""
    return [pytest.param(name, marks=() if name == BUILT_IN else pytest.mark.slow) for name in shipped_packs()]


def shipped_pack(name: str = BUILT_IN) -> Pack:
    """Load a pack that ships, once in a run."""
    return _shipped_pack(name)


@cache
def _shipped_pack(name: str) -> Pack:
    return load_pack(name)


@cache
def small_pack() -> Pack:
    """Load the small pack as it is, once in a run."""
    return load_pack(PLUGS_FOLDER)


def edited(file: str, old: str, new: str, files: Mapping[str, str] = PLUGS) -> dict[str, str]:
    """Return the files with `old`, which stands in `file` just once, replaced by `new`."""
    assert files[file].count(old) == 1, f"{old!r} stands {files[file].count(old)} times in {file}"
    return {**files, file: files[file].replace(old, new)}


def write_pack(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write the files into the folder, and return it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def load_edited(folder: Path, file: str, old: str, new: str) -> Pack:
    """Load the small pack with one text replaced."""
    return load_pack(write_pack(folder, edited(file, old, new)))


def problems_of(folder: Path, files: Mapping[str, str | bytes] | None = None) -> tuple[Problem, ...]:
    """Write the files and load the folder, which must fail; return the problems, with places from this folder."""
    if files is not None:
        write_pack(folder, files)
    try:
        load_pack(folder)
    except PackError as error:
        assert error.problems
        return tuple(replace(problem, **_from(folder, problem)) for problem in error.problems)
    raise AssertionError("the pack loads")


def _from(folder: Path, problem: Problem) -> dict[str, str]:
    """Return the texts of a problem without the path of the folder, which must begin its place."""
    assert problem.file == str(folder) or problem.file.startswith(f"{folder}/") or problem.file.startswith(SHIPPED)
    texts = {name: getattr(problem, name) for name in ("file", "message", "found", "expected")}
    return {name: text.replace(f"{folder}/", "") for name, text in texts.items() if text is not None}


def place_of(text: str, marker: str, after: int = 0) -> tuple[int, int]:
    """Return line and column (from 1) of the only place where `marker` stands in `text`; `after` moves right."""
    assert text.count(marker) == 1, f"{marker!r} stands {text.count(marker)} times"
    index = text.index(marker)
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index) + after
