"""What is inside of a workbook (XLSX), before anything else reads it: how large it is, and which cells are odd.

A workbook is a zip file of XML. Its parts are decompressed here once, up to the limits, whatever they say of their own
size; and a sheet is looked through, for who reads it keeps room for all cells between its first and its last one.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from imagefit.errors import InputError, few, nearest
from imagefit.sources.limits import COLUMNS, EXPANSION, LEAST_EXPANDED, SHEET

__all__ = ["Sheet", "Workbook", "cell_name", "opened_workbook"]

_Start = Callable[[str, dict[str, str]], None]
_See = Callable[[str], None]

_STORED, _DEFLATED = 0, 8
_SHARED = "xl/sharedStrings.xml"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook: its sheets, in order, each with the part that holds it and whether it is hidden."""

    path: Path
    name: str
    parts: dict[str, str]
    hidden: tuple[str, ...]

    def sheet(self, name: str) -> Sheet:
        """Look through a sheet; raises `InputError` if it is not one that can be read."""
        with zipfile.ZipFile(self.path) as archive:
            sheet = Sheet(_text_sizes(archive, self.name))
            if (part := self.parts.get(name)) is None or part not in archive.NameToInfo:
                raise InputError("the sheet is not there", file=self.name, value=name)
            try:
                _parsed(_inflated(archive, part, self.name), sheet.start, sheet.end, sheet.text, self.name)
            except _Misplaced as error:  # who reads it would make room for it anywhere
                raise InputError("not a readable workbook (no such cell)", file=self.name, value=str(error)) from None
        sheet.check(self.name, self.path.stat().st_size)
        return sheet

    def chosen(self, wanted: str | None) -> str:
        """Return the sheet that is wanted, else the first that is not hidden; raises `InputError` if there is none.

        Of a workbook that imagefit wrote, the rows are wanted, and not the summary before them.
        """
        names = list(self.parts)
        if wanted is None and names[:2] == ["summary", "rows"]:
            return names[1]
        if wanted is None:
            return next((name for name in names if name not in self.hidden), names[0])
        if wanted not in names:
            near, listed = nearest(wanted, names), few(names)
            raise InputError("no sheet has this name", file=self.name, value=wanted, expected=listed, nearest=near)
        return wanted


