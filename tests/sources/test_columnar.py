"""Parquet files are read with few dictionaries; damage in Parquet and Arrow is found, and named with its place."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit.errors import InputError
from imagefit.sources.limits import CELL, COLUMNS
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


def damaged_in(path: Path, text: bytes, instead: bytes) -> None:
    """Write other bytes of the same length at the last place where a file has some."""
    content = path.read_bytes()
    at = content.rindex(text)
    path.write_bytes(content[:at] + instead + content[at + len(text) :])


TABLE = pa.table(
    {
        "id": [f"i{n}" for n in range(6)],
        "image.status": ["active", "queued"] * 3,
        "image.hypervisors": [["kvm"], ["xen"]] * 3,
        "note": ["first", "second"] * 3,
    }
)


@pytest.mark.parametrize(
    ("text", "instead", "column"),
    [(b"active", b"ac\xfeive", "image.status"), (b"xen", b"x\xffn", "image.hypervisors"), (b"i5", b"i\x80", "id")],
)
@pytest.mark.parametrize("has_dictionary", [True, False])
def test_text_that_is_not_utf8_is_named_with_row_group_and_column(
    tmp_path: Path, text: bytes, instead: bytes, column: str, has_dictionary: bool
) -> None:
    path = tmp_path / "t.parquet"
    options: dict[str, Any] = {"compression": "none", "use_dictionary": has_dictionary, "write_statistics": False}
    pq.write_table(TABLE, path, row_group_size=3, **options)
    damaged_in(path, text, instead)
    for read in (imagefit.read, lambda path: imagefit.audit(path, operation="share").to_arrow()):
        with pytest.raises(InputError, match="not a readable Parquet file") as raised:
            read(path)
        assert str(raised.value).startswith(f"{path}, row group 2, {column}: ")


def test_a_page_that_is_not_what_its_checksum_says_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    for column, text, instead in (("image.status", b"active", b"queued"), ("note", b"second", b"minute")):
        pq.write_table(TABLE, path, compression="none", write_page_checksum=True, write_statistics=False)
        damaged_in(path, text, instead)
        with pytest.raises(InputError, match="CRC checksum verification failed") as raised:
            imagefit.audit(path, operation="share").to_arrow()
        assert str(raised.value).startswith(f"{path}, row group 1, {column}: ")


def test_an_index_beyond_its_dictionary_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.arrow"
    indices = pa.array([0, 1, 12345], pa.int32())
    column = pa.DictionaryArray.from_arrays(indices, pa.array(["active", "queued"]), safe=False)
    for open_new in (pa.ipc.new_file, pa.ipc.new_stream):
        table = pa.table({"id": ["a", "b", "c"], "image.status": column})
        with pa.OSFile(str(path), "wb") as out, open_new(out, table.schema) as writer:
            writer.write_table(table)
        with pytest.raises(InputError, match="not a readable Arrow IPC file") as raised:
            imagefit.audit(path, operation="share").to_arrow()
        assert str(raised.value).startswith(f"{path}, record batch 1, image.status: ")


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_a_text_that_is_longer_than_a_cell_is_refused_with_its_row(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "t"
    table = pa.table({"image.status": ["active"] * 3, "note": ["a", "ä" * CELL.most, "x" * (CELL.most + 1)]})
    if kind == "parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)
    with pytest.raises(InputError, match="row 3, note: a cell of 1,048,577 characters; expected at most 1,048,576"):
        imagefit.audit(path, operation="share").summary()
    assert imagefit.audit(table.slice(0, 2), operation="share").summary().rows == 2


def test_more_columns_than_a_table_has_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"image.status": ["active"]} | {f"c{n}": [1] for n in range(COLUMNS.most)}), tmp_path / "t")
    with pytest.raises(InputError, match="a table of 10,001 columns; expected at most 10,000"):
        imagefit.read(tmp_path / "t")


def test_a_large_text_that_repeats_itself_stays_one(tmp_path: Path) -> None:
    rows = 2_000
    note = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 1_000_000]))
    table = pa.table({"image.status": ["active"] * rows, "note": note})
    pq.write_table(table, tmp_path / "t", store_schema=False)
    (batch,) = open_file(tmp_path / "t", imagefit.load_pack().fields).batches()
    assert batch.data.nbytes < 2_000_000 and batch.count == rows


@pytest.mark.slow
@given(
    kind=st.sampled_from(("parquet", "parquet, plain", "arrow", "stream")),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 7)), min_size=1, max_size=3),
)
def test_flipped_bits_are_read_or_refused(kind: str, flips: list[tuple[float, int]]) -> None:
    out = io.BytesIO()
    if kind.startswith("parquet"):
        pq.write_table(TABLE, out, row_group_size=3, use_dictionary="plain" not in kind)
    else:
        with (pa.ipc.new_file if kind == "arrow" else pa.ipc.new_stream)(out, TABLE.schema) as writer:
            writer.write_table(TABLE, 3)
    content = bytearray(out.getvalue())
    for place, bit in flips:
        content[int(place * (len(content) - 1))] ^= 1 << bit
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        try:
            imagefit.audit(file.name, operation="share").to_arrow().to_pylist()
        except InputError as error:
            assert file.name in str(error)
