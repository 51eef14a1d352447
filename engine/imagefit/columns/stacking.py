"""Putting columns together, each value with one code for all of them.

`stacked` puts batches one below the other; `filled` takes what a column lacks from a constant, or from another column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns.column import Codes, Column, Constant, Encoded, Numbers
from imagefit.columns.distinct import Distinct, DistinctTexts, DistinctValues
from imagefit.columns.widths import narrowest
from imagefit.facts import Facts, Field, FieldType, Value

__all__ = ["encode_facts", "filled", "stacked"]


def stacked(batches: Iterable[Encoded], fields: Mapping[str, Field]) -> Encoded:
    """Return the rows of all batches; what was assumed, and what could not be read, is left behind.

    The batches are taken one by one, and a column's parts are let go when it is whole: with very many rows,
    nothing is in memory twice.
    """
    parts: dict[str, list[Column | None]] = {}
    sizes: list[int] = []
    for batch in batches:
        for name, column in batch.columns.items():
            parts.setdefault(name, [None] * len(sizes)).append(column)
        sizes.append(batch.rows)
        for own in parts.values():
            own += [None] * (len(sizes) - len(own))
    columns = {name: _stacked(parts.pop(name), sizes, fields[name]) for name in list(parts)}
    return Encoded(sum(sizes), columns)


def encode_facts(rows: Sequence[Facts], fields: Mapping[str, Field]) -> Encoded:
    """Encode facts that were read already."""
    columns: dict[str, Column] = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        of = fields[name]
        found = [row.get(name) for row in rows]
        if of.type.is_ordered:
            is_known = np.array([value is not None for value in found])
            kind = np.int64 if of.type is FieldType.INTEGER else np.float64
            columns[name] = Numbers(np.array([value or 0 for value in found], kind), is_known)
        else:
            codes: dict[Value | None, int] = {None: 0}
            numbers = [codes.setdefault(value, len(codes)) for value in found]
            columns[name] = Codes(np.array(numbers, narrowest(len(codes))), _distinct(of, list(codes)[1:]))
    return Encoded(len(rows), columns)


def _stacked(columns: Sequence[Column | None], sizes: Sequence[int], of: Field) -> Column:
    first = next(column for column in columns if column is not None)
    if len(columns) == 1 or isinstance(first, Constant):  # a constant is given for all rows, hence in all batches
        return first
    if isinstance(first, Numbers):
        return _stacked_numbers([c if isinstance(c, Numbers) else None for c in columns], sizes, first.numbers.dtype)
    parts = [column if isinstance(column, Codes) else None for column in columns]
    dictionaries = list({id(part.distinct): part.distinct for part in parts if part is not None}.values())
    whole, moved = _unified(dictionaries, of)
    codes = np.zeros(sum(sizes), narrowest(whole.size))
    at = 0
    for part, size in zip(parts, sizes, strict=True):
        if part is not None:
            new = moved[dictionaries.index(part.distinct)]
            codes[at : at + size] = part.codes if new is None else new[part.codes]
        at += size
    return Codes(codes, whole)


def _stacked_numbers(parts: Sequence[Numbers | None], sizes: Sequence[int], kind: Any) -> Numbers:
    numbers = [np.zeros(n, kind) if part is None else part.numbers for part, n in zip(parts, sizes, strict=True)]
    if all(part is not None and part.is_known is None for part in parts):
        return Numbers(np.concatenate(numbers), None)
    known = [np.zeros(n, np.bool_) if part is None else part.known for part, n in zip(parts, sizes, strict=True)]
    return Numbers(np.concatenate(numbers), np.concatenate(known))


def _unified(dictionaries: Sequence[Distinct], of: Field) -> tuple[Distinct, list[NDArray[Any] | None]]:
    """Return one dictionary for all, and for each the new codes of its codes (None: the same)."""
    if len(dictionaries) == 1:
        return dictionaries[0], [None]
    if all(isinstance(each, DistinctTexts) for each in dictionaries):
        texts = pa.chunked_array([each.texts.cast(pa.large_string()) for each in dictionaries])  # type: ignore[attr-defined]
        encoded = texts.combine_chunks().dictionary_encode()
        numbers = encoded.indices.to_numpy(zero_copy_only=False)
        ends = np.cumsum([each.size - 1 for each in dictionaries])
        moved = [np.append(0, part + 1) for part in np.split(numbers, ends[:-1])]
        return DistinctTexts(of, encoded.dictionary), list(moved)
    codes: dict[Value | None, int] = {None: 0}
    by_value = [np.array([codes.setdefault(value, len(codes)) for value in each.values]) for each in dictionaries]
    return _distinct(of, list(codes)[1:]), list(by_value)


def _distinct(of: Field, values: list[Value | None]) -> Distinct:
    if of.type is FieldType.STRING:
        return DistinctTexts(of, pa.array(values, pa.large_string()))
    return DistinctValues(of, values)


def filled(column: Column | None, other: Column, of: Field) -> tuple[Column, NDArray[np.bool_] | None]:
    """Return the column with its unknown rows taken from `other`, and which rows those are.

    Parameters
    ----------
    column
        None where no row knows the fact.

    Returns
    -------
    Column
        What every row then knows; a column of texts or values has the distinct values of both.
    numpy.ndarray or None
        Booleans *(rows,)*, or *(1,)* where it is none; None: all rows.
    """
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
    both = _appended(column.distinct, other_distinct, of)
    kind = narrowest(both.size)
    shifted = np.asarray(other_codes, kind) + kind(column.distinct.size - 1)
    return Codes(np.where(taken, shifted, column.codes.astype(kind)), both), taken


def _scalar(other: Constant, column: Numbers) -> NDArray[Any]:
    return np.array(other.constant, column.numbers.dtype)


def _appended(first: Distinct, second: Distinct, of: Field) -> Distinct:
    """Return the distinct values of both; a code of `second` moves up by the number of codes of `first` less one."""
    if isinstance(first, DistinctTexts):
        kind = first.texts.type
        texts = second.texts.cast(kind) if isinstance(second, DistinctTexts) else pa.array(second.values[1:], kind)
        return DistinctTexts(of, pa.concat_arrays([first.texts, texts]))
    return DistinctValues(of, [*first.values[1:], *second.values[1:]])
