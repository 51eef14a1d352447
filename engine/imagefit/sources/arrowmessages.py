"""The messages of Arrow IPC as they pass: what their buffers say they become, decompressed, is added up beforehand.

Arrow decompresses all of a message at a time, however large that is, and tells nothing of it before. Messages are
flatbuffers; of their tables no more is read here than where the buffers of a batch are.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from struct import Struct
from typing import Any, BinaryIO

from imagefit.sources.limits import ARROW_BATCH, EXPANSION, LEAST_EXPANDED

__all__ = ["bounded_messages"]

_CONTINUES = b"\xff\xff\xff\xff"
_DICTIONARY, _BATCH = 2, 3
_COMPRESSED_BEFORE = b"ARROW:experimental_compression"
"""What messages of Arrow 0.17 have that are compressed."""

_UINT16, _INT32, _UINT32, _INT64, _PAIR = map(Struct, ("<H", "<i", "<I", "<q", "<qq"))


def bounded_messages(content: BinaryIO, name: str) -> BinaryIO:
    """Return a stream of Arrow IPC messages that is the same, and ends where they expand beyond measure.

    Reading it raises `InputError` there, and ValueError where a message is none.
    """
    return io.BufferedReader(_Messages(content, name), 1 << 16)


class _Messages(io.RawIOBase):
    """Passes messages on."""

    def __init__(self, content: BinaryIO, name: str) -> None:
        self._content, self._name = content, name
        self._held, self._at = memoryview(b""), 0  # what was looked at and is not passed on yet
        self._body = 0  # so many bytes follow that need not be looked at
        self._read = self._expanded = 0
        self._is_ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._at == len(self._held) and not self._body and not self._is_ended:
            try:
                self._next()
            except (struct.error, IndexError):
                raise ValueError("a message that is none") from None
        if self._at < len(self._held):
            block = self._held[self._at : self._at + len(buffer)]
            self._at += len(block)
        else:
            block = memoryview(self._content.read(min(len(buffer), self._body)))
            self._body = self._body - len(block) if block else 0
        buffer[: len(block)] = block
        return len(block)

    def _next(self) -> None:
        """Look at the next message."""
        begin = self._content.read(8)
        at = 4 if begin.startswith(_CONTINUES) else 0  # older streams do not begin so
        size = _INT32.unpack_from(begin, at)[0] if len(begin) == 8 else 0
        if size <= 4:
            self._held, self._at, self._is_ended = memoryview(begin), 0, True
            return
        if size > LEAST_EXPANDED:
            raise ValueError("a message with a header without measure")
        message = begin[at + 4 :] + self._content.read(size - (4 - at))
        table = _Table.root(message)
        body_size, body = table.number(3, _INT64), b""
        batch = _batch_of(table)
        if body_size < 0:
            raise ValueError("a message of a negative size")
        if body_size > ARROW_BATCH.most:
            raise ARROW_BATCH.passed(self._name, body_size)
        if batch is not None:
            expanded = batch.number(0, _INT64)  # a row is one byte at least
            if batch.place(3) or _COMPRESSED_BEFORE in message:
                body, body_size = self._content.read(body_size), 0
                expanded = max(expanded, _expanded(batch.pairs(2), body))
            if expanded > ARROW_BATCH.most:
                raise ARROW_BATCH.passed(self._name, expanded)
            self._expanded += expanded
        self._held, self._at = memoryview(begin[: at + 4] + message + body), 0
        self._read += len(self._held) + body_size
        self._body = body_size
        if self._expanded > LEAST_EXPANDED and self._expanded > EXPANSION.most * self._read:
            raise EXPANSION.passed(self._name, self._expanded // self._read)


def _batch_of(message: _Table) -> _Table | None:
    """Return the batch that a message has, which may be one of a dictionary; None of a schema."""
    kind = message.byte(1)
    if kind == _BATCH:
        return message.table(2)
    return message.table(2).table(1) if kind == _DICTIONARY else None


def _expanded(buffers: Iterable[tuple[int, int]], body: bytes) -> int:
    """Return how many bytes compressed buffers become: each begins with its size, or -1 where it is not compressed."""
    total = 0
    for offset, length in buffers:
        if length >= 8:
            size = _INT64.unpack_from(body, offset)[0]
            total += length if size < 0 else size
    return total


class _Table:
    """A table of a flatbuffer; a field that is not there is 0."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at
        self._fields = at - _INT32.unpack_from(data, at)[0]
        self._size: int = _UINT16.unpack_from(data, self._fields)[0]
        if self._fields < 0 or at < 0:
            raise ValueError("a message that is none")

    @classmethod
    def root(cls, data: bytes) -> _Table:
        return cls(data, _UINT32.unpack_from(data, 0)[0])

    def place(self, field: int) -> int:
        """Return where a field is; 0 if it is not there."""
        entry = 4 + 2 * field
        offset = _UINT16.unpack_from(self._data, self._fields + entry)[0] if entry < self._size else 0
        return self._at + offset if offset else 0

    def number(self, field: int, of: Struct) -> int:
        return int(of.unpack_from(self._data, place)[0]) if (place := self.place(field)) else 0

    def byte(self, field: int) -> int:
        return self._data[place] if (place := self.place(field)) else 0

    def table(self, field: int) -> _Table:
        return _Table(self._data, self._pointed(field))

    def pairs(self, field: int) -> Iterable[tuple[int, int]]:
        """Return a vector of pairs of numbers."""
        if not self.place(field):
            return ()
        at = self._pointed(field)
        end = at + 4 + _PAIR.size * int(_UINT32.unpack_from(self._data, at)[0])
        return _PAIR.iter_unpack(self._data[at + 4 : end])

    def _pointed(self, field: int) -> int:
        place = self.place(field)
        return int(place + _UINT32.unpack_from(self._data, place)[0])
