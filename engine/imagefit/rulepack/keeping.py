"""Keep a loaded pack as a file of data, for as long as the files that it was loaded from stay as they are."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from imagefit.rulepack.compiled import dump, load
from imagefit.rulepack.digesting import digest_of_file
from imagefit.rulepack.pack import Pack

__all__ = ["Loaded", "cache_folder", "code_mark", "forget_oldest", "keep", "read_kept"]

MOST_FILES = 64
"""So many packs are kept in the folder for them."""


Loaded = tuple[Pack, tuple[str, ...]]
"""A pack that loads, and the ids of its rules of which an outcome is shown by no example."""


def keep(place: Path, loaded: Loaded, files: Mapping[str, str], mark: str) -> None:
    """Write what was loaded to a file, whole or not at all.

    Parameters
    ----------
    files
        The digests of the files that it was loaded from, by their names: absolute, or as they stand from the pack's
        folder.
    mark
        Says what wrote it, as `read_kept` is to ask.
    """
    import tempfile

    pack, lacking = loaded
    data, examples = dump(pack)
    later = _text(examples)
    head = {"mark": mark, "files": files, "lacking": lacking, "examples": len(later), "pack": data}
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(mode="wb", dir=place.parent, delete=False) as file:
        try:
            file.write(_text(head) + b"\n" + later)
            file.close()
            os.replace(file.name, place)
        except BaseException:
            os.unlink(file.name)
            raise


def _text(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode("ascii")


def read_kept(place: Path, folder: Path, mark: str, prefix: str = "") -> Loaded | None:
    """Return what was kept in a file; None if it is not there, of another writer, out of date or not as it should be.

    Parameters
    ----------
    prefix
        Stands before the names of the pack's files in positions, if it was not known when the pack was kept.
    """
    try:
        text, _, examples = place.read_bytes().partition(b"\n")
        data = json.loads(text)
        if data["mark"] != mark or data["examples"] != len(examples):
            return None
        if any(_digest(os.path.join(folder, path)) != of for path, of in data["files"].items()):
            return None
        return load(data["pack"], lambda: json.loads(examples), prefix), tuple(data["lacking"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return digest_of_file(file.read())


def cache_folder() -> Path | None:
    """Return the folder in which packs are kept; None if this user has no place for it."""
    try:
        stated = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
        return Path(stated, "imagefit") if os.path.isabs(stated) else None
    except RuntimeError:  # nobody's home
        return None


def forget_oldest(folder: Path) -> None:
    """Let no more than `MOST_FILES` packs be kept."""
    with contextlib.suppress(OSError):
        for path in sorted(folder.glob("*.json"), key=os.path.getmtime)[:-MOST_FILES]:
            path.unlink(missing_ok=True)


@cache
def code_mark(*modules: str) -> str:
    """Return a mark of this package, some other modules, and the version: a checkout changes without its version."""
    here = Path(__file__).parent
    code = [*sorted(here.glob("*.py")), *(here.parent / module for module in modules)]
    stats = [(path.name, (stat := os.stat(path)).st_size, stat.st_mtime_ns) for path in code]
    return digest_of_file(repr(stats).encode() + (here.parent / "__init__.py").read_bytes())
