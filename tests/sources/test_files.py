"""Files are audited piece by piece, and give what the same rows in memory give."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import imagefit
from imagefit import InputError
from imagefit.sources.batch import pieces
from imagefit.sources.files import FilesSource
from imagefit.sources.reading import open_file
from imagefit.sources.rows import batches_of
from packfiles import shipped_pack

ROWS: Sequence[Mapping[str, Any]] = [
    {"id": "007", "note": "1e5", "image.status": "active", "image.visibility": "private", "image.encrypted": False},
    {"id": "b", "note": 'x,\n"y', "image.status": "queued", "image.visibility": "shared", "image.encrypted": None},
    {"id": "c", "note": "", "image.status": None, "image.visibility": "private", "image.encrypted": True},
]
RESULTS = ["verdict", "failed_rules", "unknown_rules", "warnings", "missing_facts", "reasons"]


def csv_text(rows: Sequence[Mapping[str, Any]] = ROWS) -> str:
    import csv

    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow("" if value is None else str(value) for value in row.values())
    return out.getvalue()


def json_lines(rows: Sequence[Mapping[str, Any]] = ROWS) -> str:
    return "\n".join(json.dumps(row) for row in rows) + "\n\n"


def zstd(content: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(content, asbytes=True))


def write_parquet(path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(list(ROWS)), path, row_group_size=2)


def write_arrow(path: Path) -> None:
    table = pa.Table.from_pylist(list(ROWS))
    with pa.ipc.new_file(path, table.schema) as file:
        file.write_table(table, max_chunksize=2)


def write_stream(path: Path) -> None:
    table = pa.Table.from_pylist(list(ROWS))
    with pa.OSFile(str(path), "wb") as out, pa.ipc.new_stream(out, table.schema) as file:
        file.write_table(table)


WRITERS: Mapping[str, Callable[[Path], object]] = {
    "csv": lambda path: path.write_text(csv_text(), "utf-8", newline=""),
    "csv with a mark": lambda path: path.write_text(csv_text(), "utf-8-sig", newline=""),
    "csv in utf-16": lambda path: path.write_text(csv_text(), "utf-16", newline=""),
    "csv.gz": lambda path: path.write_bytes(gzip.compress(csv_text().encode())),
    "csv.zst": lambda path: path.write_bytes(zstd(csv_text().encode())),
    "json lines": lambda path: path.write_text(json_lines(), "utf-8"),
    "json lines, gzip": lambda path: path.write_bytes(gzip.compress(json_lines().encode())),
    "json list": lambda path: path.write_text(json.dumps(list(ROWS)), "utf-8"),
    "json list, gzip": lambda path: path.write_bytes(gzip.compress(json.dumps(list(ROWS)).encode())),
    "parquet": write_parquet,
    "arrow": write_arrow,
    "arrow stream": write_stream,
}


@pytest.fixture
def expected() -> Any:
    return imagefit.audit(list(ROWS), operation="share").to_arrow().select(RESULTS).to_pylist()


@pytest.mark.parametrize("kind", list(WRITERS))
def test_files_of_every_kind_give_what_their_rows_give(kind: str, tmp_path: Path, expected: Any) -> None:
    path = tmp_path / "table"
    WRITERS[kind](path)
    found = imagefit.audit(path, operation="share")
    table = found.to_arrow()
    assert table.select(RESULTS).to_pylist() == expected
    assert table["id"].to_pylist() == ["007", "b", "c"]
    assert [note or "" for note in table["note"].to_pylist()] == [row["note"] for row in ROWS]
    assert len(found) == 3
    assert found.to_pandas()["id"].tolist() == ["007", "b", "c"]
    assert found.explain(1).key == "b"
    assert found.where(verdict="incompatible").to_arrow()["id"].to_pylist() == ["b", "c"]
    assert found.summary() == imagefit.audit(list(ROWS), operation="share").summary()


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl", "parquet", "arrow"])
@pytest.mark.parametrize("keep_going", [False, True])
def test_a_batch_of_a_wide_table_has_no_more_cells_than_another(
    kind: str, keep_going: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imagefit.sources.batch.CELLS", 3_000)
    monkeypatch.setattr("imagefit.sources.batch.PIECE_CELLS", 3_000)
    names = [f"c{n}" for n in range(28)]
    rows = [{"id": f"i{n}", "image.status": "active"} | dict.fromkeys(names, str(n)) for n in range(500)]
    table, path = pa.Table.from_pylist(rows), tmp_path / "t"
    if kind == "arrow":
        with pa.ipc.new_file(path, table.schema) as file:
            file.write_table(table)
    elif kind == "parquet":
        pq.write_table(table, path, row_group_size=200)
    else:
        path.write_text({"csv": csv_text, "json": json.dumps, "jsonl": json_lines}[kind](rows))
    source = FilesSource([open_file(path, shipped_pack().fields, keep_going=keep_going)])
    slices = [piece for batch in source.batches() for piece in batch.slices()]
    assert [row["c27"] for piece in slices for row in piece.data.to_pylist()] == [row["c27"] for row in rows]
    assert [number for piece in slices for number in piece.numbers or ()] == list(range(1, 501))
    assert max(piece.count * piece.data.num_columns for piece in slices) <= 1.5 * 3_000  # pieces of a batch are even


def test_a_piece_of_rows_ends_where_it_is_long_or_has_many_different_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imagefit.sources.batch.PIECE_CELLS", 100)
    monkeypatch.setattr("imagefit.sources.batch.PIECE_CHARACTERS", 1_000)
    many = pieces(range(100), 1_000, lambda row: ({f"c{row}", f"d{row}"}, 0))
    assert [len(piece) for piece in many] == [7] * 14 + [2]  # 14 columns; 8 rows would have 128 cells
    assert [len(piece) for piece in pieces(range(10), 1_000, lambda row: ({"c"}, 400))] == [3, 3, 3, 1]
    assert [len(piece) for piece in pieces(range(10), 4, lambda row: ({"c"}, 1))] == [4, 4, 2]
    assert list(pieces([], 4, lambda row: ({"c"}, 1))) == []


def test_columns_of_parquet_come_back_with_their_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "image.status": pa.array(["active", None], pa.large_string()),
            "image.hypervisors": pa.array([["kvm"], None], pa.list_(pa.string())),
            "when": pa.array([1, 2], pa.timestamp("s", "UTC")),
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    found = imagefit.audit(tmp_path / "t.parquet", operation="delete").to_arrow()
    assert found.select(table.column_names).schema.equals(pq.read_table(tmp_path / "t.parquet").schema)
    assert found.select(table.column_names).to_pylist() == table.to_pylist()


@pytest.mark.parametrize("group_rows", [100, 3_000, 30_000])
def test_parquet_may_have_many_row_groups_and_lists_that_outgrow_their_dictionary(
    tmp_path: Path, group_rows: int
) -> None:
    count = 9_000
    table = pa.table(
        {
            "image.status": ["active", "queued", None] * (count // 3),
            "image.attributes": [[f"a{n * 7919 % 5000}=x"] * (n % 3) for n in range(count)],
            "image.hypervisors": [["kvm"], ["xen", "kvm"], []] * (count // 3),
        }
    )
    path = tmp_path / "t.parquet"
    pq.write_table(table, path, row_group_size=group_rows, dictionary_pagesize_limit=9_000)
    found = imagefit.audit(path, operation="delete", select=["status"]).to_arrow()
    assert found.select(table.column_names).to_pylist() == table.to_pylist()
    assert found["verdict"].to_pylist() == ["compatible", "incompatible", "unknown"] * (count // 3)


def test_several_files_and_patterns_are_one_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,image.status\n1,active\n2,queued\n")
    (tmp_path / "b.csv").write_text("id,image.visibility\n3,private\n")
    pq.write_table(pa.table({"id": ["4"], "image.status": ["killed"]}), tmp_path / "c.parquet")
    found = imagefit.audit([str(tmp_path / "*.csv"), tmp_path / "c.parquet"], operation="delete").to_arrow()
    assert found.select(["id", "image.status", "image.visibility"]).to_pylist() == [
        {"id": "1", "image.status": "active", "image.visibility": None},
        {"id": "2", "image.status": "queued", "image.visibility": None},
        {"id": "3", "image.status": None, "image.visibility": "private"},
        {"id": "4", "image.status": "killed", "image.visibility": None},
    ]
    with pytest.raises(InputError, match="no file is named like this"):
        imagefit.audit(str(tmp_path / "*.json"), operation="delete")


@pytest.mark.parametrize("piece_rows", [1, 2])
def test_pieces_of_rows_change_nothing(tmp_path: Path, piece_rows: int) -> None:
    for kind in ("json lines", "json list"):
        WRITERS[kind](tmp_path / "table")
        file = open_file(tmp_path / "table", shipped_pack().fields)
        (whole,) = file.batches()
        pieces = list(batches_of(file.rows(), file.fields, file.name, piece_rows))
        assert [batch.count for batch in pieces] == {1: [1, 1, 1], 2: [2, 1]}[piece_rows]
        columns = whole.data.schema.names
        assert [row for batch in pieces for row in batch.data.select(columns).to_pylist()] == whole.data.to_pylist()
        assert [number for batch in pieces for number in batch.numbers or ()] == [1, 2, 3]
        statuses = [status for batch in pieces for status in batch.data["image.status"].to_pylist()]
        assert statuses == ["active", "queued", None]


BAD = {
    "a wrong value": ("id,image.status\na,active\n\nb,activ\n", r"row 2, image\.status: not a value .*'activ'"),
    "a short row": ("id,image.status\na,active\nb\n", "row 2: the row has 1 cell; expected 2, as the header"),
    "a column twice": ("image.status,image.status\n", "the header: the column stands twice: 'image.status'"),
    "no text": ("image.status\nactive\n\udcff\n", "UTF-8"),
    "a quote left open": ('image.status,note\nactive,"a\nactive,b\n', "a quote is left open"),
    "not JSON": ('{"image.status": "active"}\n{"image.status"\n', r"row 2: not JSON"),
    "a key twice": ('{"image.status": "active"}\n{"id": 1, "id": 2}\n', "row 2: the key stands here more than once"),
    "no object": ('{"image.status": "active"}\n[1]\n', "row 2: not an object"),
    "a wrong value in JSON": (
        '{"image.status": "active"}\n{"image.encrypted": 1}\n',
        r"row 2, image\.encrypted: not a value",
    ),
}


@pytest.mark.parametrize("kind", list(BAD))
def test_what_is_wrong_with_a_file_is_named_with_its_place(kind: str, tmp_path: Path) -> None:
    text, message = BAD[kind]
    path = tmp_path / "table"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=message) as caught:
        imagefit.audit(path, operation="share").summary()
    assert caught.value.file == str(path)


def test_damaged_and_missing_files_are_input_errors(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a")
    content = (tmp_path / "a").read_bytes()
    (tmp_path / "a").write_bytes(content[:-40])
    (tmp_path / "b").write_bytes(gzip.compress(csv_text().encode() * 9000)[:-200])
    (tmp_path / "c").write_bytes(b"ARROW1\0\0" + b"\0" * 64)
    (tmp_path / "d").write_bytes(b"")
    for name in "abcde":
        with pytest.raises(InputError):
            imagefit.audit(tmp_path / name, operation="share").summary()


def test_columns_of_one_name_and_different_types_are_an_error(tmp_path: Path) -> None:
    pq.write_table(pa.table({"image.status": ["active"], "n": [1]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"image.status": ["active"], "n": [[1]]}), tmp_path / "b.parquet")
    with pytest.raises(InputError, match="columns of one name and different types"):
        imagefit.audit([tmp_path / "a.parquet", tmp_path / "b.parquet"], operation="delete").to_arrow()


@pytest.mark.parametrize(
    "kind", [*(pytest.param(kind, marks=pytest.mark.slow) for kind in ("parquet", "arrow")), "csv.gz"]
)
def test_damage_within_a_file_is_an_input_error(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "table"
    WRITERS[kind](path)
    content = bytearray(path.read_bytes())
    for place in range(20, len(content) - 20, 7):
        damaged = bytearray(content)
        damaged[place] ^= 0x5A
        path.write_bytes(damaged)
        try:
            imagefit.audit(path, operation="share").summary()
        except InputError as error:
            assert str(path) in str(error)


def test_the_rows_of_a_json_file_may_differ_in_keys_and_types(tmp_path: Path) -> None:
    rows = [{"image.encrypted": "true", "n": 1}, {"image.encrypted": True, "n": "x", "l": [1]}, {"l": {"a": None}}]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = imagefit.audit(tmp_path / "t.jsonl", operation="share", select=["sharing.encrypted"]).to_arrow()
    assert found["n"].to_pylist() == ["1", "x", None]
    assert found["l"].to_pylist() == [None, "[1]", '{"a": null}']
    assert found["verdict"].to_pylist() == ["incompatible", "incompatible", "unknown"]
    assert found["image.encrypted"].to_pylist() == [True, True, None]


def test_image_lists_are_tables_of_their_facts(tmp_path: Path) -> None:
    image = {"id": "i-1", "name": "web", "status": "active", "__imagetype": "private", "virtual_env_type": "DataImage"}
    (tmp_path / "images.json").write_text(json.dumps({"images": [image, {**image, "id": "i-2", "status": "queued"}]}))
    found = imagefit.audit(tmp_path / "images.json", operation="delete")
    table = found.to_arrow()
    assert table.column_names[:2] == ["id", "name"]
    assert table["image.type"].to_pylist() == ["data_disk", "data_disk"]
    assert found.explain(1).verdict == "incompatible"
    assert [reason.example for reason in found.summary().reasons if reason.outcome == "fail"] == ["i-2"]


@pytest.mark.parametrize("compression", [False, True])
@pytest.mark.parametrize("wrapper", [None, "images"])
def test_long_lists_are_read_as_short_ones(tmp_path: Path, wrapper: str | None, compression: bool) -> None:
    image = {"name": "web", "status": "active", "__imagetype": "private", "virtual_env_type": "DataImage"}
    images = [{**image, "id": f"i-{n}", "status": status} for n, status in enumerate(["active", "queued"] * 3)]
    images[4] = image
    data = json.dumps({"count": 1, wrapper: images, "next": "more"} if wrapper else images, indent=1).encode()
    (tmp_path / "images").write_bytes(data)
    expected = imagefit.audit(tmp_path / "images", operation="delete")
    data = data.replace(b"\n", b"\n" + b" " * (1 << 16))
    (tmp_path / "long").write_bytes(gzip.compress(data) if compression else data)
    found = imagefit.audit(tmp_path / "long", operation="delete")
    assert found.to_arrow().to_pylist() == expected.to_arrow().to_pylist()
    assert [found.explain(row).key for row in range(6)] == ["i-0", "i-1", "i-2", "i-3", "web", "i-5"]


def test_a_wrong_value_in_a_long_list_of_facts_is_named_with_its_row(tmp_path: Path) -> None:
    (tmp_path / "t").write_text(f'[{{"image.status": "active"}},{" " * (9 << 20)}{{"image.status": 1}}]')
    with pytest.raises(InputError, match=r"row 2, image\.status: not a value"):
        imagefit.audit(tmp_path / "t", operation="share").summary()


def test_a_file_of_no_rows_is_fine(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("image.status,id\n")
    found = imagefit.audit(tmp_path / "t.csv", operation="share")
    assert repr(found).endswith("not read yet>")
    assert len(found) == 0
    assert found.to_arrow().column_names == ["image.status", "id", *RESULTS]
