"""Files that are written whole or not at all: under another name first; what a kill leaves the next run removes."""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from imagefit.values import pattern

if sys.platform != "win32":  # where there are no such locks: what a kill leaves stays there
    import fcntl

__all__ = ["atomic_file", "descriptor_of", "write_whole"]

_DESCRIPTOR = pattern(r"/dev/(?:fd/(\d+)|(stdin|stdout|stderr))|/proc/self/fd/(\d+)")
_STREAMS = ("stdin", "stdout", "stderr")
_NAME_BYTES = 200  # of the name of a part: a file system takes some 255


@contextlib.contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its name when the block ends, and is gone if the block fails.

    A pipe, a device or an open descriptor is written to directly. A link stays: what it points to is replaced. What is
    written before that has a name of its own beside it, and a lock for as long as its process lives; what is there
    without one was left by a process that was killed, and is removed. Errors name `path`.
    """
    place = Path(path)
    number = descriptor_of(path)
    if number is not None or (place.exists() and not place.is_file()):
        with _naming(path):
            raw = _Named(place if number is None else os.dup(number), "wb", path)
        with io.BufferedWriter(raw) as file:
            yield file
        return
    place = Path(os.path.realpath(place))
    with contextlib.ExitStack() as undo:
        with _naming(path):
            _remove_left(place)
            part, made = _new_part(place, path, undo)
        with io.BufferedWriter(made) as file:
            with _naming(path):
                if place.exists():
                    os.chmod(part, stat.S_IMODE(place.stat().st_mode))
            yield file
            file.flush()
            with _naming(path):
                os.fsync(file.fileno())
                if sys.platform == "win32":
                    file.close()
                part.replace(place)  # while the lock is held


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file as `atomic_file` does."""
    with atomic_file(path) as file:
        file.write(content)


def descriptor_of(path: str | os.PathLike[str]) -> int | None:
    """Return the descriptor that a path such as ``/dev/stdout`` or ``/dev/fd/3`` means; None of any other path."""
    found = _DESCRIPTOR.fullmatch(os.path.normpath(path))
    if found is None:
        return None
    return _STREAMS.index(found[2]) if found[2] else int(found[1] or found[3])


class _Named(io.FileIO):
    """A file whose errors name the path that the user knows."""

    def __init__(self, file: int | Path, mode: str, path: str | os.PathLike[str]) -> None:
        self._path = path
        super().__init__(file, mode)

    def write(self, data: Any, /) -> int:
        with _naming(self._path):
            return super().write(data)


@contextlib.contextmanager
def _naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Let an error of the system name the path that the user knows."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _new_part(place: Path, path: str | os.PathLike[str], undo: contextlib.ExitStack) -> tuple[Path, _Named]:
    """Make a file beside `place` that has a lock; in the end it is removed, also if an interruption comes meanwhile."""
    while True:
        part = place.with_name(f"{_begin(place)}{os.urandom(4).hex()}.part")
        if os.path.lexists(part):
            continue
        undo.callback(part.unlink, missing_ok=True)
        made = _Named(part, "xb", path)
        undo.callback(made.close)
        if _lock(made.fileno()) is not False and os.path.exists(part):
            return part, made
        made.close()  # another run has taken it, between two calls of ours, for one that was left


def _remove_left(place: Path) -> None:
    """Remove the parts for `place` that nobody is writing to."""
    if sys.platform == "win32":
        return
    pattern = re.compile(re.escape(_begin(place)) + r"[0-9a-f]{8}\.part")
    try:
        names = os.listdir(place.parent)
    except PermissionError:  # a folder that may be written to, and not listed
        return
    for name in filter(pattern.fullmatch, names):
        part = place.with_name(name)
        with contextlib.suppress(OSError):
            descriptor = os.open(part, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
            try:
                if stat.S_ISREG(os.fstat(descriptor).st_mode) and _lock(descriptor):
                    part.unlink()
            finally:
                os.close(descriptor)


def _begin(place: Path) -> str:
    name = place.name.encode("utf-8", "surrogateescape")[:_NAME_BYTES].decode("utf-8", "ignore")
    return f".{name}."


def _lock(descriptor: int) -> bool | None:
    """Take the lock of a file; False if another process has it, None where there are no locks."""
    if sys.platform == "win32":
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
