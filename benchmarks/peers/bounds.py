"""What no evaluator of these columns can be faster than: reading them once, or decoding them from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["codes_of", "decode", "read_codes", "text_columns"]


def codes_of(table: pa.Table) -> list[np.ndarray]:
    """Return the columns as the arrays in which they lie: codes of dictionaries, numbers, packed booleans."""
    found = []
    for column in table.columns:
        for chunk in column.chunks:
            array = chunk.indices if pa.types.is_dictionary(chunk.type) else chunk
            raw = array.buffers()[1]
            kind = np.uint8 if pa.types.is_boolean(array.type) else array.type.to_pandas_dtype()
            found.append(np.frombuffer(raw, kind))
    return found


def read_codes(arrays: list[np.ndarray]) -> int:
    """Read every value once."""
    return sum(int(np.bitwise_or.reduce(array.view(f"u{array.itemsize}"))) for array in arrays if len(array))


def text_columns(path: Path) -> list[str]:
    """Return the columns of a Parquet file that hold text, for ``read_dictionary``."""
    schema = pq.read_schema(path)
    return [
        name
        for name in schema.names
        if pa.types.is_string(schema.field(name).type) or pa.types.is_dictionary(schema.field(name).type)
    ]


def decode(path: Path, columns: list[str], texts: list[str]) -> Any:
    """Decode columns with pyarrow, in parallel, text as dictionaries."""
    return pq.read_table(path, columns=columns, read_dictionary=texts, use_threads=True, pre_buffer=True)
