"""A progress bar on stderr: on a terminal only, and only for what takes longer than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any

__all__ = ["Progress", "progress_text"]

PATIENCE_SECONDS = 1.0


class Progress:
    """Shows rows, rate and the time that is left.

    Parameters
    ----------
    share
        Says how much of the input was read, from 0 to 1.
    is_wanted
        Whether nothing else is written to the terminal in the meantime.
    """

    def __init__(self, share: Callable[[], float], *, is_wanted: bool = True) -> None:
        self.rows = 0
        self._share = share
        self._is_wanted = is_wanted and sys.stderr.isatty()
        self._started = time.monotonic()
        self._bar: Any = None

    def advance(self, rows: int) -> None:
        """Count rows that are done."""
        self.rows += rows
        elapsed = time.monotonic() - self._started
        if not self._is_wanted or (self._bar is None and elapsed < PATIENCE_SECONDS):
            return
        if self._bar is None:
            self._start()
        share = min(self._share(), 1.0)
        self._bar.update(0, completed=share, text=progress_text(self.rows, elapsed, share))

    def stop(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
        self._is_wanted = False

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(BarColumn(), TextColumn("{task.fields[text]}"), console=Console(stderr=True), transient=True)
        self._bar.add_task("", total=1.0, text="")
        self._bar.start()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def progress_text(rows: int, elapsed_seconds: float, share: float) -> str:
    """Return how far it is, how fast it goes and how long it will take.

    >>> progress_text(30_000, 10.0, 0.25)
    '30,000 rows, 3,000 rows/s, 0:00:30 left'
    """
    rate = rows / max(elapsed_seconds, 1e-9)
    left = f", {timedelta(seconds=round(elapsed_seconds * (1 - share) / share))} left" if share > 0 else ""
    return f"{rows:,} rows, {rate:,.0f} rows/s{left}"
