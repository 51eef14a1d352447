"""Getting at a file's text: bounded, and decoded by its byte order mark. Knows nothing of what is in it."""

from __future__ import annotations

import sys
from pathlib import Path

from imagefit.errors import InputError, shortened

__all__ = ["LIMIT_BYTES", "LIMIT_RECORDS", "STANDARD_INPUT", "decoded", "read_bytes", "shown_name", "too_many"]

LIMIT_BYTES = 8 * 2**20
"""The largest file that is read whole: some five thousand images. What is beyond it is a table for audit."""

LIMIT_RECORDS = 50_000
"""The most objects or rows in it: a hostile file of empty objects would become gigabytes of records."""

STANDARD_INPUT = "standard input"

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_OTHER_KINDS = (
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow IPC file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"PK\x03\x04", "a zip file or a spreadsheet"),
)


def shown_name(path: str) -> str:
    """Return how a path is named in messages."""
    return STANDARD_INPUT if path == "-" else path


def read_bytes(path: str) -> bytes:
    """Read a file, or standard input where the path is ``-``.

    Raises
    ------
    InputError
        If there is no such file, or it cannot be read, or it is larger than `LIMIT_BYTES`.
    """
    name = shown_name(path)
    try:
        if path == "-":
            if sys.stdin is None:
                raise InputError("it is closed", file=name)
            content = sys.stdin.buffer.read(LIMIT_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                content = file.read(LIMIT_BYTES + 1)
    except FileNotFoundError:
        raise InputError("there is no such file", file=name) from None
    except IsADirectoryError:
        raise InputError("a folder, not a file", file=name) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise InputError(f"cannot be read ({getattr(error, 'strerror', None) or error})", file=name) from error
    if len(content) > LIMIT_BYTES:
        raise InputError(
            f"larger than {LIMIT_BYTES // 2**20} MiB", file=name, expected="a smaller file, or a table for audit"
        )
    return content


def too_many(count: int, name: str) -> None:
    """Raise `InputError` if there are more objects or rows than are read whole."""
    if count > LIMIT_RECORDS:
        raise InputError(
            f"more than {LIMIT_RECORDS} objects or rows", file=name, expected="a smaller file, or a table for audit"
        )


def decoded(content: bytes, name: str) -> str:
    """Decode UTF-8 with or without a byte order mark, or UTF-16 with one.

    Raises
    ------
    InputError
        If it is neither; says at which byte, or what kind of file it looks like.
    """
    for start, kind in _OTHER_KINDS:
        if content.startswith(start):
            raise InputError(f"{kind} is not read here", file=name, expected="JSON, JSON Lines or CSV")
    encoding, skip = next(((e, len(m)) for m, e in _MARKS if content.startswith(m)), ("utf-8", 0))
    try:
        text = content[skip:].decode(encoding)
    except UnicodeDecodeError as error:
        bad = shortened(content[skip + error.start : skip + error.start + 8])
        raise InputError(
            f"not {encoding.upper()} at byte {skip + error.start}: {bad}",
            file=name,
            expected="UTF-8, or UTF-16 with a byte order mark",
        ) from None
    if "\0" in text:
        raise InputError("holds a NUL character", file=name, expected="text")
    return text
