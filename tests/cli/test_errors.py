"""What a shell sees: exit codes, the split of stdout and stderr, pipes, signals, terminals."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from imagefit import errors as imagefit_errors
from imagefit.cli.errors import run_safely
from imagefit.evaluators import quickest

Run = Callable[..., Result]
Start = Callable[..., subprocess.CompletedProcess[str]]


def test_results_go_to_stdout_and_the_rest_to_stderr(start: Start) -> None:
    process = start("check", "--operation", "share", "--set", "image.visibility=public")
    assert process.returncode == 1
    assert process.stdout.startswith("INCOMPATIBLE: share the image")
    assert process.stderr == ""
    process = start("check", "--operation", "shar")
    assert (process.returncode, process.stdout) == (2, "")
    assert "did you mean 'share'?" in process.stderr


@pytest.mark.parametrize(
    ("variable", "value", "option"),
    [
        ("IMAGEFIT_FAIL_ON", "nevr", "--fail-on"),
        ("IMAGEFIT_SET", "image.statu=active", "--set"),
        ("IMAGEFIT_FORMAT", "txt", "--format"),
        ("IMAGEFIT_PLANS", "x", "--plans"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(start: Start, variable: str, value: str, option: str) -> None:
    process = start("check", "--operation", "share", env={variable: value})
    assert (process.returncode, process.stdout) == (2, "")
    assert f"imagefit: {option} is what {variable} in the environment says.\n" in process.stderr
    typed = start("check", "--operation", "share", option, value, env={variable: value})
    assert typed.returncode == 2
    assert variable not in typed.stderr  # what counts is what was typed


def test_a_pipe_gets_no_colours(start: Start) -> None:
    for arguments in (["check", "--operation", "share"], ["--help"], ["rules", "list"], ["check", "--nonsense"]):
        process = start(*arguments)
        assert "\x1b" not in process.stdout + process.stderr


def on_a_terminal(arguments: list[str], **environment: str) -> str:
    """Run `imagefit` with a terminal as stdout and return what it printed."""
    leader, follower = pty.openpty()
    kept = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    command = [sys.executable, "-m", "imagefit.cli", *arguments]
    with subprocess.Popen(command, stdout=follower, stderr=subprocess.DEVNULL, env=kept | environment) as process:
        os.close(follower)
        output = b""
        while chunk := _read(leader):
            output += chunk
        process.wait(timeout=60)
    os.close(leader)
    return output.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux: the other side has closed
        return b""


@pytest.mark.slow
def test_a_terminal_gets_colours_unless_no_color_says_otherwise() -> None:
    arguments = ["check", "--operation", "share", "--set", "image.visibility=public"]
    assert "\x1b[1;31mINCOMPATIBLE" in on_a_terminal(arguments, TERM="xterm")
    assert "\x1b" not in on_a_terminal(arguments, TERM="xterm", NO_COLOR="1")
    assert "\x1b" not in on_a_terminal(arguments, TERM="dumb")


@pytest.mark.parametrize("name", ["FORCE_COLOR", pytest.param("CLICOLOR_FORCE", marks=pytest.mark.slow)])
def test_a_pipe_gets_colours_where_the_environment_asks_for_them(start: Start, name: str) -> None:
    arguments = ("check", "--operation", "share", "--set", "image.visibility=public")
    assert "\x1b[1;31mINCOMPATIBLE" in start(*arguments, env={name: "1"}).stdout
    assert "\x1b" not in start(*arguments, env={name: "0"}).stdout
    assert "\x1b" not in start(*arguments, env={name: "1", "NO_COLOR": "1"}).stdout
    assert "\x1b" in start("--help", env={name: "1"}).stdout
    assert "\x1b" not in start("--help", env={name: "1", "NO_COLOR": "1"}).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["rules", "docs"], marks=pytest.mark.slow),
        ["rules", "list"],
        pytest.param(["--help"], marks=pytest.mark.slow),
        ["check", "--operation", "x"],
    ],
)
def test_a_closed_pipe_ends_quietly_as_sigpipe_would(start: Start, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        process = start(*arguments, stdout=writer)
    finally:
        os.close(writer)
    if arguments[0] == "check":  # what is wrong is said first, and nothing was written
        assert process.returncode == 2
        return
    assert process.returncode == 128 + signal.SIGPIPE
    assert [line for line in process.stderr.splitlines() if "rules of huawei-ims" not in line] == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "arguments",
    [pytest.param(["rules", "docs"], marks=pytest.mark.slow), ["check", "--operation", "share"], ["--version"]],
)
def test_a_full_disk_ends_with_a_message_and_no_traceback(start: Start, arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        process = start(*arguments, stdout=full)
    assert process.returncode == 2
    assert process.stderr == "imagefit: the output could not be written: No space left on device\n"


INTERRUPTIBLE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background would ignore it
from imagefit.cli import main
main()
"""


def test_closed_streams_end_with_a_message_and_no_traceback(start: Start) -> None:
    def shell(script: str) -> subprocess.CompletedProcess[str]:
        command = ["sh", "-c", script, sys.executable, "-m", "imagefit.cli", "check", "--operation", "share"]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    process = shell('"$0" "$@" >&-')
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr == "imagefit: the output could not be written: standard output is closed\n"
    process = shell('"$0" "$@" --image - <&-')
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr == "imagefit: standard input: it is closed\n"
    process = shell('"$0" "$@" --operation shar 2>&-')
    assert (process.returncode, process.stdout) == (2, ""), "what belongs on stderr does not go to stdout"


