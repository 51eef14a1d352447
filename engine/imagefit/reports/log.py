"""What is kept of a run beside its report: lines of a log, and what is found for a baseline.

Lines are added at the end of a log, each by one call of the system, so that several processes may do it; what is there
already is never touched.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imagefit.reports.files import TableWriter
    from imagefit.verdicts.baseline import Compared
    from imagefit.verdicts.logged import LogHead

__all__ = ["ComparedRows", "LogFile", "LoggedRows", "NotedRows"]


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


class _RowsBeside:
    """The writer of an audit's rows, and something that is kept of each batch before it is written."""

    def __init__(self, writer: TableWriter) -> None:
        self._writer = writer
        self.rows_at_once: int | None = getattr(writer, "rows_at_once", None)

    def told(self, rows: Any) -> Any:
        """Make what `keep` takes of some `AuditedRows`."""
        raise NotImplementedError

    def keep(self, told: Any) -> None:
        """Keep it."""
        raise NotImplementedError

    def encode(self, rows: Any) -> Any:
        """Make what `write` takes of some `AuditedRows`."""
        return self.told(rows), self._writer.encode(rows)

    def write(self, encoded: Any) -> None:
        """Keep what is to be kept, and write the rows."""
        told, own = encoded
        self.keep(told)
        self._writer.write(own)

    def close(self, summary: Any = None) -> None:
        """Write what comes last of the rows."""
        self._writer.close(summary)


class LoggedRows(_RowsBeside):
    """The writer of an audit's rows, each of which is written to a log, too, before its row is."""

    def __init__(self, writer: TableWriter, log: LogFile, head: LogHead) -> None:
        super().__init__(writer)
        self._log, self._head = log, head

    def told(self, rows: Any) -> Any:
        """Return what makes the lines of a log: all those of a batch at once would take much room."""
        line = self._head.line
        return (line(row.key, row.operation, row.facts, row.found) for row in rows.judged(self._head.redact))

    def keep(self, told: Any) -> None:
        """Add the lines."""
        for line in told:
            self._log.add(line)


class ComparedRows(_RowsBeside):
    """The writer of an audit's rows, which are compared with a baseline, too."""

    def __init__(self, writer: TableWriter, compared: Compared) -> None:
        super().__init__(writer)
        self._compared = compared

    def told(self, rows: Any) -> Any:
        """Return what says what was found of each row."""
        return rows.found()

    def keep(self, told: Any) -> None:
        """Compare it."""
        for row in told:
            self._compared.add(row.operation, row.candidate, row.failed, row.unknown, row.warned)


class NotedRows(_RowsBeside):
    """The writer of an audit's rows, whose columns of facts somebody takes note of."""

    def __init__(self, writer: TableWriter, note: Callable[[Mapping[str, Any]], None]) -> None:
        super().__init__(writer)
        self._note = note

    def told(self, rows: Any) -> Any:
        """Return the columns."""
        return rows.facts().columns

    def keep(self, told: Any) -> None:
        """Hand them on."""
        self._note(told)
