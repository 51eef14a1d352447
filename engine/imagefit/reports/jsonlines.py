"""Tables as JSON Lines: of a check and an audit whole verdicts, a line each; else each row of our columns.

The line of an audited row has the caller's columns, too, below one key; and its plan, where plans are wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from imagefit.reports.files import Layout, Rows
from imagefit.reports.jsontext import json_text

if TYPE_CHECKING:
    from imagefit.columns.jsonpieces import RowPieces

__all__ = ["JsonLinesWriter"]

AT_ONCE = 32_768
"""Of so many rows it is worked out at a time what the lines are made of, which are put together when written."""


OBJECTS = 4096
"""So many rows are objects at a time."""


class JsonLinesWriter:
    """Writes what ``check --format json`` prints of each row, on a line; rows without verdicts as objects."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file, self._names = file, layout.results.names
        layout.schema()  # a file that is read for this is to be read before its rows are asked for, and then not again

    def encode(self, rows: Rows) -> Iterable[Any]:
        """Return the lines of a batch; most of them are made when they are written, for they take much room."""
        if (own := getattr(rows, "objects", None)) is not None:
            return (f"{json_text(item, None)}\n".encode() for item in own())
        if (verdicts := getattr(rows, "verdicts", None)) is None:
            return _objects(rows.results(), self._names)
        carried, planned = rows.carried(), self._planned(rows)
        if (made := getattr(rows, "lines", lambda: None)()) is not None:
            return _in_pieces(made, rows.rows, carried, planned)  # type: ignore[attr-defined]
        lines = [json_text(verdict.to_dict(), None) for verdict in verdicts()]
        ends = _ends(carried, planned, 0, len(lines)).texts().to_pylist()
        told = (f"{line[:-1]}{end}" for line, end in zip(lines, ends, strict=True))
        return ["".join(told).encode()]

    def write(self, encoded: Iterable[Any]) -> None:
        """Write the lines of a batch."""
        for lines in encoded:
            self._file.write(lines)

    def close(self, summary: object = None) -> None:
        """Write nothing more."""

    def _planned(self, rows: Rows) -> Mapping[str, Any]:
        """Return the columns of plans of an audit's rows."""
        if not hasattr(rows, "judged"):
            return {}
        from imagefit.auditing.results import PLAN_COLUMNS, RESULT_COLUMNS

        if len(self._names) == len(RESULT_COLUMNS):
            return {}
        return dict(zip(PLAN_COLUMNS, list(rows.results())[len(RESULT_COLUMNS) :], strict=True))


def _objects(columns: Iterable[Any], names: list[str]) -> Iterator[Any]:
    """Yield the rows of columns as objects."""
    import pyarrow as pa

    from imagefit.columns.jsonpieces import json_objects

    batch = pa.RecordBatch.from_arrays(list(columns), names)
    for start in range(0, batch.num_rows, OBJECTS):
        some = batch.slice(start, OBJECTS)
        yield json_objects(some, some.num_rows, "", "\n").texts().buffers()[2]


def _in_pieces(made: Any, count: int, carried: Any, planned: Mapping[str, Any]) -> Iterator[Any]:
    for start in range(0, count, AT_ONCE):
        stop = min(start + AT_ONCE, count)
        for texts in made(start, stop, _ends(carried, planned, start, stop)):
            yield texts.buffers()[2]


def _ends(carried: Any, planned: Mapping[str, Any], start: int, stop: int) -> RowPieces:
    """Return what stands at the ends of lines: plans, and what columns say of each row as JSON, if there are any."""
    from imagefit.columns.jsonpieces import RowPieces, json_objects, json_values

    if carried is None:
        ends = RowPieces.of("}\n", stop - start)
    else:  # a batch without columns does not say how many rows it has
        ends = json_objects(carried.slice(start, stop - start), stop - start, ', "columns": ', "}\n")
    for name, column in reversed(list(planned.items())):
        ends = json_values(column.slice(start, stop - start), f', "{name}": ').beside(ends)
    return ends
