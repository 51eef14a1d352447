"""Columns of Parquet files are carried as they lie: readers of Parquet find in the new file what was in the old one."""

from __future__ import annotations

import datetime
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

import imagefit
from commands import run
from imagefit.errors import InputError
from imagefit.reports.files import Layout
from imagefit.reports.parquet import chunks
from imagefit.reports.parquet.thrift import BINARY, I16, I32, I64, LIST, STRUCT, parsed, written
from imagefit.reports.parquet.writer import ParquetWriter

RESULTS = pa.schema([pa.field("verdict", pa.string()), pa.field("reasons", pa.list_(pa.string()))])

# Beside a fact, one column of each kind that a file may have: the strategies give values, now and then none.
KINDS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "text": (pa.string(), st.text(max_size=8)),
    "word": (pa.string(), st.sampled_from(["a", "b", "ü"])),
    "category": (pa.dictionary(pa.int32(), pa.string()), st.sampled_from(["a", "b"])),
    "number": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "byte": (pa.uint8(), st.integers(0, 255)),
    "float": (pa.float64(), st.floats(allow_nan=False)),
    "truth": (pa.bool_(), st.booleans()),
    "bytes": (pa.binary(), st.binary(max_size=5)),
    "moment": (pa.timestamp("us", "UTC"), st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2200, 1, 1))),
    "day": (pa.date32(), st.dates()),
    "price": (pa.decimal128(9, 2), st.decimals(-999, 999, places=2)),
    "list": (pa.list_(pa.string()), st.lists(st.text(max_size=3), max_size=3)),
    "struct": (
        pa.struct([("n", pa.int32()), ("texts", pa.list_(pa.string()))]),
        st.fixed_dictionaries({"n": st.integers(0, 9), "texts": st.lists(st.text(max_size=2), max_size=2)}),
    ),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.integers(1, 40))
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), unique=True))
    columns = {
        "image.status": pa.array(draw(st.lists(st.sampled_from(["active", None]), min_size=rows, max_size=rows)))
    }
    for name in kinds:
        kind, values = KINDS[name]
        several = draw(st.lists(st.none() | values, min_size=rows, max_size=rows))
        columns[name] = pa.array(several, kind.value_type if pa.types.is_dictionary(kind) else kind).cast(kind)
    return pa.table(columns)


WAYS = st.fixed_dictionaries(
    {
        "row_group_size": st.integers(1, 50),
        "compression": st.sampled_from(["none", "snappy", "gzip", "zstd"]),
        "version": st.sampled_from(["1.0", "2.4", "2.6"]),
        "data_page_version": st.sampled_from(["1.0", "2.0"]),
        "data_page_size": st.sampled_from([1, 1 << 20]),
        "use_dictionary": st.booleans(),
        "write_statistics": st.booleans(),
        "write_page_index": st.booleans(),
        "store_schema": st.booleans(),
        "write_page_checksum": st.booleans(),
    }
)


@pytest.fixture
def any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "LEAST_ROWS", 1)


def results_of(rows: int) -> Iterator[pa.RecordBatch]:
    """Some results, in batches that have nothing to do with row groups."""
    for start in range(0, rows, 7):
        own = range(start, min(rows, start + 7))
        verdicts = pa.array([("compatible", "unknown")[row % 2] for row in own]).dictionary_encode()
        reasons = pa.array([[f"r{row % 3}"] * (row % 4) for row in own], pa.list_(pa.string()))
        lists = pa.ListArray.from_arrays(reasons.offsets, reasons.values.dictionary_encode())
        yield pa.record_batch([verdicts, lists], names=RESULTS.names)


