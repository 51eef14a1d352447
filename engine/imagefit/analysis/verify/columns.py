"""The columnar form of the tabular evaluator, over every combination of cells: what tables are judged with.

Needs numpy and pyarrow; a grid's points are the rows of a table, some hundred thousand at a time. What is
right comes from the definition, by way of a list of each rule's outcomes over the cells of its own facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.analysis.verify.grid import Grid
from imagefit.columns.column import Codes, Column, Encoded, Numbers
from imagefit.columns.distinct import DistinctValues
from imagefit.evaluators.reference import outcome
from imagefit.evaluators.tabular.batches import BatchJudge, Judged
from imagefit.evaluators.tabular.judge import tables_for
from imagefit.facts import Facts, Field, FieldType, Value
from imagefit.rulepack.pack import Outcome, Pack, Rule
from imagefit.verdicts import LEVELS, level_of

__all__ = ["wrong_in_columns"]

ROWS = 250_000

_OUTCOMES = tuple(Outcome)

Numbered = NDArray[np.uint8]
"""For each row the number of an outcome, or of a verdict."""


def wrong_in_columns(rules: Sequence[Rule], grid: Grid, pack: Pack) -> Iterator[tuple[str | None, Facts, str, str]]:
    """Yield what the columnar form says wrongly: the rule (None: the verdict), the facts, found, expected."""
    judge = BatchJudge(tables_for(pack, rules))
    right = [_Right.of(rule, grid) for rule in rules]
    for start in range(0, grid.size, ROWS):
        points = np.arange(start, min(start + ROWS, grid.size))
        codes = {name: points // grid.strides[name] % len(values) for name, values in grid.axes.items()}
        columns = {name: _column(pack.fields[name], grid.axes[name], own) for name, own in codes.items()}
        judged = judge.judge(Encoded(len(points), columns))
        level = np.zeros(len(points), np.uint8)
        for place, rule in enumerate(rules):
            expected, found = right[place].outcomes(codes, len(points)), _found(judged, place)
            for row in np.flatnonzero(expected != found):
                yield rule.id, grid.facts(start + int(row)), _OUTCOMES[found[row]], _OUTCOMES[expected[row]]
            own = np.array([level_of(rule.severity, outcome) for outcome in _OUTCOMES], np.uint8)
            np.maximum(level, own[expected], out=level)
        levels = judged.levels()
        for row in np.flatnonzero(level != levels):
            yield None, grid.facts(start + int(row)), LEVELS[levels[row]], LEVELS[level[row]]


@dataclass(frozen=True)
class _Right:
    """The outcomes of a rule by the definition, over the cells of its own facts."""

    names: Sequence[str]
    strides: Sequence[int]
    table: Numbered

    @classmethod
    def of(cls, rule: Rule, grid: Grid) -> _Right:
        own = Grid({name: grid.axes[name] for name in rule.facts})
        table = [_OUTCOMES.index(outcome(rule, own.facts(point))) for point in range(own.size)]
        return cls(list(own.axes), [own.strides[name] for name in own.axes], np.array(table, np.uint8))

    def outcomes(self, codes: Mapping[str, NDArray[np.intp]], rows: int) -> Numbered:
        index: Any = 0
        for name, stride in zip(self.names, self.strides, strict=True):
            index = index + codes[name] * stride
        return np.broadcast_to(self.table[index], (rows,))


def _column(field: Field, values: Sequence[Value | None], codes: NDArray[np.intp]) -> Column:
    if field.type.is_ordered:
        kind = np.int64 if field.type is FieldType.INTEGER else np.float64
        return Numbers(np.array([0 if value is None else value for value in values], kind)[codes], codes != 0)
    return Codes(codes.astype(np.uint16), DistinctValues(field, values[1:]))


def _found(judged: Judged, place: int) -> Numbered:
    for group, classes in zip(judged.judge.tables.groups, judged.classes, strict=True):
        if place in group.places:
            member = group.places.index(place)
            by_class = np.array([_OUTCOMES.index(outcomes[member]) for outcomes in group.outcomes], np.uint8)
            return np.broadcast_to(by_class[classes], (judged.rows,))
    raise AssertionError("each rule is in a group")
