"""The only way to a file's bytes and text: of any size, again and again, compressed or not, standard input included.

Knows nothing of what is in a file. A file that can't be opened, decompressed or decoded is an `InputError`.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from imagefit.errors import InputError, UnknownNameError, shortened
from imagefit.sources.limits import EXPANSION, LEAST_EXPANDED
from imagefit.sources.text import Text
from imagefit.values import dataclass, pattern, replace

if TYPE_CHECKING:
    from imagefit.sources.once import Spool

__all__ = [
    "STANDARD_INPUT",
    "START",
    "Opened",
    "checked_encoding",
    "is_address",
    "is_read_once",
    "opened",
    "shown_name",
    "unreadable",
]

STANDARD_INPUT = "standard input"

START = 1 << 16
"""So many bytes are looked at to tell what a file is."""

ENCODINGS = "UTF-8, UTF-16 with a byte order mark, or what --encoding says, such as {}"

OFFERED = ("utf-8", "utf-16", "gbk", "gb18030", "big5", "shift_jis", "euc_kr", "cp1250", "cp1251", "cp1252", "latin-1")
"""The encodings that are named where somebody misspells one."""

_NO_FILES = frozenset({"idna", "raw-unicode-escape", "unicode-escape"})
"""What Python calls an encoding and no file is written in."""

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_OLD_SPREADSHEET = b"\xd0\xcf\x11\xe0"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


_ADDRESS = pattern(r"[A-Za-z][A-Za-z0-9+.-]+://")


def is_address(path: str) -> bool:
    """Tell whether a path is an address, such as ``https://...`` or ``s3://...``."""
    return "://" in path and _ADDRESS.match(path) is not None


def shown_name(path: str) -> str:
    """Return how a path is named in messages; an address, without what may be a secret."""
    if is_address(path):
        from imagefit.sources.remote import shown_address

        return shown_address(path)
    return STANDARD_INPUT if path == "-" else path


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that can be read from its beginning, as often as one likes.

    Attributes
    ----------
    name
        As messages call it.
    path
        Where it lies: of what can be read only once, and of what was in memory, a temporary copy.
    copy, once
        Of such a file, what keeps the copy there; `once` has as much in it as was read.
    start
        How its content begins, decompressed.
    compression
        ``gzip``, ``zstd`` or None.
    stated
        The encoding of a text without a byte order mark, as the caller says it.
    """

    name: str
    path: Path
    start: bytes = b""
    compression: str | None = None
    copy: object = None
    once: Spool | None = None
    stated: str = "utf-8"
    _raw: list[BinaryIO] = field(default_factory=list, repr=False)

    @property
    def mark(self) -> bytes:
        """The byte order mark that a text begins with; empty if there is none."""
        return next((mark for mark, _ in _MARKS if self.start.startswith(mark)), b"")

    @property
    def encoding(self) -> str:
        """The encoding of a text: what its byte order mark says, else the caller."""
        return next((encoding for mark, encoding in _MARKS if mark == self.mark), self.stated)

    def binary(self) -> BinaryIO:
        """Open the content; closing the stream is the caller's."""
        once = None if self.once is None or self.once.is_whole else self.once
        raw = self.path.open("rb") if once is None else once.binary()
        self._raw[:] = [raw]
        if self.compression is None:
            return raw
        from imagefit.sources.decompressed import Decompressed

        return cast("BinaryIO", io.BufferedReader(Decompressed(raw, self.compression, self.name)))

    def utf8(self) -> BinaryIO:
        """Open the content of a text as UTF-8 without a byte order mark, whatever it is written in.

        What its encoding has no character for stays what is no UTF-8. Raises `InputError`, where it is read, if it ends
        within a character of UTF-16.
        """
        content = self.binary()
        content.read(len(self.mark))
        if self.encoding == "utf-8":
            return content
        return cast("BinaryIO", io.BufferedReader(_Recoded(content, self), 1 << 16))

    @contextlib.contextmanager
    def text(self) -> Iterator[Text]:
        """Open the content as text with its line ends as they are; raises, where it is read, as `utf8` does."""
        with self.utf8() as content:
            yield Text(content, self.name, "surrogateescape" if self.encoding == "utf-8" else "surrogatepass")

    def not_text(self) -> InputError:
        """Return where the content is not in its encoding."""
        decoder, done = codecs.getincrementaldecoder(self.encoding)(), len(self.mark)
        with self.binary() as content:
            content.read(done)
            while True:
                block = content.read(1 << 20)
                try:
                    decoder.decode(block, not block)
                except UnicodeDecodeError as error:
                    return self.not_decoded(done - len(error.object) + len(block) + error.start)
                done += len(block)

    def not_decoded(self, place: int) -> InputError:
        """Return what to say of bytes at a place that are no text in the file's encoding."""
        message = f"not {self.encoding.upper()} at byte {place}: {shortened(self._bytes_at(place))}"
        return InputError(message, file=self.name, expected=self.expected_encoding)

    @property
    def expected_encoding(self) -> str:
        """What a text should be that is not in its encoding, with another one that it may be in."""
        start = self.start[len(self.mark) :]
        decoder = codecs.getincrementaldecoder("gbk")("ignore")
        is_even = all(len(run) % 2 == 0 for run in re.findall(rb"[\x80-\xff]+", start[:-1]))
        is_chinese = is_even and any("\u4e00" <= character <= "\u9fff" for character in decoder.decode(start))
        return ENCODINGS.format("gbk" if is_chinese else "cp1252")

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
            if self.once is not None:
                self.once.whole()
            return self
        from imagefit.sources.once import Spool

        copy = Spool(self.binary(), self.name)
        return replace(self, path=copy.whole(), compression=None, once=copy, _raw=[])

    def _bytes_at(self, place: int) -> bytes:
        with self.binary() as content:
            while place and (skipped := len(content.read(min(place, 1 << 20)))):
                place -= skipped
            return content.read(8)


