"""``imagefit audit``: every row of a table is a candidate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from imagefit.cli.audit_on import audit_on, refuse_beside_on
from imagefit.cli.audit_run import destination_of, ecs_of, run, source_of, task_of, tell
from imagefit.cli.bad_rows import place_of_bad_rows
from imagefit.cli.baseline import baseline_of, baseline_options, tell_baseline
from imagefit.cli.exits import USAGE_ERROR, exit_code, is_unknown_failure
from imagefit.cli.helping import command
from imagefit.cli.inputs import lists, places
from imagefit.cli.log import log_options, rows_beside
from imagefit.cli.notes import refuse_near_misses, tell_notes, tell_notes_of
from imagefit.cli.operations import is_fallback
from imagefit.cli.options import (
    columns_evaluator_option,
    common_options,
    operation_option,
    parse_assumptions,
    parse_facts,
    split_names,
)
from imagefit.cli.output import format_option, output_option
from imagefit.cli.own import own_options, own_tables
from imagefit.cli.packs import load_pack_of
from imagefit.cli.paths import READ, WRITTEN
from imagefit.cli.single import option
from imagefit.cli.waivers import Met, is_complete, tell_unused
from imagefit.sources.names import OPERATION_COLUMN

if TYPE_CHECKING:
    from imagefit.auditing.summary import Summary
    from imagefit.verdicts.baseline import Compared

__all__ = ["audit"]


@command(epilog="Example: imagefit audit images.json --operation share --output audited.csv")
@click.argument("files", metavar="FILE...", type=READ, nargs=-1)
@operation_option
@common_options
@baseline_options
@log_options
@option(
    "--ecs",
    "ecs",
    metavar="FILE[#ID]",
    type=READ,
    help="One ECS that all rows are audited with: a flavor, a server, ...",
)
@option("--flavor", metavar="ID", help="The same: a flavor known by its id alone.")
@option("--az", "zone", metavar="ZONE", help="The availability zone of the flavor.")
@option("--from", "input_format", metavar="FORMAT", help="The files' format; detected by default.")
@own_options
@format_option
@output_option
@option("--prefix", metavar="TEXT", default="", help="Put this before the names of the result columns.")
@option("--summary", "summary_file", metavar="FILE", type=WRITTEN, help="Write the summary as JSON, too; - is stdout.")
@option(
    "--first",
    "shown",
    metavar="N",
    type=click.IntRange(min=0),
    help="Rows shown: 20 as text, 1000 with their findings (those that are worst), unless this says otherwise.",
)
@option(
    "--plans",
    is_flag=True,
    help="Add what would make each row fit, and which remedies would help most rows (a millisecond or two a case).",
)
@option(
    "--explain",
    "explained",
    metavar="KEY",
    multiple=True,
    help="Show this row alone, as check --explain shows a candidate; repeat it for several.",
)
@option("--all-rules", is_flag=True, help="In jsonl, explain every rule of the operation, not only what counts.")
@option(
    "--on-bad-row",
    type=click.Choice(["error", "report"]),
    default="error",
    show_default=True,
    help="Stop at a row that can't be read, or leave it out and write it to a file of its own; the exit code is 2.",
)
@option(
    "--bad-rows",
    "bad_rows_file",
    metavar="FILE",
    type=WRITTEN,
    help="That file; by default named after the output, or the input.",
)
@option(
    "--on",
    "engine",
    metavar="ENGINE",
    help="Where it runs: duckdb, or Spark at spark://HOST:PORT, local[N] or sc://HOST:PORT. It reads folders of "
    "Parquet, ORC, CSV or JSON Lines, and tables, and writes a folder of Parquet.",
)
@option(
    "--fast", "is_fast", is_flag=True, help="With --on: unknown_facts in place of missing_facts, which takes a search."
)
@columns_evaluator_option
@option("-v", "--verbose", is_flag=True, help="Show all that the readers noted.")
@click.pass_context
def audit(
    ctx: click.Context,
    files: Sequence[str],
    operation: str | None,
    given: Sequence[str],
    assumed: Sequence[str],
    select: Sequence[str],
    ignore: Sequence[str],
    no_assume: bool,
    is_strict: bool,
    fail_on: str,
    ecs: str | None,
    flavor: str | None,
    zone: str | None,
    input_format: str | None,
    output_format: str | None,
    output: str | None,
    prefix: str,
    summary_file: str | None,
    shown: int | None,
    plans: bool,
    explained: Sequence[str],
    all_rules: bool,
    on_bad_row: str,
    bad_rows_file: str | None,
    engine: str | None,
    is_fast: bool,
    evaluator: str | None,
    verbose: bool,
) -> None:
    """Evaluate every row of tables as a candidate: an inventory of images, a list of pairs, millions of them.

    Reads facts files (CSV, JSON, JSON Lines, Parquet, Arrow IPC; compressed, too), image lists and the
    console's CSV as they are; several files, and patterns in quotes, are one table. Columns that are no facts
    are carried through. Without --operation, each row says its own in the column `operation`.
    """
    from imagefit.api.defaults import defaults_for
    from imagefit.cli.audit_explain import rows_explained
    from imagefit.cli.check import code_of as code_of_verdicts
    from imagefit.cli.check import show
    from imagefit.sources.pairing import not_looked_at

    if ecs is not None and flavor is not None:
        raise click.UsageError("--ecs and --flavor exclude each other.")
    if engine is not None:
        pack = load_pack_of(ctx)
        said: dict[str, object] = {
            "--ecs": ecs,
            "--flavor": flavor,
            "--format": output_format,
            "--summary": summary_file,
            "--explain": explained,
            "--all-rules": all_rules,
            "--bad-rows": bad_rows_file,
        }
        refuse_beside_on(ctx, files, said, own_tables(ctx, pack))
        code = audit_on(
            engine,
            files,
            output,
            pack,
            operation,
            input_format=input_format,
            is_fast=is_fast,
            fail_on=fail_on,
            reports_bad=on_bad_row == "report",
            given=parse_facts(given, pack),
            assume=parse_assumptions(assumed, pack),
            select=split_names(select),
            ignore=split_names(ignore),
            prefix=prefix,
        )
        ctx.exit(code)
    if is_fast:
        raise click.UsageError("--fast is for --on.")
    if explained and summary_file is not None:
        raise click.UsageError("--explain shows single rows, and --summary is of all.")
    files = places(ctx, files) or lists(ctx, "images")
    if not files:
        raise click.UsageError("Missing argument 'FILE...'.", ctx)
    ecs = next(iter(places(ctx, [ecs])), None) if ecs is not None else None
    pack = load_pack_of(ctx)
    facts, assumptions = parse_facts(given, pack), parse_assumptions(assumed, pack)
    chosen = {"select": split_names(select), "ignore": split_names(ignore)}
    keep_going = on_bad_row == "report"
    destination = destination_of(
        output_format,
        output,
        summary_file,
        prefix=prefix,
        shown=shown,
        all_rules=all_rules,
        bad_rows_file=place_of_bad_rows(ctx, bad_rows_file, output, files) if keep_going else None,
        is_unknown_failure=is_unknown_failure(fail_on),
    )
    defaults = defaults_for(pack, facts, assumptions, no_assume=no_assume)
    own = own_tables(ctx, pack)
    beside = ecs_of(ecs, flavor, zone, facts, pack, verbose, own, defaults)
    source = source_of(files, input_format, facts, pack, own, zone=zone, keep_going=keep_going)
    if is_fallback(ctx) and (OPERATION_COLUMN in source.names or (beside is not None and beside.operation)):
        operation = None  # rows, or the request beside them, say their own
    task = task_of(pack, operation, beside, **chosen, given=facts, assume=assumptions, evaluator=evaluator, plans=plans)
    if beside is not None and operation is not None:
        tell_notes(not_looked_at(beside.key, beside.facts, operation, pack), verbose)
    refuse_near_misses(source.files, is_strict=is_strict)
    if explained:
        report = rows_explained(source, task, explained, fail_on)
        show(report, destination.kind, destination.output)
        ctx.exit(code_of_verdicts([checked.verdict for checked in report.checked], fail_on))
    compared = baseline_of(ctx, pack, **chosen)
    met = Met()
    beside_rows = rows_beside(ctx, pack, compared, met.note if is_complete(ctx) else None, **chosen)
    summary = run(source, task, destination, is_strict=is_strict, beside=beside_rows, compared=compared)
    tell_notes_of(source, verbose)
    tell(summary, destination)
    applied = (rule.rule for rule in summary.rules if rule.failed or rule.unknown)
    rules = [rule for name in summary.operations for rule in pack.chosen_rules(name, **chosen)]
    tell_unused(ctx, applied, rules, met)
    if compared is not None:
        tell_baseline(ctx, compared)
    ctx.exit(code_of(summary, fail_on, compared))


def code_of(summary: Summary, fail_on: str, compared: Compared | None = None) -> int:
    """Return the exit code: that of a bad row, else of the worst verdict, as far as it counts."""
    from imagefit.rulepack.pack import Severity
    from imagefit.verdicts import VerdictKind

    if summary.bad_rows:
        return USAGE_ERROR
    level = max((kind.level for kind in VerdictKind if summary.verdicts[kind]), default=0)
    is_warned = any(rule.severity is Severity.WARNING and rule.failed for rule in summary.rules)
    is_assumed = any(summary.assumed.values())
    return exit_code(level, fail_on, is_warned=is_warned, is_assumed=is_assumed, compared=compared)
