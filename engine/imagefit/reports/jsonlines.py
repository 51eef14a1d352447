"""Tables as JSON Lines: of a check and an audit whole verdicts, a line each; else each row of our columns.

The line of an audited row has the caller's columns, too, below one key.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from imagefit.escaping import in_json
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
        if verdicts is None:
            return "".join(f"{json_text(item, None)}\n" for item in own()).encode()
        lines = (json_text(verdict.to_dict(), None) for verdict in verdicts())
        carried = rows.carried()
        if carried is None:
            return "".join(f"{line}\n" for line in lines).encode()
        columns = _texts(carried.to_pylist())
        told = (f'{line[:-1]}, "columns": {own}}}\n' for line, own in zip(lines, columns, strict=True))
        return "".join(told).encode()

    def write(self, encoded: Any) -> None:
        """Write the lines of a batch."""
        self._file.write(encoded)

    def close(self, summary: object = None) -> None:
        """Write nothing more."""

    def _objects(self, rows: Rows) -> Any:
        import pyarrow as pa

        return pa.RecordBatch.from_arrays(list(rows.results()), self._names).to_pylist()


def _texts(rows: Iterable[object]) -> Iterator[str]:
    """Yield JSON texts of values as a table has them: dates as text, what is no number as nothing."""
    for row in rows:
        try:
            text = json.dumps(row, ensure_ascii=False, allow_nan=False, default=str)
        except ValueError:
            text = json.dumps(_finite(row), ensure_ascii=False, default=str)
        yield in_json(text)


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value
