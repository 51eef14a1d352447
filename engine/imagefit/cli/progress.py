"""A progress bar on stderr: on a terminal only, and only for what takes longer than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

__all__ = ["Progress"]

PATIENCE_SECONDS = 1.0


class Progress:
    """Shows rows, rate and the time that is left.

    Parameters
    ----------
    fraction
        Says how much of the input was read, from 0 to 1; None where nobody knows.
    """

    def __init__(self, fraction: Callable[[], float | None]) -> None:
        self.rows = 0
        self._fraction = fraction
        self._started = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def advance(self, rows: int) -> None:
        """Count rows that are done."""
        self.rows += rows
        if self._bar is None:
            if time.monotonic() - self._started < PATIENCE_SECONDS or not sys.stderr.isatty():
                return
            self._start()
        fraction = self._fraction()
        total = None if not fraction else max(self.rows, round(self.rows / fraction))
        rate = self.rows / max(time.monotonic() - self._started, 1e-9)
        self._bar.update(self._task, completed=self.rows, total=total, rate=f"{rate:,.0f} rows/s")

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
        self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("rows", rate="")
        self._bar.start()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
