"""What ``imagefit audit`` does: open the files, run the audit into its destination, say what was found."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click
from click.exceptions import Exit

from imagefit.cli.bad_rows import BadRows
from imagefit.cli.defaults import assumed_of, stated_of
from imagefit.cli.errors import complain
from imagefit.cli.exits import INTERRUPTED
from imagefit.cli.notes import refuse_near_misses, tell_notes
from imagefit.cli.output import kind_of, opened
from imagefit.cli.own_process import import_less, let_arrow_look_around, use_one_heap
from imagefit.cli.paths import STANDARD
from imagefit.reports.formats import FORMATS
from imagefit.values import dataclass, replace

if TYPE_CHECKING:
    from imagefit.auditing.judging import AuditTask
    from imagefit.auditing.summary import Summary
    from imagefit.facts import Facts, Value
    from imagefit.readers import Record
    from imagefit.readers.own import OwnTables
    from imagefit.reports.files import Layout, TableWriter
    from imagefit.rulepack.pack import Pack
    from imagefit.sources.files import FilesSource
    from imagefit.supply import Assumptions
    from imagefit.verdicts.baseline import Compared

__all__ = ["Destination", "destination_of", "ecs_of", "run", "source_of", "task_of", "tell"]


@dataclass(frozen=True, slots=True)
class Destination:
    """What is written where; a path that is None, or ``-``, is standard output.

    Attributes
    ----------
    kind
        The format of the table.
    output, summary_file
        Where the table goes, and the summary as JSON, if it is wanted.
    prefix
        Of the names of the result columns.
    shown
        How many rows the text shows, or findings are shown of; None: as many as is usual.
    all_rules
        Whether a verdict explains the rules that pass or do not apply, too.
    bad_rows_file
        Where rows go that can't be read; None: the first of them is an error.
    is_summary_alone
        Whether standard output has the summary and nothing else, for nobody asked for a table.
    is_unknown_failure
        As of `findings.Report`.
    """

    kind: str
    output: str | None
    summary_file: str | None
    prefix: str
    shown: int | None
    all_rules: bool
    bad_rows_file: str | None
    is_summary_alone: bool
    is_unknown_failure: bool

    @property
    def is_shown(self) -> bool:
        """Whether the table goes to standard output."""
        return self.output is None and not self.is_summary_alone


def destination_of(
    output_format: str | None,
    output: str | None,
    summary_file: str | None,
    *,
    prefix: str,
    shown: int | None,
    all_rules: bool,
    bad_rows_file: str | None,
    is_unknown_failure: bool,
) -> Destination:
    """Understand what the options say of the output.

    Raises
    ------
    UnknownNameError
        If there is no such format.
    click.UsageError
        If two of them contradict each other.
    """
    if output == STANDARD:
        output, output_format = None, output_format or "text"
    kind = kind_of(output_format, output)
    if all_rules and kind != "jsonl":
        raise click.UsageError("--all-rules is for --format jsonl: tables have a column for what counts.")
    is_summary_alone = summary_file == STANDARD and output_format is None and output is None
    if summary_file == STANDARD and output is None and not is_summary_alone:
        raise click.UsageError("The table and the summary can't both go to standard output: name a file for one.")
    return Destination(
        kind,
        output,
        summary_file,
        prefix=prefix,
        shown=shown,
        all_rules=all_rules,
        bad_rows_file=bad_rows_file,
        is_summary_alone=is_summary_alone,
        is_unknown_failure=is_unknown_failure,
    )


def run(
    source: FilesSource,
    task: AuditTask,
    destination: Destination,
    *,
    is_strict: bool = False,
    beside: Callable[[TableWriter, contextlib.ExitStack], TableWriter] | None = None,
    compared: Compared | None = None,
) -> Summary:
    """Run the audit into its destination; returns the summary.

    With `is_strict`, what is nearly a fact is an error, and a file is not written: the keys of JSON are known once all
    was read. `beside` puts around the writer what is to be kept beside the rows; `compared` is the
    baseline that findings are shown beside.

    Raises
    ------
    InputError
        If something in the files is wrong.
    """
    from imagefit.auditing.tally import Tally
    from imagefit.auditing.writing import run_audit
    from imagefit.cli.progress import Progress
    from imagefit.errors import number_of
    from imagefit.reports.formats import writer_for

    let_arrow_look_around()
    tally = Tally(task.pack)
    layout = replace(_layout(source, destination, task), compared=compared)
    with contextlib.ExitStack() as stack:
        bad_rows = destination.bad_rows_file and stack.enter_context(BadRows(destination.bad_rows_file))
        place = os.devnull if destination.is_summary_alone else destination.output
        is_quiet = not destination.is_shown or not FORMATS[destination.kind].rows or not sys.stdout.isatty()
        progress = Progress(source.share, is_wanted=is_quiet)
        try:  # from when something of the output is there
            file = stack.enter_context(opened(destination.kind, place))
            stack.enter_context(progress)
            writer = writer_for(destination.kind, file, layout)
            if beside is not None:
                writer = beside(writer, stack)
            run_audit(
                source,
                task,
                writer,
                tally,
                all_rules=destination.all_rules,
                on_bad_rows=bad_rows.write if bad_rows else None,
                on_rows=progress.advance,
            )
        except KeyboardInterrupt:
            nothing = "" if destination.output is None else f"; {destination.output} was not written"
            complain(f"interrupted after {number_of(progress.rows, 'row')}{nothing}")
            raise Exit(INTERRUPTED) from None
        progress.stop()
        if task.overruled:
            others = ", ".join(sorted(task.overruled)[:12])
            complain(f"rows ask for {others}; {task.operation}, which is asked for all of them, counts")
        refuse_near_misses(source.files, is_strict=is_strict)
        summary = tally.summary()
        writer.close(summary)
    return summary


def tell(summary: Summary, destination: Destination) -> None:
    """Say on stderr what was found, unless it went to stdout; write the summary where it is wanted."""
    from imagefit.cli.terminal import text_width
    from imagefit.errors import number_of
    from imagefit.reports.atomic import write_whole
    from imagefit.reports.audit.summary import summary_text
    from imagefit.reports.audit.summaryjson import summary_json

    if destination.summary_file == STANDARD:
        click.echo(summary_json(summary), nl=False)
    elif destination.summary_file is not None:
        write_whole(destination.summary_file, summary_json(summary).encode())
    if destination.kind != "text" or not destination.is_shown:
        click.echo(summary_text(summary, width=text_width()), err=True)
    if summary.bad_rows:
        complain(f"{number_of(summary.bad_rows, 'row')} could not be read: see {destination.bad_rows_file}")


def ecs_of(
    ecs: str | None,
    flavor: str | None,
    zone: str | None,
    facts: Mapping[str, Value],
    pack: Pack,
    verbose: bool,
    own: OwnTables,
    defaults: Callable[[Facts], Facts] | None,
) -> Record | None:
    """Read the one ECS that all rows are audited with; `defaults` as of `sources.subjects.Reader`.

    Raises `InputError` if there are several.
    """
    from imagefit.errors import InputError
    from imagefit.readers.queried import region_of_ecss, zone_of_ecss
    from imagefit.sources.subjects import Reader

    places = [ecs] if ecs is not None else []
    flavors = [flavor] if flavor is not None else []
    if not places and not flavors:
        return None
    reader = Reader(pack.fields, None, zone_of_ecss(zone, facts), defaults=defaults, own=own)
    subjects = reader.ecss(places, flavors, region_of_ecss(facts))
    tell_notes(reader.warnings, verbose)
    if len(subjects) != 1:
        keys = ", ".join(subject.record.key for subject in subjects[:6])
        raise InputError(f"{len(subjects)} ECSs", file=ecs, expected=f"one of them, as FILE#ID: {keys}, ...")
    return subjects[0].record


def source_of(
    paths: Sequence[str],
    input_format: str | None,
    facts: Mapping[str, Value],
    pack: Pack,
    own: OwnTables,
    *,
    zone: str | None = None,
    keep_going: bool,
) -> FilesSource:
    """Open the files; with `keep_going`, a row that can't be read is left out."""
    use_one_heap()  # before there are other threads
    import_less("socket")  # before Arrow is there
    from imagefit.sources.files import FilesSource
    from imagefit.sources.folders import files_of
    from imagefit.sources.formats import Format
    from imagefit.sources.reading import open_file

    told: list[str] = []
    read = partial(
        open_file,
        fields=pack.fields,
        format=input_format,
        zone=zone,
        given=facts,
        keep_going=keep_going,
        own=own,
    )
    opened = [read(path) for path in files_of(paths, read, told)]
    of_members = [file.name for file in opened if file.what.format is Format.MEMBERS]
    if 0 < len(of_members) < len(opened):  # whoever gives them beside images expects that they are put together
        said = "rows of their own here; check and match complete the images with them"
        told += [f"{name}: the members of an image are {said}" for name in of_members]
    return FilesSource(opened, told=told)


