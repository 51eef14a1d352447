"""The help of `imagefit` itself as it was drawn before, so that asking for it need not import what draws.

``python -m imagefit.cli.drawn`` draws it again. It is kept with its colours, for terminals of 80 columns and for those
of 100 and more, which are drawn alike; anything else that changes how help looks is drawn when it is asked for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

__all__ = ["WIDTHS", "draw", "drawn_help", "place_of"]

WIDTHS = (80, 100)
"""The widths for which help is kept; the last one is the widest that help is drawn for."""

MAY_CHANGE_IT = (
    *("_IMAGEFIT_COMPLETE", "GITHUB_ACTIONS", "JUPYTER_COLUMNS", "PY_COLORS", "RICH_CLICK_THEME", "TERMINAL_WIDTH"),
    *("TTY_COMPATIBLE", "TTY_INTERACTIVE"),
)
"""Variables that say something to click, rich or rich_click; COLUMNS and those about colours are understood here."""


def drawn_help(arguments: Sequence[str]) -> str | None:
    """Return the help, if it is asked for and would look as it is kept; None if it has to be drawn.

    Call it after `imagefit.cli.terminal.tell_rich`.
    """
    if list(arguments) not in (["--help"], ["-h"]) or any(name in os.environ for name in MAY_CHANGE_IT):
        return None
    if os.name == "nt" or sys.stdout is None or sys.stdout.encoding.lower() != "utf-8":
        return None
    is_terminal = "FORCE_COLOR" in os.environ or sys.stdout.isatty()
    if is_terminal and (os.environ.get("NO_COLOR") or os.environ.get("TERM", "").lower() in ("dumb", "unknown")):
        return None
    width = min(_columns(), WIDTHS[-1])
    try:
        with open(place_of(width), encoding="utf-8") as file:
            _, _, text = file.read().partition("\n")
    except OSError:
        return None
    return text if is_terminal else plain(text)


def plain(text: str) -> str:
    """Return a text without its colours."""
    first, *coloured = text.split("\x1b[")
    return first + "".join(part.partition("m")[2] for part in coloured)


def place_of(width: int) -> str:
    """Return the path of the help for a width; its first line says what drew it."""
    return os.path.join(os.path.dirname(__file__), f"help-{width}.txt")


def draw(width: int) -> str:
    """Return the help as rich_click draws it in colours, after a line that names its version and rich's."""
    from importlib.metadata import version
    from subprocess import run

    # As a command of a program, which is what else `main` does with it.
    code = "from imagefit.cli.root import root; root(['--help'], prog_name='imagefit')"
    kept = {name: of for name, of in os.environ.items() if name not in (*MAY_CHANGE_IT, "NO_COLOR")}
    told = {**kept, "COLUMNS": str(width), "FORCE_COLOR": "1", "TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
    done = run([sys.executable, "-c", code], env=told, capture_output=True, check=True, encoding="utf-8")
    return f"rich-click {version('rich-click')}, rich {version('rich')}\n{done.stdout}"


def _columns() -> int:
    """Return the terminal's width as rich finds it: of any of the three streams."""
    stated = os.environ.get("COLUMNS", "")
    if stated.isdigit():
        return int(stated)
    for stream in range(3):
        try:
            return os.get_terminal_size(stream).columns or 80
        except OSError:
            continue
    return 80


if __name__ == "__main__":
    for each in WIDTHS:
        with open(place_of(each), "w", encoding="utf-8", newline="\n") as kept:
            kept.write(draw(each))
