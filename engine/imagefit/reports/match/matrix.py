"""A matrix of verdicts as text: a row for each class of images, a column for each class of ECSs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from imagefit.escaping import line
from imagefit.reports.layout import Page, cell_width
from imagefit.verdicts import VerdictKind

if TYPE_CHECKING:
    from imagefit.matching.matrix import Matrix
    from imagefit.matching.product import Product
    from imagefit.matching.sides import Side

__all__ = ["matrix_text"]

_SIGNS = {VerdictKind.COMPATIBLE: "+", VerdictKind.UNKNOWN: "?", VerdictKind.INCOMPATIBLE: "."}
_NAMES = 34
_ROWS = 40


def matrix_text(match: Product, matrix: Matrix, *, width: int = 80, colour: bool = False, most: int = _ROWS) -> str:
    """Return the matrix as text, with the classes that have most members where not all have room."""
    from imagefit.verdicts import LEVELS

    page = Page(width, colour)
    rows, columns = matrix.levels.shape
    shown_columns = _largest(matrix.ecs_classes, columns, (width - _NAMES - 2) // 3)
    shown_rows = _largest(matrix.image_classes, rows, most or rows)
    page.text("+ fits, ? undecided, . does not fit; what nothing tells apart stands together", style="dim")
    page.blank()
    names = [_name(match.images, matrix.image_classes, row) for row in shown_rows]
    wide = min(max((cell_width(name) for name in names), default=0), _NAMES)
    numbers = "".join(f"{number:>3}" for number in range(1, len(shown_columns) + 1))
    page.line((f"  {numbers}", None), indent=wide)
    for row, name in zip(shown_rows, names, strict=True):
        signs = "".join(f"  {_SIGNS[LEVELS[matrix.levels[row, column]]]}" for column in shown_columns)
        page.line((f"{_cut(name, wide)}  {signs}", None))
    if rows > len(shown_rows):
        page.text(f"and {rows - len(shown_rows):,} more rows, which --limit 0 shows")
    page.blank()
    for number, column in enumerate(shown_columns, start=1):
        page.labelled(f"{number:>3}", _name(match.ecss, matrix.ecs_classes, column), 0, 5)
    if columns > len(shown_columns):
        page.text(f"and {columns - len(shown_columns):,} more columns: --matrix FILE.parquet has them all")
    return str(page)


def _largest(classes: Any, count: int, most: int) -> list[int]:
    """Return the classes with most members, in the order of their first members."""
    sizes = np.bincount(classes, minlength=count)
    found = np.lexsort((np.arange(count), -sizes))[: max(most, 1)]
    return [int(number) for number in np.sort(found)]


def _name(side: Side, classes: Any, number: int) -> str:
    """Return the first member of a class, and how many others there are."""
    members = np.flatnonzero(classes == number)
    first = line(side.label(int(members[0])))
    return first if len(members) == 1 else f"{first} and {len(members) - 1:,} more"


def _cut(name: str, width: int) -> str:
    """Return the name in exactly `width` columns, with the end (how many more) kept where it is cut."""
    if cell_width(name) <= width:
        return name + " " * (width - cell_width(name))
    first, also, rest = name.partition(" and ")
    room = width - cell_width(also + rest) - 1
    while cell_width(first) > room:
        first = first[:-1]
    cut = f"{first}…{also}{rest}"
    return cut + " " * (width - cell_width(cut))
