"""``--log`` and ``--redact``: verdicts are written down, so that they can be evaluated again."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from imagefit.cli.paths import STANDARD, WRITTEN
from imagefit.cli.single import aside, option_aside
from imagefit.cli.waivers import waivers_of_run

if TYPE_CHECKING:
    from imagefit.reports.files import TableWriter
    from imagefit.rulepack.pack import Pack
    from imagefit.verdicts import Verdict
    from imagefit.verdicts.baseline import Compared
    from imagefit.verdicts.logged import LogHead

__all__ = ["head_of", "log_options", "log_path", "log_verdicts", "rows_beside"]


def log_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--log`` and ``--redact``."""
    for add in (
        option_aside(
            "--redact",
            metavar="FACTS",
            multiple=True,
            setting="redact",
            help="Leave the values of these facts out of the log; separated by commas, or repeated.",
        ),
        option_aside(
            "--log",
            metavar="FILE",
            type=WRITTEN,
            setting="log",
            help="Add a line of JSON for each verdict at the end of this file; imagefit replay evaluates it again.",
        ),
    ):
        command = add(command)
    return command


def log_path(ctx: click.Context) -> str | None:
    """Return the file that verdicts are logged to, if they are.

    Raises
    ------
    InputError
        If it is standard output, or there is something else in the file: lines that are added to it would spoil it.
    """
    path: str | None = aside(ctx).get("log")
    if path == STANDARD:
        from imagefit.errors import InputError

        raise InputError("a log is a file that is added to", option="--log", value=path, expected="a path")
    if path is not None and not _may_be_log(path):
        from imagefit.errors import InputError

        raise InputError("not a log, so that nothing is added to it", file=path, expected="a log, or a new file")
    return path


def _may_be_log(path: str) -> bool:
    """Tell whether a file begins as a log does, as far as a full disk left something, or there is nothing in it yet."""
    start = b""
    with contextlib.suppress(OSError):  # that is said where it is opened for adding
        if os.path.isfile(path):
            with open(path, "rb") as file:
                start = file.read(64).lstrip()
    return _LINE.startswith(start[: len(_LINE)])


_LINE = b'{"log":'
"""What each line begins with."""


def head_of(ctx: click.Context, pack: Pack, select: Sequence[str], ignore: Sequence[str]) -> LogHead:
    """Return what all lines of this run say.

    Raises
    ------
    UnknownNameError
        If ``--redact`` names no fact of the pack.
    """
    from imagefit import __version__
    from imagefit.cli.options import split_names
    from imagefit.errors import UnknownNameError
    from imagefit.verdicts import PackRef
    from imagefit.verdicts.logged import LogHead, waivers_in_force

    redacted = split_names(aside(ctx).get("redact") or ())
    for name in redacted:
        if name not in pack.fields:
            raise UnknownNameError.of("fact", name, pack.fields).at(option="--redact")
    waivers = waivers_in_force(*waivers_of_run(ctx))
    return LogHead(PackRef.of(pack), __version__, waivers, select, ignore, frozenset(redacted))


def rows_beside(
    ctx: click.Context,
    pack: Pack,
    compared: Compared | None,
    note: Callable[[Mapping[str, Any]], None] | None,
    *,
    select: Sequence[str],
    ignore: Sequence[str],
) -> Callable[[TableWriter, ExitStack], TableWriter]:
    """Return what puts around the writer of an audit's rows what is to be kept beside them.

    Parameters
    ----------
    compared
        What is to be compared with a baseline.
    note
        Is given the columns of facts.
    """
    from imagefit.reports.log import ComparedRows, LogFile, LoggedRows, NotedRows

    path = log_path(ctx)
    head = head_of(ctx, pack, select, ignore) if path is not None else None

    def around(writer: TableWriter, stack: ExitStack) -> TableWriter:
        if path is not None and head is not None:
            writer = LoggedRows(writer, stack.enter_context(LogFile(path)), head)
        if compared is not None:
            writer = ComparedRows(writer, compared)
        return writer if note is None else NotedRows(writer, note)

    return around


def log_verdicts(
    ctx: click.Context,
    pack: Pack,
    verdicts: Iterable[Verdict],
    evaluator: str,
    *,
    select: Sequence[str],
    ignore: Sequence[str],
) -> None:
    """Write verdicts that an evaluator gave to the log, if the command line or the project file names one."""
    if (path := log_path(ctx)) is None:
        return
    from imagefit.explanations.candidate.prepared import prepare
    from imagefit.reports.log import LogFile
    from imagefit.verdicts.logged import KINDS, STATED, LoggedFacts, Reading, letters_of

    head = head_of(ctx, pack, select, ignore)
    with LogFile(path) as log:
        for verdict in verdicts:
            prepared = prepare(pack, verdict.operation, tuple(select), tuple(ignore), evaluator)
            kinds = {name: KINDS.get(origin.kind, STATED) for name, origin in verdict.origins.items()}
            found = Reading(prepared.rules).found(letters_of(prepared.judge(verdict.facts)))
            facts = LoggedFacts.of(verdict.facts, kinds, head.redact)
            log.add(head.line(verdict.key, verdict.operation, facts, found.in_json()))
