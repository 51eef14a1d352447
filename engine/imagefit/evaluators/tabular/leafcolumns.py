"""The truth of a comparison in every row, or for every code: of two fields, or of a set with a literal.

Where columns are codes, the reference evaluator compares distinct values, or the pairs of them that occur;
where they are numbers, its own operators compare the arrays. 0 is unknown, 1 false, 2 true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.arrowdata import gather
from imagefit.columns.ascending import ascending
from imagefit.columns.column import ByRow, Codes, Column, Constant, Encoded, Numbers
from imagefit.columns.distinct import Distinct, DistinctTexts, remembered, remembered_with_other
from imagefit.conditions import Leaf, Relation
from imagefit.evaluators.reference import RELATIONS, leaf_truth
from imagefit.evaluators.tabular import setwords
from imagefit.evaluators.tabular.subjects import CELL_OF_TRUTH
from imagefit.facts import Facts, Value

__all__ = [
    "Constants",
    "codes_of",
    "constants_of",
    "truth_column",
    "truth_table",
    "truths_of_pairs",
    "truths_with",
]

FALSE, TRUE = CELL_OF_TRUTH[False], CELL_OF_TRUTH[True]

LARGEST_TABLE, SMALL_TABLE, A_ROW = 1 << 24, 1 << 16, 1 << 8
"""Up to so many pairs of distinct values have a table, a byte each: always, if it is small, else so many for a row."""

OPEN = 255

_OF_SETS = (Relation.CONTAINS, Relation.CONTAINS_ANY, Relation.CONTAINS_ALL)

TruthCells = NDArray[np.uint8]

Constants = tuple[tuple[str, Value], ...]
"""Facts that are the same in every row."""


def truth_column(leaf: Leaf, encoded: Encoded) -> ByRow:
    """Return the truth of a leaf that is not negated, by row; an integer where it is the same in all."""
    columns = encoded.columns
    if not columns.keys() >= set(leaf.facts):
        return 0
    codes = codes_of(leaf, columns)
    if len(codes) == 2:
        return _pairs(leaf, *codes.values())
    if codes:
        (only,) = codes.values()
        return gather(pa.array(truth_table(leaf, columns)), only.codes)
    left, right = (columns[name] for name in (leaf.fact, leaf.other or leaf.fact))
    assert not isinstance(left, Codes) and not isinstance(right, Codes)
    if isinstance(left, Constant) and isinstance(right, Constant):
        return _cell(leaf, dict(constants_of(leaf, columns)))
    return _numbers(leaf, left, right)


def codes_of(leaf: Leaf, columns: Mapping[str, Column]) -> dict[str, Codes]:
    """Return those of the leaf's facts that are codes, in its order."""
    return {name: own for name in leaf.facts if isinstance(own := columns[name], Codes)}


def truth_table(leaf: Leaf, columns: Mapping[str, Column]) -> TruthCells:
    """Return the truth of a leaf that is not negated for every code of the columns that are codes.

    Parameters
    ----------
    columns
        Both facts are among them; the one that is not codes is the same in every row.

    Returns
    -------
    numpy.ndarray
        An axis for each fact that is codes, in the order of the leaf.
    """
    codes = codes_of(leaf, columns)
    if len(codes) == 2:
        first, second = codes.values()
        return truths_of_pairs(first.distinct, second.distinct, leaf)
    ((name, column),) = codes.items()
    return truths_with(column.distinct, leaf, name, constants_of(leaf, columns))


def constants_of(leaf: Leaf, columns: Mapping[str, Column]) -> Constants:
    """Return those of the leaf's facts that are the same in every row, with their values."""
    return tuple([(name, own.constant) for name in leaf.facts if isinstance(own := columns[name], Constant)])


