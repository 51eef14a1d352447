"""The truth of a comparison in every row: of two fields, or of a set with a literal.

Where columns are codes, the reference evaluator compares distinct values, or the pairs of them that occur;
where they are numbers, its own operators compare the arrays. 0 is unknown, 1 false, 2 true.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any as Anything

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.conditions import Leaf, Relation
from imagefit.evaluators.atoms import CELL_OF_TRUTH
from imagefit.evaluators.columns import Codes, Column, Constant, Encoded, Numbers
from imagefit.evaluators.distinct import DistinctTexts
from imagefit.evaluators.gathering import gather
from imagefit.evaluators.reference import RELATIONS, leaf_truth
from imagefit.facts import Facts, Value

__all__ = ["truth_column"]

FALSE, TRUE = CELL_OF_TRUTH[False], CELL_OF_TRUTH[True]

SMALL_TABLE = 1 << 12
"""Up to so many pairs of distinct values are all compared; of more, those that occur."""

REMEMBERED_PAIRS = 1 << 20

Truths = NDArray[np.uint8]


def truth_column(leaf: Leaf, encoded: Encoded) -> Truths | int:
    """Return the truth of a leaf that is not negated, by row; an integer where it is the same in all."""
    column = encoded.columns.get(leaf.fact)
    if column is None:
        return 0
    if leaf.other is None:
        return _alone(leaf, column)
    other = encoded.columns.get(leaf.other)
    if other is None:
        return 0
    if isinstance(column, Constant) and isinstance(other, Constant):
        return _cell(leaf, {leaf.fact: column.constant, leaf.other: other.constant})
    if isinstance(column, Codes) and isinstance(other, Constant):
        return _with_constant(leaf, column, leaf.fact, {leaf.other: other.constant})
    if isinstance(other, Codes) and isinstance(column, Constant):
        return _with_constant(leaf, other, leaf.other, {leaf.fact: column.constant})
    if isinstance(column, Codes) and isinstance(other, Codes):
        return _pairs(leaf, column, other)
    assert not isinstance(column, Codes) and not isinstance(other, Codes)
    return _numbers(leaf, column, other)


def _cell(leaf: Leaf, facts: Facts) -> int:
    return CELL_OF_TRUTH[leaf_truth(leaf, facts)]


def _alone(leaf: Leaf, column: Column) -> Truths | int:
    if isinstance(column, Constant):
        return _cell(leaf, {leaf.fact: column.constant})
    assert isinstance(column, Codes)
    return _with_constant(leaf, column, leaf.fact, {})


def _with_constant(leaf: Leaf, column: Codes, name: str, constants: Facts) -> Truths:
    """Compare each distinct value with what is the same in all rows."""
    distinct = column.distinct

    def compare() -> Anything:
        (constant,) = constants.values() or (None,)
        if leaf.relation is Relation.EQUALS and isinstance(constant, str) and isinstance(distinct, DistinctTexts):
            cells = np.where(distinct.places_among([constant]) >= 0, TRUE, FALSE) * distinct.known
            return pa.array(cells.astype(np.uint8))
        return _cells(leaf, ({name: v, **constants} if v is not None else {} for v in distinct.values))

    return gather(distinct.remembered((leaf, name, *constants.items()), compare), column.codes)


def _cells(leaf: Leaf, candidates: Iterable[Facts]) -> Anything:
    return pa.array([_cell(leaf, facts) for facts in candidates], pa.uint8())


def _numbers(leaf: Leaf, column: Numbers | Constant, other: Numbers | Constant) -> Truths:
    left = column.constant if isinstance(column, Constant) else column.numbers
    right = other.constant if isinstance(other, Constant) else other.numbers
    truths: NDArray[Anything] = np.asarray(RELATIONS[leaf.relation](left, right)).view(np.uint8)
    truths = truths + np.uint8(FALSE)
    for one in (column, other):
        if isinstance(one, Numbers) and one.is_known is not None:
            truths *= one.is_known
    return truths


def _pairs(leaf: Leaf, column: Codes, other: Codes) -> Truths:
    assert leaf.other is not None
    first, second = column.distinct, other.distinct
    if leaf.relation is Relation.EQUALS and isinstance(first, DistinctTexts) and isinstance(second, DistinctTexts):
        return _same_text(column, other)
    pairs = column.codes.astype(np.uint32 if first.size * second.size < 1 << 32 else np.uint64)
    pairs *= pairs.dtype.type(second.size)
    pairs += other.codes
    if first.size * second.size <= SMALL_TABLE:
        both = ((a, b) for a in first.values for b in second.values)
        table = first.remembered_with(second, leaf, lambda: _cells(leaf, (_facts(leaf, a, b) for a, b in both)))
        return gather(table, pairs)
    return _occurring_pairs(leaf, pairs, column, other)


def _facts(leaf: Leaf, value: Value | None, other: Value | None) -> Facts:
    assert leaf.other is not None
    return {} if value is None or other is None else {leaf.fact: value, leaf.other: other}


def _same_text(column: Codes, other: Codes) -> Truths:
    """Compare texts by the codes of one column: the other's dictionary is translated, not its rows."""
    first, second = column.distinct, other.distinct
    assert isinstance(first, DistinctTexts) and isinstance(second, DistinctTexts)
    translated = second.remembered_with(
        first, "places", lambda: pa.array(second.places_in(first).astype(column.codes.dtype))
    )
    canonical = first.remembered("canonical", lambda: _canonical(first))
    left = column.codes if canonical is None else canonical[column.codes]
    same: Truths = (left == gather(translated, other.codes)).view(np.uint8)
    same += np.uint8(FALSE)
    same *= left != 0
    all_known = second.remembered("all known", lambda: bool(second.known[1:].all()))
    same *= other.codes != 0 if all_known else second.known[other.codes]
    return same


def _canonical(distinct: DistinctTexts) -> NDArray[Anything] | None:
    """Return each code's first code with the same text, if that is not the code itself."""
    first = distinct.first
    return None if np.array_equal(first, np.arange(distinct.size)) else first


def _occurring_pairs(leaf: Leaf, pairs: NDArray[Anything], column: Codes, other: Codes) -> Truths:
    """Compare the pairs of values that occur, each once for as long as their dictionaries are in use."""
    encoded: Anything = pc.dictionary_encode(pa.array(pairs))
    occurring = encoded.dictionary.to_numpy()
    memory: dict[int, int] = column.distinct.remembered_with(other.distinct, leaf, dict)
    if len(memory) > REMEMBERED_PAIRS:
        memory.clear()
    values, others = column.values, other.values
    cells = np.empty(len(occurring), np.uint8)
    for place, pair in enumerate(occurring.tolist()):
        cell = memory.get(pair)
        if cell is None:
            code, other_code = divmod(pair, other.distinct.size)
            cell = memory[pair] = _cell(leaf, _facts(leaf, values[code], others[other_code]))
        cells[place] = cell
    return gather(pa.array(cells), encoded.indices.to_numpy())
