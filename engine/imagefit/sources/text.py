"""The one reader of text: in blocks or in lines, neither of which may be endless.

What is not UTF-8 comes as halves of surrogate pairs, as what JSON escapes so does: who takes values out of a text asks
`is_carried`, and it is an error of the row that it stands in.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from imagefit.errors import InputError
from imagefit.sources.limits import BLANKS, TEXT

__all__ = ["BLANK", "Text", "is_carried", "uncarried"]

BLANK = " \t\r\n"

BLOCK = 1 << 18
"""So many characters are read at a time; what detection reads beyond what it needs is no more."""


def is_carried(text: str) -> bool:
    """Whether a text can be written as UTF-8: it holds no half of a surrogate pair."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def uncarried(
    text: str,
    file: str | None,
    row: int | str | None,
    column: str | None = None,
    *,
    encoding: str = "utf-8",
    expected: str | None = None,
) -> InputError:
    """Return what to say of a text that is not carried, or that was not in its encoding; there, what is expected."""
    at = next(place for place, character in enumerate(text) if "\ud800" <= character <= "\udfff")
    around = text[max(at - 20, 0) : at + 20]
    if all(not "\ud800" <= c <= "\udfff" or "\udc80" <= c <= "\udcff" for c in around):
        value: object = around.encode("utf-8", "surrogateescape")
        message = f"not {encoding.upper()}"
        return InputError(message, file=file, row=row, column=column, value=value, expected=expected)
    return InputError("half of a surrogate pair is no text", file=file, row=row, column=column, value=around)


def _is_of(text: str, characters: str) -> bool:
    """Whether a text has no other than some blank characters; much faster than stripping them."""
    return text.isspace() and sum(map(text.count, characters)) == len(text)


class Text:
    """A text that is read once.

    Attributes
    ----------
    name
        As messages call it.
    line
        The number of the line that `lines` gave last, from 1.
    may_skip
        Whether lines in which nothing stands may be passed over: not where a cell goes on.
    """

    def __init__(self, content: BinaryIO, name: str, errors: str = "surrogateescape") -> None:
        self._stream = io.TextIOWrapper(content, "utf-8", errors, newline="")
        self.name, self.line, self.may_skip = name, 0, True
        self._blanks = 0

    def block(self, size: int) -> str:
        """Return so many characters, fewer at the end; raises `InputError` if there are blanks without end."""
        text = self._stream.read(size)
        begin = self._blanks + len(text) - len(text.lstrip())
        self._blanks = begin if text.isspace() else len(text) - len(text.rstrip())
        if begin > BLANKS.most:
            raise BLANKS.passed(self.name, row=f"line {self.line + 1}" if self.line else None)
        return text

    def lines(self, empty: str = BLANK) -> Iterator[str]:
        """Yield the lines with their ends, without some in which nothing but `empty` stands.

        Raises
        ------
        InputError
            If a line is too long or holds a NUL; names it.
        """
        begun: list[str] = []  # of the line that goes on
        size = 0
        while block := self.block(BLOCK):
            if block[-1] == "\r":
                block += self._stream.read(1)
            if not size and self.may_skip and _is_of(block, empty):
                self.line += block.count("\n") + block.count("\r") - block.count("\r\n")
                continue
            size += len(block)
            begun.append(block)
            if "\n" not in block and "\r" not in block:
                self._check("".join(begun) if size > TEXT.most or "\0" in block else "")
                continue
            lines = list(io.StringIO("".join(begun), newline=""))
            begun = [] if lines[-1][-1] in "\r\n" else [lines.pop()]
            is_odd = size > TEXT.most or "\0" in block
            if begun and self.may_skip and _is_of(begun[0], empty):
                begun = []
            size = sum(map(len, begun))
            for line in lines:
                if is_odd:
                    self._check(line)
                self.line += 1
                yield line
        if begun:
            line = "".join(begun)
            self._check(line)
            self.line += 1
            yield line

    def _check(self, line: str) -> None:
        """Refuse the next line if it is too long or holds a NUL."""
        place = f"line {self.line + 1}"
        if (nul := line.find("\0")) >= 0:
            expected = "text, in UTF-8 or UTF-16, or what --encoding says"
            column = f"character {nul + 1}"
            raise InputError("holds a NUL character", file=self.name, row=place, column=column, expected=expected)
        if len(line) > TEXT.most:
            raise TEXT.passed(self.name, row=place)
