"""The progress bar shows itself on a terminal only, and only for what takes a while."""

from __future__ import annotations

import io
import sys

import pytest

from imagefit.cli import progress
from imagefit.cli.progress import Progress, progress_text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, patience: float, **arguments: bool) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "PATIENCE_SECONDS", patience)
    monkeypatch.setenv("TERM", "xterm")
    with Progress(lambda: 0.5, **arguments) as bar:
        bar.advance(1_000)
        bar.advance(2_000)
    assert bar.rows == 3_000
    return stream.getvalue()


def test_a_terminal_sees_rows_rate_and_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, Terminal(), 0.0)
    assert "3,000 rows" in text and "rows/s" in text and "left" in text


@pytest.mark.parametrize(
    ("stream", "patience", "wanted"), [(io.StringIO(), 0.0, True), (Terminal(), 60.0, True), (Terminal(), 0.0, False)]
)
def test_a_pipe_a_short_run_and_a_terminal_in_use_see_nothing(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, patience: float, wanted: bool
) -> None:
    assert shown(monkeypatch, stream, patience, is_wanted=wanted) == ""


def test_before_anything_is_read_nobody_knows_how_long_it_takes() -> None:
    assert progress_text(0, 2.0, 0.0) == "0 rows, 0 rows/s"
