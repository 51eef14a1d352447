"""What a user sees when something goes wrong: a message on stderr and an exit code, never a traceback.

Exit codes: 0, 1, 3 and 4 are answers; 2 is a usage, input or output error; 130 is Ctrl-C; 141 a closed pipe;
70 a mistake of imagefit itself.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator

import click

from imagefit.cli.exits import BROKEN_PIPE, INTERNAL_ERROR, INTERRUPTED, USAGE_ERROR
from imagefit.cli.own_process import is_own
from imagefit.cli.variables import taken_from_environment
from imagefit.errors import ImagefitError, PackError, nearest
from imagefit.escaping import line

__all__ = ["complain", "run_safely"]


def run_safely(run: Callable[[], object]) -> int:
    """Run a command to its end, output flushed, and return the exit code; says what went wrong.

    Parameters
    ----------
    run
        Runs a click command with ``standalone_mode=False``; an integer that it returns is the code.
    """
    if not _has_streams():
        return _fail("the output could not be written: standard output is closed", USAGE_ERROR)
    _accept_any_text()
    arrived: list[int] = []
    try:
        with _ended_like_interrupted(arrived):
            code = run()
            sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except (click.Abort, KeyboardInterrupt, EOFError):
        return _fail("interrupted", INTERRUPTED)
    except click.ClickException as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # its message is the whole help; click < 8.2 has no such class
            print(error.message, file=sys.stderr)
            return USAGE_ERROR
        return _fail(_usage(error), USAGE_ERROR, *_advice(error))
    except PackError as error:
        first, *rest = map(str, error.problems)
        return _fail(first, USAGE_ERROR, *rest)
    except ImagefitError as error:
        return _fail(str(error), USAGE_ERROR, *_of_environment(getattr(error, "option", None)))
    except BrokenPipeError:
        _give_up_stdout()  # whoever closed the pipe has seen enough: no message
        return BROKEN_PIPE
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG):
            what = "the output" if error.filename is None else f"{error.filename}: it"
            return _output_failed(f"{what} could not be written: {os.strerror(error.errno)}")
        place = f"{error.filename}: " if error.filename else ""
        return _fail(place + (error.strerror or str(error)), USAGE_ERROR)
    except MemoryError:
        return _fail("out of memory", USAGE_ERROR)
    except Exception as error:
        if arrived:  # what it interrupted says so in its own way: a generator that a thread was in, for one
            return _fail("interrupted", INTERRUPTED)
        if os.environ.get("IMAGEFIT_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}"
        return _fail(f"internal error, please report it ({what}); IMAGEFIT_DEBUG=1 shows where", INTERNAL_ERROR)


def complain(message: str) -> None:
    """Say something on stderr that is no result, a warning, a note, an error: in one line, whatever is in it."""
    with contextlib.suppress(OSError, ValueError):
        print(f"imagefit: {line(message)}", file=sys.stderr)
        sys.stderr.flush()


def _fail(message: str, code: int, *more: str) -> int:
    try:
        sys.stdout.flush()
    except (OSError, ValueError, AttributeError):
        _give_up_stdout()
    for each in (message, *more):
        complain(each)
    return code


def _output_failed(message: str) -> int:
    _give_up_stdout()
    complain(message)
    return USAGE_ERROR


def _give_up_stdout() -> None:
    """Send what is buffered nowhere: it would fail again when the interpreter closes the stream."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _usage(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        # click compares the dashes, too, so that anything seems near to a short name
        known = {name.lstrip("-"): name for name in error.possibilities or ()}
        near = nearest(error.option_name.lstrip("-"), known)
        found = "" if near is None else f" Did you mean '{known[near]}'?"
        return f"No such option '{error.option_name}'.{found}"
    return " ".join(error.format_message().split())  # click puts each of several choices on a line


def _advice(error: click.ClickException) -> list[str]:
    context = getattr(error, "ctx", None)
    opts = getattr(getattr(error, "param", None), "opts", ())
    told = [text for name in opts for text in _of_environment(name)]
    return told if context is None else [*told, f"Try '{context.command_path} --help'."]


def _of_environment(option: str | None) -> list[str]:
    """Say which variable gave an option its value, where the command line did not: nobody sees it there."""
    variable = taken_from_environment.get(option or "")
    return [] if variable is None else [f"{option} is what {variable} in the environment says."]


@contextlib.contextmanager
def _ended_like_interrupted(arrived: list[int]) -> Iterator[None]:
    """Let a process that is asked to end, or whose terminal is gone, clean up as one that is interrupted."""

    def interrupt(number: int, _: object) -> None:
        arrived.append(number)
        raise KeyboardInterrupt

    before = {}
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # there is no SIGHUP on Windows
        number = getattr(signal, name, None)
        if number is None or signal.getsignal(number) is signal.SIG_IGN:  # as nohup asks for
            continue
        with contextlib.suppress(ValueError):  # not in the main thread
            before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            # What is to be done is done: while the interpreter ends, Ctrl-C would only make it die with a traceback.
            is_late = number == signal.SIGINT and is_own()
            signal.signal(number, signal.SIG_IGN if is_late else signal.SIG_DFL if handler is None else handler)


def _has_streams() -> bool:
    """Tell whether there is a stdout; where stderr is closed, what is said there goes nowhere, and not to stdout."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (it lives as long as the process)
    return sys.stdout is not None


def _accept_any_text() -> None:
    """Make output possible whatever the terminal's encoding: what it lacks is shown as an escape."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
