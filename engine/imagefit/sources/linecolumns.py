"""JSON Lines as columns, where these are surely what the careful reader gives; any doubt is that reader's.

Compiled code reads a block of whole lines if it knows its columns, and else Arrow does. Arrow refuses most of what
`strictjson` refuses. What it lets pass, and what it would crash on, is looked for: in the bytes before, and in the
columns afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import json as arrow_json
from pyarrow import types

from imagefit.facts import Field, FieldType
from imagefit.kernel.library import compiled, is_compiled
from imagefit.sources.batch import CELLS
from imagefit.sources.carrying import has_long_text
from imagefit.sources.compiledlines import CompiledLines
from imagefit.sources.limits import CELL, COLUMNS, NESTING, NUMBER, TEXT
from imagefit.sources.names import KEY_COLUMNS

__all__ = ["BLOCK", "LineColumns", "blocks_of", "kinds_of"]

BLOCK = 8 << 20

LONGEST = 4 * TEXT.most
"""No line that is read has more bytes, and no run of blanks between lines has to be looked through."""

KINDS: Mapping[Any, frozenset[type]] = {
    pa.null(): frozenset(),
    pa.bool_(): frozenset([bool]),
    pa.int64(): frozenset([int]),
    pa.float64(): frozenset([float]),
    pa.string(): frozenset([str]),
    pa.list_(pa.string()): frozenset([list]),
    pa.list_(pa.null()): frozenset([list]),
}
"""The types of columns, with what values have in Python; a column of floats may hold whole numbers among them."""

SAMPLE = 64
"""So many lines of the first block are looked at for what its columns may be."""

_WIDER = ((pa.float64(), pa.int64()), (pa.list_(pa.string()), pa.list_(pa.null())))
_EXACT = 1 << 53
_STRIDE = 25
_IN_NUMBERS = np.isin(np.arange(256), np.frombuffer(b"0123456789.eE+-", np.uint8))


def blocks_of(content: BinaryIO) -> Iterator[bytes]:
    """Yield the content in blocks of whole lines of which the last is not blank; the last block may be anything.

    Where a line, or blanks between lines, go on beyond `LONGEST`, an empty block stands for all that is left.
    """
    rest = b""
    while block := content.read(BLOCK):
        end = block.rfind(b"\n") + 1
        if end > 1 and block[end - 2] not in b" \t\r\n":
            yield b"".join((rest, memoryview(block)[:end]))
            rest = block[end:]
            continue
        rest += block
        end = rest.rfind(b"\n") + 1
        if end > 1 and rest[end - 2 : end - 1] in b" \t\r\n":
            end = rest.find(b"\n", len(rest[:end].rstrip(b" \t\r\n"))) + 1 if rest[:end].strip(b" \t\r\n") else 0
        if end > 1:
            yield rest[:end]
            rest = rest[end:]
        elif len(rest) > LONGEST:
            yield b""
            return
    if rest:
        yield rest


class LineColumns:
    """Reads blocks of one file; several threads may share it."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self._fields = fields
        self._expected: Any = None
        self._compiled = CompiledLines(compiled()) if is_compiled() else None
        self._elements: dict[str, frozenset[str]] = {}

    def read(self, block: bytes) -> Any:
        """Return a block as a ``pyarrow.RecordBatch``, a row a line, of types in `KINDS`; None if in doubt.

        Columns of text are dictionaries, where compiled code saw that they repeat.
        """
        text = np.frombuffer(block, np.uint8)
        text = text[: len(text) - block.endswith(b"\n")]
        if not (_is_utf8(block) if self._compiled is None else self._compiled.is_utf8(text)):
            return None
        if (columns := self._by_compiled(block, text)) is not None and self._are_of(columns):
            return columns
        ends = np.flatnonzero(text == 10)
        if not _is_an_object_a_line(text, ends) or not _is_shallow(text, ends):
            return None
        try:
            table = self._as_expected(text, len(ends) + 1)
            if table is None:
                table = _inferred(text, np.append(ends, len(text)))
        except pa.ArrowException:
            return None
        if table is None or table.num_rows != len(ends) + 1 or not 0 < table.num_columns <= COLUMNS.most:
            return None
        columns = table.combine_chunks().to_batches()[0]
        if not _is_sure(columns, text) or not self._are_of(columns):
            return None
        return columns if self._compiled is None else self._compiled.repeating(columns)

    def expect(self, schema: Any) -> None:
        """Remember the columns of a block, whose names have had their places among those of the file."""
        known = {} if self._expected is None else {field.name: field.type for field in self._expected}
        for field in map(_without_dictionary, schema):
            before = known.setdefault(field.name, field.type)
            if not types.is_null(field.type) and (before, field.type) not in _WIDER:
                known[field.name] = field.type
        self._expected = pa.schema(known.items())

    def _as_expected(self, text: NDArray[np.uint8], rows: int) -> Any:
        """Return what has the columns that there were before; None if it has others."""
        expected = self._expected
        if expected is None or rows * len(expected) > CELLS:
            return None
        try:
            return _parsed(text, expected, "error")
        except pa.ArrowException:
            return None

    def _by_compiled(self, block: bytes, text: NDArray[np.uint8]) -> Any:
        """Return what compiled code is sure of, if there is any."""
        if self._compiled is None:
            return None
        if (expected := self._expected) is None:
            first = np.frombuffer(_beginning(block[: len(text)], SAMPLE).replace(b"\r\n", b"\n"), np.uint8)
            ends = np.flatnonzero(first == 10)
            if not _is_an_object_a_line(first, ends) or not _is_shallow(first, ends):
                return None
            try:
                table = _inferred(first, np.append(ends, len(first)))
            except pa.ArrowException:
                return None
            expected = None if table is None else table.schema
        return None if expected is None else self._compiled.read(text, expected)

    def _are_of(self, columns: Any) -> bool:
        """Whether no text is longer than a cell may be, and facts are values of their fields."""
        for name, column in zip(columns.schema.names, columns.columns, strict=True):
            if len(name) > CELL.most or has_long_text(column):
                return False
            if name in KEY_COLUMNS and types.is_floating(column.type) | types.is_boolean(column.type):
                return False
            if name in self._fields and not self._is_of(self._fields[name], column):
                return False
        return True

    def _is_of(self, field: Field, column: Any) -> bool:
        """Whether a column holds values of a field, as they are and not as some text that means them."""
        column = column.dictionary if types.is_dictionary(column.type) else column
        kind = column.type
        if types.is_null(kind):
            return True
        if field.type is FieldType.ENUM:
            return bool(types.is_string(kind)) and self._are_known(field, column)
        if field.type is FieldType.STRING_SET:
            return types.is_list(kind) and self._are_known(field, column.flatten())
        is_of_kind = kind in {
            FieldType.STRING: (pa.string(),),
            FieldType.BOOLEAN: (pa.bool_(),),
            FieldType.INTEGER: (pa.int64(),),
            FieldType.NUMBER: (pa.int64(), pa.float64()),
        }.get(field.type, ())
        if not is_of_kind or field.at_least is None:
            return is_of_kind
        least = pc.min(column).as_py()
        return least is None or bool(least >= field.at_least)

    def _are_known(self, field: Field, texts: Any) -> bool:
        """Whether texts are values of an enum, or elements of a set."""
        if types.is_null(texts.type):
            return True
        if field.type is FieldType.STRING_SET and not field.values and not field.elements:
            return bool(pc.min(pc.binary_length(texts)).as_py() != 0)
        known = self._elements.get(field.name, frozenset(field.values))
        new = {text for text in pc.unique(texts).to_pylist() if text is not None} - known
        if field.type is FieldType.ENUM:
            return new <= {""}
        if field.values or not all(field.may_contain(element) for element in new):
            return not new
        if len(known) < COLUMNS.most:
            self._elements[field.name] = known | new
        return True