@remembered
def truths_with(distinct: Distinct, leaf: Leaf, name: str, constants: Constants) -> TruthCells:
    """Compare each distinct value with what is the same in all rows."""
    ((_, constant),) = constants or ((name, None),)
    operand: Any = leaf.operand if leaf.other is None else constant
    is_said = operand is not None  # else a fact is compared with itself
    if is_said and isinstance(distinct, DistinctTexts) and leaf.relation in (Relation.EQUALS, Relation.CONTAINS):
        texts = operand if isinstance(operand, frozenset) else (operand,)  # a text is one of those of a set
        return _truths(distinct.places_among(texts) >= 0) * distinct.known
    if is_said and leaf.relation in _OF_SETS and (name == leaf.fact or leaf.relation is Relation.CONTAINS_ANY):
        return _truths(setwords.against(distinct, leaf.relation, operand)) * distinct.known
    candidates: Iterable[Facts] = ({name: v, **dict(constants)} if v is not None else {} for v in distinct.values)
    return np.fromiter((_cell(leaf, facts) for facts in candidates), np.uint8, distinct.size)


@remembered_with_other
def truths_of_pairs(first: Distinct, second: Distinct, leaf: Leaf) -> TruthCells:
    """Compare every distinct value with every other one."""
    if leaf.relation is Relation.EQUALS and isinstance(first, DistinctTexts) and isinstance(second, DistinctTexts):
        cells = _truths(first.first[:, None] == second.places_in(first))
        return cells * first.known[:, None] * second.known
    pairs = np.arange(first.size * second.size)
    return _cells_of_pairs(leaf, pairs, first, second).reshape(first.size, second.size)


def _cell(leaf: Leaf, facts: Facts) -> int:
    return CELL_OF_TRUTH[leaf_truth(leaf, facts)]


def _numbers(leaf: Leaf, column: Numbers | Constant, other: Numbers | Constant) -> TruthCells:
    left: Any = column.constant if isinstance(column, Constant) else column.numbers
    right: Any = other.constant if isinstance(other, Constant) else other.numbers
    truths = _truths(RELATIONS[leaf.relation](left, right))
    for one in (column, other):
        if isinstance(one, Numbers) and one.is_known is not None:
            truths *= one.is_known.view(np.uint8)
    return truths


def _truths(is_true: Any) -> TruthCells:
    found: TruthCells = np.asarray(is_true, np.bool_).view(np.uint8) + np.uint8(FALSE)
    return found


def _pairs(leaf: Leaf, column: Codes, other: Codes) -> TruthCells:
    assert leaf.other is not None
    first, second = column.distinct, other.distinct
    if leaf.relation is Relation.EQUALS and isinstance(first, DistinctTexts) and isinstance(second, DistinctTexts):
        return _same_text(column, other)
    if first.size * second.size <= min(LARGEST_TABLE, max(SMALL_TABLE, A_ROW * len(column.codes))):
        return _tabulated(leaf, column, other)
    if (truths := _by_words(leaf.relation, column, other)) is not None:
        return truths
    if leaf.relation is Relation.CONTAINS and isinstance(second, DistinctTexts):
        return _members(column, other)
    return _occurring(leaf, column, other)


def _by_words(relation: Relation, column: Codes, other: Codes) -> TruthCells | None:
    """Compare sets as words of bits; None where they are none, or would need too much memory."""
    first, second = column.distinct, other.distinct
    if relation is Relation.CONTAINS and isinstance(second, DistinctTexts):
        if setwords.is_narrow(first) and first.size <= setwords.MOST_SETS:
            return _known_only(_truths(setwords.has(column, other)), column, other)
    elif relation in (Relation.CONTAINS_ANY, Relation.CONTAINS_ALL) and setwords.is_narrow(second):
        return _known_only(_truths(setwords.holds(relation, column, other)), column, other)
    return None


def _pair_codes(left: NDArray[Any], right: NDArray[Any], size: int, step: int) -> NDArray[Any]:
    width = np.uint32 if size * step < 1 << 32 else np.uint64
    found: NDArray[Any] = np.multiply(left, step, dtype=width)
    found += right
    return found


def _same_text(column: Codes, other: Codes) -> TruthCells:
    """Compare texts by the codes of one column: the other's dictionary is translated, not its rows."""
    first, second = column.distinct, other.distinct
    assert isinstance(first, DistinctTexts) and isinstance(second, DistinctTexts)
    left = _canonical_codes(column)
    same = _truths(left == gather(_translated(second, first, column.codes.dtype), other.codes))
    same *= left != 0
    same *= other.codes != 0 if second.is_known_throughout else second.known[other.codes]
    return same


