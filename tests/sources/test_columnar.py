"""Parquet files are read with few dictionaries; damage in Parquet and Arrow is found, and named with its place."""

from __future__ import annotations

import io
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit.auditing import writing
from imagefit.errors import InputError
from imagefit.reports.parquet.thrift import I64, parsed, written
from imagefit.sources.arrowmessages import bounded_messages
from imagefit.sources.limits import ARROW_BATCH, CELL, COLUMNS
from imagefit.sources.limits import ROWS as MOST_ROWS
from imagefit.sources.reading import open_file
from packfiles import shipped_pack

ROWS = 131_072


def dictionaries_of(path: Path, name: str) -> list[pa.Array]:
    """Return the dictionary of a column in each batch of a file."""
    batches = open_file(path, shipped_pack().fields).batches()
    return [batch.data.column(name).dictionary for batch in batches]


def test_row_groups_with_equal_dictionaries_share_the_first(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    table = pa.table({"image.status": ["active", "queued"] * ROWS, "n": range(2 * ROWS)})
    pq.write_table(table, path, row_group_size=ROWS)
    first, second = dictionaries_of(path, "image.status")
    assert first.to_pylist() == ["active", "queued"]
    assert second.buffers()[2].address == first.buffers()[2].address


@pytest.mark.parametrize("is_file", [False, True])
def test_dictionaries_may_have_null_among_their_entries(tmp_path: Path, is_file: bool) -> None:
    stated = [([0, 1, 2, None], ["bios", None, "uefi"]), ([0, 1, 1], [None, "uefi"])]
    chunks = [pa.DictionaryArray.from_arrays(pa.array(places, pa.int8()), pa.array(texts)) for places, texts in stated]
    table: Any = pa.table({"image.boot_mode": pa.chunked_array(chunks)})
    path = tmp_path / "images.arrows"
    with pa.ipc.new_stream(path, table.schema) as out:
        for batch in table.to_batches():
            out.write_batch(batch)
    judged = imagefit.audit(path if is_file else table, operation="create_ecs").to_arrow()
    assert judged.column(0).to_pylist() == ["bios", None, "uefi", None, None, "uefi", "uefi"]
    assert judged.schema.field(0).type == table.schema.field(0).type
    pq.write_table(judged, tmp_path / "judged.parquet")


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


def test_a_file_with_fewer_rows_than_its_end_says_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(TABLE, path)
    content = path.read_bytes()
    end = parsed(content[-8 - int.from_bytes(content[-8:-4], "little") : -8])
    group = end[4][1][1][0]  # FileMetaData.row_groups, and RowGroup.num_rows
    group[3] = I64, TABLE.num_rows + 2
    damaged = written(end)
    path.write_bytes(content + damaged + len(damaged).to_bytes(4, "little") + b"PAR1")
    for read in (imagefit.read, lambda path: imagefit.audit(path, operation="share").to_arrow()):
        with pytest.raises(InputError, match="not a readable Parquet file") as raised:
            read(path)
        assert str(raised.value).startswith(f"{path}, row group 1")


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
    (batch,) = open_file(tmp_path / "t", shipped_pack().fields).batches()
    assert batch.data.nbytes < 2_000_000 and batch.count == rows


def written_arrow(table: pa.Table, kind: str = "stream", rows: int | None = None, **options: Any) -> bytes:
    """Return a table as an Arrow IPC file or stream."""
    out = io.BytesIO()
    open_new = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
    with open_new(out, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, rows)
    return out.getvalue()


@pytest.mark.parametrize(("compression", "is_old"), [(None, False), ("lz4", False), ("zstd", False), (None, True)])
def test_messages_of_arrow_pass_as_they_are(compression: str | None, is_old: bool) -> None:
    nested = [{"a": [1.5], "b": "x"}, None]
    table = TABLE.append_column("struct", [nested * 3]).append_column("none", pa.nulls(6))
    table = table.set_column(1, "image.status", table["image.status"].dictionary_encode())
    version = pa.ipc.MetadataVersion.V4 if is_old else pa.ipc.MetadataVersion.V5
    options = {"compression": compression, "metadata_version": version, "use_legacy_format": is_old}
    for some in (table, table.slice(0, 0)):
        content = written_arrow(some, rows=4, **options)
        passed = bounded_messages(io.BytesIO(content + b"what follows"), "t").read()
        assert passed.startswith(content[:-4]) and len(passed) <= len(content) + 4  # an old end is shorter
        assert pa.ipc.open_stream(passed).read_all() == some


@pytest.mark.parametrize("kind", ["file", "stream"])
@pytest.mark.parametrize("compression", ["lz4", "zstd"])
def test_arrow_data_that_expands_beyond_measure_is_refused_before_it_is_decompressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, compression: str
) -> None:
    path, zeros = tmp_path / "t", pa.array([0] * 2_000_000)
    monkeypatch.setattr("imagefit.sources.arrowmessages.LEAST_EXPANDED", 1 << 20)
    indices = pa.array([0] * 10, pa.int32())
    tables = (
        pa.table({"image.min_disk_gib": zeros}),
        pa.table({"image.status": ["active"] * 10, "n": pa.DictionaryArray.from_arrays(indices, zeros)}),
        pa.table({"image.status": pa.nulls(1 << 26)}),
    )
    for table in tables:
        path.write_bytes(written_arrow(table, kind, rows=None, compression=compression))
        held = pa.total_allocated_bytes()
        with pytest.raises(InputError, match=r"an expansion of .* times its size; expected at most 200"):
            list(open_file(path, shipped_pack().fields).batches())
        assert pa.total_allocated_bytes() - held < 4 << 20
    for packed in (compression, None):
        path.write_bytes(written_arrow(tables[0].slice(0, 100_000), kind, compression=packed))
        monkeypatch.setattr("imagefit.sources.arrowmessages.ARROW_BATCH", replace(ARROW_BATCH, most=500_000))
        with pytest.raises(InputError, match=r"a record batch of 800,\d\d\d bytes; expected at most 500,000"):
            list(open_file(path, shipped_pack().fields).batches())
        monkeypatch.setattr("imagefit.sources.arrowmessages.ARROW_BATCH", ARROW_BATCH)
    assert imagefit.audit(path, operation="share").summary().rows == 100_000


