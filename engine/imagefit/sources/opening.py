"""The only way to a file's bytes and text: of any size, again and again, compressed or not, standard input included.

Knows nothing of what is in a file. A file that can't be opened, decompressed or decoded is an `InputError`.
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from imagefit.errors import InputError, shortened
from imagefit.sources.limits import EXPANSION, LEAST_EXPANDED
from imagefit.sources.once import Spool
from imagefit.sources.text import Text

__all__ = ["STANDARD_INPUT", "Opened", "opened", "shown_name"]

STANDARD_INPUT = "standard input"

START = 1 << 16
"""So many bytes are looked at to tell what a file is."""

ENCODINGS = "UTF-8, or UTF-16 with a byte order mark"

_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
_OLD_SPREADSHEET = b"\xd0\xcf\x11\xe0"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def shown_name(path: str) -> str:
    """Return how a path is named in messages."""
    return STANDARD_INPUT if path == "-" else path


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that can be read from its beginning, as often as one likes.

    Attributes
    ----------
    name
        As messages call it.
    path
        Where it lies: of standard input, a temporary copy, which is there as long as this object.
    start
        How its content begins, decompressed.
    compression
        ``gzip``, ``zstd`` or None.
    """

    name: str
    path: Path
    start: bytes = b""
    compression: str | None = None
    copy: object = None
    _raw: list[BinaryIO] = field(default_factory=list, repr=False)

    @property
    def mark(self) -> bytes:
        """The byte order mark that a text begins with; empty if there is none."""
        return next((mark for mark, _ in _MARKS if self.start.startswith(mark)), b"")

    @property
    def encoding(self) -> str:
        """The encoding of a text, by its byte order mark."""
        return next((encoding for mark, encoding in _MARKS if mark == self.mark), "utf-8")

    def binary(self) -> BinaryIO:
        """Open the content; closing the stream is the caller's."""
        once = self.copy if isinstance(self.copy, Spool) and not self.copy.is_whole else None
        raw = self.path.open("rb") if once is None else once.binary()
        self._raw[:] = [raw]
        if self.compression is None:
            return raw
        return cast("BinaryIO", io.BufferedReader(_Decompressed(raw, self.compression, self.name)))

    @contextlib.contextmanager
    def text(self) -> Iterator[Text]:
        """Open the content as text with its line ends as they are.

        Raises
        ------
        InputError
            Where it is read, if it is UTF-16, with a byte order mark, and ends within a character.
        """
        with self.binary() as content:
            content.read(len(self.mark))
            try:
                yield Text(content, self.name, self.encoding)
            except UnicodeDecodeError as error:
                place = content.tell() - len(error.object) + error.start
                message = f"not {self.encoding.upper()} at byte {place}: {shortened(self._bytes_at(place))}"
                raise InputError(message, file=self.name, expected=ENCODINGS) from None

    def not_text(self) -> InputError:
        """Return where the content is not in its encoding."""
        decoder, done = codecs.getincrementaldecoder(self.encoding)(), len(self.mark)
        with self.binary() as content:
            content.read(done)
            while block := content.read(1 << 20):
                pending = len(decoder.getstate()[0])
                try:
                    decoder.decode(block)
                except UnicodeDecodeError as error:
                    done += error.start - pending
                    break
                done += len(block)
        message = f"not {self.encoding.upper()} at byte {done}: {shortened(self._bytes_at(done))}"
        return InputError(message, file=self.name, expected=ENCODINGS)

    def share(self) -> float:
        """Return how much of the content was read since it was last opened, from 0 to 1."""
        with contextlib.suppress(OSError, ValueError):
            if self._raw and not self._raw[0].closed:
                return self._raw[0].tell() / max(self.path.stat().st_size, 1)
        return 1.0

    def refuse_bomb(self, stream: BinaryIO) -> None:
        """Read on as long as it could be one that expands beyond the limit, which is an error."""
        while self._raw[0].tell() * EXPANSION.most <= LEAST_EXPANDED and stream.read(1 << 20):
            pass

    def decompressed(self) -> Opened:
        """Return the same content in a file that is not compressed."""
        if self.compression is None:
            if isinstance(self.copy, Spool):
                self.copy.whole()
            return self
        copy = Spool(self.binary(), self.name)
        return Opened(self.name, copy.whole(), self.start, None, copy)

    def _bytes_at(self, place: int) -> bytes:
        with self.binary() as content:
            while place and (skipped := len(content.read(min(place, 1 << 20)))):
                place -= skipped
            return content.read(8)


def opened(path: str) -> Opened:
    """Open a file, or standard input where the path is ``-``.

    Raises
    ------
    InputError
        If there is no such file, it can't be read, or it is a zip file or a spreadsheet.
    """
    name = shown_name(path)
    try:
        copy = _once(path, name)
        place = Path(path) if copy is None else copy.path
        with place.open("rb") if copy is None else copy.binary() as raw:
            magic = raw.read(4)
        if magic in (_ZIP, _OLD_SPREADSHEET):
            expected = "its sheet saved as CSV, or JSON, JSON Lines, Parquet or Arrow IPC"
            raise InputError("a zip file or a spreadsheet is not read here", file=name, expected=expected)
        compression = "gzip" if magic.startswith(_GZIP) else "zstd" if magic == _ZSTD else None
        file = Opened(name, place, compression=compression, copy=copy)
        with file.binary() as stream:
            start = stream.read(START)
            if compression is not None:
                file.refuse_bomb(stream)
            return replace(file, start=start)
    except FileNotFoundError:
        raise InputError("there is no such file", file=name) from None
    except IsADirectoryError:
        raise InputError("a folder, not a file", file=name) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise unreadable(error, name) from error


def unreadable(error: Exception, name: str) -> InputError:
    """Return what to say of a file that the system does not let us read."""
    return InputError(f"cannot be read ({getattr(error, 'strerror', None) or error})", file=name)


class _Decompressed(io.RawIOBase):
    """The content of a compressed file, which is closed with it; a damaged one is an `InputError`."""

    def __init__(self, raw: BinaryIO, compression: str, name: str) -> None:
        self._raw, self._name, self._done = raw, name, 0
        if compression == "gzip":
            self._content: Any = gzip.GzipFile(fileobj=raw)
        else:
            import pyarrow as pa

            self._content = pa.CompressedInputStream(pa.PythonFile(raw, "r"), compression)  # type: ignore[arg-type]

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._done

    def readinto(self, buffer: Any) -> int:
        try:
            block = self._content.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"cannot be decompressed ({error})", file=self._name) from None
        buffer[: len(block)] = block
        self._done += len(block)
        if self._done > LEAST_EXPANDED and self._done > EXPANSION.most * (size := self._raw.tell()):
            raise EXPANSION.passed(self._name, self._done // max(size, 1))
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._content.close()
            self._raw.close()
        super().close()


def _once(path: str, name: str) -> Spool | None:
    """Return what can be read only once: standard input, a pipe, a device; None of a file."""
    if path == "-":
        if sys.stdin is None:
            raise InputError("it is closed", file=name)
        return Spool(sys.stdin.buffer, name, is_ours=False)
    mode = os.stat(path).st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return None
    return Spool(open(path, "rb"), name)
