"""Arrow's newer layouts as older ones: of views and of runs, little can be written or taken yet.

Polars gives text as views, and categories as dictionaries of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from imagefit.columns.arrowdata import arrow, empty, known

__all__ = ["older", "older_schema"]


def older(array: Any) -> Any:
    """Return an array with the same values in a layout that can be written; one that has such a layout as it is."""
    kind = array.type
    if _is_older(kind):
        return array
    if types.is_string_view(kind) or types.is_binary_view(kind):
        return array.cast(pa.large_string() if types.is_string_view(kind) else pa.large_binary())
    if types.is_run_end_encoded(kind):
        return older(pc.call_function("run_end_decode", [array]))
    if types.is_list_view(kind) or types.is_large_list_view(kind):  # Arrow's own cast of views with nulls is wrong
        return pa.array(array.to_pylist(), pa.large_list(older(empty(kind.value_type)).type))
    if types.is_dictionary(kind):
        if types.is_nested(kind.value_type):
            return older(array.dictionary_decode())
        return pa.DictionaryArray.from_arrays(array.indices, older(array.dictionary), ordered=kind.ordered)
    if types.is_list(kind) or types.is_large_list(kind):
        offsets = np.asarray(array.offsets)
        elements = older(array.values.slice(offsets[0], offsets[-1] - offsets[0]))
        make = pa.LargeListArray if types.is_large_list(kind) else pa.ListArray
        return make.from_arrays(arrow(offsets - offsets[0]), elements, mask=_unknown(array))
    if types.is_fixed_size_list(kind):
        size = kind.list_size
        elements = older(array.values.slice(array.offset * size, len(array) * size))
        return pa.FixedSizeListArray.from_arrays(elements, size, mask=_unknown(array))
    if types.is_map(kind):
        key, value = (older(empty(of)).type for of in (kind.key_type, kind.item_type))
        return pa.array(array.to_pylist(), pa.map_(key, value))
    if types.is_struct(kind):
        fields = list(map(older, array.flatten()))
        return pa.StructArray.from_arrays(
            fields, [kind.field(n).name for n in range(len(fields))], mask=_unknown(array)
        )
    return array


def older_schema(schema: Any) -> Any:
    """Return the types that `older` gives columns."""
    return pa.schema([of.with_type(older(empty(of.type)).type) for of in schema], schema.metadata)


def _is_older(kind: Any) -> bool:
    if types.is_dictionary(kind):
        return not types.is_nested(kind.value_type) and _is_older(kind.value_type)
    if types.is_string_view(kind) or types.is_binary_view(kind) or types.is_run_end_encoded(kind):
        return False
    if types.is_list_view(kind) or types.is_large_list_view(kind):
        return False
    return all(_is_older(kind.field(n).type) for n in range(kind.num_fields))


def _unknown(array: Any) -> Any:
    return None if (is_known := known(array)) is None else arrow(~is_known)
