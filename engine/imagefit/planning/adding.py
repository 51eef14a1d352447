"""Sets with more in them, of many candidates: each pair of a set and what is added to it is put together once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.column import Codes, Column, Constant
from imagefit.columns.distinct import Distinct, DistinctTexts, DistinctValues, Members, remembered_with_other
from imagefit.columns.distinctsets import DistinctSets
from imagefit.columns.ragged import places_in
from imagefit.columns.widths import narrowest
from imagefit.facts import Field, FieldType, Value

__all__ = ["with_more"]

LARGEST_TABLE = 1 << 14
"""Up to so many pairs are put together at once, and remembered for the batches that follow."""

_SETS = Field("", FieldType.STRING_SET)

Sums = tuple[NDArray[Any], Distinct]
"""The code of each of some pairs of codes, and what the codes stand for."""


def with_more(column: Column, more: Column, rows: int) -> Codes:
    """Return the sets of a column with those of another one, or with its other values as texts, in them."""
    (codes, first), (others, second) = _coded(column), _coded(more)
    pairs = np.multiply(codes, second.size, dtype=np.int64) + others
    if first.size * second.size <= LARGEST_TABLE:
        found, distinct = _all_sums(first, second)
    else:
        encoded: Any = pc.dictionary_encode(pa.array(pairs))
        pairs = encoded.indices.to_numpy()
        found, distinct = _sums(first, second, encoded.dictionary.to_numpy())
    return Codes(np.broadcast_to(found[pairs], rows), distinct)


@remembered_with_other
def _all_sums(first: Distinct, second: Distinct) -> Sums:
    return _sums(first, second, np.arange(first.size * second.size))


def _sums(first: Distinct, second: Distinct, pairs: NDArray[np.int64]) -> Sums:
    """Return what some pairs of a set and of what is added come to; where one is unknown, that is, too."""
    own, others = np.divmod(pairs, second.size)
    is_known = first.known[own] & second.known[others]
    numbers: dict[str, int] = {}
    elements, starts, lengths = _elements(first, numbers)
    more, more_starts, more_lengths = _elements(second, numbers)
    own, others = own[is_known], others[is_known]
    ends = np.append(0, np.cumsum(lengths[own] + more_lengths[others]))
    found = np.empty(ends[-1], np.int32)
    found[places_in(ends[:-1], lengths[own])] = elements[places_in(starts[own], lengths[own])]
    behind = places_in(ends[:-1] + lengths[own], more_lengths[others])
    found[behind] = more[places_in(more_starts[others], more_lengths[others])]
    distinct = DistinctSets.of_members(_SETS, list(numbers), found, ends)
    codes = np.where(is_known, np.cumsum(is_known), 0)
    return codes.astype(narrowest(distinct.size)), distinct


def _elements(distinct: Distinct, numbers: dict[str, int]) -> tuple[NDArray[np.int32], NDArray[Any], NDArray[Any]]:
    """Return the elements of each code by their numbers, code after code; where each begins, and how many it has.

    Elements that have no number yet get one.
    """
    members = _members(distinct)
    of_name = np.fromiter((numbers.setdefault(name, len(numbers)) for name in members.names), np.int32)
    lengths = np.bincount(members.owners, minlength=distinct.size)
    return of_name[members.places], np.cumsum(lengths) - lengths, lengths


def _members(distinct: Distinct) -> Members:
    """Return the elements of sets; what is no set is one as a text."""
    if isinstance(distinct, DistinctSets):
        return distinct.members
    if isinstance(distinct, DistinctTexts):
        owners = np.flatnonzero(distinct.known)
        return Members(
            distinct.texts.take(pa.array(owners - 1)).to_pylist(), owners, np.arange(len(owners), dtype=np.int32)
        )
    values = [
        each if each is None or isinstance(each, frozenset) else frozenset((str(each),)) for each in distinct.values
    ]
    return DistinctValues.of(_SETS, values[1:]).members


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
