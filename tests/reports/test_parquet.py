"""A Parquet file that is given up is left alone."""

from __future__ import annotations

import gc
import io
import sys
from unittest.mock import patch

import pyarrow as pa

from imagefit.reports.files import Layout
from imagefit.reports.parquet.writer import ParquetWriter


def test_nothing_is_written_and_nobody_told_once_its_file_is_closed() -> None:
    batch = pa.record_batch({"id": ["a", "b"]})
    told: list[object] = []
    with patch.object(sys, "unraisablehook", told.append):
        with io.BytesIO() as file:
            writer = ParquetWriter(file, Layout(lambda: batch.schema, pa.schema([]), group_rows=1))
            writer.write(batch)
            assert file.tell()
        del writer
        gc.collect()
    assert told == []
