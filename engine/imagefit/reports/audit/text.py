"""Audited tables as text for a person: the summary, and the first rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

from imagefit.auditing.summary import Summary
from imagefit.auditing.writing import AuditedRows
from imagefit.reports.audit.summary import summary_text
from imagefit.reports.files import Layout
from imagefit.reports.layout import Page
from imagefit.reports.words import VERDICT_STYLES
from imagefit.verdicts import VerdictKind

__all__ = ["TextWriter"]

SHOWN = 20
"""So many rows are shown, unless somebody asks for more."""


@dataclass(frozen=True, slots=True)
class _Row:
    """What is shown of a row."""

    label: str
    verdict: str
    failed: list[str]
    undecided: list[str]
    reasons: list[str]
    warnings: list[str]
    plan: list[str]


class TextWriter:
    """Writes the summary, then the first rows with their reasons."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file, self._layout = file, layout
        self._most = SHOWN if layout.shown is None else layout.shown
        self._rows: list[_Row] = []

    def encode(self, rows: AuditedRows) -> Any:
        """Return what is shown of the first rows of a batch."""
        count = min(rows.rows, self._most)
        if len(self._rows) >= self._most or not count:
            return []
        shown = [column.slice(0, count).to_pylist() for column in rows.results()]
        verdicts, failed, unknown, warnings, _missing, reasons, *planned = shown
        plans = planned[0] if planned else [[]] * count
        return list(map(_Row, _labels(rows, count), verdicts, failed, unknown, reasons, warnings, plans))

    def write(self, encoded: Any) -> None:
        """Keep the first rows."""
        self._rows += encoded[: self._most - len(self._rows)]

    def close(self, summary: Summary) -> None:
        """Write the summary and the rows."""
        width, colour = self._layout.width, self._layout.colour
        page = Page(width, colour)
        if self._rows:
            all_of_them = summary.rows <= len(self._rows)
            page.text("All rows:" if all_of_them else f"The first {len(self._rows)} rows:", style="strong")
        for row in self._rows:
            _show(page, row)
        text = "\n\n".join(filter(None, (summary_text(summary, width=width, colour=colour), str(page))))
        self._file.write(f"{text}\n".encode("utf-8", "backslashreplace"))


def _labels(rows: AuditedRows, count: int) -> list[str]:
    """Return what the first rows are called: their keys, behind their names where there are some."""
    keys = [rows.key_of(row) for row in range(count)]
    names = rows.names(count)
    if names is None:
        return keys
    return [key if name in (None, "", key) else f"{name} ({key})" for name, key in zip(names, keys, strict=True)]


def _show(page: Page, row: _Row) -> None:
    page.labelled(row.verdict, row.label, 2, 16, VERDICT_STYLES[VerdictKind(row.verdict)])
    failed = len(row.failed)
    for rule, reason in zip(row.failed, row.reasons, strict=False):
        page.hanging(f"{rule}: {reason}", 4)
    if failed and row.undecided:
        page.hanging(f"not decided either: {', '.join(row.undecided)}", 4)
    elif row.undecided:
        for rule, reason in zip(row.undecided, row.reasons[failed:], strict=True):
            page.hanging(f"{rule}: {reason}", 4)
    if row.plan:
        page.hanging(f"plan: {', then '.join(row.plan)}", 4)
    if row.warnings:
        page.hanging(f"warnings: {', '.join(row.warnings)}", 4)
