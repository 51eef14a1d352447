"""An evaluator that judges columns, over every combination of cells: what tables are judged with.

A grid's points are the rows of a table, some hundred thousand at a time. What is right comes from the
definition, by way of a list of each rule's outcomes over the cells of its own facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.analysis.verify.grid import Grid
from imagefit.columns.column import Codes, Column, Encoded, Numbers
from imagefit.columns.distinct import DistinctTexts, DistinctValues
from imagefit.evaluators.protocol import Evaluator
from imagefit.evaluators.reference import outcome
from imagefit.evaluators.results import OUTCOMES, Judged
from imagefit.facts import Facts, Field, FieldType, Value
from imagefit.rulepack.pack import Rule
from imagefit.verdicts import LEVELS, level_of

__all__ = ["Right", "Wrong", "encoded", "levels_of", "wrong_in_columns"]

ROWS = 250_000

Wrong = tuple[str | None, Facts, str, str]
"""The rule (None: the verdict), the facts, what is found, and what is right."""

Numbered = NDArray[np.uint8]
"""For each candidate the place of an outcome in `OUTCOMES`, or of a verdict in `LEVELS`."""

NONE = "no outcome, or two"


def wrong_in_columns(evaluator: Evaluator, grid: Grid, fields: Mapping[str, Field]) -> Iterator[Wrong]:
    """Yield what an evaluator says wrongly of a grid's points in columns."""
    rules = evaluator.rules
    right = [Right.of(rule, grid) for rule in rules]
    for start in range(0, grid.size, ROWS):
        points = np.arange(start, min(start + ROWS, grid.size))
        codes = {name: points // grid.strides[name] % len(values) for name, values in grid.axes.items()}
        judged = evaluator.judge_columns(encoded(codes, grid, fields, len(points)))
        level = np.zeros(len(points), np.uint8)
        for place, rule in enumerate(rules):
            expected, found = right[place].outcomes(codes, (len(points),)), _found(judged, place)
            for row in np.flatnonzero(expected != found):
                said = OUTCOMES[found[row]] if found[row] < len(OUTCOMES) else NONE
                yield rule.id, grid.facts(start + int(row)), said, OUTCOMES[expected[row]]
            np.maximum(level, levels_of(rule)[expected], out=level)
        levels = judged.levels()
        for row in np.flatnonzero(level != levels):
            yield None, grid.facts(start + int(row)), LEVELS[levels[row]], LEVELS[level[row]]


@dataclass(frozen=True)
class Right:
    """The outcomes of a rule by the definition, over the cells of its own facts."""

    names: Sequence[str]
    strides: Sequence[int]
    table: Numbered

    @classmethod
    def of(cls, rule: Rule, grid: Grid) -> Right:
        """Ask the definition about each combination of the cells of the rule's facts."""
        own = Grid({name: grid.axes[name] for name in rule.facts})
        table = [OUTCOMES.index(outcome(rule, own.facts(point))) for point in range(own.size)]
        return cls(list(own.axes), [own.strides[name] for name in own.axes], np.array(table, np.uint8))

    def outcomes(self, codes: Mapping[str, NDArray[np.intp]], shape: tuple[int, ...]) -> Numbered:
        """Return the outcomes where each fact has the cell that its code says; codes are broadcast to the shape."""
        index: Any = 0
        for name, stride in zip(self.names, self.strides, strict=True):
            index = index + codes[name] * stride
        return np.broadcast_to(self.table[index], shape)


def levels_of(rule: Rule) -> Numbered:
    """Return the level of the verdict that each of `OUTCOMES` makes."""
    return np.array([level_of(rule.severity, each) for each in OUTCOMES], np.uint8)


def encoded(codes: Mapping[str, NDArray[np.intp]], grid: Grid, fields: Mapping[str, Field], rows: int) -> Encoded:
    """Return candidates as columns, from the place of each fact on its axis; 0 is unknown."""
    return Encoded(rows, {name: _column(fields[name], grid.axes[name], own) for name, own in codes.items()})


def _column(field: Field, values: Sequence[Value | None], codes: NDArray[np.intp]) -> Column:
    if field.type.is_ordered:
        kind = np.int64 if field.type is FieldType.INTEGER else np.float64
        return Numbers(np.array([0 if value is None else value for value in values], kind)[codes], codes != 0)
    if field.type is FieldType.STRING:
        return Codes(codes.astype(np.uint16), DistinctTexts(field, pa.array(values[1:], pa.large_string())))
    return Codes(codes.astype(np.uint16), DistinctValues(field, values[1:]))


def _found(judged: Judged, place: int) -> Numbered:
    """Return a rule's outcome in each row, from a flag for each outcome; beyond `OUTCOMES` if not just one is set."""
    (bits,) = judged.masks(tuple((place, each) for each in OUTCOMES))
    number_of = np.full(1 << len(OUTCOMES), len(OUTCOMES), np.uint8)
    number_of[1 << np.arange(len(OUTCOMES))] = np.arange(len(OUTCOMES))
    return number_of[bits]
