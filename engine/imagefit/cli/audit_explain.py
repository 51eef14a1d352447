"""``imagefit audit --explain KEY``: single rows of a table, each as ``imagefit check --explain`` shows a candidate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from imagefit.cli.exits import is_unknown_failure

if TYPE_CHECKING:
    from imagefit.auditing.judging import AuditTask
    from imagefit.reports.findings.model import Checked, Report
    from imagefit.sources.batch import Batch
    from imagefit.sources.files import FilesSource

__all__ = ["rows_explained"]

MOST_KEYS = 10_000
"""So many keys are looked through for one that is nearly the one that is not there."""


def rows_explained(source: FilesSource, task: AuditTask, keys: Sequence[str], fail_on: str) -> Report:
    """Return the report of the rows with some keys or names, in the order of these.

    Raises
    ------
    UnknownNameError
        If no row is called so; names the nearest.
    InputError
        If such a row can't be read.
    """
    from imagefit.cli.terminal import is_colour_wanted, text_width
    from imagefit.errors import UnknownNameError
    from imagefit.reports.findings.model import Report

    found, seen = _found(source, task, keys)
    for key in keys:
        if key not in found:
            raise UnknownNameError.of("row", key, seen).at(option="--explain")
    return Report(
        task.pack,
        [checked for key in dict.fromkeys(keys) for checked in found[key]],
        is_unknown_failure(fail_on),
        width=text_width(),
        colour=is_colour_wanted(),
        explain=True,
        plans=3,
    )


def _found(source: FilesSource, task: AuditTask, keys: Sequence[str]) -> tuple[dict[str, list[Checked]], list[str]]:
    """Return what is found of the rows by key, and the keys that were looked through."""
    from imagefit.reports.findings.model import Checked, Place
    from imagefit.sources.lines import LineFinder

    found: dict[str, list[Checked]] = {}
    seen: list[str] = []
    finder = LineFinder(source.files)
    for batch in source.batches():
        keys_of_rows = batch.key_texts()
        called = _names(batch, keys_of_rows)
        if len(seen) < MOST_KEYS:
            seen += [text for texts in called for text in texts.slice(0, MOST_KEYS).to_pylist() if text]
        for row, asked in sorted(_wanted(called, keys).items()):
            key, file = keys_of_rows[row].as_py(), batch.file or ""
            verdict = task.explain(batch.slice(row, 1), key)
            place = Place(file, finder.line_of_row(file, key, batch.number(row)))
            subject = ("row", ", ".join(filter(None, (key, file if file != "-" else "standard input"))))
            found.setdefault(asked, []).append(Checked(verdict, place, subjects=(subject,)))
    return found, seen


def _names(batch: Batch, keys: Any) -> list[Any]:
    """Return what the rows are called: their names, if they have some, and their keys."""
    import pyarrow as pa

    column = batch.data.column("name") if "name" in batch.data.schema.names else None
    if column is not None and pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    is_text = column is not None and (pa.types.is_string(column.type) or pa.types.is_large_string(column.type))
    return [column.cast(keys.type), keys] if column is not None and is_text else [keys]


def _wanted(called: Sequence[Any], wanted: Sequence[str]) -> dict[int, str]:
    """Return the rows that are called as is wanted, by their keys before their names, and how they were asked for."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found: dict[int, str] = {}
    for texts in called:
        rows = pc.indices_nonzero(pc.is_in(texts, pa.array(wanted, texts.type))).to_pylist()
        found |= {row: texts[row].as_py() for row in rows}
    return found