def task_of(
    pack: Pack,
    operation: str | None,
    ecs: Record | None,
    *,
    select: Sequence[str],
    ignore: Sequence[str],
    given: Mapping[str, Value],
    assume: Assumptions,
    evaluator: str | None,
    plans: bool = False,
) -> AuditTask:
    """Return how rows are judged: for the operation that is named, or that the one `ecs` asks for."""
    from imagefit.auditing.judging import AuditTask
    from imagefit.errors import InputError
    from imagefit.supply import Assumptions

    operation = operation or (None if ecs is None else ecs.operation)
    try:
        return AuditTask(
            pack,
            operation,
            select=select,
            ignore=ignore,
            given=given,
            beside={} if ecs is None else stated_of(ecs),
            assume=assume if ecs is None else Assumptions({**assumed_of(ecs), **assume}),
            evaluator=evaluator,
            plans=plans,
        )
    except InputError as error:
        unknown = operation is not None and operation not in pack.operations
        raise error.at(option="--operation" if unknown else None) from None


def _layout(source: FilesSource, destination: Destination, task: AuditTask) -> Layout:
    from imagefit.auditing.names import check_names
    from imagefit.cli.terminal import is_colour_wanted, text_width
    from imagefit.reports.audit.layout import audit_layout

    columns = [destination.prefix + name for name in task.columns]
    if FORMATS[destination.kind].rows and destination.kind != "jsonl":
        check_names(source.names, columns)
    is_shown = destination.is_shown
    return audit_layout(
        lambda: source.schema,
        columns,
        width=text_width() if is_shown else 80,
        colour=is_shown and is_colour_wanted(),
        shown=destination.shown,
        pack=task.pack,
        is_unknown_failure=destination.is_unknown_failure,
        files=source.files,
        carried_from=() if destination.bad_rows_file else source.carried_from,
    )
