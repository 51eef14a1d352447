"""Sheets of workbooks: cells have types, errors are no values, and nothing in one is read without a bound."""

from __future__ import annotations

import datetime
import gzip
import io
import re
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

import imagefit
from imagefit.errors import ImagefitWarning, InputError
from imagefit.sources.names import split_place

Write = Callable[..., Path]

HEADER = ["id", "image.status", "image.min_disk_gib", "image.encrypted", "image.owner", "day"]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(*sheets: Sequence[Sequence[Any]], hidden: Sequence[int] = (), name: str = "t.xlsx") -> Path:
        book = xlsxwriter.Workbook(str(tmp_path / name), {"default_date_format": "yyyy-mm-dd"})
        for number, rows in enumerate(sheets):
            sheet = book.add_worksheet(f"Sheet {number}")
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, str) and cell.startswith("="):
                        formula, _, value = cell.partition(" -> ")
                        sheet.write_formula(row, column, formula, None, value)
                    elif cell is not None:
                        sheet.write(row, column, cell)
        visible = next(each for number, each in enumerate(book.worksheets()) if number not in hidden)
        visible.activate()
        visible.set_first_sheet()
        for number in hidden:
            book.worksheets()[number].hide()
        book.close()
        return tmp_path / name

    return written


def changed(path: Path, change: Callable[[str], str], part: str = "xl/worksheets/sheet1.xml") -> Path:
    """Change a part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_cells_have_types(write: Write) -> None:
    day = datetime.date(2026, 3, 1)
    path = write(
        [
            [],
            [],
            [None, *HEADER],
            [None, "a", "active", 40, True, "007", day],
            [],
            [None, 7, None, 40.0, False, "", None],
        ]
    )
    first, second = imagefit.read(path).records
    assert first.facts == {
        "image.status": "active",
        "image.min_disk_gib": 40,
        "image.encrypted": True,
        "image.owner": "007",
    }
    assert (first.columns["day"], second.key) == ("2026-03-01", "7")
    assert second.facts == {"image.min_disk_gib": 40, "image.encrypted": False}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["a", "active", 40, True, 7], r"row 2, image\.owner, cell E4: not a value of this fact: 7; expected text"),
        (["a", "active", 40.5], r"row 2, image\.min_disk_gib, cell C4: not a value of this fact: 40\.5"),
        (["a", "=NA() -> #N/A"], r"row 2, image\.status, cell B4: an error of the spreadsheet: '#N/A'"),
        (["a", "active", "=1/0 -> #DIV/0!"], r"row 2, image\.min_disk_gib, cell C4: an error .*'#DIV/0!'"),
    ],
)
def test_a_wrong_cell_is_named(write: Write, cells: list[Any], said: str) -> None:
    path = write([HEADER, ["x"], [], cells])
    with pytest.raises(InputError, match=said):
        imagefit.read(path)
    with pytest.raises(InputError, match=said):
        len(imagefit.audit(path, operation="share"))


def test_an_error_in_a_column_of_ones_own_is_carried(write: Write) -> None:
    path = write([HEADER, ["a", "active", None, None, None, "=NA() -> #N/A"]])
    audited = imagefit.audit(path, operation="share", select="status").to_arrow().to_pylist()
    assert [(row["day"], row["verdict"]) for row in audited] == [("#N/A", "compatible")]


def test_a_formula_is_its_stored_value_and_without_one_that_is_said(write: Write) -> None:
    path = write([HEADER, ["a", '="active" -> active', "=40 -> 40"], ["b", "=A1 -> ", None]])
    changed(path, lambda text: text.replace("<v></v>", ""))
    document = imagefit.read(path)
    assert [dict(record.facts) for record in document.records] == [
        {"image.status": "active", "image.min_disk_gib": 40},
        {},
    ]
    assert "1 formula without a value stored: what stands in such cells is unknown" in document.warnings


WHOLE = {
    "id": "a",
    "__image_source_type": "uds",
    "__imagetype": "private",
    "__isregistered": "true",
    "__os_bit": "64",
    "__os_version": "Ubuntu 22.04 server 64bit",
    "container_format": "bare",
    "disk_format": "zvhd2",
    "file": "/v2/images/a/file",
    "schema": "/v2/schemas/image",
    "updated_at": "2026-03-02T08:31:07Z",
    "__system__cmkid": None,
}


def encrypted(path: Path) -> list[object]:
    return [record.facts.get("image.encrypted") for record in imagefit.read(path).records]


def test_a_formula_without_a_value_is_not_absent(write: Write) -> None:
    row = list(WHOLE.values())
    path = write([list(WHOLE), row])
    assert encrypted(path) == [False]  # no other attribute says so, and the image is whole
    path = changed(write([list(WHOLE), [*row[:-1], "=B9 -> "]]), lambda text: text.replace("<v></v>", ""))
    assert encrypted(path) == [None]


def test_all_rows_that_a_merged_cell_reaches_over_have_its_value(write: Write) -> None:
    def merging(*ranges: str) -> Callable[[str], str]:
        cells = "".join(f'<mergeCell ref="{each}"/>' for each in ranges)
        return lambda text: text.replace("</sheetData>", f"</sheetData><mergeCells>{cells}</mergeCells>")

    key, row = ["one-key"], [*list(WHOLE.values())[:-1]]
    path = write([list(WHOLE), [*row, *key], row, [*row, None], row])
    assert encrypted(changed(path, merging("L2:L4"))) == [True, True, True, False]
    assert encrypted(changed(write([list(WHOLE), row, row]), merging("K2:L2"))) == [None, False]
    path = changed(write([HEADER, ["a", "active", 40], ["b", None, 50], [], ["c", None, 60]]), merging("B2:B4"))
    document = imagefit.read(path)
    assert [record.facts.get("image.status") for record in document.records] == ["active", "active", None]
    assert "cells are merged: all rows that they reach over have what stands in them" in document.warnings
    for odd in ("B2", "B0:B2", "x"):
        with pytest.raises(InputError, match="not a readable workbook"):
            imagefit.read(changed(write([HEADER, ["a", "active", 40]]), merging(odd)))


class TestSheets:
    def test_the_first_that_is_not_hidden_is_read_and_the_others_are_said(self, write: Write) -> None:
        path = write([["secret"]], [HEADER, ["a"]], [HEADER, ["b"]], hidden=[0])
        document = imagefit.read(path)
        assert [record.key for record in document.records] == ["a"]
        said = f"the sheet Sheet 1 is read, and not Sheet 0 (hidden), Sheet 2; {path}#SHEET reads one"
        assert said in document.warnings

    def test_another_is_named(self, write: Write) -> None:
        path = write([HEADER, ["a"]], [HEADER, ["b"], ["c"]])
        assert [record.key for record in imagefit.read(f"{path}#Sheet 1").records] == ["b", "c"]
        assert len(imagefit.audit(f"{path}#Sheet 1", operation="share")) == 2
        with pytest.raises(InputError, match=r"no sheet has this name: 'Sheet 3'.*did you mean"):
            imagefit.read(f"{path}#Sheet 3")

    def test_an_id_may_stand_behind(self, write: Write) -> None:
        path = str(write([HEADER[:5], ["a"]], [HEADER[:5], ["b"], ["c"]]))
        assert split_place(f"{path}#Sheet 1#c") == (f"{path}#Sheet 1", "c")
        assert split_place(f"{path}#Sheet 1") == (f"{path}#Sheet 1", None)
        assert split_place(f"{path}#a") == (path, "a")
        assert imagefit.check(image=f"{path}#Sheet 1#c", operation="share").key == "c"
        with pytest.warns(ImagefitWarning, match="Sheet 0 is read, and not Sheet 1"):
            assert imagefit.check(image=f"{path}#a", operation="share").key == "a"


def test_it_may_be_compressed_or_have_another_name(write: Write, tmp_path: Path) -> None:
    path = write([HEADER, ["a", "active"]])
    (tmp_path / "t").write_bytes(gzip.compress(path.read_bytes()))
    assert [record.key for record in imagefit.read(tmp_path / "t").records] == ["a"]


def test_a_map_and_the_vendors_columns_are_read_as_of_csv(write: Write) -> None:
    path = write([["id", "Zustand"], ["a", "aktiv"]])
    (record,) = imagefit.read(path, map={"Zustand": ("image.status", {"aktiv": "active"})}).records
    assert record.facts == {"image.status": "active"}
    path = write([["id", "name", "__os_bit", "__imagetype", "hw_firmware_type"], ["a", "web", "64", "private", "uefi"]])
    (record,) = imagefit.read(path).records
    assert (record.key, record.facts["image.boot_mode"]) == ("a", "uefi")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "the sheet is empty"),
        ([["id", "image.status", "id"]], "the header: the column stands twice: 'id'"),
        ([["id", "colour"]], "no column is a fact: 'colour'"),
        (
            [["Inventory", ""], ["", "image"], ["id", "image.status"]],
            "line 3: what names the columns stands below some",
        ),
    ],
)
def test_a_sheet_that_is_no_table_is_refused(write: Write, rows: list[list[str]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        imagefit.read(write(rows))


class TestBounds:
    """A workbook is somebody else's: what it says of its own size is not believed."""

    def test_far_corners_are_refused_before_room_is_made_for_what_is_between(self, write: Write) -> None:
        path = changed(write([HEADER, ["a"]]), lambda text: re.sub(r'r="A2"', 'r="ZZ1048576"', text))
        with pytest.raises(InputError, match=r"a sheet of 736,100,352 cells; expected at most 16,777,216"):
            imagefit.read(path)

    def test_what_expands_beyond_measure_is_refused(self, write: Write) -> None:
        blanks = " " * (80 << 20)
        path = changed(write([HEADER, ["a"]]), lambda text: text.replace("<sheetData>", f"<sheetData>{blanks}"))
        with pytest.raises(InputError, match="an expansion of"):
            imagefit.read(path)
        content = bytearray(path.read_bytes())  # and it lies about its size
        with zipfile.ZipFile(path) as archive:
            size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
        path.write_bytes(bytes(content).replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little")))
        with pytest.raises(InputError, match="an expansion of"):
            imagefit.read(path)

    @pytest.mark.parametrize("called", ["A99999999999", "a2", "A0", "2", "A-2", "AAAA2", "A2 ", ""])
    def test_a_cell_that_is_called_what_none_is_is_refused(self, write: Write, called: str) -> None:
        path = changed(write([HEADER, ["a"]]), lambda text: text.replace('r="A2"', f'r="{called}"'))
        with pytest.raises(InputError, match=r"not a readable workbook \(no such cell\)"):
            imagefit.read(path)

    def test_a_count_beyond_measure_is_refused(self, write: Write) -> None:
        path = write([HEADER, ["a"]])
        changed(path, lambda text: re.sub('uniqueCount="', 'uniqueCount="99999999', text), "xl/sharedStrings.xml")
        with pytest.raises(InputError, match="says it has very many of something"):
            imagefit.read(path)

    def test_a_long_text_that_very_many_cells_share_is_refused(self, write: Write) -> None:
        path = write([["id", "image.status", "note"], *([f"r{n}", "active", "x" * 30_000] for n in range(3_000))])
        assert path.stat().st_size < 100_000
        with pytest.raises(InputError, match="an expansion of"):
            imagefit.read(path)

    def test_an_encoding_that_there_is_not_is_refused(self, write: Write) -> None:
        path = changed(write([HEADER, ["a"]]), lambda text: text.replace("UTF-8", "UTF-9", 1))
        with pytest.raises(InputError, match="not a readable workbook"):
            imagefit.read(path)

    def test_a_document_type_is_refused(self, write: Write) -> None:
        dtd = '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'
        path = changed(write([HEADER, ["a"]]), lambda text: text.replace("<worksheet", dtd, 1))
        with pytest.raises(InputError, match="a document type"):
            imagefit.read(path)

    def test_a_part_that_is_there_twice_is_refused(self, write: Write) -> None:
        path = write([HEADER, ["a"]])
        with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
            archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
        with pytest.raises(InputError, match="holds a part twice"):
            imagefit.read(path)

    def test_a_zip_file_of_a_later_version_is_refused(self, write: Write) -> None:
        path = write([HEADER, ["a"]])
        content = bytearray(path.read_bytes())
        content[content.index(b"PK\x01\x02") + 6] = 194  # what the directory says that reading its first part takes
        path.write_bytes(bytes(content))
        with pytest.raises(InputError, match=r"not a readable workbook \(zip file version 19\.4\)"):
            imagefit.read(path)

    @pytest.mark.parametrize("at", range(0, 100, 9))
    def test_damage_is_an_input_error(self, write: Write, at: int) -> None:
        path = write([HEADER, ["a", "active", 3]])
        content = bytearray(path.read_bytes())
        content[len(content) * at // 100] ^= 0xFF
        path.write_bytes(bytes(content))
        try:
            records = imagefit.read(path).records
        except InputError:
            return
        assert [record.key for record in records] == ["a"]

    def test_a_zip_file_of_something_else_is_refused(self, tmp_path: Path) -> None:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("images.json", "[]")
        (tmp_path / "t.zip").write_bytes(content.getvalue())
        with pytest.raises(InputError, match=r"a zip file that is no workbook \(XLSX\)"):
            imagefit.read(tmp_path / "t.zip")


def test_without_the_extra_a_line_says_what_to_install(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write([HEADER, ["a"]])
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(InputError, match=re.escape("pip install 'imagefit[excel]'")):
        imagefit.read(path)
