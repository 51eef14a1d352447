"""Results as pandas columns, beside the caller's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import types

from imagefit.auditing.results import LISTS, RESULT_TYPES
from imagefit.columns import arrowdata
from imagefit.columns.older import older, older_schema
from imagefit.columns.ragged import tuples_of
from imagefit.errors import InputError
from imagefit.sources.batch import Batch, Source
from imagefit.verdicts import LEVELS

__all__ = ["frame_of", "place_of_label", "with_results"]


def frame_of(source: Source, batches: Sequence[Batch]) -> Any:
    """Return the caller's table as a new ``pandas.DataFrame``."""
    if source.frame is not None:
        return source.frame.copy(deep=False)
    schema, columns = source.schema, [source.carried(batch) for batch in batches]
    if not schema.names:
        import pandas as pd

        return pd.DataFrame(index=range(sum(batch.data.num_rows for batch in batches)))
    table = pa.Table.from_batches([batch.cast(schema) for batch in columns], schema).combine_chunks()
    plain = [_signed(older(arrowdata.whole(column))) for column in table.columns]
    schema = older_schema(schema)
    kinds = [of.with_type(column.type) for of, column in zip(schema, plain, strict=True)]
    return pa.Table.from_arrays(plain, schema=pa.schema(kinds, schema.metadata)).to_pandas()


def _signed(column: Any) -> Any:
    """Return a dictionary with codes that may be negative: others are none for pandas, before Arrow 24."""
    if not types.is_dictionary(column.type) or not types.is_unsigned_integer(column.type.index_type):
        return column
    codes = column.indices.cast(pa.int64())
    return pa.DictionaryArray.from_arrays(codes, column.dictionary, ordered=column.type.ordered)


def with_results(frame: Any, names: Sequence[str], batches: Sequence[Sequence[Any]]) -> Any:
    """Add the result columns, given batch by batch, to a frame that was made here."""
    import pandas as pd

    kinds = [RESULT_TYPES[0], *[LISTS] * (len(names) - 1)]
    for name, kind, *pieces in zip(names, kinds, *batches, strict=True):
        column = arrowdata.whole(pa.chunked_array(pieces, kind))
        if pa.types.is_list(kind):
            frame[name] = tuples_of(column)
        else:
            verdicts = pd.CategoricalDtype([level.value for level in LEVELS])
            frame[name] = pd.Categorical.from_codes(arrowdata.numbers(column.indices), dtype=verdicts)
    return frame


def place_of_label(index: Any, label: object) -> int:
    """Return the place of a row of a frame by its label; raises `InputError` unless one row has it."""
    if index is None:
        raise InputError("not a row", value=label, expected="its place, counted from 0")
    import pandas as pd

    try:
        found = np.atleast_1d(np.arange(len(index))[index.get_loc(label)]).tolist()
    except (KeyError, TypeError, pd.errors.InvalidIndexError):
        found = []
    if len(found) == 1:
        return int(found[0])
    message = f"{len(found)} rows have this label" if found else "no row has this label"
    raise InputError(message, value=label, expected="the label of one row, or its place, counted from 0")
