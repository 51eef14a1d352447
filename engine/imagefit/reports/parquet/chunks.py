"""Columns of Parquet files that are carried as they lie: their chunks are copied, and Arrow writes others beside them.

A Parquet file is row groups of column chunks, and an end that says where these are. All that a chunk takes to be read
is in it and in its entry there, so that one that is copied is the same in another file, whatever wrote it. To write it
anew takes more than all that is written beside it.

See https://github.com/apache/parquet-format: the names of fields stand beside their numbers below.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from imagefit.errors import InputError
from imagefit.reports.parquet.thrift import BINARY, I16, I32, I64, LIST, STRUCT, Struct, parsed, written
from imagefit.values import dataclass, pattern

__all__ = ["CarriedChunks", "carried_chunks"]

LEAST_ROWS, MOST_ROWS = 8192, 1 << 20
"""Of row groups with fewer rows, on average, larger ones are made; one with more is more than is to be in memory."""

MOST_BYTES = 1 << 26
"""The same of the bytes of a row group, decompressed: what is said of it takes about as many."""

MOST_CHUNKS = 1 << 14
"""So many entries are read and written in a second."""

_MAGIC = b"PAR1"
COPIED_AT_ONCE = 1 << 20

_OLD = pattern(r"parquet-mr version 1\.\d\.|parquet-cpp version [01]\.")
"""What wrote chunks that are read otherwise than others, by who knows it."""

_VERSION, _ELEMENTS, _ROWS, _GROUPS, _KEY_VALUES, _CREATED_BY, _ORDERS = range(1, 8)  # of FileMetaData
_CHILDREN = 5  # of SchemaElement
_COLUMNS, _SIZE, _GROUP_ROWS, _SORTING, _OFFSET, _COMPRESSED_SIZE, _ORDINAL = range(1, 8)  # of RowGroup
_FILE, _FILE_OFFSET, _CHUNK, _ENCRYPTION, _ENCRYPTED = 1, 2, 3, 8, 9  # of ColumnChunk
_ELSEWHERE = {_FILE, _ENCRYPTION, _ENCRYPTED}
_CHUNK_SIZE, _CHUNK_KEY_VALUES, _DATA, _INDEX, _DICTIONARY, _STATISTICS = range(7, 13)  # of ColumnMetaData
_BLOOM = (14, 15)
_SIGNED_LEAST = (1, 2)  # of Statistics: of an order that nobody said
_LEAST = (5, 6)

_DAMAGE = (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError, MemoryError, OSError)
"""What reading an entry raises that is not as it should be."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file: where it is, its end, and what the system said of it when that was read."""

    path: Path
    end: Struct
    state: tuple[int, ...]

    def groups(self) -> Sequence[Struct]:
        groups: list[Struct] = self.end[_GROUPS][1][1]
        return groups

    @property
    def has_orders(self) -> bool:
        return _ORDERS in self.end

    @contextlib.contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open it; raises `InputError` if it is not what it was."""
        with self.path.open("rb") as content:
            if _state(content) != self.state:
                raise self.changed()
            yield content

    def changed(self) -> InputError:
        return InputError("the file has changed while it was read", file=str(self.path))


def carried_chunks(paths: Sequence[Path], out: BinaryIO) -> CarriedChunks | None:
    """Return the chunks of files, to be copied to `out`; None where they had better be written anew.

    That is where row groups are very small or very large, where files differ in their columns, and where an entry is
    none that is known.
    """
    try:
        files = list(map(_file_at, paths))
        if files and _are_alike(files) and _can_be_copied(files):
            return CarriedChunks(files, out)
    except _DAMAGE:
        pass
    return None


class CarriedChunks:
    """Copies row groups, each beside the one that Arrow has written before it.

    It is the file that Arrow writes to: what it is given goes to `out`, but for the end, of which a part is taken.
    """

    closed = False  # as Arrow asks of a file

    def __init__(self, files: Sequence[_File], out: BinaryIO) -> None:
        self._files, self._out = files, out
        self._coming: Iterator[tuple[_File, Struct]] = ((file, group) for file in files for group in file.groups())
        self._group: tuple[_File, Struct] | None = next(self._coming)
        self._at = self._own = 0  # bytes in `out`, and those of Arrow's among them
        self._copied: list[tuple[Struct, list[Struct], int]] = []  # groups, with their chunks, and where Arrow's went
        self._end: bytearray | None = None
        self._lacking = self._rows()

    @property
    def lacking(self) -> int:
        """How many rows the row group lacks whose turn it is; 0 after the last one."""
        return self._lacking

    def took(self, rows: int) -> None:
        """Say that there are so many rows of it more."""
        self._lacking -= rows

    def refuse_more(self, rows: int) -> None:
        """Raise `InputError` if there are rows left after the last row group."""
        if rows:
            raise self._files[-1].changed()

    def write(self, data: Any) -> int:
        """Take what Arrow writes."""
        size = memoryview(data).nbytes
        if self._end is not None:
            self._end += data
        else:
            self._out.write(data)
            self._at += size
            self._own += size
        return size

    def flush(self) -> None:
        """Do nothing: `out` is another's."""

    def close(self) -> None:
        """Do nothing, for the same reason."""

    def copy(self) -> None:
        """Copy the row group whose turn it is, once Arrow has written its own.

        Raises
        ------
        InputError
            If the file is not what it was.
        """
        assert self._group is not None
        file, group = self._group
        moved = self._at - self._own
        chunks = []
        with file.opened() as content:
            for chunk in group[_COLUMNS][1][1]:
                entry = chunk[_CHUNK][1]
                start, size = _start(entry), entry[_CHUNK_SIZE][1]
                chunks.append(_moved(entry, self._at - start, has_orders=file.has_orders))
                content.seek(start)
                while size:
                    data = content.read(min(size, COPIED_AT_ONCE))
                    if not data:
                        raise file.changed()
                    self._out.write(data)
                    self._at += len(data)
                    size -= len(data)
        self._copied.append((group, chunks, moved))
        self._group = next(self._coming, None)
        self._lacking = self._rows()

    def finish(self, close: Callable[[], None]) -> None:
        """Write the end of the file; `close` has Arrow write its own. Raises `InputError` if rows lack."""
        if self._group is not None:
            raise self._group[0].changed()
        self._end = bytearray()
        close()
        end = written(self._joined(parsed(bytes(self._end))))
        self._out.write(end + len(end).to_bytes(4, "little") + _MAGIC)

    def _rows(self) -> int:
        return 0 if self._group is None else int(self._group[1][_GROUP_ROWS][1])

    def _joined(self, own: Struct) -> Struct:
        """Return the end of the file: of what was copied, and of what Arrow says of its own."""
        first = self._files[0].end
        root, *carried = first[_ELEMENTS][1][1]
        own_root, *ours = own[_ELEMENTS][1][1]
        children = root[_CHILDREN][1] + own_root[_CHILDREN][1]
        elements = [{**own_root, _CHILDREN: (I32, children)}, *carried, *ours]
        own_groups = own[_GROUPS][1][1]
        groups = [
            _group_of(number, *copied, own_group)
            for number, (copied, own_group) in enumerate(zip(self._copied, own_groups, strict=True))
        ]
        leaves = len(groups[0][_COLUMNS][1][1]) - len(own_groups[0][_COLUMNS][1][1])
        orders = first[_ORDERS][1][1] if _ORDERS in first else [{1: (STRUCT, {})}] * leaves
        return own | {
            _VERSION: (I32, max(own[_VERSION][1], *(file.end[_VERSION][1] for file in self._files))),
            _ELEMENTS: (LIST, (STRUCT, elements)),
            _ROWS: (I64, sum(group[_GROUP_ROWS][1] for group in groups)),
            _GROUPS: (LIST, (STRUCT, groups)),
            _ORDERS: (LIST, (STRUCT, [*orders, *own[_ORDERS][1][1]])),
        }


