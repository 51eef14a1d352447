"""A small working pack to start from: the files of `template/`, laid out in a new folder."""

from __future__ import annotations

import contextlib
from importlib.resources import files
from pathlib import Path

from imagefit.errors import InputError

__all__ = ["lay_out"]


def lay_out(folder: str | Path) -> list[str]:
    """Write the template's files into `folder`, which must be new or empty, and return their paths.

    If one can't be written, none is left: the folder is empty again, or gone.

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
    sources = sorted(files("imagefit.rulepack").joinpath("template").iterdir(), key=lambda entry: entry.name)
    written: list[Path] = []
    with contextlib.ExitStack() as undo:
        if not target.exists():
            undo.callback(_remove, target)
        target.mkdir(parents=True, exist_ok=True)
        for source in sources:
            if source.name.endswith(".yaml"):
                written.append(target / source.name)
                undo.callback(written[-1].unlink, missing_ok=True)
                try:
                    written[-1].write_text(source.read_text("utf-8"), "utf-8", newline="\n")
                except OSError as error:  # such as a full disk, which names no file
                    raise OSError(error.errno, error.strerror, str(written[-1])) from None
        undo.pop_all()
    return [str(path) for path in written]


def _remove(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
