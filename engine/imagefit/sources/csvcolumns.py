"""Rows of CSV as columns of text in Arrow data.

Compiled code reads what it is sure of, and Arrow what Python's `csv` would read as it does; that says what is wrong.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from imagefit.errors import InputError
from imagefit.facts import Field
from imagefit.kernel.library import compiled, is_compiled
from imagefit.sources.batch import BadRow, Batch, pieces
from imagefit.sources.carrying import has_long_text
from imagefit.sources.compiledcells import CompiledCells
from imagefit.sources.csvtext import Header
from imagefit.sources.limits import BLANKS
from imagefit.sources.opening import Opened

__all__ = ["fast_batches", "text_batches"]

PIECE_ROWS = 16_384

SAMPLE_BYTES, SAMPLE_ROWS = 1 << 18, 64
"""So many bytes are looked at for which columns repeat; of fewer rows, all count as repeating."""

_QUOTE = ord('"')
_ENDS = b'\n\r"'
_ONE, _TOP = np.uint64(1), np.uint64(63)

Lines = Iterable[tuple[int, list[str], InputError | None]]


def text_batches(lines: Lines, header: Header, name: str) -> Iterator[Batch]:
    """Yield rows as batches; those with something wrong are bad rows."""
    columns = header.columns
    for piece in pieces(lines, PIECE_ROWS, lambda line: (columns, sum(map(len, line[1])))):
        rows = [cells for _, cells, error in piece if error is None]
        data = [pa.array(column, pa.string()) for column in (zip(*rows, strict=True) if rows else [()] * len(columns))]
        yield Batch(
            pa.RecordBatch.from_arrays(data, list(columns)),
            file=name,
            numbers=[number for number, _, error in piece if error is None],
            bad=[
                BadRow(number, error, header.delimiter.join(cells))
                for number, cells, error in piece
                if error is not None
            ],
        )


def fast_batches(
    file: Opened,
    header: Header,
    fields: Mapping[str, Field],
    lines: Callable[[], Lines],
    *,
    block_bytes: int = 1 << 20,
) -> Iterator[Batch]:
    """Yield the rows as compiled code reads them, then as Arrow does, each as far as `lines` has them so; then those.

    Columns that repeat in the first rows are dictionaries: of those that Arrow reads, facts alone. Arrow has 32 blocks
    read ahead, whatever becomes of them.
    """
    done = 0
    try:
        with file.utf8() as content:
            if header.has_separator_line:
                _skip_line(content)
            cells = CompiledCells(compiled(), content, header) if is_compiled() else None
            for batch in cells.batches() if cells is not None else ():
                yield Batch(batch, file=file.name, numbers=range(done + 1, done + batch.num_rows + 1))
                done += batch.num_rows
            if cells is not None and cells.is_done:
                return
            is_begun = cells is not None and cells.is_begun
            encoded = cells.repeating.names if done and cells is not None else _repeating(file, header, fields)
            watched = _Watched(content if cells is None else cells, header.delimiter)
            for batch in _arrow_batches(watched, header, encoded, block_bytes, has_header=not is_begun):
                if watched.is_odd or any(map(has_long_text, batch.columns)):
                    break
                yield Batch(batch, file=file.name, numbers=range(done + 1, done + batch.num_rows + 1))
                done += batch.num_rows
            else:
                if watched.is_fine_at_end:
                    return
    except pa.ArrowInvalid:
        pass  # what is wrong, and in which row, `lines` says
    yield from text_batches(islice(lines(), done, None), header, file.name)


def _skip_line(content: BinaryIO) -> None:
    """Read the first line that is not empty; a line feed that is left of its end is an empty line."""
    is_begun = False
    while sign := content.read(1):
        if is_begun and sign in b"\r\n":
            return
        is_begun = is_begun or sign not in b"\r\n"


def _repeating(file: Opened, header: Header, fields: Mapping[str, Field]) -> list[str]:
    """Return the columns of facts that are worth a dictionary: each value of the first rows stands there twice."""
    names = [name for name in header.columns if name in fields]
    with file.utf8() as content:
        if header.has_separator_line:
            _skip_line(content)
        sample = content.read(SAMPLE_BYTES)
    try:
        batch = next(iter(_arrow_batches(io.BytesIO(sample[: sample.rfind(b"\n") + 1]), header, names, SAMPLE_BYTES)))
    except (pa.ArrowInvalid, StopIteration):
        return names
    return [name for name in names if len(batch.column(name).dictionary) * 2 <= max(batch.num_rows, SAMPLE_ROWS)]


def _arrow_batches(
    content: Any, header: Header, encoded: Iterable[str], block_bytes: int, *, has_header: bool = True
) -> Any:
    kinds = dict.fromkeys(encoded, pa.dictionary(pa.int32(), pa.string()))
    return arrow_csv.open_csv(
        content,
        read_options=arrow_csv.ReadOptions(
            block_size=block_bytes, column_names=None if has_header else list(header.columns)
        ),
        parse_options=arrow_csv.ParseOptions(delimiter=header.delimiter, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: kinds.get(name, pa.string()) for name in header.columns}, strings_can_be_null=False
        ),
    )


class _Watched(io.RawIOBase):
    """Passes content on, and sees where it holds what Arrow reads otherwise: odd quotes, NULs, endless blanks.

    The quotes are counted from 0: an even one opens a cell, so that an end of a cell is before it; an odd one
    closes it, so that one is after it; or two stand side by side, for one within a cell.
    """

    def __init__(self, content: BinaryIO | CompiledCells, delimiter: str) -> None:
        self._content, self._ends = content, _ENDS + delimiter.encode()
        self._is_open, self._last, self._blanks = False, _ENDS[0], 0
        self.is_odd = False

    @property
    def is_fine_at_end(self) -> bool:
        """Whether all that was read is CSV to both."""
        return not self.is_odd and not self._is_open

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = self._content.read(size)
        begin = self._blanks + len(block) - len(block.lstrip())
        self._blanks = begin if block.isspace() else len(block) - len(block.rstrip())
        self.is_odd = self.is_odd or b"\0" in block or begin > BLANKS.most
        if self.is_odd:
            return b""  # it is given up: nothing of it is used any more
        if block and (b'"' in block or self._last == _QUOTE):
            self._look_at(block)
        self._last = block[-1] if block else self._last
        return block

    def _look_at(self, block: bytes) -> None:
        """Look at the quotes of a block, as bits: 64 signs at a time."""
        text = np.frombuffer(block, np.uint8)
        quotes = _words(text == _QUOTE)
        ends = quotes.copy()
        for sign in self._ends:
            if sign != _QUOTE and sign in block:
                ends |= _words(text == sign)
        is_open = _odd_so_far(quotes, self._is_open)
        before = (ends << _ONE) | np.append(np.uint64(self._last in self._ends), ends[:-1] >> _TOP)
        after = (ends >> _ONE) | np.append(ends[1:] << _TOP, np.uint64(0))
        after[-1] |= _ONE << np.uint64((len(block) - 1) % 64)  # what follows the last sign is not seen yet
        closed_before = self._last == _QUOTE and not self._is_open
        self.is_odd = bool(
            self.is_odd
            or (closed_before and not ends[0] & _ONE)
            or (quotes & is_open & ~before).any()
            or (quotes & ~is_open & ~after).any()
        )
        self._is_open = bool(is_open[-1] >> _TOP)


def _words(of_signs: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return bits as words of 64, the first as the lowest of the first; those that lack at the end are 0."""
    packed = np.packbits(of_signs, bitorder="little")
    return np.append(packed, np.zeros(-len(packed) % 8, np.uint8)).view(np.uint64)


def _odd_so_far(bits: NDArray[np.uint64], is_odd: bool) -> NDArray[np.uint64]:
    """Return for each bit whether those up to it are an odd number, if those before all of them are or are not."""
    found = bits.copy()
    for width in (1, 2, 4, 8, 16, 32):
        found ^= found << np.uint64(width)
    odd_before = np.bitwise_xor.accumulate(np.append(np.uint64(is_odd), found[:-1] >> _TOP))
    return found ^ (np.uint64(0) - odd_before)
