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

from imagefit.columns.column import ByRow, Codes, Column, Constant, Encoded, Numbers
from imagefit.columns.distinct import Distinct, DistinctTexts
from imagefit.columns.gathering import gather
from imagefit.conditions import Leaf, Relation
from imagefit.evaluators.reference import RELATIONS, leaf_truth
from imagefit.evaluators.tabular import setwords
from imagefit.evaluators.tabular.subjects import CELL_OF_TRUTH
from imagefit.facts import Facts

__all__ = ["codes_of", "truth_column", "truth_table"]

FALSE, TRUE = CELL_OF_TRUTH[False], CELL_OF_TRUTH[True]

LARGEST_TABLE = 1 << 24
"""Up to so many pairs of distinct values have a table, a byte each."""

OPEN = 255

Truths = NDArray[np.uint8]


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
        return _cell(leaf, _constants(leaf, columns))
    return _numbers(leaf, left, right)


def codes_of(leaf: Leaf, columns: Mapping[str, Column]) -> dict[str, Codes]:
    """Return those of the leaf's facts that are codes, in its order."""
    return {name: own for name in leaf.facts if isinstance(own := columns[name], Codes)}


def truth_table(leaf: Leaf, columns: Mapping[str, Column]) -> Truths:
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
        column, other = codes.values()
        first, second = column.distinct, other.distinct
        return first.remembered_with(second, ("all pairs", leaf), lambda: _all_pairs(leaf, column, other))
    ((name, column),) = codes.items()
    constants = _constants(leaf, columns)
    key = (leaf, name, *constants.items())
    return column.distinct.remembered(key, lambda: _with_constants(leaf, name, column.distinct, constants))


def _constants(leaf: Leaf, columns: Mapping[str, Column]) -> Facts:
    return {name: own.constant for name in leaf.facts if isinstance(own := columns[name], Constant)}


def _with_constants(leaf: Leaf, name: str, distinct: Distinct, constants: Facts) -> Truths:
    """Compare each distinct value with what is the same in all rows."""
    (constant,) = constants.values() or (None,)
    if leaf.relation is Relation.EQUALS and isinstance(constant, str) and isinstance(distinct, DistinctTexts):
        cells = np.where(distinct.places_among([constant]) >= 0, TRUE, FALSE) * distinct.known
        return cells.astype(np.uint8)
    candidates: Iterable[Facts] = ({name: v, **constants} if v is not None else {} for v in distinct.values)
    return np.fromiter((_cell(leaf, facts) for facts in candidates), np.uint8, distinct.size)


def _all_pairs(leaf: Leaf, column: Codes, other: Codes) -> Truths:
    """Compare every distinct value with every other one."""
    first, second = column.distinct, other.distinct
    if leaf.relation is Relation.EQUALS and isinstance(first, DistinctTexts) and isinstance(second, DistinctTexts):
        cells = _truths(first.first[:, None] == second.places_in(first))
        return cells * first.known[:, None] * second.known
    pairs = np.arange(first.size * second.size)
    return _cells_of_pairs(leaf, pairs, column, other).reshape(first.size, second.size)


def _cell(leaf: Leaf, facts: Facts) -> int:
    return CELL_OF_TRUTH[leaf_truth(leaf, facts)]


def _numbers(leaf: Leaf, column: Numbers | Constant, other: Numbers | Constant) -> Truths:
    left: Any = column.constant if isinstance(column, Constant) else column.numbers
    right: Any = other.constant if isinstance(other, Constant) else other.numbers
    truths = _truths(RELATIONS[leaf.relation](left, right))
    for one in (column, other):
        if isinstance(one, Numbers) and one.is_known is not None:
            truths *= one.is_known.view(np.uint8)
    return truths


def _truths(is_true: Any) -> Truths:
    found: Truths = np.asarray(is_true, np.bool_).view(np.uint8) + np.uint8(FALSE)
    return found


def _pairs(leaf: Leaf, column: Codes, other: Codes) -> Truths:
    assert leaf.other is not None
    first, second = column.distinct, other.distinct
    if leaf.relation is Relation.EQUALS and isinstance(first, DistinctTexts) and isinstance(second, DistinctTexts):
        return _same_text(column, other)
    pairs = _pair_codes(column.codes, other.codes, first.size, second.size)
    if first.size * second.size <= LARGEST_TABLE:
        return _tabulated(leaf, pairs, column, other)
    if leaf.relation is Relation.CONTAINS and isinstance(second, DistinctTexts):
        return _members(column, other)
    if leaf.relation in (Relation.CONTAINS_ANY, Relation.CONTAINS_ALL):
        elements = second.remembered("elements", lambda: setwords.elements_of(second.values))
        if len(elements) <= setwords.MOST_ELEMENTS:
            return _known_only(_truths(setwords.holds(leaf.relation, column, other, elements)), column, other)
    return _occurring(leaf, pairs, column, other)


