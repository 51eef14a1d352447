"""Audited tables as JSON Lines: the full verdict of each row, a line each."""

from __future__ import annotations

from typing import Any, BinaryIO

from imagefit.auditing.summary import Summary
from imagefit.auditing.writing import AuditedRows
from imagefit.reports.audit.writers import Layout
from imagefit.reports.jsontext import json_text

__all__ = ["JsonLinesWriter"]


class JsonLinesWriter:
    """Writes what ``check --format json`` prints of each row, on a line."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file = file

    def encode(self, rows: AuditedRows) -> Any:
        """Return the lines of a batch."""
        return "".join(json_text(verdict.to_dict(), None) + "\n" for verdict in rows.verdicts()).encode()

    def write(self, encoded: Any) -> None:
        """Write the lines of a batch."""
        self._file.write(encoded)

    def close(self, summary: Summary) -> None:
        """Write nothing more."""