def kinds_of(kind: Any) -> frozenset[type]:
    """Return what values of a column of a type have in Python."""
    return KINDS[kind.value_type if types.is_dictionary(kind) else kind]


def _without_dictionary(field: Any) -> Any:
    return field.with_type(field.type.value_type) if types.is_dictionary(field.type) else field


def _parsed(text: NDArray[np.uint8], schema: Any, otherwise: Literal["error", "infer"]) -> Any:
    content: Any = pa.BufferReader(pa.py_buffer(text.data))
    return arrow_json.read_json(
        content,
        arrow_json.ReadOptions(use_threads=False, block_size=len(text) + 1),
        arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior=otherwise),
    )


def _beginning(block: bytes, lines: int) -> bytes:
    """Return so many lines of a block, or all of it, without what ends the last one."""
    end = -1
    for _ in range(lines):
        if (end := block.find(b"\n", end + 1)) < 0:
            return block
    return block[:end]


def _inferred(text: NDArray[np.uint8], ends: NDArray[np.intp]) -> Any:
    """Return what has any columns, so many lines at a time that it fills no memory, whatever keys there are."""
    tables = []
    start = first = 0
    names: dict[str, None] = {}
    while first < len(ends):
        rows = len(ends) - first
        while rows > 1 and rows * _count(text[start : ends[first + rows - 1]], '"') > 8 * CELLS:
            rows //= 2
        piece = text[start : ends[first + rows - 1]]
        table = _parsed(piece, None, "infer")
        dates = [name for name, kind in zip(table.column_names, table.schema.types, strict=True) if _is_date(kind)]
        if dates:  # texts that look so
            of = {name: _text_of(table.schema.field(name).type) for name in dates}
            table = _parsed(piece, pa.schema(of.items()), "infer").select(table.column_names)
        names |= dict.fromkeys(table.column_names)
        if len(names) * len(ends) > CELLS:
            return None
        tables.append(table)
        first += rows
        start = ends[first - 1] + 1
    return pa.concat_tables(tables, promote_options="permissive") if len(tables) > 1 else tables[0]


