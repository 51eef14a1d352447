"""``imagefit audit --on``: the audit is done where the data is, by DuckDB or by Spark."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from imagefit.cli.baseline import beside_baseline
from imagefit.cli.errors import complain
from imagefit.cli.exits import INTERRUPTED, USAGE_ERROR, exit_code
from imagefit.cli.log import log_path
from imagefit.cli.operations import is_fallback
from imagefit.cli.own_process import let_pandas_be_found

if TYPE_CHECKING:
    from imagefit.readers.own import OwnTables
    from imagefit.rulepack.pack import Pack

__all__ = ["audit_on", "refuse_beside_on"]

ENDINGS = {
    "parquet": (".parquet",),
    "orc": (".orc",),
    "csv": (".csv", ".csv.gz"),
    "jsonl": (".jsonl", ".ndjson", ".jsonl.gz", ".json"),
}
"""What the names of files of each format end in."""

FORMATS = (*ENDINGS, "table")


def refuse_beside_on(ctx: click.Context, inputs: Sequence[str], said: Mapping[str, object], own: OwnTables) -> None:
    """Raise a usage error if there is nothing to read, or options stand beside ``--on`` that are none for it.

    `said` has such options with what they say. What the project file says of a log and a baseline is left out, which
    is said.
    """
    if left := [name for name in ("log", "baseline") if is_fallback(ctx, name)]:
        complain(f"{' and '.join(left)} of the project file: left out with --on")
    if not inputs:
        raise click.UsageError("Missing argument 'FILE...'.")
    others = {
        **said,
        "--log": log_path(ctx) and not is_fallback(ctx, "log"),
        **beside_baseline(ctx, is_stated=not is_fallback(ctx, "baseline")),
        "--map": own.names,
        "--delimiter": own.delimiter,
        "--encoding": own.encoding,
    }
    if refused := [name for name, value in others.items() if value]:
        raise click.UsageError(f"{', '.join(refused)}: not with --on.")


def audit_on(
    engine: str,
    inputs: Sequence[str],
    output: str | None,
    pack: Pack,
    operation: str | None,
    *,
    input_format: str | None,
    is_fast: bool,
    fail_on: str,
    reports_bad: bool,
    **options: Any,
) -> int:
    """Run an audit on an engine and return the exit code.

    Parameters
    ----------
    engine
        ``duckdb``, or where Spark is: ``spark://HOST:PORT``, ``local[N]``, ``sc://HOST:PORT``, ``yarn``, ...

    Raises
    ------
    click.UsageError, InputError
        If an option is missing, or is none for an engine.
    """
    from imagefit.errors import InputError, UnknownNameError

    if operation is None:
        raise click.UsageError("--on needs --operation.")
    if output is None or output == "-":
        raise click.UsageError("--on needs a folder to write to: -o DIR.")
    if operation not in pack.operations:
        raise UnknownNameError.of("operation", operation, pack.operations).at(option="--operation")
    if "://" not in output and os.path.exists(output):
        raise InputError("is there already", file=output, expected="a folder that is not there yet")
    if input_format is not None and input_format not in FORMATS:
        raise UnknownNameError.of("format", input_format, FORMATS).at(option="--from")
    kind = input_format or _format_of(inputs[0])
    run = _on_duckdb if engine == "duckdb" else _on_spark
    ending = ".parquet" if engine == "duckdb" else ""
    bad_rows = f"{output.rstrip('/')}.bad-rows{ending}" if reports_bad else None
    let_pandas_be_found()
    options |= {"format": kind, "operation": operation, "pack": pack, "is_fast": is_fast, "bad_rows": bad_rows}
    try:
        counts = run(engine, inputs, output, options)
    except KeyboardInterrupt:
        complain(f"interrupted; {output} was not written")
        return INTERRUPTED
    return _told(counts, fail_on, bad_rows)


def _told(counts: dict[str, int], fail_on: str, bad_rows: str | None) -> int:
    from imagefit.errors import number_of
    from imagefit.verdicts import LEVELS, VerdictKind

    shown = ", ".join(f"{counts.get(level.value, 0):,} {level.value}" for level in reversed(LEVELS))
    complain(f"{number_of(sum(counts.values()) - counts['bad'], 'row')}: {shown}")
    if counts["bad"]:
        complain(f"{number_of(counts['bad'], 'row')} with a value that is none of its fact's: see {bad_rows}")
        return USAGE_ERROR
    level = max((VerdictKind(name).level for name, count in counts.items() if name != "bad" and count), default=0)
    return exit_code(level, fail_on)


def _on_duckdb(engine: str, inputs: Sequence[str], output: str, options: dict[str, Any]) -> dict[str, int]:
    import shutil

    from imagefit.errors import InputError
    from imagefit.tables.onduckdb import audit_files

    if options["format"] not in ("parquet", "csv", "jsonl"):
        read = "parquet, csv or jsonl"
        raise InputError("a format that DuckDB does not read here", value=options["format"], expected=read)
    part = f"{output.rstrip('/')}.part-{os.getpid()}"
    places = [_pattern(place, options["format"]) for place in inputs]
    try:
        os.mkdir(part)
        counts = audit_files(places, f"{part}/part-0.parquet", **options)
        os.rename(part, output)
        return counts
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _pattern(place: str, kind: str) -> str:
    """Return what DuckDB reads of a place: of a folder all files that end like the format."""
    return f"{place.rstrip('/')}/**/*{ENDINGS[kind][0]}" if os.path.isdir(place) else place


def _on_spark(engine: str, inputs: Sequence[str], output: str, options: dict[str, Any]) -> dict[str, int]:
    from imagefit.spark.running import audit_tables, session_for

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    complain(f"starting on {engine}")
    spark = session_for(engine)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, interrupt)
    try:
        return audit_tables(spark, inputs, output, on_stage=lambda stage: complain(f"{stage} ..."), **options)
    except KeyboardInterrupt:
        (getattr(spark, "interruptAll", None) or spark.sparkContext.cancelAllJobs)()
        raise
    finally:
        if not engine.startswith("sc://"):
            spark.stop()


def _format_of(place: str) -> str:
    """Return the format of a file by its name, of a folder by the names in it, else that of a table's name."""
    names = [place.lower()]
    if os.path.isdir(place):
        names += sorted(str(path).lower() for path in Path(place).rglob("*") if path.is_file())[:1000]
    for kind, endings in ENDINGS.items():
        if any(name.rstrip("/").endswith(endings) for name in names):
            return kind
    if os.path.exists(place) or "/" in place:
        from imagefit.errors import InputError

        raise InputError(
            "no format that is read here", file=place, expected="parquet, orc, csv or jsonl; --from says it"
        )
    return "table"
