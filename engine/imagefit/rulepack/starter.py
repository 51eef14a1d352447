"""A small working pack to start from: the files of `template/`, laid out in a new folder."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from imagefit.errors import InputError

__all__ = ["lay_out"]


def lay_out(folder: str | Path) -> list[str]:
    """Write the template's files into `folder`, which must be new or empty, and return their paths.

    Raises
    ------
    InputError
        If the folder has something in it, or is no folder; nothing is written then.
    """
    if not str(folder):
        raise InputError("no folder is named", expected="a new folder, or an empty one")
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError("it is there already; name a new folder, or an empty one", file=str(folder))
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for source in sorted(files("imagefit.rulepack").joinpath("template").iterdir(), key=lambda entry: entry.name):
        if source.name.endswith(".yaml"):
            (target / source.name).write_text(source.read_text("utf-8"), "utf-8", newline="\n")
            written.append(str(target / source.name))
    return written
