"""A table is looked up at the sum of what each column's cell adds, however many values the columns have."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefit.columns.column import Codes, Column, Constant, Encoded, Numbers
from imagefit.columns.distinct import DistinctValues
from imagefit.columns.widths import narrowest
from imagefit.conditions import Leaf, Relation
from imagefit.evaluators.cells import FieldCells
from imagefit.evaluators.tabular import lookups
from imagefit.evaluators.tabular.digits import Digits
from imagefit.evaluators.tabular.lookups import Lookup
from imagefit.evaluators.tabular.tables import Axis
from imagefit.facts import Field, FieldType, Value

ROWS = 40
TEXTS = [f"t{number}" for number in range(700)]


def cells_of(name: str) -> FieldCells:
    """Cells of a text field: unknown, two that are named, and any other text."""
    field = Field(name, FieldType.STRING, (), meaning="", example=None)
    return FieldCells(field, [Leaf(name, Relation.EQUALS, text) for text in TEXTS[:2]])


def cells_of_number(name: str) -> FieldCells:
    field = Field(name, FieldType.INTEGER, (), meaning="", example=None)
    return FieldCells(field, [Leaf(name, Relation.AT_LEAST, 10), Leaf(name, Relation.ABOVE, 20)])


@st.composite
def columns(draw: st.DrawFn, name: str) -> tuple[FieldCells, Column | None]:
    kind = draw(st.sampled_from(("codes", "codes", "numbers", "constant", "none")))
    chance = np.random.default_rng(draw(st.integers(0, 10**6)))
    cells = cells_of_number(name) if kind == "numbers" else cells_of(name)
    if kind == "numbers":
        known = None if draw(st.booleans()) else chance.random(ROWS) < 0.7
        return cells, Numbers(chance.integers(0, 30, ROWS), known)
    if kind == "constant":
        return cells, Constant(draw(st.sampled_from(TEXTS[:4])))
    if kind == "none":
        return cells, None
    size = draw(st.sampled_from((1, 2, 3, 15, 16, 17, 255, 256, 257, 600)))
    return cells, Codes(chance.integers(0, size, ROWS).astype(narrowest(size)), texts(cells.field, size))


def texts(field: Field, size: int) -> DistinctValues:
    return DistinctValues(field, TEXTS[: size - 1])


@st.composite
def tables(draw: st.DrawFn) -> list[tuple[FieldCells, Column | None]]:
    return [draw(columns(f"fact{number}")) for number in range(draw(st.integers(1, 6)))]


@given(tables(), st.sampled_from((4, 256, 1 << 15)))
def test_each_row_gets_the_result_at_the_sum_of_its_cells(
    made: list[tuple[FieldCells, Column | None]], limit: int
) -> None:
    strides = np.cumprod([1, *(cells.count for cells, _ in made)])
    axes = [Axis(cells.field.name, cells, int(stride)) for (cells, _), stride in zip(made, strides[:-1], strict=True)]
    results = np.random.default_rng(0).integers(0, 200, math.prod(cells.count for cells, _ in made)).astype(np.uint8)
    encoded = Encoded(ROWS, {cells.field.name: column for cells, column in made if column is not None})

    def cell(cells: FieldCells, value: Value | None) -> int:
        return 0 if value is None else cells.of(value)

    expected = [
        int(results[sum(
            cell(cells, None if column is None else column.value(row)) * int(stride)
            for (cells, column), stride in zip(made, strides[:-1], strict=True)
        )])
        for row in range(ROWS)
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookups, "CHUNK_LIMIT", limit)
        found = Lookup(axes, [cells.field.name for cells, _ in made], results).of(Digits(encoded))
    assert np.broadcast_to(found, ROWS).tolist() == expected


def test_columns_with_other_values_are_looked_up_anew() -> None:
    cells = cells_of("fact")
    lookup = Lookup([Axis("fact", cells, 1)], ["fact"], np.arange(cells.count, dtype=np.uint8))
    for values in (["t0", "t1", "other"], ["other", "t1", "t0"]) * (lookups.REMEMBERED + 1):
        codes = np.array([0, 1, 2, 3], np.uint8)
        found = lookup.of(Digits(Encoded(4, {"fact": Codes(codes, DistinctValues(cells.field, values))})))
        assert np.asarray(found).tolist() == [0, *(cells.of(value) for value in values)]