def _is_date(kind: Any) -> bool:
    return types.is_temporal(kind.value_type if types.is_list(kind) else kind)


def _text_of(kind: Any) -> Any:
    return pa.list_(pa.string()) if types.is_list(kind) else pa.string()


def _is_an_object_a_line(text: NDArray[np.uint8], ends: NDArray[np.intp]) -> bool:
    """Whether each line begins with { and ends with }: with as many rows as lines, an object a line."""
    if len(text) < 2 or text[0] != 0x7B or text[-1] != 0x7D:
        return False
    return bool(((text[ends - 1] == 0x7D) & (text[ends + 1] == 0x7B)).all())


def _is_shallow(text: NDArray[np.uint8], ends: NDArray[np.intp]) -> bool:
    """Whether no line is too long, or can be nested deeply: Arrow needs the stack for that, and crashes beyond."""
    if len(text) > TEXT.most and np.diff(ends, prepend=-1, append=len(text)).max() > TEXT.most:
        return False
    if _count(text, "{") > len(ends) + NESTING.most:
        return False
    lists = np.flatnonzero(text == ord("["))
    opened = np.searchsorted(lists, ends)
    return int(np.diff(opened, prepend=0, append=len(lists)).max()) <= NESTING.most


def _count(text: NDArray[np.uint8], sign: str) -> int:
    return int(np.count_nonzero(text == ord(sign)))


def _is_utf8(block: bytes) -> bool:
    try:
        return block.isascii() or block.decode() is not None
    except UnicodeDecodeError:
        return False


def _is_sure(columns: Any, text: NDArray[np.uint8]) -> bool:
    """Whether all values that Arrow read are those that stand in the text."""
    has_long_number: bool | None = None
    for column in columns.columns:
        if column.type not in KINDS:
            return False
        if types.is_floating(column.type):
            if has_long_number is None:
                has_long_number = _has_long_number(text)
            if has_long_number or not _is_exact(column):
                return False
        elif types.is_list(column.type) and column.flatten().null_count:
            return False
    return True


def _is_exact(column: Any) -> bool:
    """Whether numbers are those that stand in the text: whole ones that need 64 bits are not, nor is a negative 0."""
    numbers = pc.fill_null(column, 1.0).to_numpy(zero_copy_only=False)
    return bool((np.abs(numbers) < _EXACT).all()) and not bool(np.signbit(numbers[numbers == 0]).any())


def _has_long_number(text: NDArray[np.uint8]) -> bool:
    """Whether there may be a number that is longer than one that is read: it would be in many places of a grid."""
    run = _IN_NUMBERS[text[::_STRIDE]]
    for _ in range(NUMBER.most // _STRIDE - 1):
        run = run[1:] & run[:-1]
        if not run.any():
            return False
    return True
