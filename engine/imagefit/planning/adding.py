"""Sets with more in them, of many candidates: each pair of a set and what is added to it is put together once."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.arrowdata import gather
from imagefit.columns.ascending import ascending
from imagefit.columns.column import Codes, Column, Constant
from imagefit.columns.distinct import Distinct, DistinctValues, remembered_with_other
from imagefit.columns.widths import narrowest
from imagefit.explanations.remedies.effects import value_after
from imagefit.facts import Field, FieldType, Value
from imagefit.rulepack.pack import Effect

__all__ = ["with_more"]

LARGEST_TABLE = 1 << 22
"""Up to so many pairs are remembered for the batches that follow."""

SMALL_TABLE = 1 << 12
"""Up to so many pairs are put together when there is the first."""

OPEN = -1

_SETS = Field("", FieldType.STRING_SET)
_MORE = "\0"


def with_more(column: Column, more: Column, rows: int) -> Codes:
    """Return the sets of a column with those of another one, or with its texts, in them."""
    (codes, first), (others, second) = _coded(column), _coded(more)
    pairs = np.multiply(codes, second.size, dtype=np.int64) + others
    if first.size * second.size <= LARGEST_TABLE:
        found, distinct = _sums(first, second).of(pairs)
    else:
        encoded: Any = pc.dictionary_encode(pa.array(pairs))
        sums = _Sums(first, second, 0)
        found = sums.put_together(encoded.dictionary.to_numpy())[encoded.indices.to_numpy()]
        distinct = sums.distinct
    return Codes(np.broadcast_to(found, rows).astype(narrowest(distinct.size)), distinct)


class _Sums:
    """What distinct sets come to with other distinct values in them, as far as that was asked; threads may share it."""

    def __init__(self, first: Distinct, second: Distinct, size: int) -> None:
        self._values, self._others = first.values, second.values
        self._table = np.full(size, OPEN, np.int32)
        self._made: dict[Value | None, int] = {None: 0}
        self._lock = Lock()
        self.distinct = DistinctValues.of(_SETS, [])
        if size <= SMALL_TABLE:  # what is made of these sets need not be made for each batch again
            self._table[:] = self.put_together(np.arange(size))

    def of(self, pairs: NDArray[np.int64]) -> tuple[NDArray[np.int32], Distinct]:
        """Return the code of each pair of codes, and what the codes stand for."""
        with self._lock:
            found = gather(pa.array(self._table), pairs)
            if (is_open := found == OPEN).any():
                new = ascending(pairs[is_open])
                self._table[new] = self.put_together(new)
                found = gather(pa.array(self._table), pairs)
            return found, self.distinct

    def put_together(self, pairs: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the code of each of some pairs, which all differ."""
        effect, made = Effect("", add_from=_MORE), self._made
        found = np.zeros(len(pairs), np.int32)
        for place, pair in enumerate(pairs.tolist()):
            one, other = divmod(pair, len(self._others))
            both = ("", self._values[one]), (_MORE, self._others[other])
            value = value_after(effect, {name: value for name, value in both if value is not None})
            found[place] = made.setdefault(value, len(made))
        self.distinct = DistinctValues.of(_SETS, list(made)[1:])
        return found


@remembered_with_other
def _sums(first: Distinct, second: Distinct) -> _Sums:
    return _Sums(first, second, first.size * second.size)


def _coded(column: Column) -> tuple[NDArray[Any], Distinct]:
    """Return a column as codes, of one row if it is the same in all, and what the codes stand for."""
    if isinstance(column, Constant):
        return np.ones(1, np.int64), _only(column.constant)
    if isinstance(column, Codes):
        return column.codes, column.distinct
    values, codes = np.unique(column.numbers, return_inverse=True)
    return (codes.ravel() + 1) * column.known, DistinctValues.of(_SETS, values.tolist())


@lru_cache(256)
def _only(value: Value) -> Distinct:
    return DistinctValues.of(_SETS, [value])
