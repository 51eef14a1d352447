"""How much is read: one table of limits, the same for every format, size and way in, and what is said beyond one."""

from __future__ import annotations

from imagefit.errors import InputError
from imagefit.values import dataclass

__all__ = [
    "ARROW_BATCH",
    "BASELINE",
    "BLANKS",
    "CELL",
    "CHECKED",
    "COLUMNS",
    "COPIED",
    "EXPANSION",
    "FILES",
    "LEAST_EXPANDED",
    "LEAST_ROWS",
    "LIMITS",
    "NESTING",
    "NUMBER",
    "ROWS",
    "SHEET",
    "TEXT",
    "Limit",
]


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit.

    Attributes
    ----------
    most
        So much is read.
    unit
        Of what.
    of
        What has it, with its article.
    why
        What it is for, or where it holds, in a few words.
    """

    most: int
    unit: str
    of: str
    why: str

    def passed(
        self, file: str | None, found: int | None = None, *, row: int | str | None = None, column: str | None = None
    ) -> InputError:
        """Return what to say of something beyond the limit, of which `found` is there, if that is known."""
        size = f"more than {self.most:,}" if found is None else f"{found:,}"
        expected = f"at most {self.most:,}"
        return InputError(f"{self.of} of {size} {self.unit}", file=file, row=row, column=column, expected=expected)


CELL = Limit(1 << 20, "characters", "a cell", "also a text, a key or a column's name in JSON, and a text in Parquet")
TEXT = Limit(
    8 << 20,
    "characters",
    "a text",
    "a line; a row of CSV; an element of a JSON list; what is around the list; JSON that something else is around",
)
NUMBER = Limit(400, "characters", "a number", "in JSON; a whole number has 64 bits and its sign is one of them")
NESTING = Limit(64, "levels", "a nesting", "objects and lists in each other; eight levels are the most that occur")
COLUMNS = Limit(10_000, "columns", "a table", "of a file; in JSON, different keys")
BLANKS = Limit(16 << 20, "characters", "a run of blanks", "blanks and line ends side by side")
EXPANSION = Limit(
    200,
    "times its size",
    "an expansion",
    "of a compressed file, a row group of Parquet or Arrow data that becomes larger than 64 MiB",
)
ROWS = Limit(
    16_384,
    "rows for each of its bytes",
    "a table",
    "of a Parquet file that says it has more than 134,217,728 rows: writers need a byte for some hundred equal ones",
)
ARROW_BATCH = Limit(2 << 30, "bytes", "a record batch", "of Arrow IPC, decompressed: it is in memory as a whole")
SHEET = Limit(1 << 24, "cells", "a sheet", "of a workbook (XLSX), empty ones between its first and its last one, too")
COPIED = Limit(16 << 30, "bytes", "a stream", "standard input, a pipe or a device, which is copied to be read again")
FILES = Limit(10_000, "entries", "a folder", "that is read as its files are")
BASELINE = Limit(1 << 28, "characters", "a baseline", "that `--baseline` names")
CHECKED = Limit(
    50_000, "objects or rows", "a file", "where candidates are checked one by one; `audit` takes any number"
)

LEAST_EXPANDED = 64 << 20
"""What is decompressed of any file, however small it is."""

LEAST_ROWS = 1 << 27
"""So many rows of Parquet are read of any file, however small it is: some ten seconds."""

LIMITS = (
    TEXT,
    CELL,
    NUMBER,
    NESTING,
    COLUMNS,
    BLANKS,
    EXPANSION,
    ROWS,
    ARROW_BATCH,
    SHEET,
    COPIED,
    FILES,
    BASELINE,
    CHECKED,
)
"""All of them, for the documentation."""
