"""Filling the rows of a column that lack a fact from elsewhere: a constant, or another column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns.column import Codes, Column, Constant, Numbers, narrowest
from imagefit.columns.distinct import Distinct, DistinctTexts, DistinctValues
from imagefit.facts import Field

__all__ = ["filled"]


def filled(column: Column | None, other: Column, of: Field) -> tuple[Column, NDArray[np.bool_] | None]:
    """Return the column with its unknown rows taken from `other`, and which rows those are (None: all)."""
    if column is None:
        return other, None if isinstance(other, Constant) else other.known
    if isinstance(column, Constant):
        return column, np.zeros(1, np.bool_)
    lacking = ~column.known
    if isinstance(other, Constant):
        if isinstance(column, Numbers):
            return Numbers(np.where(lacking, _scalar(other, column), column.numbers), None), lacking
        other_codes: NDArray[Any] | int = 1
        other_distinct: Distinct = DistinctValues(of, [other.constant])
        taken = lacking
    else:
        taken = lacking & other.known
        if isinstance(column, Numbers):
            assert isinstance(other, Numbers)
            return Numbers(np.where(taken, other.numbers, column.numbers), column.known | taken), taken
        assert isinstance(other, Codes)
        other_codes, other_distinct = other.codes, other.distinct
    both = _joined(column.distinct, other_distinct, of)
    kind = narrowest(both.size)
    shifted = np.asarray(other_codes, kind) + kind(column.distinct.size - 1)
    return Codes(np.where(taken, shifted, column.codes.astype(kind)), both), taken


def _scalar(other: Constant, column: Numbers) -> NDArray[Any]:
    return np.array(other.constant, column.numbers.dtype)


def _joined(first: Distinct, second: Distinct, of: Field) -> Distinct:
    """Return the distinct values of both; a code of `second` moves up by the number of codes of `first` less one."""
    if isinstance(first, DistinctTexts):
        kind = first.texts.type
        texts = second.texts.cast(kind) if isinstance(second, DistinctTexts) else pa.array(second.values[1:], kind)
        return DistinctTexts(of, pa.concat_arrays([first.texts, texts]))
    return DistinctValues(of, [*first.values[1:], *second.values[1:]])
