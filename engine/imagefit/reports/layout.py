"""Text for a terminal: wrapped with hanging indents, coloured on request, and safe to print.

Whatever is not a plain printable character is shown as an escape, so that nothing in a file or a name
can move the cursor, change colours or reverse the direction of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field

from imagefit.escaping import line as escaped
from imagefit.values import dataclass

__all__ = ["Page", "cell_width", "right_aligned", "wrapped"]

_LEAST = 20  # columns for the last cell of a table's row
_STYLES = {"bad": "1;31", "good": "1;32", "open": "1;33", "strong": "1", "dim": "2", "name": "36"}


def cell_width(text: str) -> int:
    """Return how many columns of a terminal the text takes; East Asian wide characters take two."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    import unicodedata  # here, for most texts have no such character

    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrapped(text: str, width: int) -> list[str]:
    """Break text into lines of at most `width` columns, at spaces where possible."""
    width = max(width, 8)
    lines: list[str] = []
    line, used = "", 0
    for word in escaped(" ".join(text.split())).split(" "):
        for piece in _pieces(word, width):
            size = cell_width(piece)
            if line and used + 1 + size > width:
                lines.append(line)
                line, used = "", 0
            line, used = (f"{line} {piece}", used + 1 + size) if line else (piece, size)
    return [*lines, line]


def _pieces(word: str, width: int) -> Iterator[str]:
    """Cut a word that is wider than a line."""
    if len(word) <= width and word.isascii():
        yield word
        return
    piece, used = "", 0
    for character in word:
        size = _cells(character)
        if used + size > width:
            yield piece
            piece, used = "", 0
        piece, used = piece + character, used + size
    yield piece


def _shares(wanted: Sequence[int], room: int) -> list[int]:
    """Shrink the widest columns until all of them, two spaces apart, fit into the room."""
    widths = list(wanted)
    while sum(widths) + 2 * (len(widths) - 1) > room and max(widths) > 8:
        widths[widths.index(max(widths))] -= 1
    return widths


