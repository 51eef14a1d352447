"""Strict CSV: ragged rows, repeated columns and an empty file are errors; a header alone is zero rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from imagefit.errors import InputError
from imagefit.sources.files import too_many

__all__ = ["Table", "parse_csv"]


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file's columns and rows; row 1 is the one after the header."""

    columns: tuple[str, ...]
    rows: tuple[Sequence[str], ...]


def parse_csv(text: str, name: str) -> Table:
    """Parse CSV with a header; empty lines are skipped, cells are left as they are.

    Raises
    ------
    InputError
        If the file is empty, a column stands twice, or a row is longer or shorter than the header; names the row.
    """
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns: tuple[str, ...] | None = None
    rows: list[Sequence[str]] = []
    try:
        for cells in lines:
            if not cells:
                continue
            if columns is None:
                columns = _columns(cells, name)
                continue
            if len(cells) != len(columns):
                raise InputError(
                    f"the row has {len(cells)} cells",
                    file=name,
                    row=len(rows) + 1,
                    expected=f"{len(columns)}, as the header",
                )
            rows.append(cells)
            too_many(len(rows), name)
    except csv.Error as error:
        raise InputError(f"not CSV ({error})", file=name, row=f"line {lines.line_num}") from None
    if columns is None:
        raise InputError("the file is empty", file=name, expected="a header, at least")
    return Table(columns, tuple(rows))


def _columns(cells: Sequence[str], name: str) -> tuple[str, ...]:
    seen: set[str] = set()
    for cell in cells:
        if cell in seen:
            raise InputError("the column stands twice", file=name, row="the header", value=cell)
        seen.add(cell)
    return tuple(cells)