def test_parquet_of_very_many_equal_rows_is_read_unless_no_writer_needs_so_few_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "runs.parquet"
    pq.write_table(pa.table({"image.status": pa.array(["active"] * 500_000)}), path)
    each = 500_000 // path.stat().st_size
    assert 50 < each < MOST_ROWS.most // 4, "what a common writer makes of equal rows is far from the limit"
    assert sum(batch.count for batch in open_file(path, shipped_pack().fields).batches()) == 500_000
    monkeypatch.setattr("imagefit.sources.columnar.LEAST_ROWS", 499_999)
    monkeypatch.setattr("imagefit.sources.columnar.ROWS", replace(MOST_ROWS, most=50))
    said = f"runs.parquet: a table of {each:,} rows for each of its bytes; expected at most 50$"
    with pytest.raises(InputError, match=said):
        open_file(path, shipped_pack().fields)
    monkeypatch.setattr("imagefit.sources.columnar.LEAST_ROWS", 500_000)
    assert open_file(path, shipped_pack().fields).size == 500_000


def test_an_arrow_file_is_read_from_standard_input_and_held_to_what_its_end_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, end = written_arrow(TABLE, "file"), b"\xff\xff\xff\xff\0\0\0\0"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(file)))
    assert len(imagefit.read("-").records) == 6
    two = written_arrow(pa.concat_tables([TABLE, TABLE])).removesuffix(end)
    (tmp_path / "t").write_bytes(file[:8] + two + file[file.rindex(end) :])
    with pytest.raises(InputError, match=r"record batch 2: not a readable Arrow IPC file \(its end says .* 1\)"):
        imagefit.read(tmp_path / "t")


@pytest.mark.slow
@given(
    kind=st.sampled_from(("parquet", "parquet, plain", "arrow", "stream", "stream, lz4")),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 7)), min_size=1, max_size=3),
)
def test_flipped_bits_are_read_or_refused(kind: str, flips: list[tuple[float, int]]) -> None:
    out = io.BytesIO()
    if kind.startswith("parquet"):
        pq.write_table(TABLE, out, row_group_size=3, use_dictionary="plain" not in kind)
    else:
        compression = "lz4" if "lz4" in kind else None
        out.write(written_arrow(TABLE, "file" if kind == "arrow" else "stream", 3, compression=compression))
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


LISTS = st.none() | st.lists(st.none() | st.sampled_from(("", "kvm", "xen", 'a"b', "x;y")), max_size=3)


@given(st.lists(st.tuples(LISTS, LISTS), min_size=1, max_size=12), st.integers(1, 12), st.integers(1, 12))
def test_lists_of_a_parquet_file_are_carried_as_those_of_an_arrow_file(
    rows: list[tuple[list[str | None] | None, list[str | None] | None]], group: int, at_once: int
) -> None:
    kind = pa.list_(pa.field("element", pa.string()))
    known = [None if own is None else [text for text in own if text in ("kvm", "xen")] for own, _ in rows]
    table = pa.table({
        "id": [f"i{n}" for n in range(len(rows))],
        "image.hypervisors": pa.array(known, kind),
        "lists": pa.array([own for _, own in rows], kind),
    })  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "WRITTEN_ROWS", at_once)
        sources = [Path(folder, name) for name in ("t.parquet", "t.arrow")]
        pq.write_table(table, sources[0], row_group_size=group)
        with pa.ipc.new_file(sources[1], table.schema) as writer:
            writer.write_table(table)
        for ending in ("csv", "jsonl", "parquet"):
            found = [source.with_suffix(f".{ending}.out") for source in sources]
            for source, target in zip(sources, found, strict=True):
                imagefit.audit(source, operation="share").write(target, ending)
            if ending == "parquet":
                written = [pq.read_table(target) for target in found]
                assert written[0].equals(written[1]) and written[0].schema.equals(written[1].schema)
                assert written[0].select(table.schema.names).equals(table)
            else:
                assert found[0].read_bytes() == found[1].read_bytes()
