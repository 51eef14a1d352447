"""What the terminal is: how wide, and whether it wants colours."""

from __future__ import annotations

import os
import shutil
import sys

__all__ = ["is_colour_wanted", "text_width"]

NARROWEST, WIDEST = 40, 100


def text_width() -> int:
    """Return the width to lay text out for: the terminal's within reason, 80 columns in a pipe."""
    return min(max(shutil.get_terminal_size((80, 24)).columns, NARROWEST), WIDEST)


def is_colour_wanted() -> bool:
    """Whether stdout is a terminal that shows colours and NO_COLOR is not set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
