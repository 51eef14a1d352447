"""The files that a command line names: each says whether it is read or written, and none may be both, or written twice.

An option or argument that names a file has one of the types `READ`, `WRITTEN`, `NEW` and `PACK`, which is all that is
needed: each path is compared with those before it while the command line is read, so before anything starts. Files are
the same if the system says so (links of either kind, `./x`, `/dev/stdout`, standard input and output that were
redirected); of two that are not there yet, if their names are alike but for case.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any

import click

from imagefit.errors import InputError
from imagefit.values import dataclass

__all__ = ["NEW", "PACK", "READ", "STANDARD", "WRITTEN", "FileType", "claim"]

STANDARD = "-"
"""The path that means standard input or output."""

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    _Type = click.ParamType[str]
else:
    _Type = click.ParamType  # which is not generic in older versions of click

_CLAIMED = "imagefit.files"
_YAML = (".yaml", ".yml")
_STREAMS = {1: "standard output", 2: "standard error"}


class FileType(_Type):
    """The type of an option or argument that names files.

    Parameters
    ----------
    is_written
        Whether it is written.
    is_new
        Whether it is written only if it is not there.
    what
        What it is called in a message: a file, a pack.
    """

    name = "file"

    def __init__(self, *, is_written: bool = False, is_new: bool = False, what: str = "file") -> None:
        self.is_written, self.is_new, self.what = is_written, is_new, what

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the path; raise a usage error if it can't be what it is for."""
        path = str(value)
        if ctx is None or param is None or ctx.resilient_parsing:
            return path
        option = max(param.opts, key=len) if isinstance(param, click.Option) else param.make_metavar(ctx).strip(".[]")
        if not path:
            expected = "a path, or - for standard output" if self.is_written else None
            raise InputError(f"no {self.what} is named", option=option, expected=expected)
        if self.is_written:
            from imagefit.reports.atomic import descriptor_of

            path = STANDARD if descriptor_of(path) == 1 else path
        if self.is_new:
            _check_target(option, path)
        else:
            claim(ctx, option, path, is_written=self.is_written)
        return path

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Let the shell offer its files."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


READ = FileType()
WRITTEN = FileType(is_written=True)
NEW = FileType(is_written=True, is_new=True)
PACK = FileType(what="pack")


def claim(ctx: click.Context, option: str, path: str, *, is_written: bool) -> None:
    """Note that a file is read or written for an option.

    Raises
    ------
    InputError
        If it can't be written: it is a folder, its folder is not there, or nobody may write there.
    click.UsageError
        If it is written, and read or written for another option; or the other way round.
    """
    claimed: list[_File] = ctx.meta.setdefault(_CLAIMED, list(_redirected()))
    file = _File(option, path, is_written)
    if is_written:
        _check_target(option, path)
    for other in claimed:
        if (file.is_written or other.is_written) and file.is_same(other):
            raise click.UsageError(_problem(file, other), ctx)
    claimed.append(file)


@dataclass(frozen=True, slots=True)
class _File:
    """A file that is named, and why."""

    option: str
    path: str
    is_written: bool
    descriptor: int | None = None

    @property
    def is_stream(self) -> bool:
        """Whether nobody named it: standard output, or standard error."""
        return self.descriptor is not None

    def __str__(self) -> str:
        return self.option if self.is_stream else f"{self.option} ({self.path})"

    def is_same(self, other: _File) -> bool:
        """Whether writing one touches the other."""
        if self.is_written and other.is_written:
            if (self.is_stream or other.is_stream) and STANDARD in (self.path, other.path):
                return False  # it goes to standard output on purpose
            return _identity(self) is not None and _identity(self) == _identity(other)
        read, written = (other, self) if self.is_written else (self, other)
        target = _identity(written)
        if not isinstance(target, tuple) or target[0] != "file":
            return False  # a terminal may be both; what is not there yet is not read
        return any(_is_within(target, written, path) for path in _meant(read))


