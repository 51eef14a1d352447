"""What ``imagefit audit`` does: open the files, run the audit into its output, say what was found."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import rich_click as click
from click.exceptions import Exit

from imagefit.cli.errors import complain
from imagefit.cli.exits import INTERRUPTED
from imagefit.cli.notes import tell_notes

if TYPE_CHECKING:
    from imagefit.auditing.judging import AuditPlan
    from imagefit.auditing.summary import Summary
    from imagefit.facts import Value
    from imagefit.readers import Record
    from imagefit.rulepack.pack import Pack
    from imagefit.sources.batches import FilesSource

__all__ = ["AuditOptions", "run"]


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """What the command line says."""

    files: Sequence[str]
    operation: str | None
    facts: Mapping[str, Value]
    assumptions: Mapping[str, object]
    select: Sequence[str]
    ignore: Sequence[str]
    ecs: str | None
    flavor: str | None
    zone: str | None
    input_format: str | None
    output_format: str | None
    output: str | None
    prefix: str
    summary_file: str | None
    shown: int
    all_rules: bool
    keep_going: bool
    bad_rows_file: str | None
    evaluator: str
    verbose: bool


def run(options: AuditOptions, pack: Pack) -> Summary:
    """Run the audit; returns the summary.

    Raises
    ------
    InputError
        If something in the files, or of the options, is wrong.
    """
    from imagefit.auditing.tally import Tally
    from imagefit.auditing.writing import run_audit
    from imagefit.cli.progress import Progress
    from imagefit.reports.audit.writers import writer_for

    kind = _format(options)
    ecs = _ecs(options, pack)
    source = _source(options, pack)
    plan = _plan(options, pack, ecs)
    tally = Tally(pack)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_terminated_like_interrupted())
        bad_rows = stack.enter_context(_BadRows(options)) if options.keep_going else None
        file = stack.enter_context(_output(options.output, kind))
        is_quiet = options.output is not None or kind == "text" or not sys.stdout.isatty()
        progress = stack.enter_context(Progress(source.share, is_wanted=is_quiet))
        try:
            writer = writer_for(kind, file, _layout(options, source, kind))
            run_audit(
                source,
                plan,
                writer,
                tally,
                all_rules=options.all_rules,
                on_bad_rows=None if bad_rows is None else bad_rows.write,
                on_rows=progress.advance,
            )
        except KeyboardInterrupt:
            nothing = "" if options.output is None else f"; {options.output} was not written"
            complain(f"interrupted after {progress.rows:,} rows{nothing}")
            raise Exit(INTERRUPTED) from None
        progress.stop()
        summary = tally.summary()
        writer.close(summary)
    _say_notes(source, options)
    _tell(options, summary, kind, bad_rows)
    return summary


def _format(options: AuditOptions) -> str:
    from imagefit.errors import UnknownNameError
    from imagefit.reports.audit.writers import FORMATS, format_of

    kind = options.output_format or (format_of(options.output) if options.output else "text")
    if kind not in FORMATS:
        raise UnknownNameError.of("output format", kind, FORMATS).at(file="--format")
    if options.all_rules and kind != "jsonl":
        raise click.UsageError("--all-rules is for --format jsonl: tables have a column for what counts.")
    if options.output is None and kind == "parquet" and sys.stdout.isatty():
        raise click.UsageError("Parquet is nothing for a terminal: say where to with --output.")
    return kind


def _ecs(options: AuditOptions, pack: Pack) -> Record | None:
    """Read the one ECS that all rows are audited with."""
    from imagefit.cli.inputs import Reader, region_of_ecss
    from imagefit.errors import InputError

    places = [options.ecs] if options.ecs is not None else []
    flavors = [options.flavor] if options.flavor is not None else []
    if not places and not flavors:
        return None
    reader = Reader(pack.fields, None, options.zone)
    subjects = reader.ecss(places, flavors, region_of_ecss(options.facts))
    tell_notes(reader.warnings, options.verbose)
    if len(subjects) != 1:
        keys = ", ".join(subject.record.key for subject in subjects[:6])
        raise InputError(f"{len(subjects)} ECSs", file=options.ecs, expected=f"one of them, as FILE#ID: {keys}, ...")
    return subjects[0].record


def _source(options: AuditOptions, pack: Pack) -> FilesSource:
    from imagefit.cli.inputs import region_of_images
    from imagefit.sources.batches import FilesSource
    from imagefit.sources.tables import expanded, open_table

    files = [
        open_table(
            path,
            pack.fields,
            format=options.input_format,
            region=region_of_images(options.facts),
            keep_going=options.keep_going,
        )
        for path in expanded(options.files)
    ]
    return FilesSource(files, pack.fields, keep_going=options.keep_going)


def _say_notes(source: FilesSource, options: AuditOptions) -> None:
    """Say what the readers noted; some of it they know at the end only."""
    tell_notes([f"{file.name}: {note}" for file in source.files for note in file.notes], options.verbose)


def _plan(options: AuditOptions, pack: Pack, ecs: Record | None) -> AuditPlan:
    from imagefit.auditing.judging import AuditPlan
    from imagefit.errors import InputError

    operation = options.operation or (None if ecs is None else ecs.operation)
    try:
        return AuditPlan(
            pack,
            operation,
            select=options.select,
            ignore=options.ignore,
            given=options.facts,
            beside={} if ecs is None else ecs.facts,
            assume=options.assumptions,
            evaluator=options.evaluator,
        )
    except InputError as error:
        unknown = operation is not None and operation not in pack.operations
        raise error.at(file="--operation" if unknown else None) from None


def _layout(options: AuditOptions, source: FilesSource, kind: str) -> Any:
    from imagefit.api.audit import check_names
    from imagefit.auditing.results import RESULT_COLUMNS
    from imagefit.cli.terminal import is_colour_wanted, text_width
    from imagefit.reports.audit.writers import Layout

    columns = [options.prefix + name for name in RESULT_COLUMNS]
    if kind in ("csv", "parquet"):
        check_names(source.names, columns)
    colour = options.output is None and is_colour_wanted()
    width = text_width() if options.output is None else 80
    return Layout(lambda: source.schema, columns, width, colour, options.shown)


@contextlib.contextmanager
def _output(path: str | None, kind: str) -> Iterator[BinaryIO]:
    from imagefit.reports.atomic import atomic_file

    if path is not None:
        with atomic_file(path) as file:
            yield file
        return
    sys.stdout.flush()
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


class _BadRows:
    """Writes bad rows to a file of their own, if there are any: one JSON object a line."""

    def __init__(self, options: AuditOptions) -> None:
        beside = Path(options.output) if options.output is not None else Path("audit")
        self.path = options.bad_rows_file or str(beside.with_suffix(".bad-rows.jsonl"))
        self._stack = contextlib.ExitStack()
        self._file: BinaryIO | None = None

    def __enter__(self) -> _BadRows:
        return self

    def __exit__(self, *failure: Any) -> None:
        self._stack.__exit__(*failure)

    def write(self, rows: Sequence[Any]) -> None:
        """Write rows."""
        from imagefit.reports.atomic import atomic_file
        from imagefit.reports.jsontext import json_text

        if self._file is None:
            self._file = self._stack.enter_context(atomic_file(self.path))
        for row in rows:
            error = row.error
            place = {
                "file": error.file,
                "row": row.number,
                "column": error.column,
                "error": str(error),
                "content": row.text,
            }
            self._file.write(f"{json_text(place, None)}\n".encode())


def _tell(options: AuditOptions, summary: Summary, kind: str, bad_rows: _BadRows | None) -> None:
    """Say on stderr what was found, unless it went to stdout; write the summary where it is wanted."""
    from imagefit.cli.terminal import text_width
    from imagefit.reports.atomic import atomic_file
    from imagefit.reports.audit.summary import summary_text
    from imagefit.reports.jsontext import json_text

    if options.summary_file is not None:
        with atomic_file(options.summary_file) as file:
            file.write(f"{json_text(summary.to_dict())}\n".encode())
    if kind != "text" or options.output is not None:
        click.echo(summary_text(summary, width=text_width()), err=True)
    if bad_rows is not None and summary.bad_rows:
        complain(f"{summary.bad_rows:,} rows could not be read; they are in {bad_rows.path}")


@contextlib.contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Clean up also where the process is asked to end."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
