"""Opening files as streams of bytes, decompressed: of any size, again and again, standard input included."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import io
import shutil
import sys
import tempfile
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from imagefit.errors import InputError
from imagefit.sources.files import shown_name

__all__ = ["Opened", "opened"]

START = 1 << 16
"""So much is looked at to tell what a file is."""

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


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
    def encoding(self) -> str:
        """The encoding of a text, by its byte order mark."""
        return next((encoding for mark, encoding in _MARKS if self.start.startswith(mark)), "utf-8")

    def start_text(self) -> str:
        """Return how a text begins; what can't be decoded is replaced."""
        return codecs.getincrementaldecoder(self.encoding)("replace").decode(self.start)

    def binary(self) -> BinaryIO:
        """Open the content; closing the stream is the caller's."""
        raw = self.path.open("rb")
        self._raw[:] = [raw]
        if self.compression is None:
            return raw
        return cast("BinaryIO", io.BufferedReader(_Decompressed(raw, self.compression, self.name)))

    def is_longer_than(self, size: int) -> bool:
        """Whether the content has more bytes than that."""
        with self.binary() as stream:
            return len(stream.read(size + 1)) > size

    def share(self) -> float:
        """Return how much of the content was read since it was last opened, from 0 to 1."""
        with contextlib.suppress(OSError, ValueError):
            if self._raw and not self._raw[0].closed:
                return self._raw[0].tell() / max(self.path.stat().st_size, 1)
        return 1.0

    def text(self) -> IO[str]:
        """Open the content as text with its line ends as they are; a wrong byte is a ``UnicodeDecodeError``."""
        return io.TextIOWrapper(self.binary(), encoding=self.encoding, newline="")

    def decompressed(self) -> Opened:
        """Return the same content in a file that is not compressed."""
        if self.compression is None:
            return self
        with self.binary() as stream:
            copy = _copied(stream)
        return Opened(self.name, Path(copy.name), self.start, None, copy)


def opened(path: str) -> Opened:
    """Open a file, or standard input where the path is ``-``.

    Raises
    ------
    InputError
        If there is no such file, or it can't be read.
    """
    name = shown_name(path)
    try:
        copy = _copied(sys.stdin.buffer) if path == "-" else None
        place = Path(path if copy is None else copy.name)
        with place.open("rb") as raw:
            magic = raw.read(4)
        compression = "gzip" if magic.startswith(_GZIP) else "zstd" if magic == _ZSTD else None
        file = Opened(name, place, compression=compression, copy=copy)
        with file.binary() as stream:
            return replace(file, start=stream.read(START))
    except FileNotFoundError:
        raise InputError("there is no such file", file=name) from None
    except IsADirectoryError:
        raise InputError("a folder, not a file", file=name) from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read ({getattr(error, 'strerror', None) or error})", file=name) from error


class _Decompressed(io.RawIOBase):
    """The content of a compressed file, which is closed with it; a damaged one is an `InputError`."""

    def __init__(self, raw: BinaryIO, compression: str, name: str) -> None:
        self._raw, self._name = raw, name
        if compression == "gzip":
            self._content: Any = gzip.GzipFile(fileobj=raw)
        else:
            import pyarrow as pa

            self._content = pa.CompressedInputStream(pa.PythonFile(raw, "r"), compression)  # type: ignore[arg-type]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self._content.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"cannot be decompressed ({error})", file=self._name) from None
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._content.close()
            self._raw.close()
        super().close()


def _copied(stream: BinaryIO) -> IO[bytes]:
    """Copy a stream to a temporary file, which goes when nobody has the returned object any more."""
    copy = tempfile.NamedTemporaryFile(prefix="imagefit-")  # noqa: SIM115
    shutil.copyfileobj(stream, copy, 1 << 20)
    copy.flush()
    return copy
