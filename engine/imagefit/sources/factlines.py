"""Facts files of JSON Lines: in columns where `linecolumns` can be sure of a block, else row by row.

What the columns are is known at the end only. Who asks has the file read, and what was read is kept for the batches.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from imagefit.cores import core_count, in_order
from imagefit.sources.candidates import Wanted
from imagefit.sources.documents import FactsFile
from imagefit.sources.facts import Row
from imagefit.sources.formats import Detected
from imagefit.sources.jsonlines import lines_of
from imagefit.sources.opening import Opened
from imagefit.sources.text import Text

if TYPE_CHECKING:
    from imagefit.sources.batch import Batch
    from imagefit.sources.linecolumns import LineColumns

__all__ = ["FactsLines", "Piece"]


@dataclass(slots=True)
class Piece:
    """Some lines: their columns, if there are any, their bytes (None: all that is left, from `offset`), their numbers.

    `last` is known once they were read.
    """

    columns: Any
    block: bytes | None
    offset: int
    first: int
    last: int


class FactsLines(FactsFile):
    """Objects, a line each, whose keys are facts, and others.

    Attributes
    ----------
    are_lines
        Whether what is no columns is read by its lines, and what follows by columns again.
    """

    are_lines = True

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        super().__init__(file, what, wanted)
        self._is_columnar = file.encoding == "utf-8" and not wanted.keep_going
        self._columns: LineColumns | None = None
        self._schema: Any = None
        self._kept: _Kept | None = None
        self._share: float | None = None

    def share(self) -> float:
        """Return how much of the file was read, from 0 to 1."""
        return super().share() if self._share is None else self._share

    def batches(self) -> Iterator[Batch]:
        """Yield the rows."""
        from imagefit.sources.batch import Batch
        from imagefit.sources.rows import batches_of

        if not self._may_be_columns():
            yield from super().batches()
            return
        for piece in self._read() if self._kept is None else self._again(self._kept):
            self._count = piece.last
            if piece.columns is None or self._may_differ(piece.columns):
                yield from batches_of(self._rows_of(piece), self.fields, self.name, self.piece_rows, own=self.own)
            else:
                numbers = range(piece.first, piece.first + piece.columns.num_rows)
                yield Batch(piece.columns, file=self.name, numbers=numbers, own=self.own)

    @property
    def schema(self) -> Any:
        """The columns as a ``pyarrow.Schema``; asking reads the file."""
        from imagefit.sources.linecolumns import kinds_of
        from imagefit.sources.rows import kind_of, schema_of_kinds

        if not self._may_be_columns():
            return super().schema
        if self._schema is None:
            kinds: dict[str, set[type]] = {}
            kept: _Kept | None = _Kept()
            for piece in self._read():
                if kept is not None and not kept.keep(piece):
                    kept = None
                if piece.columns is not None:
                    for field in piece.columns.schema:
                        kinds.setdefault(field.name, set()).update(kinds_of(field.type))
                    continue
                for row in self._rows_of(piece):
                    for name, value in row.values.items():
                        kinds.setdefault(name, set()).add(kind_of(value))
            self._schema = schema_of_kinds({name: kinds[name] for name in self._seen.names}, self.fields)
            is_ambiguous = any(float in kinds[name] for name in self._texts_of_caller())
            self._kept = None if is_ambiguous else kept
        return self._schema

    def _may_be_columns(self) -> bool:
        return self._is_columnar

    def _blocks(self, content: BinaryIO) -> Iterator[bytes]:
        """Yield the lines, some at a time; an empty block stands for all that is left."""
        from imagefit.sources.linecolumns import blocks_of

        return blocks_of(content)

    def _may_differ(self, columns: Any) -> bool:
        """Whether numbers are to be texts, of which columns do not tell whether they are 1 or 1.0."""
        floats = {field.name for field in columns.schema if field.type == "double" and field.name not in self.fields}
        return bool(floats) and not floats.isdisjoint(self._texts_of_caller())

    def _texts_of_caller(self) -> list[str]:
        return [field.name for field in self.schema if field.type == "string" and field.name not in self.fields]

    def _read(self) -> Iterator[Piece]:
        """Yield the lines in order; those that are no columns are to be read before the next piece is asked for."""
        from imagefit.sources.linecolumns import LineColumns

        last, reader = 0, self._columns or LineColumns(self.own.typed(self.fields))
        self._columns = reader
        with self.file.binary() as content:
            content.read(len(self.file.mark))
            offset = len(self.file.mark)

            def work(block: bytes) -> tuple[bytes, Any]:
                return block, reader.read(block)

            for block, columns in in_order(work, self._blocks(content), core_count()):
                if columns is not None and not self._seen.see(dict.fromkeys(columns.schema.names)):
                    columns = None
                if columns is not None:
                    self.own.check(self._seen.names, self.fields, self.name)
                    reader.expect(columns.schema)
                rows = 0 if columns is None else columns.num_rows
                is_last = not block or (columns is None and not self.are_lines)
                piece = Piece(columns, None if is_last else block, offset, last + 1, last + rows)
                yield piece
                if is_last:
                    return
                last = piece.last
                offset += len(block)

    def _again(self, kept: _Kept) -> Iterator[Piece]:
        for number in range(len(kept)):
            self._share = number / len(kept)
            yield kept.piece(number)

    def _rows_of(self, piece: Piece) -> Iterator[Row]:
        """Yield the rows of lines that are no columns."""
        with self.file.binary() if piece.block is None else io.BytesIO(piece.block) as content:
            left = piece.offset if piece.block is None else 0
            while left and (skipped := len(content.read(min(left, 1 << 20)))):
                left -= skipped
            text = Text(content, self.name)
            text.line = piece.first - 1
            for number, line, value in lines_of(text):
                yield self._row_in_line(number, line, value)
            piece.last = text.line


class _Kept:
    """Pieces in a temporary file, to be had again without their being read again; it goes when this does."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="imagefit-", buffering=0)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self._pieces: list[tuple[Piece, int, int]] = []
        self._size = 0

    def __len__(self) -> int:
        return len(self._pieces)

    def keep(self, piece: Piece) -> bool:
        """Keep a piece; returns whether there was room."""
        import pyarrow as pa

        data = piece.block or b""
        if piece.columns is not None:
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, piece.columns.schema) as stream:
                stream.write_batch(piece.columns)
            data = sink.getvalue().to_pybytes()
        with contextlib.suppress(OSError):
            written = 0
            while written < len(data):
                written += self._file.write(data[written:])
            bare = replace(piece, columns=None if piece.columns is None else True, block=piece.block and b"")
            self._pieces.append((bare, self._size, len(data)))
            self._size += len(data)
            return True
        return False

    def piece(self, number: int) -> Piece:
        """Return a piece."""
        import pyarrow as pa

        bare, place, size = self._pieces[number]
        data = os.pread(self._file.fileno(), size, place)
        if bare.columns:
            return replace(bare, columns=pa.ipc.open_stream(data).read_next_batch())
        return bare if bare.block is None else replace(bare, block=data)
