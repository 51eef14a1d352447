"""Facts files that are a list of objects: in columns, as the lines that the objects are made of, else one by one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from imagefit.sources.candidates import Wanted
from imagefit.sources.factlines import FactsLines, Piece
from imagefit.sources.facts import Row
from imagefit.sources.formats import Detected
from imagefit.sources.limits import TEXT
from imagefit.sources.opening import Opened
from imagefit.sources.text import BLANK

if TYPE_CHECKING:
    from imagefit.kernel.library import Kernel

__all__ = ["FactsArray"]


class FactsArray(FactsLines):
    """Objects in a list, whose keys are facts, and others; or one object, which is read as it is."""

    are_lines = False

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        super().__init__(file, what, wanted)
        start = file.start.removeprefix(file.mark).lstrip(BLANK.encode())
        self._is_columnar = self._is_columnar and start.startswith(b"[")

    def _may_be_columns(self) -> bool:
        if not self._is_columnar:
            return False
        from imagefit.kernel.library import is_compiled

        return is_compiled()

    def _blocks(self, content: BinaryIO) -> Iterator[bytes]:
        from imagefit.kernel.library import compiled

        return _lines_of(content, compiled())

    def _rows_of(self, piece: Piece) -> Iterator[Row]:
        """Yield the rows of objects that are no columns: all that are left, or those of a block, which is lines."""
        if piece.block is not None:
            yield from super()._rows_of(piece)
            return
        for row in islice(self._in_document(), piece.first - 1, None):
            piece.last = row.number
            yield row


def _lines_of(content: BinaryIO, kernel: Kernel) -> Iterator[bytes]:
    """Yield the objects of a list as lines; from where it is none, or one is too long, an empty block."""
    from imagefit.kernel.structures import Spread
    from imagefit.sources.linecolumns import BLOCK

    left, waiting = Spread(most=TEXT.most), b""
    while block := content.read(BLOCK):
        lines = kernel.spread(left, block)
        if lines is None:
            break
        if end := waiting.rfind(b"\n") + 1:  # only now, or the last object would stand alone
            yield waiting[:end]
            waiting = waiting[end:]
        waiting += lines
    if block or not left.is_ended:
        yield b""
    elif waiting:
        yield waiting