def _group_of(number: int, group: Struct, chunks: list[Struct], moved: int, own: Struct) -> Struct:
    """Return the entry of a row group: of the chunks that were copied, and those that Arrow wrote."""
    chunks = chunks + [_moved(chunk[_CHUNK][1], moved, has_orders=True) for chunk in own[_COLUMNS][1][1]]
    found: Struct = {
        _COLUMNS: (LIST, (STRUCT, chunks)),
        _SIZE: (I64, group[_SIZE][1] + own[_SIZE][1]),
        _GROUP_ROWS: own[_GROUP_ROWS],
        _OFFSET: (I64, min(_start(chunk[_CHUNK][1]) for chunk in chunks)),
        _COMPRESSED_SIZE: (I64, sum(chunk[_CHUNK][1][_CHUNK_SIZE][1] for chunk in chunks)),
    }
    if _SORTING in group:
        found[_SORTING] = group[_SORTING]
    if number < 1 << 15:
        found[_ORDINAL] = I16, number
    return found


def _moved(entry: Struct, by: int, *, has_orders: bool) -> Struct:
    """Return the entry of a chunk that lies elsewhere now; what else lay elsewhere in its file is not there any more.

    The least and the greatest value are left out where the file does not say by which order they are that.
    """
    found = {number: field for number, field in entry.items() if number not in _BLOOM}
    for number in (_DATA, _INDEX, _DICTIONARY):
        if number in found:
            kind, offset = found.pop(number)
            if offset > 0:
                found[number] = kind, offset + by
    if _STATISTICS in found:
        of_unknown_order = _SIGNED_LEAST if has_orders else (*_SIGNED_LEAST, *_LEAST)
        kind, statistics = found[_STATISTICS]
        found[_STATISTICS] = kind, {number: of for number, of in statistics.items() if number not in of_unknown_order}
    return {_FILE_OFFSET: (I64, 0), _CHUNK: (STRUCT, found)}


