"""`audit` as a job: tables and files in, a folder of Parquet out, whole or not at all, on any Spark."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from imagefit.errors import EvaluatorError, InputError
from imagefit.spark.auditing import COLUMNS, EXACT, audit, quoted
from imagefit.values import pattern

if TYPE_CHECKING:
    from imagefit.rulepack.pack import Pack

__all__ = ["audit_tables", "session_for"]

SPLIT_ABOVE = 8000
"""Generated code of more bytes a method is split into methods: the JIT compiles none that is larger."""


def session_for(master: str) -> Any:
    """Return a Spark session on a master: ``spark://...``, ``local[N]``; or ``sc://...``, Spark Connect.

    Raises
    ------
    EvaluatorError
        If pyspark is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise EvaluatorError("--on needs pyspark for Spark: pip install 'imagefit[spark]'") from None
    builder: Any = SparkSession.builder.appName("imagefit")
    if master.startswith("sc://"):
        return builder.remote(master).getOrCreate()
    builder = builder.master(master).config("spark.ui.showConsoleProgress", "false")
    return builder.config("spark.sql.codegen.hugeMethodLimit", str(SPLIT_ABOVE)).getOrCreate()


def audit_tables(
    spark: Any,
    inputs: Sequence[str],
    output: str,
    *,
    format: str,
    operation: str,
    pack: Pack,
    select: Sequence[str],
    ignore: Sequence[str],
    given: Mapping[str, object],
    assume: Mapping[str, object],
    prefix: str,
    is_fast: bool,
    bad_rows: str | None,
    on_stage: Callable[[str], None],
) -> dict[str, int]:
    """Audit tables into a folder of Parquet, and return the number of rows of each verdict, and of bad rows.

    Parameters
    ----------
    inputs, format
        Paths, and their format: ``parquet``, ``orc``, ``csv``, ``jsonl``; or names of tables (``table``).
    output, bad_rows
        Folders that are not there yet. Without `bad_rows`, a value that is none of its fact's ends the job.
    on_stage
        Is told what is being done.

    Raises
    ------
    InputError
        If a column or a value is none of its fact's, or the job fails.
    """
    on_stage("reading")
    try:
        df = _read(spark, inputs, format)
    except Exception as error:
        raise _told(error) from None
    columns = COLUMNS if is_fast else EXACT
    options: Any = {"operation": operation, "pack": pack, "select": select, "ignore": ignore, "set": given}
    options |= {"assume": assume, "prefix": prefix, "columns": columns}
    judged = audit(df, **options, on_bad_row="error" if bad_rows is None else "report")
    counts = {"bad": 0}
    try:
        if bad_rows is not None:
            bad = quoted(f"{prefix}bad_value")
            on_stage("looking for bad rows")
            counts["bad"] = judged.where(f"{bad} IS NOT NULL").count()
            if counts["bad"]:
                kept = [quoted(name) for name in (*df.columns, f"{prefix}bad_value")]
                _write(judged.where(f"{bad} IS NOT NULL").selectExpr(*kept), bad_rows)
            results = [quoted(name) for name in (*df.columns, *(prefix + name for name in columns))]
            judged = judged.where(f"{bad} IS NULL").selectExpr(*results)
        on_stage("auditing")
        _write(judged, output)
        on_stage("counting")
        verdict = quoted(f"{prefix}verdict")
        rows = spark.read.parquet(output).groupBy(verdict).count().collect()
    except Exception as error:
        raise _told(error) from None
    return counts | {row[0]: row[1] for row in rows}


def _read(spark: Any, inputs: Sequence[str], format: str) -> Any:
    """Return a DataFrame of the inputs; CSV as text, so that ids stay what they are."""
    if format == "table":
        df, *others = map(spark.table, inputs)
        for other in others:
            df = df.unionByName(other)
        return df
    reader = spark.read.option("mode", "FAILFAST")  # or what can't be read is null
    if format == "csv":
        reader = reader.option("header", True).option("multiLine", True).option("escape", '"')
        reader = reader.option("enforceSchema", False)  # or cells go by their places
        df, *others = map(reader.csv, inputs)
        for other in others:
            df = df.unionByName(other, allowMissingColumns=True)
        return df
    return reader.option("mergeSchema", True).format("json" if format == "jsonl" else format).load(list(inputs))


def _write(df: Any, output: str) -> None:
    """Write a folder; where it is one of this machine, under another name until it is whole."""
    if "://" in output:
        df.write.mode("error").parquet(output)
        return
    part = f"{output.rstrip('/')}.part-{os.getpid()}"
    try:
        df.write.mode("error").parquet(os.path.abspath(part))
        os.rename(part, output)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _told(error: Exception) -> Exception:
    """Return what a job ended with as a message: one of ours, or the last cause that Spark names."""
    message = str(error)
    _, found, rest = message.partition("imagefit: ")
    if found:
        return InputError(rest.partition(" SQLSTATE")[0].splitlines()[0])
    cause = message.rpartition("Caused by: ")[2].partition("\n\tat ")[0].strip()
    if "Traceback" in cause or not type(error).__module__.startswith(("pyspark.", "py4j.")):
        return error
    said = _JAVA.sub("", cause.partition(" SQLSTATE")[0])
    return InputError(f"Spark: {' '.join(said.split())}")


_JAVA = pattern(r"^(?:An error occurred while calling \S+\s+: )?(?:[\w.$]+: )?")
"""What stands before a message of Java's."""