class Given:
    """Rows whose caller's columns nobody may ask for."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.batch = batch

    def carried(self) -> Any:
        raise AssertionError("the caller's columns are copied")

    def results(self) -> Sequence[Any]:
        return self.batch.columns


def written_beside(paths: Sequence[Path]) -> bytes:
    files = [pq.ParquetFile(path) for path in paths]
    out = io.BytesIO()
    writer = ParquetWriter(out, Layout(lambda: files[0].schema_arrow, RESULTS, carried_from=paths))
    for batch in results_of(sum(file.metadata.num_rows for file in files)):
        writer.write(writer.encode(Given(batch)))
    writer.close()
    return out.getvalue()


def chunk_bytes(content: bytes, columns: int) -> list[bytes]:
    """The bytes of the first columns' chunks, as pyarrow says where they are."""
    metadata = pq.read_metadata(io.BytesIO(content))
    found = []
    for group in range(metadata.num_row_groups):
        for column in range(columns):
            own = metadata.row_group(group).column(column)
            start = own.dictionary_page_offset or own.data_page_offset
            found.append(content[start : start + own.total_compressed_size])
    return found


@given(tables(), WAYS, st.integers(1, 3))
@pytest.mark.usefixtures("any_size")
def test_what_was_in_the_files_is_in_the_new_one_to_the_byte_beside_the_results(
    tmp_path_factory: pytest.TempPathFactory, table: pa.Table, ways: dict[str, Any], count: int
) -> None:
    paths = [tmp_path_factory.mktemp("carried") / "rows.parquet" for _ in range(count)]
    for path in paths:
        pq.write_table(table, path, **ways)
    try:
        carried = pa.concat_tables([pq.read_table(path) for path in paths])
    except pa.ArrowInvalid:  # null lists in tiny pages: Arrow 26 does not read what it wrote
        reject()
    content = written_beside(paths)
    read = pq.read_table(io.BytesIO(content))
    assert read.select(table.schema.names).cast(carried.schema).equals(carried)
    results = pa.Table.from_batches(results_of(len(carried))).unify_dictionaries()
    for name in RESULTS.names:
        assert read[name].to_pylist() == results[name].to_pylist()
    leaves = pq.read_metadata(paths[0]).num_columns
    before = [piece for path in paths for piece in chunk_bytes(path.read_bytes(), leaves)]
    assert chunk_bytes(content, leaves) == before


@given(tables(), WAYS)
@pytest.mark.usefixtures("any_size")
def test_other_readers_find_the_same(
    tmp_path_factory: pytest.TempPathFactory, table: pa.Table, ways: dict[str, Any]
) -> None:
    path, found = (tmp_path_factory.mktemp("carried") / name for name in ("rows.parquet", "found.parquet"))
    pq.write_table(table, path, **ways)
    found.write_bytes(written_beside([path]))
    names = ", ".join(f'"{name}"' for name in table.schema.names)
    with duckdb.connect() as connection:
        before, after = (
            connection.execute(f"SELECT {names} FROM read_parquet('{file}')").fetchall() for file in (path, found)
        )
        assert before == after
        verdicts = connection.execute(f"SELECT verdict, reasons FROM read_parquet('{found}')").fetchall()
    assert pl.read_parquet(found).select(table.schema.names).equals(pl.read_parquet(path))
    results = pa.Table.from_batches(results_of(len(table)))
    assert verdicts == list(zip(*(results[name].to_pylist() for name in RESULTS.names), strict=True))


def rows_of(count: int) -> pa.Table:
    status = ["active", "queued", None, "killed"]
    return pa.table(
        {
            "id": [f"row-{n}" for n in range(count)],
            "image.status": pa.array([status[n % 4] for n in range(count)]).dictionary_encode(),
            "n": list(range(count)),
            "tags": [["a", "b"][: n % 3] for n in range(count)],
        }
    )


def written_by(writer: str, table: pa.Table, path: Path) -> None:
    if writer == "duckdb":
        with duckdb.connect() as connection:
            connection.register("rows", table)
            connection.execute(f"COPY (SELECT * FROM rows) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 10240)")
    elif writer == "polars":
        pl.from_arrow(table).write_parquet(path, row_group_size=10_000)  # type: ignore[union-attr]
    elif writer == "pandas":
        table.to_pandas().to_parquet(path, row_group_size=10_000, index=False)
    else:
        pq.write_table(table, path, row_group_size=10_000, sorting_columns=[pq.SortingColumn(2)])