@remembered_with_other
def _translated(distinct: DistinctTexts, other: DistinctTexts, width: np.dtype[Any]) -> Any:
    return pa.array(distinct.places_in(other).astype(width))


def _canonical_codes(column: Codes) -> NDArray[Any]:
    """Return the codes of the column, of equal values the first one."""
    canonical = column.distinct.canonical
    return column.codes if canonical is None else canonical[column.codes]


def _tabulated(leaf: Leaf, column: Codes, other: Codes) -> TruthCells:
    """Look the pairs up in a table of all, whose entries are filled in when a pair first occurs."""
    pairs = _pair_codes(column.codes, other.codes, column.distinct.size, other.distinct.size)
    table = _open_table(column.distinct, other.distinct, leaf)
    cells = gather(pa.array(table), pairs)
    if (is_open := cells == OPEN).any():
        new = pairs[is_open] if leaf.relation in _OF_SETS else ascending(pairs[is_open])
        table[new] = _cells_of_pairs(leaf, new, column.distinct, other.distinct)
        cells = gather(pa.array(table), pairs)
    return cells


@remembered_with_other
def _open_table(first: Distinct, second: Distinct, leaf: Leaf) -> TruthCells:
    return np.full(first.size * second.size, OPEN, np.uint8)


def _members(column: Codes, other: Codes) -> TruthCells:
    """Look the pairs up among those of a set and one of its elements, which are as many as there are elements."""
    first, second = column.distinct, other.distinct
    assert isinstance(second, DistinctTexts)
    pairs = _pair_codes(column.codes, _canonical_codes(other), 1 << 32, second.size)
    found = pc.is_in(pa.array(pairs), value_set=_member_pairs(first, second))
    return _known_only(_truths(found.to_numpy(zero_copy_only=False)), column, other)


@remembered_with_other
def _member_pairs(first: Distinct, second: DistinctTexts) -> Any:
    members = first.members
    places = second.codes_of(members.names)[members.places]
    has_text = places > 0
    return pa.array(members.owners[has_text].astype(np.uint64) * np.uint64(second.size) + places[has_text])


def _known_only(truths: TruthCells, *columns: Codes) -> TruthCells:
    for column in columns:
        if column.distinct.is_known_throughout:
            truths *= column.codes != 0
        else:
            truths *= gather(_known_cells(column.distinct), column.codes)
    return truths


@remembered
def _known_cells(distinct: Distinct) -> Any:
    return pa.array(distinct.known.view(np.uint8))


def _occurring(leaf: Leaf, column: Codes, other: Codes) -> TruthCells:
    """Compare the pairs of this batch that differ, of which there may be as many as rows."""
    pairs = _pair_codes(column.codes, other.codes, column.distinct.size, other.distinct.size)
    encoded: Any = pc.dictionary_encode(pa.array(pairs))
    cells = pa.array(_cells_of_pairs(leaf, encoded.dictionary.to_numpy(), column.distinct, other.distinct))
    return gather(cells, encoded.indices.to_numpy())


def _cells_of_pairs(leaf: Leaf, pairs: NDArray[Any], first: Distinct, second: Distinct) -> TruthCells:
    """Compare two values for each pair of codes."""
    codes, other_codes = np.divmod(pairs, pairs.dtype.type(second.size))
    columns = (Codes(own.astype(np.uint32), of) for own, of in ((codes, first), (other_codes, second)))
    if (truths := _by_words(leaf.relation, *columns)) is not None:
        return truths
    holds, values, others = RELATIONS[leaf.relation], first.values, second.values
    cells = np.zeros(len(pairs), np.uint8)
    for place, (code, other_code) in enumerate(zip(codes.tolist(), other_codes.tolist(), strict=True)):
        if (actual := values[code]) is not None and (expected := others[other_code]) is not None:
            cells[place] = TRUE if holds(actual, expected) else FALSE
    return cells
