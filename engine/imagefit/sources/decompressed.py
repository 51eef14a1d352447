"""The content of compressed files."""

from __future__ import annotations

import io
import zlib
from typing import Any, BinaryIO

from imagefit.errors import InputError
from imagefit.sources.limits import EXPANSION, LEAST_EXPANDED

__all__ = ["Decompressed"]


class Decompressed(io.RawIOBase):
    """The content of a compressed file, which is closed with it; a damaged one is an `InputError`."""

    def __init__(self, raw: BinaryIO, compression: str, name: str) -> None:
        self._raw, self._name, self._done = raw, name, 0
        if compression == "gzip":
            import gzip

            self._content: Any = gzip.GzipFile(fileobj=raw)
        else:
            import pyarrow as pa

            self._content = pa.CompressedInputStream(pa.PythonFile(raw, "r"), compression)  # type: ignore[arg-type]

    def readable(self) -> bool:
        """Say that one can read here."""
        return True

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._done

    def readinto(self, buffer: Any) -> int:
        """Read some bytes; raises `InputError` if the file is damaged, or expands beyond the limit."""
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
        """Close the file, too."""
        if not self.closed:
            self._content.close()
            self._raw.close()
        super().close()
