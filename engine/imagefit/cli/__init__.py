"""The command line: one module a verb, each imported when it is used. Nothing here decides anything."""

from __future__ import annotations

import gc
import os

__all__ = ["main"]


def main() -> None:
    """Run `imagefit` with the process's arguments and exit with its code."""
    # One short run: fewer collections, and no search for plugins of pydantic, make a check a fifth quicker.
    gc.set_threshold(50_000)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from imagefit.cli.terminal import tell_rich

    tell_rich()  # before rich is imported
    from imagefit.cli.root import root

    try:
        root(prog_name="imagefit")
    finally:
        gc.freeze()  # the interpreter, which ends, need not look for garbage among all that was imported
