"""Parquet files are read with few dictionaries: equal ones of several row groups are one."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import imagefit
from imagefit.sources.reading import open_file

ROWS = 131_072


def dictionaries_of(path: Path, name: str) -> list[pa.Array]:
    """Return the dictionary of a column in each batch of a file."""
    batches = open_file(path, imagefit.load_pack().fields).batches()
    return [batch.data.column(name).dictionary for batch in batches]


def test_row_groups_with_equal_dictionaries_share_the_first(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    table = pa.table({"image.status": ["active", "queued"] * ROWS, "n": range(2 * ROWS)})
    pq.write_table(table, path, row_group_size=ROWS)
    first, second = dictionaries_of(path, "image.status")
    assert first.to_pylist() == ["active", "queued"]
    assert second.buffers()[2].address == first.buffers()[2].address


def test_row_groups_with_other_dictionaries_keep_their_own(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"image.status": ["active"] * ROWS + ["queued"] * ROWS}), path, row_group_size=ROWS)
    assert [found.to_pylist() for found in dictionaries_of(path, "image.status")] == [["active"], ["queued"]]
