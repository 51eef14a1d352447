"""Cases: which rows are alike in all that an explanation looks at, so that each case is explained once.

Nothing here explains. A row's case is a number; one row stands for all of its case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any as Anything

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.conditions import Leaf
from imagefit.evaluators.atoms import CellMaker, FieldAtom, affirmed
from imagefit.evaluators.columns import Codes, Column, Constant, Encoded, Numbers
from imagefit.evaluators.digits import cell_column
from imagefit.evaluators.gathering import gather
from imagefit.evaluators.leafcolumns import truth_column
from imagefit.evaluators.reference import leaf_truth
from imagefit.facts import Facts, Field, FieldType, Value

__all__ = ["Cases", "UnknownCases", "cases_by_value"]

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


class UnknownCases:
    """Tells candidates apart by what decides how unknown facts could still change the truths of some leaves.

    That is the truth of each leaf, which facts are known, and where a known fact is compared with an unknown
    one, what of its value matters. Candidates of one case have the same missing facts.

    Parameters
    ----------
    some
        The leaves.
    among
        All leaves that are asked about together with these; what an unknown fact is compared with in several
        of them counts with its value.
    """

    def __init__(self, some: Iterable[Leaf], among: Iterable[Leaf], fields: Mapping[str, Field]) -> None:
        self._leaves = list(dict.fromkeys(map(affirmed, some)))
        self.facts = tuple(dict.fromkeys(name for leaf in self._leaves for name in leaf.facts))
        self._atoms = CellMaker(fields).all_cells(self._leaves)
        mentioned = Counter(name for leaf in set(map(affirmed, among)) for name in set(leaf.facts))
        self._compared = [
            (known, unknown, what)
            for leaf in self._leaves
            if leaf.other is not None and leaf.other != leaf.fact
            for known, unknown in ((leaf.fact, leaf.other), (leaf.other, leaf.fact))
            if (what := _what_matters(leaf, fields) if mentioned[unknown] == 1 else _Matters.VALUE)
        ]

    def key(self, facts: Facts) -> Hashable:
        """Return what stands for the case of one candidate."""
        values = [
            _matter(facts[known], what) if known in facts and unknown not in facts else None
            for known, unknown, what in self._compared
        ]
        truths = [leaf_truth(leaf, facts) for leaf in self._leaves]
        return (*truths, *(name in facts for name in self.facts), *values)

    def of(self, encoded: Encoded) -> Cases | None:
        """Return the cases of a batch, possibly told apart more than `key` does; None if all rows are one case."""
        digits: list[Digit] = []
        for atom, cells in self._atoms.items():
            if isinstance(atom, FieldAtom):
                assert cells is not None
                found, size = cell_column(cells, encoded), cells.count
            else:
                found, size = truth_column(atom.leaf, encoded), 3
            if not isinstance(found, int):
                digits.append((found, size))
        known = {name: _known(encoded.columns.get(name)) for name in self.facts}
        digits += [(is_known.view(np.uint8), 2) for is_known in known.values() if isinstance(is_known, np.ndarray)]
        for name, unknown, what in self._compared:
            digit = _what(encoded.columns.get(name), what)
            if digit is not None:
                digits.append((digit[0] * np.logical_not(known[unknown]), digit[1]))
        return _cases(digits)


class _Matters(IntEnum):
    """What of a known fact's value matters where it is compared with an unknown one."""

    NOTHING = 0
    EMPTINESS = 1
    LARGENESS = 2
    VALUE = 3


def _what_matters(leaf: Leaf, fields: Mapping[str, Field]) -> _Matters:
    """Return what matters if the unknown fact stands in no other leaf.

    Mostly nothing: an unknown text could be equal or not, an unknown number lie above or below, an unknown
    set have the elements or not. An empty set and the largest numbers are different.
    """
    of = [fields[name] for name in leaf.facts]
    if all(f.type is FieldType.STRING for f in of):
        return _Matters.NOTHING
    if all(f.type.is_ordered for f in of):
        return _Matters.LARGENESS
    is_open = all(f.type in (FieldType.STRING, FieldType.STRING_SET) and not f.values for f in of)
    return _Matters.EMPTINESS if is_open else _Matters.VALUE


def _matter(value: Value, what: _Matters) -> Hashable:
    if what is _Matters.EMPTINESS:
        return value == frozenset()
    if what is _Matters.LARGENESS:
        return value if isinstance(value, int | float) and abs(value) >= LARGE else None
    return value


def _what(column: Column | None, what: _Matters) -> Digit | None:
    if what is _Matters.EMPTINESS and isinstance(column, Codes):
        values = column.distinct
        is_empty = values.remembered(
            "empty", lambda: pa.array([int(v == frozenset()) for v in values.values], pa.uint8())
        )
        return gather(is_empty, column.codes), 2
    if what is _Matters.LARGENESS and isinstance(column, Numbers):
        is_large = np.abs(column.numbers.astype(np.float64)) >= LARGE
        return _values(column) if is_large.any() else None
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
