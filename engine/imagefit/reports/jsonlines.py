"""Tables as JSON Lines: of a check and an audit whole verdicts, a line each; else each row of our columns.

The line of an audited row has the caller's columns, too, below one key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from imagefit.reports.files import Layout, Rows
from imagefit.reports.jsontext import json_text

__all__ = ["JsonLinesWriter"]

AT_ONCE = 2048
"""Of so many rows the lines are in memory: a verdict with all its reasons takes ten kilobytes and more."""


class JsonLinesWriter:
    """Writes what ``check --format json`` prints of each row, on a line; rows without verdicts as objects."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file, self._names = file, layout.results.names
        layout.schema()  # a file that is read for this is to be read before its rows are asked for, and then not again

    def encode(self, rows: Rows) -> Iterable[Any]:
        """Return the lines of a batch; most of them are made when they are written, for they take much room."""
        verdicts = getattr(rows, "verdicts", None)
        own = getattr(rows, "objects", lambda: self._objects(rows))
        if verdicts is None:
            return ["".join(f"{json_text(item, None)}\n" for item in own()).encode()]
        carried = rows.carried()
        if (made := getattr(rows, "lines", lambda: None)()) is not None:
            return _in_pieces(made, rows.rows, carried)  # type: ignore[attr-defined]
        lines = [json_text(verdict.to_dict(), None) for verdict in verdicts()]
        if carried is None:
            return ["".join(f"{line}\n" for line in lines).encode()]
        columns = _columns(carried, len(lines)).to_pylist()
        told = (f'{line[:-1]}, "columns": {own}}}\n' for line, own in zip(lines, columns, strict=True))
        return ["".join(told).encode()]

    def write(self, encoded: Iterable[Any]) -> None:
        """Write the lines of a batch."""
        for lines in encoded:
            self._file.write(lines)

    def close(self, summary: object = None) -> None:
        """Write nothing more."""

    def _objects(self, rows: Rows) -> Any:
        import pyarrow as pa

        return pa.RecordBatch.from_arrays(list(rows.results()), self._names).to_pylist()


def _in_pieces(made: Any, count: int, carried: Any) -> Iterator[Any]:
    for start in range(0, count, AT_ONCE):
        stop = min(start + AT_ONCE, count)
        columns = None if carried is None else _columns(carried.slice(start, stop - start), stop - start)
        yield made(start, stop, columns).buffers()[2]


def _columns(carried: Any, count: int) -> Any:
    """Return what columns say of each of so many rows as JSON, an Arrow array of text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from imagefit.columns.jsontexts import json_of_value, json_texts

    names = dict(zip(carried.schema.names, carried.columns, strict=True))  # of two columns of a name, the last one
    if not names:
        return pa.array(["{}"] * count, pa.large_string())  # a batch without columns does not say how many rows it has
    pieces: list[Any] = []
    for number, (name, column) in enumerate(names.items()):
        pieces += [
            pa.scalar(f"{', ' if number else '{'}{json_of_value(name)}: ", pa.large_string()),
            json_texts(column),
        ]
    return pc.binary_join_element_wise(*pieces, pa.scalar("}", pa.large_string()), pa.scalar("", pa.large_string()))