def right_aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of numbers as texts, two spaces between columns, each as wide as its widest number.

    >>> right_aligned([["1,000", "7"], ["5", "12"]])
    ['1,000   7', '    5  12']
    """
    cells = [[escaped(cell) for cell in row] for row in rows]
    widths = [max(map(cell_width, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(" " * (width - cell_width(cell)) + cell for cell, width in zip(row, widths, strict=True))
        for row in cells
    ]


@dataclass
class Page:
    """Lines of text, `width` columns wide; with `colour`, styled for a terminal."""

    width: int = 80
    colour: bool = False
    _lines: list[str] = field(default_factory=list, init=False, repr=False)

    def paint(self, text: str, style: str | None) -> str:
        """Return printable text in a style (``bad``, ``good``, ``open``, ``strong``, ``dim``, ``name``)."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.colour and style and text else text

    def blank(self) -> None:
        """Add an empty line, unless there is one already."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def text(self, text: str, indent: int = 0, style: str | None = None) -> None:
        """Add a paragraph."""
        for line in wrapped(text, self.width - indent):
            self._lines.append(" " * indent + self.paint(line, style))

    def line(self, *parts: tuple[str, str | None], indent: int = 0) -> None:
        """Add one line of texts, each with its style, that the caller has laid out: nothing is wrapped."""
        self._lines.append(" " * indent + "".join(self.paint(escaped(text), style) for text, style in parts))

    def hanging(self, text: str, indent: int) -> None:
        """Add a paragraph whose lines after the first stand two columns further in."""
        first, *rest = wrapped(text, self.width - indent - 2)
        self._lines.append(" " * indent + first)
        self._lines.extend(" " * (indent + 2) + line for line in rest)

    def labelled(self, label: str, text: str, indent: int, column: int, style: str | None = None) -> None:
        """Add a label and, from `column` on, a paragraph beside it; below it where the label is too wide."""
        start = " " * indent + escaped(label)
        room = column - cell_width(start)
        body = wrapped(text, self.width - column)
        if room < 1:
            for number, line in enumerate(wrapped(label, self.width - indent)):
                self._lines.append(" " * (indent + 2 * bool(number)) + self.paint(line, style))
        else:
            self._lines.append(" " * indent + self.paint(escaped(label), style) + " " * room + body.pop(0))
        self._lines.extend(" " * column + line for line in body)

    def table(self, rows: Iterable[Sequence[str]], indent: int, most: Sequence[int]) -> None:
        """Add rows of cells; all columns but the last are as wide as they need, up to `most` columns."""
        cells = [[escaped(cell) for cell in row] for row in rows]
        if not cells:
            return
        ends, at = [], indent
        for number, limit in enumerate(most):
            at += min(limit, max(cell_width(row[number]) for row in cells)) + 2
            ends.append(at)
        for row in cells:
            self._row(row, indent, ends)

    def _row(self, row: Sequence[str], indent: int, ends: Sequence[int]) -> None:
        line = " " * indent
        for cell, end in zip(row, ends, strict=False):
            if cell_width(line) + cell_width(cell) + 2 > end:  # too wide: the rest of the row goes below it
                start = cell_width(line)
                pieces = wrapped(cell, self.width - start)
                self._lines.append(line + pieces[0])
                self._lines.extend(" " * start + piece for piece in pieces[1:])
                line = " " * end
            else:
                line += cell + " " * (end - cell_width(line) - cell_width(cell))
        start = cell_width(line)
        room = self.width - start
        if room < min(_LEAST, cell_width(row[-1])) or any(cell_width(word) > room for word in row[-1].split()):
            # A name would be cut: the cell goes below, from the left.
            self._lines.append(line.rstrip())
            start = indent + 2
            line = " " * start
        first, *rest = wrapped(row[-1], self.width - start)
        self._lines.append((line + first).rstrip())
        self._lines.extend(" " * start + piece for piece in rest)

    def grid(self, rows: Sequence[Sequence[str]], indent: int) -> None:
        """Add rows of cells that share the width of the page; a cell too wide for its column is wrapped."""
        cells = [[escaped(cell) for cell in row] for row in rows]
        widths = _shares([max(map(cell_width, column)) for column in zip(*cells, strict=True)], self.width - indent)
        for row in cells:
            columns = [wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
            for number in range(max(map(len, columns))):
                line = ""
                for column, width in zip(columns, widths, strict=True):
                    text = column[number] if number < len(column) else ""
                    line += text + " " * (width - cell_width(text) + 2)
                self._lines.append(" " * indent + line.rstrip())

    def aligned(self, head: Sequence[str], rows: Sequence[Sequence[str]], indent: int) -> None:
        """Add a head and rows of a text and numbers, the numbers one below the other at the right of each column."""
        texts = [escaped(row[0]) for row in [head, *rows]]
        numbers = right_aligned([row[1:] for row in [head, *rows]])
        room = self.width - indent - cell_width(numbers[0]) - 2
        first = min(max(map(cell_width, texts), default=0), room)
        for number, (text, right) in enumerate(zip(texts, numbers, strict=True)):
            own = indent if number else 0
            gap = first + indent - own - cell_width(text)
            if gap < 0:
                self.line((text, None), indent=own)
                self.line((f"  {right}", None), indent=first + indent)
            else:
                self.line((text, None if number else "strong"), (f"{'':{gap}}  {right}", None), indent=own)

    def counted(self, rows: Sequence[Sequence[str]], indent: int) -> None:
        """Add rows of numbers, right-aligned, and a text beside them."""
        numbers = right_aligned([row[:-1] for row in rows])
        for row, left in zip(rows, numbers, strict=True):
            self.labelled(left, row[-1], indent, indent + cell_width(left) + 2)

    def __str__(self) -> str:
        # What begins like this is a message of ours: no text that was wrapped does.
        return "\n".join(f" {line}" if line.startswith("imagefit:") else line for line in self._lines).rstrip("\n")