def _pair_codes(left: NDArray[Any], right: NDArray[Any], size: int, step: int) -> NDArray[Any]:
    width = np.uint32 if size * step < 1 << 32 else np.uint64
    found: NDArray[Any] = np.multiply(left, step, dtype=width)
    found += right
    return found


def _same_text(column: Codes, other: Codes) -> Truths:
    """Compare texts by the codes of one column: the other's dictionary is translated, not its rows."""
    first, second = column.distinct, other.distinct
    assert isinstance(first, DistinctTexts) and isinstance(second, DistinctTexts)
    translated = second.remembered_with(
        first, "places", lambda: pa.array(second.places_in(first).astype(column.codes.dtype))
    )
    canonical = first.remembered("canonical", lambda: _canonical(first))
    left = column.codes if canonical is None else canonical[column.codes]
    same = _truths(left == gather(translated, other.codes))
    same *= left != 0
    all_known = second.remembered("all known", lambda: bool(second.known[1:].all()))
    same *= other.codes != 0 if all_known else second.known[other.codes]
    return same


def _canonical(distinct: DistinctTexts) -> NDArray[Any] | None:
    """Return each code's first code with the same text, if that is not the code itself."""
    first = distinct.first
    return None if np.array_equal(first, np.arange(distinct.size)) else first


def _tabulated(leaf: Leaf, pairs: NDArray[Any], column: Codes, other: Codes) -> Truths:
    """Look the pairs up in a table of all, whose entries are filled in when a pair first occurs."""
    size = column.distinct.size * other.distinct.size
    table: Truths = column.distinct.remembered_with(other.distinct, leaf, lambda: np.full(size, OPEN, np.uint8))
    cells = gather(pa.array(table), pairs)
    if (is_open := cells == OPEN).any():
        new = np.unique(pairs[is_open])
        table[new] = _cells_of_pairs(leaf, new, column, other)
        cells = gather(pa.array(table), pairs)
    return cells


def _members(column: Codes, other: Codes) -> Truths:
    """Look the pairs up among those of a set and one of its elements, which are as many as there are elements."""
    first, second = column.distinct, other.distinct
    assert isinstance(second, DistinctTexts)

    def list_members() -> Any:
        sets = [(code, sorted(v)) for code, v in enumerate(first.values) if isinstance(v, frozenset)]
        codes = np.repeat([code for code, _ in sets], [len(elements) for _, elements in sets])
        places = second.codes_of([element for _, elements in sets for element in elements])
        return pa.array(codes[places > 0].astype(np.uint64) * np.uint64(second.size) + places[places > 0])

    canonical = second.remembered("canonical", lambda: _canonical(second))
    codes = other.codes if canonical is None else canonical[other.codes]
    pairs = _pair_codes(column.codes, codes, 1 << 32, second.size)
    members = first.remembered_with(second, "members", list_members)
    truths = _truths(pc.is_in(pa.array(pairs), value_set=members).to_numpy(zero_copy_only=False))
    return _known_only(truths, column, other)


def _known_only(truths: Truths, *columns: Codes) -> Truths:
    for column in columns:
        truths *= column.known.view(np.uint8)
    return truths


def _occurring(leaf: Leaf, pairs: NDArray[Any], column: Codes, other: Codes) -> Truths:
    """Compare the pairs of this batch that differ, of which there may be as many as rows."""
    encoded: Any = pc.dictionary_encode(pa.array(pairs))
    cells = pa.array(_cells_of_pairs(leaf, encoded.dictionary.to_numpy(), column, other))
    return gather(cells, encoded.indices.to_numpy())


def _cells_of_pairs(leaf: Leaf, pairs: NDArray[Any], column: Codes, other: Codes) -> Truths:
    """Compare two values for each pair of codes."""
    holds, values, others = RELATIONS[leaf.relation], column.values, other.values
    cells = np.zeros(len(pairs), np.uint8)
    codes, other_codes = (part.tolist() for part in np.divmod(pairs, pairs.dtype.type(other.distinct.size)))
    for place, (code, other_code) in enumerate(zip(codes, other_codes, strict=True)):
        if (actual := values[code]) is not None and (expected := others[other_code]) is not None:
            cells[place] = TRUE if holds(actual, expected) else FALSE
    return cells