@dataclass(slots=True)
class Sheet:
    """What was seen of a sheet.

    Attributes
    ----------
    sizes
        How long each of the texts is that cells name by their numbers.
    characters
        How long the cells' texts are together, each as often as it is named.
    errors
        What stands in cells that hold an error, by row and column from 0.
    without_value
        How many formulas have no value stored, by column from 0.
    merged
        The cells that are one, as their first and their last row and column from 0.
    """

    sizes: array[int]
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    without_value: Counter[int] = field(default_factory=Counter)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    characters: int = 0
    _row: int = -1
    _column: int = -1
    _first: tuple[int, int] = (1 << 30, 1 << 30)
    _last: tuple[int, int] = (-1, -1)
    _is_error: bool = False
    _is_shared: bool = False
    _is_formula: bool = False
    _has_value: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """See an element begin."""
        if name == "row":
            said = attributes.get("r")
            self._row = self._row + 1 if said is None else _row_number(said)
            self._column = -1
        elif name == "c":
            if (said := attributes.get("r")) is None:
                self._column += 1
            elif (found := _REFERENCE.fullmatch(said)) is None:
                raise _Misplaced(said)
            else:
                self._column, self._row = _column_number(found[1]), _row_number(found[2])
            self._first = min(self._first[0], self._row), min(self._first[1], self._column)
            self._last = max(self._last[0], self._row), max(self._last[1], self._column)
            self._is_error, self._is_formula, self._has_value = attributes.get("t") == "e", False, False
            self._is_shared = attributes.get("t") == "s"
        elif name == "dimension":
            if not all(map(_REFERENCE.fullmatch, attributes.get("ref", "A1").split(":"))):
                raise _Misplaced(attributes["ref"])
        elif name == "f":
            self._is_formula = True
        elif name == "mergeCell":
            ends = [_REFERENCE.fullmatch(each) for each in attributes.get("ref", "").split(":")]
            if len(ends) != 2 or ends[0] is None or ends[1] is None:
                raise _Misplaced(attributes.get("ref", ""))
            (top, left), (bottom, right) = ((_row_number(each[2]), _column_number(each[1])) for each in ends if each)
            self.merged.append((top, left, bottom, right))

    def text(self, text: str) -> None:
        """See text: of a cell, its value."""
        if self._is_error and text.startswith("#"):
            self.errors[self._row, self._column] = text[:20]
        is_named = self._is_shared and text.isdigit() and len(text) < 10 and int(text) < len(self.sizes)
        self.characters += self.sizes[int(text)] if is_named else 0
        self._has_value = True

    def end(self, name: str) -> None:
        """See an element end."""
        if name == "f":
            self._has_value = False
        elif name == "c":
            if self._is_formula and not self._has_value:
                self.without_value[self._column] += 1
            self._is_error = False

    def check(self, name: str, size: int) -> None:
        """Refuse a sheet with very many cells between its first and its last one, or long texts very often.

        Who reads it has each text as often as a cell names it; `size` is that of the file.
        """
        if self.characters > max(LEAST_EXPANDED, EXPANSION.most * size):
            raise EXPANSION.passed(name, self.characters // max(size, 1))
        rows, columns = (last - first + 1 for first, last in zip(self._first, self._last, strict=True))
        if columns > COLUMNS.most:
            raise COLUMNS.passed(name, columns)
        if rows > 0 and rows * columns > SHEET.most:
            raise SHEET.passed(name, rows * columns)


def cell_name(row: int, column: int) -> str:
    """Return what a cell is called, of which row and column are counted from 0.

    >>> cell_name(6, 1), cell_name(0, 27)
    ('B7', 'AB1')
    """
    letters, number = "", column + 1
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return f"{letters}{row + 1}"


def opened_workbook(path: Path, name: str) -> Workbook:
    """Open a workbook.

    Raises
    ------
    InputError
        If it is a zip file of something else, is damaged, or becomes larger than the limit.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "xl/workbook.xml" not in names:
                expected = "its sheet saved as XLSX or CSV, or JSON, JSON Lines, Parquet or Arrow IPC"
                raise InputError("a zip file that is no workbook (XLSX)", file=name, expected=expected)
            if len(set(names)) < len(names):
                raise InputError("a workbook that holds a part twice", file=name)
            _check_size(archive, path.stat().st_size, name)
            return _workbook(archive, path, name)
    except (zipfile.BadZipFile, zlib.error, OSError, struct.error, ValueError, NotImplementedError) as error:
        raise InputError(f"not a readable workbook ({error})", file=name) from None  # the last: of a later version


def _workbook(archive: zipfile.ZipFile, path: Path, name: str) -> Workbook:
    sheets: dict[str, str] = {}
    hidden: list[str] = []
    targets: dict[str, str] = {}

    def of_book(element: str, attributes: dict[str, str]) -> None:
        if element == "sheet":
            reference = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            sheets[attributes.get("name", "")] = reference
            if attributes.get("state", "visible") != "visible":
                hidden.append(attributes.get("name", ""))

    def of_relations(element: str, attributes: dict[str, str]) -> None:
        if element == "Relationship":
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"

    def of_others(element: str, attributes: dict[str, str]) -> None:
        pass

    looked_at = (
        ("xl/workbook.xml", of_book),
        ("xl/_rels/workbook.xml.rels", of_relations),
        ("xl/styles.xml", of_others),
    )
    for part, see in looked_at:
        if part in archive.NameToInfo:
            _parsed(_inflated(archive, part, name), see, lambda element: None, lambda text: None, name)
    parts = {
        title: part for title, reference in sheets.items() if "/worksheets/" in (part := targets.get(reference, ""))
    }
    if not parts:
        raise InputError("a workbook without a sheet", file=name)
    return Workbook(path, name, parts, tuple(hidden))


def _text_sizes(archive: zipfile.ZipFile, name: str) -> array[int]:
    """Return how long the texts are that all sheets share."""
    sizes = array("q")
    if _SHARED not in archive.NameToInfo:
        return sizes

    def start(element: str, attributes: dict[str, str]) -> None:
        if element == "si":
            sizes.append(0)

    def text(found: str) -> None:
        if sizes:
            sizes[-1] += len(found)

    _parsed(_inflated(archive, _SHARED, name), start, lambda element: None, text, name)
    return sizes


def _parsed(blocks: Iterator[bytes], start: _Start, end: _See, text: _See, name: str) -> None:
    """Show the elements of a part of XML, by their names without prefixes."""
    parser = expat.ParserCreate()

    def begin(element: str, attributes: dict[str, str]) -> None:
        for key in ("count", "uniqueCount"):  # who reads it makes room for so many
            if len(attributes.get(key, "")) > 8 or attributes.get(key, "0").startswith("-"):
                raise InputError("a workbook that says it has very many of something", file=name, value=attributes[key])
        start(element.rpartition(":")[2], attributes)

    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda element: end(element.rpartition(":")[2])
    parser.CharacterDataHandler, parser.buffer_text = text, True

    def refuse(*_: object) -> None:
        raise InputError("a workbook with a document type, which none has", file=name)

    parser.StartDoctypeDeclHandler = refuse
    try:
        for block in blocks:
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError) as error:  # the latter of an encoding that there is not
        raise InputError(f"not a readable workbook ({error})", file=name) from None


def _check_size(archive: zipfile.ZipFile, size: int, name: str) -> None:
    """Refuse a workbook whose parts become larger, together, than anything does that is no bomb."""
    done = 0
    for part in archive.namelist():
        if part.endswith((".xml", ".rels")):
            for block in _inflated(archive, part, name):
                done += len(block)
                if done > LEAST_EXPANDED and done > EXPANSION.most * size:
                    raise EXPANSION.passed(name, done // max(size, 1))


def _inflated(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[bytes]:
    """Yield a part as it is when it is decompressed, and not as long as the zip file says that it is."""
    info = archive.getinfo(part)
    if info.compress_type not in (_STORED, _DEFLATED) or info.flag_bits & 1:
        raise InputError("a workbook that is compressed or encrypted in another way", file=name, value=part)
    raw = archive.fp
    assert raw is not None
    raw.seek(info.header_offset)
    head = raw.read(30)
    name_size, extra_size = struct.unpack("<HH", head[26:30])
    raw.seek(info.header_offset + 30 + name_size + extra_size)
    left, inflate = info.compress_size, zlib.decompressobj(-15)
    while left > 0 and (block := raw.read(min(left, 1 << 16))):
        left -= len(block)
        if info.compress_type == _STORED:
            yield block
            continue
        while block and not inflate.eof:
            if found := inflate.decompress(block, 1 << 18):
                yield found
            block = inflate.unconsumed_tail


class _Misplaced(ValueError):
    """A cell, or a row, is called what none is."""


def _row_number(said: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,6}", said, re.ASCII):
        raise _Misplaced(said)
    return int(said) - 1


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
