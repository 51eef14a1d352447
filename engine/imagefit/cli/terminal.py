"""What the terminal is: how wide, and whether it wants colours."""

from __future__ import annotations

import os
import sys

__all__ = ["is_colour_wanted", "tell_rich", "text_width"]

NARROWEST, WIDEST = 40, 100


def text_width() -> int:
    """Return the width to lay text out for: the terminal's within reason, 80 columns in a pipe."""
    return min(max(_columns() or 80, NARROWEST), WIDEST)


def _columns() -> int:
    """Return what `shutil.get_terminal_size` does, which imports what compresses; 0 if nobody says it."""
    stated = os.environ.get("COLUMNS", "")
    if stated.isdecimal() and int(stated) > 0:
        return int(stated)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):
        return 0


def is_colour_wanted() -> bool:
    """Whether to colour stdout: as NO_COLOR says, else FORCE_COLOR and CLICOLOR_FORCE, else the terminal itself."""
    if os.environ.get("NO_COLOR"):
        return False
    return _is_colour_forced() or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def _is_colour_forced() -> bool:
    """Whether the environment asks for colours in a pipe, too; ``0`` asks for nothing."""
    return any(os.environ.get(name, "") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE"))


def tell_rich() -> None:
    """Have rich, which draws the help and knows FORCE_COLOR alone, decide as `is_colour_wanted` does."""
    if _is_colour_forced() and not os.environ.get("NO_COLOR"):
        os.environ["FORCE_COLOR"] = "1"
    else:
        os.environ.pop("FORCE_COLOR", None)
