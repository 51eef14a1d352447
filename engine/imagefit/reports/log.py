"""The file of a log: lines are added at its end, each by one call of the system, so that several processes may do it.

What is there already is never touched.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imagefit.reports.files import TableWriter
    from imagefit.verdicts.logged import LogHead

__all__ = ["LogFile", "LoggedRows"]


class LogFile:
    """A log that is open for adding; a context manager.

    Raises
    ------
    OSError
        If it can't be opened, or a line not be written whole; names the path.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(path, flags, 0o666)
        self._before = b"" if self._is_ended() else b"\n"

    def __enter__(self) -> LogFile:
        return self

    def __exit__(self, *failure: Any) -> None:
        os.close(self._descriptor)

    def add(self, line: bytes) -> None:
        """Write a line, with its end, in one call."""
        whole, self._before = self._before + line, b""
        try:
            written = os.write(self._descriptor, whole)
        except OSError as error:
            raise OSError(error.errno, error.strerror, self._path) from None
        if written != len(whole):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self._path)

    def _is_ended(self) -> bool:
        """Whether the last line has its end; one has none where the disk was full.

        One that another process is just writing seems so, too: what comes of it is a blank line, which is nothing.
        """
        found = os.fstat(self._descriptor)
        if not stat.S_ISREG(found.st_mode) or not found.st_size:
            return True
        os.lseek(self._descriptor, -1, os.SEEK_END)
        return os.read(self._descriptor, 1) == b"\n"


class LoggedRows:
    """The writer of an audit's rows, each of which is written to a log, too, before its row is."""

    def __init__(self, writer: TableWriter, log: LogFile, head: LogHead) -> None:
        self._writer, self._log, self._head = writer, log, head

    def encode(self, rows: Any) -> Any:
        """Make what `write` takes of some `AuditedRows`."""
        judged: Callable[[], Iterator[Any]] = rows.judged
        lines = [self._head.line(row.key, row.operation, row.facts, row.kinds, row.found) for row in judged()]
        return self._writer.encode(rows), lines

    def write(self, encoded: Any) -> None:
        """Write the lines and the rows."""
        own, lines = encoded
        for line in lines:
            self._log.add(line)
        self._writer.write(own)

    def close(self, summary: Any = None) -> None:
        """Write what comes last of the rows."""
        self._writer.close(summary)
