"""Streams of Arrow batches as Parquet, CSV or JSON Lines files, which are there whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from imagefit.errors import InputError
from imagefit.reports.atomic import atomic_file

__all__ = ["FORMATS", "write_batches"]


def write_batches(path: str | Path, schema: Any, batches: Iterable[Any]) -> int:
    """Write batches to a file of the format that its name ends in; returns the number of rows.

    Raises
    ------
    InputError
        If the name ends in no known format.
    """
    path = Path(path)
    write = FORMATS.get(path.suffix.lower())
    if write is None:
        raise InputError(
            "no format that is written", file=str(path), expected=f"a name that ends in {', '.join(FORMATS)}"
        )
    with atomic_file(str(path)) as file:
        return write(file, schema, batches)


def _write_parquet(file: Any, schema: Any, batches: Iterable[Any]) -> int:
    import pyarrow.parquet as pq

    rows = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _write_csv(file: Any, schema: Any, batches: Iterable[Any]) -> int:
    import pyarrow.csv

    rows = 0
    with pyarrow.csv.CSVWriter(file, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _write_json_lines(file: Any, schema: Any, batches: Iterable[Any]) -> int:
    rows = 0
    for batch in batches:
        lines = (json.dumps(row, ensure_ascii=False) for row in batch.to_pylist())
        file.write("".join(f"{line}\n" for line in lines).encode())
        rows += batch.num_rows
    return rows


FORMATS: dict[str, Callable[[Any, Any, Iterable[Any]], int]] = {
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".jsonl": _write_json_lines,
}
