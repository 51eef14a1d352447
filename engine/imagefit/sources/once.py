"""What can be read only once (standard input, a pipe, a device), kept as far as it was read, to be read again."""

from __future__ import annotations

import errno
import io
import os
import threading
import weakref
from pathlib import Path
from typing import Any, BinaryIO

from imagefit.errors import InputError
from imagefit.sources.limits import COPIED

__all__ = ["Spool"]

BLOCK = 1 << 18


class Spool:
    """A temporary file with what was read of a stream; it goes when nobody has this any more.

    No more is read than somebody asks for: what is refused by its beginning ends there, and leaves nothing.

    Attributes
    ----------
    size, is_whole
        How many bytes were read so far, and whether these are all.
    """

    def __init__(self, stream: BinaryIO, name: str, *, is_ours: bool = True) -> None:
        import tempfile

        # A pipe is let go at its end, not later: who writes into it next must find a reader of its own.
        self._let_go = weakref.finalize(self, stream.close) if is_ours else None
        self._stream, self._name, self._lock = stream, name, threading.Lock()
        self._file = tempfile.NamedTemporaryFile(prefix="imagefit-", buffering=0)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self.is_whole = False
        self.size = 0

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(self._file.name)

    def whole(self) -> Path:
        """Read to the end, and return where it lies; raises `InputError` as reading does."""
        self._fill(COPIED.most + 1)
        return self.path

    def binary(self) -> BinaryIO:
        """Return it from the beginning."""
        return io.BufferedReader(_FromStart(self), BLOCK)

    def at(self, place: int, size: int) -> bytes:
        """Return what is at a place; fewer bytes at the end."""
        self._fill(place + size)
        return os.pread(self._file.fileno(), size, place)

    def _fill(self, end: int) -> None:
        """Read on until there are so many bytes, or all.

        Raises
        ------
        InputError
            If there are more than are copied, or no more find room.
        """
        with self._lock:
            while not self.is_whole and self.size < end:
                block = self._stream.read1(BLOCK) if hasattr(self._stream, "read1") else self._stream.read(BLOCK)
                if not block:
                    self.is_whole = True
                    if self._let_go is not None:
                        self._let_go()
                    return
                self.size += len(block)
                if self.size > COPIED.most:
                    raise COPIED.passed(self._name)
                try:
                    written = 0
                    while written < len(block):
                        written += self._file.write(block[written:])
                except OSError as error:
                    if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                        raise
                    folder = self.path.parent
                    message = f"its {self.size:,} bytes so far, to be read again, find no room in {folder}"
                    raise InputError(message, file=self._name, expected="a file, or TMPDIR with more room") from None


class _FromStart(io.RawIOBase):
    """Reads what is kept, and then on."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self._place = spool, 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any) -> int:
        block = self._spool.at(self._place, len(buffer))
        buffer[: len(block)] = block
        self._place += len(block)
        return len(block)
