"""Everything imagefit raises on purpose.

::

    ImagefitError
    ├── PackError            a rule pack does not load; carries every problem found
    ├── InputError           a file, a row or a value of the caller is not what it should be
    │   └── UnknownNameError a fact, rule, operation, ... that the pack does not know
    └── EvaluatorError       an evaluator is not installed, or can't translate a pack

    ImagefitWarning          something to look at that stops nothing

A user never sees a traceback for one of these: the command line prints the message and exits with 2.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable
from functools import lru_cache

from imagefit.escaping import line
from imagefit.values import dataclass

__all__ = [
    "EvaluatorError",
    "ImagefitError",
    "ImagefitWarning",
    "InputError",
    "PackError",
    "Position",
    "Problem",
    "UnknownNameError",
    "few",
    "nearest",
    "number_of",
    "one_line",
    "only_assumed",
    "refuse_no_count",
    "refuse_no_path",
    "shortened",
]


FEW = 12  # names that a message lists

SHORT = 40  # names of at most so many characters are compared here, for it is quicker

_CLOSE = 0.6  # so much of two names has to be the same


class ImagefitError(Exception):
    """The root: catch it to catch whatever imagefit raises on purpose."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a pack's file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class ImagefitWarning(UserWarning):
    """Something that the caller should look at, and that stops nothing."""

    def __str__(self) -> str:
        return line(super().__str__())


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a rule pack, at one place.

    ``line`` and ``column`` count from 1; 0 means that the place is the file as a whole.
    """

    file: str
    line: int
    column: int
    message: str
    found: str | None = None
    expected: str | None = None
    nearest: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return line(f"{place}: {_sentence(self.message, self.found, self.expected, self.nearest)}")


class PackError(ImagefitError):
    """A rule pack does not load. ``problems`` holds all of them, in the order of their places."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(
            sorted(set(problems), key=lambda p: (p.file, p.line, p.column, p.message))
        )
        super().__init__(self.problems)  # what the constructor takes, so that the error can be pickled

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class InputError(ImagefitError):
    """Something the caller gave is wrong; the parts that are known say where and what.

    Parameters
    ----------
    message
        What is wrong, in a few words.
    file, row, column
        Where: a file's name, a row (counted from 1, the header not counted) or, as a text, a place that is no row
        (``the header``, ``line 3``, an element's path), and a column or a key. As an attribute, `row` is a number
        alone, and a text is the attribute `place`.
    option
        In place of a file: the option of the command line whose value is wrong, such as ``--set``.
    value, expected, nearest
        What was found there, what would have been right, and the nearest right spelling.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        row: int | str | None = None,
        column: str | None = None,
        option: str | None = None,
        value: object = None,
        expected: str | None = None,
        nearest: str | None = None,
    ) -> None:
        self.message, self.file, self.column = message, file, column
        self.row = None if isinstance(row, str) else row
        self.place = row if isinstance(row, str) else None
        self.option = option
        self.value, self.expected, self.nearest = value, expected, nearest
        super().__init__(message)

    def __str__(self) -> str:
        where = [
            part
            for part in (
                self.option,
                self.file,
                None if self.row is None else f"row {self.row}",
                self.place,
                self.column,
            )
            if part is not None
        ]
        found = None if self.value is None else shortened(self.value)
        sentence = _sentence(self.message, found, self.expected, self.nearest)
        return line(f"{', '.join(where)}: {sentence}" if where else sentence)

    def at(
        self,
        *,
        file: str | None = None,
        row: int | str | None = None,
        column: str | None = None,
        option: str | None = None,
    ) -> InputError:
        """Return the same error with the parts of its place that were not known yet."""
        own = self.place if self.row is None else self.row
        error = type(self)(
            self.message,
            file=self.file if self.file is not None else file,
            row=row if own is None else own,
            column=self.column if self.column is not None else column,
            option=self.option if self.option is not None else option,
            value=self.value,
            expected=self.expected,
            nearest=self.nearest,
        )
        error.__cause__ = self.__cause__
        return error


class UnknownNameError(InputError):
    """A name (of a fact, a rule, an operation, ...) that the pack does not have."""

    @classmethod
    def of(cls, what: str, name: str, known: Iterable[str]) -> UnknownNameError:
        """Build the error for `name`, with the nearest of the `known` names.

        It lists them all if they are few, and else those that `name` begins, if these are. One of those that begins
        all the others is the nearest.
        """
        names = sorted(known)
        begun = [known_name for known_name in names if name and known_name.startswith(name)]
        listed = next((some for some in (names, begun) if 0 < len(some) <= FEW), [])
        is_first = bool(begun) and all(other.startswith(begun[0]) for other in begun)
        near = begun[0] if is_first else None if begun and listed is begun else nearest(name, names)
        expected = few(listed) if listed != [near] else None
        return cls(f"unknown {what}", value=name, expected=expected, nearest=near)


def refuse_no_count(**given: object) -> None:
    """Raise `InputError` if an argument that is a number of things is something else."""
    for name, value in given.items():
        try:
            is_count = operator.index(value) >= 0  # type: ignore[arg-type]
        except TypeError:
            is_count = False
        if not is_count:
            raise InputError("not a number of things", option=name, value=value, expected="0, 1, 2, ...")


def refuse_no_path(**given: object) -> None:
    """Raise `InputError` if an argument that is a path is something else."""
    for name, value in given.items():
        if not isinstance(value, str | os.PathLike) or not isinstance(os.fspath(value), str):
            raise InputError("not a path", option=name, value=value, expected="one path, as text or a Path")


def few(known: Iterable[str]) -> str | None:
    """Say which names there are, if they are few enough to be listed."""
    names = sorted(known)
    return f"one of {', '.join(names)}" if 0 < len(names) <= FEW else None


def number_of(count: int, noun: str) -> str:
    """Return a number of things in words.

    >>> number_of(1, "row"), number_of(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


class EvaluatorError(ImagefitError):
    """An evaluator is not installed here, or can't translate a pack; says which and what to do."""


def only_assumed(fact: str, value: str) -> InputError:
    """Return what to say of a fact that is given as ``@other.fact``: only what is assumed may be what another is."""
    expected = f"a value, or --assume {fact}={value}"
    return InputError("only an assumption may be what another fact is", column=fact, value=value, expected=expected)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name closest in spelling to `name`, or None if none is close.

    >>> nearest("image.boot_mod", ["image.boot_mode", "image.status"])
    'image.boot_mode'
    """
    folded, own = _all_folded(tuple(known)), _folded(name[:200])
    if (same := folded.get(own)) is not None:
        return same
    is_in_own = set(own).__contains__  # as many characters as are in both can match, which is quick to say
    close = [each for each in folded if 2 * sum(map(is_in_own, each)) >= _CLOSE * (len(own) + len(each))]
    if not close:
        return None
    if len(own) <= SHORT >= max(map(len, close)):
        likeness, near = max([(2.0 * _matching(each, own) / (len(each) + len(own)), each) for each in close])
        return folded[near] if likeness >= _CLOSE else None
    import difflib

    others = difflib.get_close_matches(own, close, n=1, cutoff=_CLOSE)
    return folded[others[0]] if others else None


def _matching(one: str, other: str) -> int:
    """Return how many characters of two texts match, as `difflib` counts them, which takes longer for short ones.

    That is the longest part that both have, and what matches on its left and on its right.
    """
    found, todo = 0, [(one, other)]
    while todo:
        one, other = todo.pop()
        here, there, size = _longest(one, other)
        found += size
        if here and there:
            todo.append((one[:here], other[:there]))
        if size and here + size < len(one) and there + size < len(other):
            todo.append((one[here + size :], other[there + size :]))
    return found


def _longest(one: str, other: str) -> tuple[int, int, int]:
    """Return where the longest part that two texts have in common begins in each, and how long it is."""
    for size in range(min(len(one), len(other)), 0, -1):
        for here in range(len(one) - size + 1):
            there = other.find(one[here : here + size])
            if there >= 0:
                return here, there, size
    return 0, 0, 0


@lru_cache(maxsize=8)
def _all_folded(known: tuple[str, ...]) -> dict[str, str]:
    return {_folded(name): name for name in sorted(known)}


def _folded(name: str) -> str:
    """Return what a name has in common with those that differ in case or in - and _ alone."""
    return name.casefold().replace("-", "_")


def shortened(value: object, limit: int = 80) -> str:
    """Show a value in an error: quoted if it is text, on one line, cut where it is long."""
    text = repr(value) if isinstance(value, str) else ascii(value) if isinstance(value, bytes) else str(value)
    return one_line(text, limit)


def one_line(text: str, limit: int = 80) -> str:
    """Cut a text that is too long for a message, and escape what a terminal could not show."""
    text = line(text[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _sentence(message: str, found: str | None, expected: str | None, near: str | None) -> str:
    parts = [message]
    if found is not None:
        parts[0] += f": {found}"
    if expected is not None:
        parts.append(f"expected {expected}")
    if near is not None:
        parts.append(f"did you mean {near!r}?")
    return "; ".join(parts)