def _problem(file: _File, other: _File) -> str:
    """Say what is wrong with two options, that of the command line that came first being the first."""
    first, second = (file, other) if other.is_stream else (other, file)
    if first.path == second.path == STANDARD and first.is_written and second.is_written:
        return f"{first.option} and {second.option} can't both go to standard output: name a file for one."
    if first.is_written and second.is_written:
        return f"{first} and {second} are one file, and both are written: name another one."
    read, written = (second, first) if first.is_written else (first, second)
    return f"{written} would write over what is read, {read}: name another file."


def _redirected() -> Iterator[_File]:
    """Yield the standard streams that were redirected to files."""
    for descriptor, name in _STREAMS.items():
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                yield _File(name, "", True, descriptor)
        except OSError:
            continue


def _identity(file: _File) -> Hashable:
    """Return what the system tells files apart by; None of what may be written any number of times."""
    try:
        descriptor = file.descriptor
        if file.path == STANDARD:
            descriptor = int(file.is_written)
        found = os.stat(file.path) if descriptor is None else os.fstat(descriptor)
    except OSError:
        folder, name = os.path.split(os.path.realpath(file.path))
        try:
            of = os.stat(folder)
        except OSError:
            return None
        import unicodedata

        return "new", of.st_dev, of.st_ino, unicodedata.normalize("NFC", name).casefold()
    if not stat.S_ISCHR(found.st_mode):
        return "file", found.st_dev, found.st_ino
    return None if found.st_rdev == os.stat(os.devnull).st_rdev else ("device", found.st_rdev)


def _meant(read: _File) -> Iterator[_File]:
    """Yield the files that a path that is read means: without the id behind it, and one by one if it is a pattern."""
    from imagefit.sources.names import expanded, split_place

    path = split_place(read.path)[0]
    try:
        paths = expanded([path])
    except (InputError, OSError, ValueError):
        return
    for each in paths:
        yield from (_File(read.option, place, False) for place in _with_extended(each))


def _with_extended(path: str) -> list[str]:
    """Return a path and, of a pack, the packs that it extends; what is wrong with them loading will say."""
    found = [path]
    for place in found:  # which grows
        main = place if place.endswith(_YAML) else os.path.join(place, "pack.yaml")
        try:
            with open(main, "rb") as file:
                extended = re.search(rb"^extends:\s*[\"']?([^\s\"'#]+)", file.read(1 << 20), re.MULTILINE)
        except (OSError, ValueError):
            continue
        base = os.path.normpath(os.path.join(os.path.dirname(main), os.fsdecode(extended[1]))) if extended else ""
        if base and os.path.exists(base) and base not in found:
            found.append(base)
    return found


def _is_within(target: tuple[Any, ...], written: _File, read: _File) -> bool:
    """Whether what is written is what is read, or a file of the pack or the folder that is."""
    if _identity(read) == target:
        return True
    if written.path in ("", STANDARD):
        return False
    folder, place = os.path.realpath(read.path), os.path.realpath(written.path)
    if folder.endswith(_YAML):
        folder = os.path.dirname(folder)
    is_pack = os.path.exists(os.path.join(folder, "pack.yaml"))
    is_read = place.endswith(_YAML) if is_pack else folder == os.path.realpath(read.path) and os.path.isdir(folder)
    return is_read and os.path.commonpath([folder, place]) == folder


def _check_target(option: str, path: str) -> None:
    if path == STANDARD:
        return
    if "://" in path:
        raise InputError("nothing is written to an address", option=option, value=path, expected="the path of a file")
    place = os.path.realpath(path)
    folder = os.path.dirname(place)
    if os.path.isdir(place) or path.endswith(os.sep):
        raise InputError("this is a folder", option=option, value=path, expected="the path of a file")
    if not os.path.isdir(folder):
        missing = "this is no folder" if os.path.exists(folder) else "there is no such folder"
        raise InputError(missing, option=option, value=os.path.dirname(path) or folder)
    if os.path.exists(place) and not os.access(place, os.W_OK):
        raise InputError("this file may not be written", option=option, value=path)
    is_file = os.path.isfile(place) or not os.path.exists(place)  # and no pipe or device, which is written directly
    if is_file and not os.access(folder, os.W_OK | os.X_OK):
        raise InputError("this folder may not be written to", option=option, value=os.path.dirname(path) or ".")