@pytest.mark.parametrize("writer", ["duckdb", "polars", "pandas", "arrow"])
def test_an_audit_copies_what_others_have_written(writer: str, tmp_path: Path) -> None:
    path, found, anew = (tmp_path / name for name in ("rows.parquet", "found.parquet", "anew.parquet"))
    written_by(writer, rows_of(25_000), path)
    audit = imagefit.audit(path, operation="share")
    audit.write(found)
    imagefit.audit(pq.read_table(path), operation="share").write(anew)
    read, expected = pq.read_table(found), pq.read_table(anew)
    assert read.schema.names == expected.schema.names
    assert read.to_pylist() == expected.to_pylist()
    assert chunk_bytes(found.read_bytes(), 4) == chunk_bytes(path.read_bytes(), 4)
    some = pq.read_table(found, filters=[("n", ">=", 24_990)])  # by the least and the greatest of each row group
    assert some["n"].to_pylist() == list(range(24_990, 25_000))


def test_rows_in_order_stay_said_to_be_in_order(tmp_path: Path) -> None:
    path, found = tmp_path / "rows.parquet", tmp_path / "found.parquet"
    written_by("arrow", rows_of(20_000), path)
    imagefit.audit(path, operation="share").write(found)
    assert pq.read_metadata(found).row_group(1).sorting_columns == (pq.SortingColumn(2),)


def is_copied(out: bytes, path: Path) -> bool:
    return chunk_bytes(out, 4) == chunk_bytes(path.read_bytes(), 4)


@pytest.mark.parametrize(
    ("limit", "value"), [("LEAST_ROWS", 30_000), ("MOST_ROWS", 100), ("MOST_BYTES", 100), ("MOST_CHUNKS", 3)]
)
def test_row_groups_of_a_bad_size_are_written_anew(
    limit: str, value: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, found = tmp_path / "rows.parquet", tmp_path / "found.parquet"
    written_by("polars", rows_of(25_000), path)
    monkeypatch.setattr(chunks, limit, value)
    imagefit.audit(path, operation="share").write(found)
    assert not is_copied(found.read_bytes(), path)
    assert pq.read_table(found).select(["id", "n", "tags"]).to_pylist() == (
        pq.read_table(path).select(["id", "n", "tags"]).to_pylist()
    )


def test_chunks_that_are_said_to_lie_over_others_are_written_anew(tmp_path: Path) -> None:
    path, found = tmp_path / "rows.parquet", tmp_path / "found.parquet"
    pq.write_table(rows_of(10_000), path)
    content = path.read_bytes()
    length = int.from_bytes(content[-8:-4], "little")
    end = parsed(content[-8 - length : -8])
    for chunk in end[4][1][1][0][1][1][1]:  # FileMetaData.row_groups, RowGroup.columns, ColumnChunk.meta_data
        entry = chunk[3][1]
        start = min(entry[number][1] for number in (9, 11) if number in entry)
        entry[7] = I64, len(content) - 8 - length - start  # total_compressed_size: all that follows
    damaged = written(end)
    path.write_bytes(content[: -8 - length] + damaged + len(damaged).to_bytes(4, "little") + b"PAR1")
    imagefit.audit(path, operation="share").write(found)
    assert not is_copied(found.read_bytes(), path)
    assert pq.read_table(found)["n"].to_pylist() == [*range(10_000)]


def test_what_is_left_out_or_of_other_files_is_written_anew(tmp_path: Path) -> None:
    table = rows_of(20_000)
    path, other, found = (tmp_path / name for name in ("rows.parquet", "other.parquet", "found.parquet"))
    pq.write_table(table, path)
    pq.write_table(table.drop_columns(["n"]), other)
    imagefit.audit(path, operation="share").where(verdict="incompatible").write(found)
    assert len(pq.read_table(found)) == 15_000 - 5_000
    imagefit.audit([path, other], operation="share").write(found)
    assert pq.read_table(found)["n"].null_count == 20_000
    imagefit.audit([path, path], operation="share").write(found)
    assert pq.read_table(found)["n"].to_pylist() == [*range(20_000)] * 2


def test_rows_that_can_not_be_read_are_left_out_of_what_is_carried(tmp_path: Path) -> None:
    path, found, bad = (tmp_path / name for name in ("rows.parquet", "found.parquet", "bad.jsonl"))
    table = rows_of(10_000)
    sizes = pa.array(["x" if n == 9_000 else str(n) for n in range(10_000)])
    pq.write_table(table.append_column("image.min_disk_gib", sizes), path)
    options = ["--operation", "share", "-o", str(found), "--on-bad-row", "report", "--bad-rows", str(bad)]
    result = run("audit", str(path), *options)
    assert "1 row could not be read" in result.stderr
    assert pq.read_table(found)["n"].to_pylist() == [n for n in range(10_000) if n != 9_000]


def test_a_file_that_changes_meanwhile_is_an_error_and_nothing_is_written(tmp_path: Path) -> None:
    path, found = tmp_path / "rows.parquet", tmp_path / "found.parquet"
    pq.write_table(rows_of(100), path)
    os.utime(path, ns=(0, 0))

    class Changing(io.BytesIO):
        def write(self, data: Any, /) -> int:
            os.utime(path, ns=(1, 1))
            return super().write(data)

    writer = ParquetWriter(Changing(), Layout(lambda: pq.read_schema(path), RESULTS, carried_from=[path]))
    with pytest.raises(InputError, match=r"rows\.parquet: the file has changed while it was read"):
        for batch in results_of(100):
            writer.write(writer.encode(Given(batch)))
    assert not found.exists()


def test_rows_that_no_row_group_has_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(rows_of(100), path)
    writer = ParquetWriter(io.BytesIO(), Layout(lambda: pq.read_schema(path), RESULTS, carried_from=[path]))
    with pytest.raises(InputError, match="the file has changed while it was read"):
        for batch in results_of(103):
            writer.write(writer.encode(Given(batch)))


def test_rows_that_lack_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(rows_of(100), path)
    writer = ParquetWriter(io.BytesIO(), Layout(lambda: pq.read_schema(path), RESULTS, carried_from=[path]))
    for batch in results_of(93):
        writer.write(writer.encode(Given(batch)))
    with pytest.raises(InputError, match="the file has changed while it was read"):
        writer.close()


@given(st.data())
def test_an_end_that_is_damaged_is_no_reason_to_fail(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp()
    path = folder / "damaged.parquet"
    if not path.exists():
        pq.write_table(rows_of(100), path)
    content = bytearray(path.read_bytes())
    length = int.from_bytes(content[-8:-4], "little")
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(len(content) - 8 - length, len(content) - 1))] = data.draw(st.integers(0, 255))
    changed = folder / "changed.parquet"
    changed.write_bytes(content)
    found = chunks.carried_chunks([changed], io.BytesIO())  # raises nothing, whatever it is
    assert found is None or found.lacking > 0


