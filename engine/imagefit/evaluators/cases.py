"""Cases: which rows are alike in all that an explanation looks at, so that each case is explained once.

Nothing here explains. A row's case is a number; one row stands for all of its case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any as Anything

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.conditions import Leaf
from imagefit.evaluators.atoms import CellMaker, FieldAtom, affirmed
from imagefit.evaluators.batches import cell_column
from imagefit.evaluators.columns import Codes, Column, Constant, Encoded, Numbers
from imagefit.evaluators.gathering import gather
from imagefit.evaluators.leafcolumns import truth_column
from imagefit.facts import Field, FieldType

__all__ = ["Cases", "cases_by_value", "cases_of_unknowns"]

FEW_CASES = 1 << 16
"""So many possible cases have a table; of more, those that occur are looked for."""

MOST_CASES = 1 << 40

LARGE = 2**62
"""Numbers beyond are compared as they are: near the largest there may be nothing above."""

Digit = tuple[NDArray[Anything], int]
"""A number below a size for each row."""


@dataclass(frozen=True, slots=True)
class Cases:
    """The case of each of some rows, and a row of each case, as places among those rows."""

    codes: NDArray[Anything]
    examples: NDArray[np.intp]


def cases_by_value(columns: Iterable[Column | None]) -> Cases | None:
    """Tell rows apart by the values of some columns; None if nothing differs."""
    return _cases([digit for column in columns if (digit := _values(column)) is not None])


def cases_of_unknowns(some: Iterable[Leaf], encoded: Encoded, fields: Mapping[str, Field]) -> Cases | None:
    """Tell rows apart by what decides how unknown facts could still change the truths of some leaves.

    That is the truth of each leaf, which facts are known, and where a known fact is compared with an
    unknown one, its value, unless whatever the value is, the comparison could come out either way.
    """
    every = list(dict.fromkeys(affirmed(leaf) for leaf in some))
    digits: list[Digit] = []
    for atom, cells in CellMaker(fields).all_cells(every).items():
        if isinstance(atom, FieldAtom):
            assert cells is not None
            column = encoded.columns.get(atom.name)
            found, size = (0 if column is None else cell_column(cells, column)), cells.count
        else:
            found, size = truth_column(atom.leaf, encoded), 3
        if not isinstance(found, int):
            digits.append((found, size))
    known = {name: _known(encoded.columns.get(name)) for leaf in every for name in leaf.facts}
    digits += [(is_known.view(np.uint8), 2) for is_known in known.values() if isinstance(is_known, np.ndarray)]
    for leaf in every:
        if leaf.other is not None and leaf.other != leaf.fact:
            for own, unknown in ((leaf.fact, leaf.other), (leaf.other, leaf.fact)):
                is_alone = sum(unknown in other.facts for other in every) == 1
                column = encoded.columns.get(own)
                digit = _what_matters(leaf, column, fields) if is_alone else _values(column)
                if digit is not None:
                    digits.append((digit[0] * np.logical_not(known[unknown]), digit[1]))
    return _cases(digits)


def _what_matters(leaf: Leaf, column: Column | None, fields: Mapping[str, Field]) -> Digit | None:
    """Return what of a known fact's value matters, if what it is compared with is unknown and in no other leaf.

    Mostly nothing: an unknown text could be equal or not, an unknown number lie above or below, an unknown
    set have the elements or not. An empty set and the largest numbers are different.
    """
    of = [fields[name] for name in leaf.facts]
    if all(f.type is FieldType.STRING for f in of):
        return None
    if all(f.type.is_ordered for f in of):
        is_large = isinstance(column, Numbers) and bool((np.abs(column.numbers.astype(np.float64)) >= LARGE).any())
        return _values(column) if is_large else None
    if all(f.type in (FieldType.STRING, FieldType.STRING_SET) and not f.values for f in of):
        if not isinstance(column, Codes):
            return None
        distinct = column.distinct
        is_empty = distinct.remembered(
            "empty", lambda: pa.array([int(v == frozenset()) for v in distinct.values], pa.uint8())
        )
        return gather(is_empty, column.codes), 2
    return _values(column)


def _known(column: Column | None) -> NDArray[np.bool_] | bool:
    return False if column is None else True if isinstance(column, Constant) else column.known


def _values(column: Column | None) -> Digit | None:
    """Return a column's values as numbers, 0 for unknown; None if they are all the same."""
    if column is None or isinstance(column, Constant):
        return None
    if isinstance(column, Codes):
        return column.codes, column.distinct.size
    encoded: Anything = pc.dictionary_encode(pa.array(column.numbers))
    values = encoded.indices.to_numpy() + np.int32(1)
    if column.is_known is not None:
        values *= column.is_known
    return values, len(encoded.dictionary) + 1


def _cases(digits: Sequence[Digit]) -> Cases | None:
    if not digits:
        return None
    number, size = digits[0]
    for values, count in digits[1:]:
        if size * count > MOST_CASES:
            encoded: Anything = pc.dictionary_encode(pa.array(number))
            number, size = encoded.indices.to_numpy(), len(encoded.dictionary)
        width: type[Anything] = np.uint16 if size * count < FEW_CASES else np.uint64
        number = number.astype(width) * width(count)
        number += values.astype(width)
        size *= count
    if size <= FEW_CASES:
        return _tabulated(number, size)
    encoded = pc.dictionary_encode(pa.array(number))
    return _with_examples(encoded.indices.to_numpy(), len(encoded.dictionary))


def _tabulated(number: NDArray[Anything], size: int) -> Cases:
    occurs = np.zeros(size, np.bool_)
    occurs[number] = True
    codes = np.cumsum(occurs, dtype=np.int32) - np.int32(1)
    return _with_examples(codes[number], int(occurs.sum()))


def _with_examples(codes: NDArray[Anything], count: int) -> Cases:
    examples = np.zeros(count, np.intp)
    examples[codes] = np.arange(len(codes))
    return Cases(codes, examples)
