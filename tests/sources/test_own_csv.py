"""CSV as people have it: with other separators, in other encodings, with Excel's first line. It is read alike by
`check` and `audit`, wherever blocks end."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefit.errors import InputError, UnknownNameError
from imagefit.readers.own import OwnTables
from imagefit.sources.candidates import CandidateFile
from imagefit.sources.csvcolumns import fast_batches
from imagefit.sources.reading import open_file
from packfiles import shipped_pack

FIELDS = shipped_pack().fields

ENCODED = {"utf-8": "", "utf-8-sig": "", "utf-16": "", "gbk": "gbk", "gb18030": "gb18030", "utf-16-be": "utf-16-be"}
"""How Python writes what the caller has to call so; what has a byte order mark need not be called."""

CELLS = st.text("ab1 镜像国、\",;\t\n|'", max_size=6)


def opened(path: Path, **said: str) -> CandidateFile:
    return open_file(
        path, FIELDS, own=OwnTables(delimiter=said.get("delimiter"), encoding=said.get("encoding") or None)
    )


def by_audit(file: CandidateFile, block_bytes: int = 1 << 20) -> list[tuple[str, ...]]:
    batches = fast_batches(file.file, file.header, file.fields, file.lines, block_bytes=block_bytes)  # type: ignore[attr-defined]
    return [tuple(row.values()) for batch in batches for row in batch.data.to_pylist()]


def by_check(file: CandidateFile) -> list[tuple[str, object]]:
    return [(str(record.facts.get("image.owner", "")), record.columns["备注"]) for record in file.records()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=5),
    delimiter=st.sampled_from((",", ";", "\t", "|")),
    encoding=st.sampled_from(sorted(ENCODED)),
    end=st.sampled_from(("\n", "\r\n")),
    way=st.sampled_from(("shown", "said", "sep")),
    block=st.integers(60, 90),
    is_quoted=st.booleans(),
)
def test_cells_come_as_they_were_written(
    tmp_path: Path,
    rows: list[tuple[str, str]],
    delimiter: str,
    encoding: str,
    end: str,
    way: str,
    block: int,
    is_quoted: bool,
) -> None:
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([("image.owner", "备注"), *rows])
    first = f"sep={delimiter}{end}" if way == "sep" else ""
    path = tmp_path / "t.csv"
    path.write_bytes((first + out.getvalue()).encode(encoding))
    is_said = way == "said" or (way == "shown" and delimiter == "|")
    file = opened(path, encoding=ENCODED[encoding], **({"delimiter": delimiter} if is_said else {}))
    assert by_audit(file, block) == rows
    assert by_check(file) == rows


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_what_is_no_text_in_its_encoding_is_an_error_of_its_row(tmp_path: Path, compress: type[bytes]) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(compress("image.owner;备注\nx;国\ny;".encode("gbk") + b"\xff\n" + "z;像\n".encode("gbk")))
    file = opened(path, encoding="gbk")
    for read in (by_audit, by_check):
        with pytest.raises(InputError, match=r"row 2, 备注: not GBK: .*xff") as raised:
            read(file)
        assert "--encoding" in str(raised.value)


def test_a_row_that_is_no_text_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("image.owner;备注\nx;国\ny;".encode("gbk") + b"\xff\n" + "z;像\n".encode("gbk"))
    file = open_file(path, FIELDS, keep_going=True, own=OwnTables(encoding="gbk"))
    (batch,) = file.batches()
    assert batch.data["image.owner"].to_pylist() == ["x", "z"]
    assert [row.number for row in batch.bad] == [2]


@pytest.mark.parametrize(
    ("text", "encoding", "suggested"),
    [
        ("image.owner,备注\nx,镜像国\n", "gbk", "gbk"),
        ("image.owner,Größe\nx,drüben\n", "cp1252", "cp1252"),
    ],
)
def test_what_is_not_utf_8_is_refused_with_an_encoding_to_try(
    tmp_path: Path, text: str, encoding: str, suggested: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(encoding))
    with pytest.raises(InputError, match=rf"not UTF-8 at byte 1\d.*--encoding says, such as {suggested}"):
        opened(path)
    assert len(list(opened(path, encoding=suggested).records())) == 1


def test_a_byte_order_mark_counts_before_what_is_said(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("image.owner,备注\nx,国\n".encode("utf-8-sig"))
    assert by_check(opened(path, encoding="gbk")) == [("x", "国")]


def test_lines_are_counted_with_the_one_that_says_what_separates_cells(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('\nsep=;\nimage.owner;备注\nx;y\nx;"y\n', "utf-8")
    file = opened(path)
    for read in (by_audit, by_check):
        with pytest.raises(InputError, match=r"line 5: not CSV \(a quote is left open\)"):
            read(file)


@pytest.mark.parametrize("text", ["image.owner;a, b;c\n", '"a;b;c;d",image.owner\n', "image.owner\n", '"a\n;;",x\n'])
def test_what_stands_most_often_outside_of_quotes_separates_cells(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, "utf-8")
    file = open_file(path, FIELDS, format="facts-csv")
    delimiter = ";" if text.startswith("image.owner;") else ","
    assert file.columns == tuple(next(csv.reader(io.StringIO(text), delimiter=delimiter)))  # type: ignore[attr-defined]


def test_a_comma_is_no_decimal_point(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("image.owner;image.min_disk_gib\nx;40,0\n", "utf-8")
    with pytest.raises(InputError, match=r"row 1, image\.min_disk_gib: not a value of this fact: '40,0'"):
        by_check(opened(path))


@pytest.mark.parametrize("name", ["utf-9", "gbkk", "base64", "unicode_escape", "cp037", ""])
def test_an_encoding_that_there_is_not_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "t.csv").write_text("image.owner\n")
    with pytest.raises(UnknownNameError, match="unknown encoding"):
        open_file(tmp_path / "t.csv", FIELDS, own=OwnTables(encoding=name))