# -- Thrift's compact protocol


def values(kind: int) -> st.SearchStrategy[Any]:
    if kind in (I16, I32, I64):
        return st.integers(-(2**63), 2**63 - 1)
    if kind == BINARY:
        return st.binary(max_size=200)
    if kind == STRUCT:
        return structs
    if kind == LIST:
        of = st.sampled_from([1, I32, BINARY, STRUCT])
        return of.flatmap(
            lambda k: st.tuples(st.just(k), st.lists(st.booleans() if k == 1 else values(k), max_size=20))
        )
    return {1: st.just(True), 2: st.just(False), 3: st.integers(0, 255), 7: st.binary(min_size=8, max_size=8)}[kind]


structs: st.SearchStrategy[Any] = st.deferred(
    lambda: st.dictionaries(
        st.integers(1, 300),
        st.sampled_from([1, 2, 3, I16, I32, I64, 7, BINARY, LIST, STRUCT]).flatmap(
            lambda kind: st.tuples(st.just(kind), values(kind))
        ),
        max_size=4,
    )
)


@given(structs)
def test_a_struct_that_is_written_is_read_as_it_was(struct: Any) -> None:
    assert parsed(written(struct)) == struct


@pytest.mark.parametrize("writer", ["duckdb", "polars", "arrow"])
def test_the_end_of_a_file_is_written_as_others_do(writer: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    written_by(writer, rows_of(25_000), path)
    content = path.read_bytes()
    end = content[-8 - int.from_bytes(content[-8:-4], "little") : -8]
    assert written(parsed(end)) == end
