"""Workbooks: typed cells, nothing that is executed, verdicts in colour, a summary; read as the XML that they are."""

from __future__ import annotations

import datetime
import gc
import tempfile
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import imagefit
from imagefit.errors import InputError
from imagefit.reports import xlsx
from packfiles import small_pack

pytest.importorskip("xlsxwriter")

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
NAMES = ("id", "n", "x", "on", "appliance.plug", "socket.shape", "socket.earthed")
ROWS = [
    dict(zip(NAMES, row, strict=True))
    for row in (
        ("=1+1", 3, 0.5, True, "type_c", "type_g", True),
        ("007", 2, 2.5, False, "type_c", "type_c", True),
        ("compatible", 2**60, None, None, None, "type_c", True),
        ("http://a.example", 0, None, None, "type_c", "type_c", True),
    )
]


def parts(path: Path) -> dict[str, ElementTree.Element]:
    with zipfile.ZipFile(path) as book:
        return {name: ElementTree.fromstring(book.read(name)) for name in book.namelist() if name.endswith(".xml")}


def cells(sheet: ElementTree.Element) -> list[list[tuple[str, str, str]]]:
    """Return the cells of each row: type, text, and number of the style."""
    found = []
    for row in sheet.iter(f"{MAIN}row"):
        here = []
        for cell in row.iter(f"{MAIN}c"):
            text = "".join(part.text or "" for part in cell.iter() if part.tag in (f"{MAIN}t", f"{MAIN}v"))
            here.append((cell.get("t", "n"), text, cell.get("s", "0")))
        found.append(here)
    return found


@pytest.fixture
def book(tmp_path: Path) -> dict[str, ElementTree.Element]:
    path = tmp_path / "audited.xlsx"
    imagefit.audit(
        ROWS,
        operation="plug_in",
        pack=small_pack(),
    ).write(path)
    return parts(path)


def test_cells_have_types_and_no_text_is_executed_or_followed(book: dict[str, ElementTree.Element]) -> None:
    header, *rows = cells(book["xl/worksheets/sheet2.xml"])
    assert tuple(text for _, text, _ in header[:7]) == NAMES
    assert [row[0][:2] for row in rows] == [("inlineStr", row["id"]) for row in ROWS]
    assert [row[1][:2] for row in rows[:2]] == [("n", "3"), ("n", "2")]
    assert rows[2][1][:2] == ("inlineStr", str(2**60))  # Excel would make it another number
    assert [cell[:2] for cell in rows[1][2:4]] == [("n", "2.5"), ("b", "0")]
    for sheet in book.values():
        assert not list(sheet.iter(f"{MAIN}f")) and not list(sheet.iter(f"{MAIN}hyperlink"))


def test_our_verdicts_are_coloured_and_the_callers_words_are_not(book: dict[str, ElementTree.Element]) -> None:
    _, *rows = cells(book["xl/worksheets/sheet2.xml"])
    styles = {text: style for row in rows for _, text, style in row[1:]}
    kinds = ("incompatible", "unknown", "compatible")
    assert len({styles[kind] for kind in kinds}) == 3 and "0" not in {styles[kind] for kind in kinds}
    assert rows[2][0] == ("inlineStr", "compatible", "0")


def test_the_header_stays_and_filters(book: dict[str, ElementTree.Element]) -> None:
    sheet = book["xl/worksheets/sheet2.xml"]
    pane = next(sheet.iter(f"{MAIN}pane"))
    assert (pane.get("ySplit"), pane.get("state")) == ("1", "frozen")
    assert next(sheet.iter(f"{MAIN}autoFilter")).get("ref", "").startswith("A1:")


def test_a_sheet_sums_up(book: dict[str, ElementTree.Element]) -> None:
    rows = [[text for _, text, _ in row] for row in cells(book["xl/worksheets/sheet1.xml"])]
    assert ["rows", "4"] in rows
    assert ["incompatible", "1"] in rows and ["unknown", "1"] in rows and ["compatible", "2"] in rows
    assert ["rule", "severity", "fail", "alone", "unknown"] in rows


def test_what_a_sheet_has_no_room_for_stands_on_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 3)
    imagefit.audit(ROWS, operation="plug_in", pack=small_pack()).write(tmp_path / "a.xlsx")
    book = parts(tmp_path / "a.xlsx")
    sheets = [cells(book[f"xl/worksheets/sheet{number}.xml"]) for number in (2, 3)]
    assert [row[0][1] for sheet in sheets for row in sheet] == [
        "id",
        *[r["id"] for r in ROWS[:2]],
        "id",
        *[r["id"] for r in ROWS[2:]],
    ]


def test_a_text_that_is_too_long_is_cut_and_says_so_and_control_characters_are_kept(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"id": "x" * 40_000, "appliance.plug": "type_c"}, {"id": "a\x1b\x00b"}]
    imagefit.audit(rows, operation="plug_in", pack=small_pack()).write(tmp_path / "a.xlsx")
    _, first, second = cells(parts(tmp_path / "a.xlsx")["xl/worksheets/sheet2.xml"])
    assert first[0][1].endswith("… (40,000 characters)") and len(first[0][1]) < 32_767
    assert second[0][1] == "a_x001B__x0000_b"  # as Excel writes and reads them


def test_dates_and_decimals(tmp_path: Path) -> None:
    moment = datetime.datetime(2026, 3, 1, 12, 30)
    rows = [{"appliance.plug": "type_c", "at": moment, "day": moment.date(), "price": Decimal("1.10")}]
    imagefit.audit(rows, operation="plug_in", pack=small_pack()).write(tmp_path / "a.xlsx")
    _, row = cells(parts(tmp_path / "a.xlsx")["xl/worksheets/sheet2.xml"])
    day = (moment.date() - datetime.date(1899, 12, 30)).days  # as Excel counts
    assert [float(row[1][1]), float(row[2][1])] == [pytest.approx(day + 12.5 / 24), day]
    assert row[3][:2] == ("inlineStr", "1.10")


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    audited = imagefit.audit(ROWS, operation="plug_in", pack=small_pack())
    for name in ("a.xlsx", "b.xlsx"):
        audited.write(tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_without_xlsxwriter_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    with pytest.raises(InputError, match=r"pip install 'imagefit\[excel\]'"):
        imagefit.audit(ROWS, operation="plug_in", pack=small_pack()).write(tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_what_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts_of = tmp_path / "parts"
    parts_of.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(parts_of))
    audited = imagefit.audit(ROWS, operation="plug_in", pack=small_pack())
    with pytest.raises(OSError, match="No space left"):
        audited.write("/dev/full", "xlsx")
    (tmp_path / "bad.jsonl").write_text('{"id": "a", "socket.earthed": true}\n' * 9 + '{"socket.earthed": 7}\n')
    with pytest.raises(InputError, match=r"socket\.earthed"):
        imagefit.audit(str(tmp_path / "bad.jsonl"), operation="plug_in", pack=small_pack()).write(tmp_path / "a.xlsx")
    audited.write(tmp_path / "b.xlsx")
    gc.collect()
    assert list(parts_of.iterdir()) == []
    assert sorted(file.name for file in tmp_path.iterdir()) == ["b.xlsx", "bad.jsonl", "parts"]
