"""Tables as JSON Lines: of a check and an audit whole verdicts, a line each; else each row of our columns."""

from __future__ import annotations

from typing import Any, BinaryIO

from imagefit.reports.files import Layout, Rows
from imagefit.reports.jsontext import json_text

__all__ = ["JsonLinesWriter"]


class JsonLinesWriter:
    """Writes what ``check --format json`` prints of each row, on a line; rows without verdicts as objects."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file, self._names = file, layout.results.names

    def encode(self, rows: Rows) -> Any:
        """Return the lines of a batch."""
        verdicts = getattr(rows, "verdicts", None)
        own = getattr(rows, "objects", lambda: self._objects(rows))
        data = own() if verdicts is None else (verdict.to_dict() for verdict in verdicts())
        return "".join(json_text(item, None) + "\n" for item in data).encode()

    def write(self, encoded: Any) -> None:
        """Write the lines of a batch."""
        self._file.write(encoded)

    def close(self, summary: object = None) -> None:
        """Write nothing more."""

    def _objects(self, rows: Rows) -> Any:
        import pyarrow as pa

        return pa.RecordBatch.from_arrays(list(rows.results()), self._names).to_pylist()
