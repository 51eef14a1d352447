"""Putting encoded batches one below the other, each value with one code for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns.column import Codes, Column, Constant, Encoded, Numbers, narrowest
from imagefit.columns.distinct import Distinct, DistinctTexts, DistinctValues
from imagefit.facts import Facts, Field, FieldType, Value

__all__ = ["encode_facts", "stacked"]


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
