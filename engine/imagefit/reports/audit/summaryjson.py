"""The summary of an audit as JSON."""

from __future__ import annotations

from typing import Any, BinaryIO

from imagefit.auditing.summary import Summary
from imagefit.reports.files import Layout
from imagefit.reports.jsontext import FORMAT_VERSION, json_text

__all__ = ["JsonWriter", "summary_json"]


def summary_json(summary: Summary) -> str:
    """Return the summary in an object with the pack."""
    told = summary.to_dict()
    return json_text({"format_version": FORMAT_VERSION, "pack": told.pop("pack"), "summary": told}) + "\n"


class JsonWriter:
    """Writes the summary, and no row."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file = file

    def encode(self, rows: Any) -> None:
        """Return nothing."""

    def write(self, encoded: None) -> None:
        """Write nothing."""

    def close(self, summary: Summary) -> None:
        """Write the summary."""
        self._file.write(summary_json(summary).encode())