def test_ctrl_c_exits_with_130_and_no_traceback(tmp_path: Path) -> None:
    fifo = tmp_path / "waits"
    os.mkfifo(fifo)
    command = [sys.executable, "-c", INTERRUPTIBLE, "check", "--operation", "share", "--image", str(fifo)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        writer = _open_when_read(fifo, process)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        os.close(writer)
    finally:
        process.kill()
    assert process.returncode == 130
    assert errors.strip() == "imagefit: interrupted"


@pytest.mark.parametrize(
    ("module", "code", "said"), [("imagefit.cli.root", 130, "imagefit: interrupted"), (None, 3, "")]
)
def test_ctrl_c_while_the_command_begins_or_ends_makes_no_traceback(module: str | None, code: int, said: str) -> None:
    script = f"""
import os, signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
if {module is None}:
    threading._register_atexit(os.kill, os.getpid(), signal.SIGINT)
from imagefit.cli import main
main()
"""
    command = [sys.executable, "-c", script, "check", "--operation", "share"]
    process = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (process.returncode, process.stderr.strip()) == (code, said)


def _open_when_read(fifo: Path, process: subprocess.Popen[str]) -> int:
    """Open a fifo for writing once the process has it open for reading."""
    while process.poll() is None:
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.02)
    raise AssertionError("the process ended before it read")


def test_output_is_possible_in_any_encoding(start: Start, lamps_folder: Path) -> None:
    process = start("check", "--operation", "create_ecs", "--set", "image.region=北京", "--explain",
                    env={"PYTHONIOENCODING": "latin-1"})  # fmt: skip
    assert process.returncode in (1, 3)
    assert "\\u5317\\u4eac" in process.stdout
    assert process.stderr == ""


def test_a_mistake_of_imagefit_itself_is_a_message_too(capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> None:
        raise ZeroDivisionError("a bug")

    assert run_safely(broken) == 70
    assert "internal error, please report it (ZeroDivisionError: a bug)" in capsys.readouterr().err


def test_the_traceback_of_such_a_mistake_is_there_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEFIT_DEBUG", "1")

    def broken() -> None:
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        run_safely(broken)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError(), "out of memory"),
        (PermissionError(13, "Permission denied", "a.json"), "a.json: Permission denied"),
        (KeyboardInterrupt(), "interrupted"),
        (OSError(28, "No space left on device"), "the output could not be written: No space left on device"),
    ],
)
def test_what_the_system_refuses_is_said(
    capsys: pytest.CaptureFixture[str], error: BaseException, message: str
) -> None:
    def refused() -> None:
        raise error

    assert run_safely(refused) in (2, 130)
    assert capsys.readouterr().err == f"imagefit: {message}\n"


def test_no_arguments_show_the_help_as_a_usage_error(run: Run) -> None:
    for arguments in ([], ["rules"]):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Usage:" in result.stderr


def test_help_says_how_and_what_the_codes_mean(run: Run) -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert "1 incompatible" in result.stdout
    for verb in ("check", "rules"):
        assert verb in result.stdout


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["chek"], "no such command: 'chek'; did you mean 'check'?"),
        (["rules", "tset"], "no such command: 'tset'; did you mean 'test'?"),
        (["zzz"], "no such command: 'zzz'; expected one of check"),
    ],
)
def test_an_unknown_command_names_the_nearest(run: Run, arguments: list[str], hint: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert hint in result.stderr


@pytest.mark.parametrize("line", [["--version", "-v"], ["-v", "--version"], ["--verbose", "--version"]])
def test_the_version_names_what_judges_columns_if_asked(run: Run, line: list[str]) -> None:
    assert run(*line).stdout.splitlines()[2].startswith(f"columns are judged by {quickest()} (planes: ")


def test_the_version_is_that_of_the_package_and_the_pack(run: Run, lamps_folder: Path) -> None:
    import imagefit

    for place in (["--pack", str(lamps_folder), "--version"], ["--version", "--pack", str(lamps_folder)]):
        result = run(*place)
        assert result.exit_code == 0
        first, second = result.stdout.strip().split("\n")
        assert first == f"imagefit {imagefit.__version__}"
        assert second.startswith("pack lamps 0.1.0 sha256:")


def test_the_command_can_be_called_from_a_program() -> None:
    from imagefit.cli.root import root

    arguments = ["check", "--operation", "share", "--set", "image.visibility=public", "--format", "json"]
    assert root.main(arguments, "imagefit", standalone_mode=False) == 1
    with pytest.raises(imagefit_errors.UnknownNameError):
        root.main(["check", "--operation", "shar"], "imagefit", standalone_mode=False)


def test_a_signal_that_ends_as_another_error_is_an_interruption_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(10)
        except KeyboardInterrupt:
            raise ValueError("generator already executing") from None

    assert run_safely(broken) == 130
    assert capsys.readouterr().err == "imagefit: interrupted\n"
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--imge", "imagefit: No such option '--imge'. Did you mean '--image'?"),
        ("--request", "imagefit: No such option '--request'."),  # dashes alone make nothing near to it
    ],
)
def test_an_option_that_is_not_there_is_told_with_the_one_that_it_nearly_is(run: Run, option: str, said: str) -> None:
    result = run("check", option, "x")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (2, said)