def checked_encoding(name: str) -> str:
    """Return an encoding by the name that Python knows it by; of UTF-16, the one without a byte order mark is meant.

    Raises
    ------
    UnknownNameError
        If there is none of this name in which plain ASCII, or UTF-16, is what it is everywhere else.
    """
    if name.lower().replace("_", "-") in ("utf-16", "utf-16-le", "utf-16-be"):
        return "utf-16-be" if name.lower().endswith("be") else "utf-16-le"
    ascii_text = bytes(range(128))
    with contextlib.suppress(LookupError, UnicodeError, ValueError):
        found = codecs.lookup(name).name
        if found not in _NO_FILES and ascii_text.decode(found) == ascii_text.decode("ascii"):
            return found.removesuffix("-sig")
    raise UnknownNameError.of("encoding", name, OFFERED)


def opened(path: str, encoding: str | None = None) -> Opened:
    """Open a file, what is at an address, or standard input where the path is ``-``.

    Parameters
    ----------
    encoding
        Of a text without a byte order mark; by default, UTF-8.

    Raises
    ------
    InputError
        If there is no such file, it can't be read, or it is a spreadsheet of an old kind.
    """
    name = shown_name(path)
    try:
        once = _once(path, name)
        place = Path(path) if once is None else once.path
        with place.open("rb") if once is None else once.binary() as raw:
            magic = raw.read(4)
        if magic == _OLD_SPREADSHEET:
            expected = "its sheet saved as XLSX or CSV"
            raise InputError("a spreadsheet of before 2007 is not read", file=name, expected=expected)
        compression = "gzip" if magic.startswith(_GZIP) else "zstd" if magic == _ZSTD else None
        stated = "utf-8" if encoding is None else checked_encoding(encoding)
        file = Opened(name, place, compression=compression, once=once, stated=stated)
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


class _Recoded(io.RawIOBase):
    """A text as UTF-8, block by block; it is closed with it."""

    def __init__(self, content: BinaryIO, file: Opened) -> None:
        self._content, self._file, self._ready = content, file, memoryview(b"")
        errors = "surrogatepass" if file.encoding.startswith("utf-16") else "surrogateescape"
        self._decoder = codecs.getincrementaldecoder(file.encoding)(errors)
        self._is_done = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and not self._is_done:
            block = self._content.read(1 << 16)
            self._is_done = not block
            try:
                text = self._decoder.decode(block, not block)
            except UnicodeDecodeError as error:
                raise self._file.not_decoded(self._content.tell() - len(error.object) + error.start) from None
            self._ready = memoryview(text.encode("utf-8", "surrogatepass"))
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def close(self) -> None:
        if not self.closed:
            self._content.close()
        super().close()


def is_read_once(path: str) -> bool:
    """Whether what is there can be read only once: standard input, a pipe, a device, an address."""
    if path == "-" or is_address(path):
        return True
    mode = os.stat(path).st_mode
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _once(path: str, name: str) -> Spool | None:
    """Return what can be read only once; None of a file."""
    if not is_read_once(path):
        return None
    from imagefit.sources.once import Spool

    if is_address(path):
        from imagefit.sources.remote import opened_address

        return Spool(opened_address(path, name), name)
    if path == "-":
        if sys.stdin is None:
            raise InputError("it is closed", file=name)
        return Spool(sys.stdin.buffer, name, is_ours=False)
    return Spool(open(path, "rb"), name)