def _start(entry: Struct) -> int:
    """Return where a chunk begins."""
    offsets = (entry[number][1] for number in (_DATA, _DICTIONARY) if number in entry)
    return int(min(offset for offset in offsets if offset > 0))


def _file_at(path: Path) -> _File:
    """Return a file with its end; raises one of `_DAMAGE` if it has none."""
    with path.open("rb") as content:
        state = _state(content)
        size = state[0]
        content.seek(-8, os.SEEK_END)
        length, magic = int.from_bytes(content.read(4), "little"), content.read(4)
        if magic != _MAGIC or length > size - 12:
            raise ValueError("no end that can be read")
        content.seek(size - 8 - length)
        return _File(path, parsed(content.read(length)), state)


def _state(content: BinaryIO) -> tuple[int, ...]:
    found = os.fstat(content.fileno())
    return found.st_size, found.st_mtime_ns, found.st_ino


def _are_alike(files: Sequence[_File]) -> bool:
    """Whether files have the same columns."""
    first = files[0].end
    return all(
        file.end[_ELEMENTS][1][1][1:] == first[_ELEMENTS][1][1][1:] and file.end.get(_ORDERS) == first.get(_ORDERS)
        for file in files
    )


def _can_be_copied(files: Sequence[_File]) -> bool:
    """Whether all row groups are of a good size, and whole."""
    rows = [group[_GROUP_ROWS][1] for file in files for group in file.groups()]
    is_of_good_size = rows and min(rows) > 0 and max(rows) <= MOST_ROWS
    if not is_of_good_size or (len(rows) > 1 and sum(rows) < LEAST_ROWS * len(rows)):
        return False
    root, *elements = files[0].end[_ELEMENTS][1][1]
    leaves = sum(_CHILDREN not in element for element in elements)
    orders = files[0].end.get(_ORDERS, (LIST, (STRUCT, [None] * leaves)))[1][1]
    if len(rows) * leaves > MOST_CHUNKS or len(orders) != leaves or _CHILDREN not in root:
        return False
    return all(_is_whole(file, leaves) for file in files)


def _is_whole(file: _File, leaves: int) -> bool:
    """Whether all chunks lie in their own file, each for itself, for everyone to read."""
    if _VERSION not in file.end or _OLD.match(file.end.get(_CREATED_BY, (BINARY, b""))[1].decode("utf-8", "replace")):
        return False
    total = 0
    for group in file.groups():
        chunks = group[_COLUMNS][1][1]
        if len(chunks) != leaves or group[_SIZE][1] > MOST_BYTES:
            return False
        for chunk in chunks:
            if not _ELSEWHERE.isdisjoint(chunk):
                return False
            start, size = _start(chunk[_CHUNK][1]), chunk[_CHUNK][1][_CHUNK_SIZE][1]
            if start < len(_MAGIC) or size <= 0 or start + size > file.state[0]:
                return False
            total += size
    return total < file.state[0]  # an end that says the same bytes of many would make a huge file of a small one
