"""Columns as JSON: the texts that Python's `json` makes of each value, and `escaping.in_json` of those, by columns."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from imagefit.columns import arrowdata
from imagefit.escaping import in_json

__all__ = ["json_of_value", "json_texts", "json_within"]

_PLAIN = r"^[ !#-\[\]-~]*$"
"""Texts that JSON quotes as they are."""

LEAST, MOST = 1e-4, 1e10
"""From the one to below the other, Arrow writes floats as Python does, but for the point of whole ones."""

_TEXT = pa.large_string()


def json_of_value(value: object) -> str:
    """Return one value as JSON: what JSON has no sign for is nothing, or the text of it."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError:
        text = json.dumps(_finite(value), ensure_ascii=False, default=str)
    return in_json(text)


def json_texts(column: Any) -> Any:
    """Return an array as JSON, an array of text."""
    kind = column.type
    if types.is_dictionary(kind) and len(column.dictionary) > len(column):
        return json_texts(column.dictionary_decode())
    if types.is_dictionary(kind):
        texts = pa.concat_arrays([json_texts(column.dictionary), pa.array(["null"], _TEXT)])
        return texts.take(pc.fill_null(column.indices.cast(pa.int64()), len(texts) - 1))
    if types.is_boolean(kind) or types.is_integer(kind):
        texts = column.cast(_TEXT)
    elif types.is_string(kind) or types.is_large_string(kind):
        texts = _quoted(json_within(column.cast(_TEXT)))
    elif types.is_float64(kind):
        texts = _of_floats(column)
    elif types.is_list(kind) and types.is_string(kind.value_type):
        first, last = column.offsets[0].as_py(), column.offsets[-1].as_py()
        elements = json_texts(column.values.slice(first, last - first))
        offsets = pc.subtract(column.offsets, pa.scalar(first, pa.int32()))
        joined = pc.binary_join(pa.ListArray.from_arrays(offsets, elements), pa.scalar(", ", _TEXT))
        around: list[Any] = [pa.scalar("[", _TEXT), joined, pa.scalar("]", _TEXT), pa.scalar("", _TEXT)]
        texts = pc.binary_join_element_wise(*around)
        texts = pc.if_else(column.is_valid(), texts, pa.scalar("null", _TEXT))
    else:
        texts = pa.array([json_of_value(value) for value in column.to_pylist()], _TEXT)
    return pc.fill_null(texts, "null") if texts.null_count else texts


def json_within(texts: Any) -> Any:
    """Return texts, of the type large_string, as they stand within a text of JSON."""
    if _are_plain(texts):
        return texts
    is_plain = pc.match_substring_regex(texts, _PLAIN)
    odd = texts.filter(pc.invert(is_plain))
    shown = pa.array([in_json(json.dumps(text, ensure_ascii=False))[1:-1] for text in odd.to_pylist()], _TEXT)
    return pc.replace_with_mask(texts, pc.fill_null(pc.invert(is_plain), False), shown)


def _are_plain(texts: Any) -> bool:
    """Whether all texts are `_PLAIN`: a look at their bytes takes a tenth of a look at each text."""
    signs = arrowdata.signs(texts)
    is_odd = signs - np.uint8(32) > 94
    is_odd |= signs == ord('"')
    is_odd |= signs == ord("\\")
    return not is_odd.any()


def _of_floats(column: Any) -> Any:
    numbers = arrowdata.numbers(column)
    texts, sizes = column.cast(_TEXT), np.abs(numbers)
    if (is_whole := np.trunc(numbers) == numbers).any():
        point: Any = pa.scalar(".0", _TEXT)
        points = pc.binary_join_element_wise(texts.filter(pa.array(is_whole)), point, pa.scalar("", _TEXT))
        texts = pc.replace_with_mask(texts, pa.array(is_whole), points)
    is_odd = ~((sizes == 0) | (sizes >= LEAST) & (sizes < MOST))
    if is_odd.any():
        odd: Any = pc.dictionary_encode(column.filter(pa.array(is_odd)), null_encoding="encode")
        shown = pa.array([json_of_value(value) for value in odd.dictionary.to_pylist()], _TEXT)
        texts = pc.replace_with_mask(texts, pa.array(is_odd), shown.take(odd.indices))
    return texts


def _quoted(texts: Any) -> Any:
    quote: Any = pa.scalar('"', _TEXT)
    return pc.binary_join_element_wise(quote, texts, quote, pa.scalar("", _TEXT))


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value
