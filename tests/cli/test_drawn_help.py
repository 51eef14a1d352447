"""The help that is kept is the help that is drawn: byte for byte, wherever it is used."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import pytest

from imagefit.cli.drawn import MAY_CHANGE_IT, WIDTHS, draw, drawn_help, place_of

DRAWN = "from imagefit.cli.terminal import tell_rich; tell_rich(); from imagefit.cli.root import root; root()"
"""A program that draws the help, whatever is kept."""
KEPT = "from imagefit.cli import main; main()"
WAYS: list[dict[str, str]] = [
    {},
    {"COLUMNS": "80"},
    {"COLUMNS": "100"},
    {"COLUMNS": "237"},
    {"COLUMNS": "93"},
    {"COLUMNS": "0"},
    {"COLUMNS": "wide"},
    {"FORCE_COLOR": "1"},
    {"CLICOLOR_FORCE": "1", "COLUMNS": "120"},
    {"FORCE_COLOR": "0"},
    {"FORCE_COLOR": "1", "NO_COLOR": "1"},
    {"FORCE_COLOR": "1", "TERM": "dumb"},
    {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLORTERM": "truecolor"},
    {"NO_COLOR": "1"},
    {"TERM": "dumb"},
    {"PYTHONIOENCODING": "latin-1"},
    {"PYTHONIOENCODING": "ascii:replace", "FORCE_COLOR": "1"},
    {"GITHUB_ACTIONS": "true"},
    {"TERMINAL_WIDTH": "60"},
    {"_IMAGEFIT_COMPLETE": "bash_source"},
]


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which nothing but `own` says how help is to look."""
    others = {*MAY_CHANGE_IT, "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLORTERM", "TERM"}
    kept = {name: value for name, value in os.environ.items() if name not in others}
    return {**kept, "PYTHONIOENCODING": "utf-8", "TERM": "xterm", **own}


def said(program: str, own: Mapping[str, str], *arguments: str, cwd: Path) -> tuple[int, bytes, bytes]:
    command = [sys.executable, "-c", "import sys; sys.argv[0] = 'imagefit'; " + program, *arguments]
    done = subprocess.run(command, env=environment(own), cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def on_a_terminal(program: str, own: Mapping[str, str], columns: int) -> bytes:
    """Return what is written to a terminal that is so wide."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [sys.executable, "-c", "import sys; sys.argv[0] = 'imagefit'; " + program, "--help"]
    with subprocess.Popen(command, env=environment(own), stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        written = b""
        try:
            while piece := os.read(ours, 65536):
                written += piece
        except OSError:  # the end of a terminal, on Linux
            pass
        os.close(ours)
    assert process.returncode == 0
    return written


def is_drawn_by_what_is_installed() -> bool:
    first, _, _ = Path(place_of(WIDTHS[0])).read_text(encoding="utf-8").partition("\n")
    return first == f"rich-click {version('rich-click')}, rich {version('rich')}"


same_look = pytest.mark.skipif(not is_drawn_by_what_is_installed(), reason="other versions draw it in their way")


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_kept_is_what_help_says(width: int) -> None:
    kept = Path(place_of(width)).read_text(encoding="utf-8")
    again = draw(width)
    hint = "python -m imagefit.cli.drawn draws it again"
    if is_drawn_by_what_is_installed():
        assert kept == again, hint
    assert sorted(kept.partition("\n")[2].split()) == sorted(again.partition("\n")[2].split()), hint


@same_look
@pytest.mark.slow
@pytest.mark.parametrize("own", WAYS, ids=str)
def test_help_is_the_same_kept_and_drawn(own: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "imagefit.toml").write_text("this is no TOML")  # help is told before it is looked at
    assert said(KEPT, own, "--help", cwd=tmp_path) == said(DRAWN, own, "--help", cwd=tmp_path)


@same_look
@pytest.mark.parametrize(
    ("own", "columns"), [({}, 80), ({}, 90), ({}, 140), ({"NO_COLOR": "1"}, 80), ({"TERM": "dumb"}, 140)], ids=str
)
def test_help_is_the_same_on_a_terminal(own: dict[str, str], columns: int) -> None:
    assert on_a_terminal(KEPT, own, columns) == on_a_terminal(DRAWN, own, columns) != b""


def test_help_is_told_by_its_short_name(tmp_path: Path) -> None:
    assert said(KEPT, {}, "-h", cwd=tmp_path) == said(KEPT, {}, "--help", cwd=tmp_path)


@pytest.mark.parametrize("arguments", [[], ["--help", "check"], ["check", "--help"], ["--version", "--help"], ["--he"]])
def test_only_help_itself_is_kept(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in MAY_CHANGE_IT:
        monkeypatch.delenv(name, raising=False)
    assert drawn_help(arguments) is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_told_as_ever(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KEPT, "--help"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, env=environment({}), stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr == "imagefit: the output could not be written: No space left on device\n"


def test_a_closed_pipe_is_told_as_ever() -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-c", KEPT, "--help"]
    done = subprocess.run(command, env=environment({}), stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_help_imports_neither_click_nor_what_draws(tmp_path: Path) -> None:
    listed = "import sys, atexit; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
    _, _, modules = said(listed + KEPT, {}, "--help", cwd=tmp_path)
    assert {"click", "rich", "typing", "re"}.isdisjoint(modules.decode().split()) and b"imagefit.cli.drawn" in modules
