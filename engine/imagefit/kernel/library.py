"""The functions of `kernel.c`, `reading.c` and `writing.c`, where they were compiled when imagefit was built."""

from __future__ import annotations

import ctypes
import importlib.util
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from imagefit.errors import EvaluatorError
from imagefit.kernel.signatures import declared
from imagefit.kernel.structures import (
    PADDING,
    VERSION,
    Cell,
    Column,
    Digit,
    Job,
    Part,
    ReadColumn,
    Spread,
    Templates,
    ToldApart,
)

__all__ = ["Kernel", "compiled", "is_compiled"]

MODULE = "imagefit.kernel._kernel"

Instructions = Literal["AVX2", "plain C"]


class Kernel:
    """The compiled functions, with the instructions that this processor has. They let go of the interpreter's lock.

    Parameters
    ----------
    path
        The library.
    plainly
        Leave instructions alone that not every processor of the kind has.
    """

    def __init__(self, path: str, *, plainly: bool = False) -> None:
        self.path = path
        library = ctypes.CDLL(path)
        if library.imagefit_version() != VERSION:
            raise OSError("it is of another version of imagefit, which has to be installed anew")
        self._functions = declared(library)
        self._avx2 = 0 if plainly else int(library.imagefit_has_avx2())

    @property
    def instructions(self) -> Instructions:
        """The instructions that are used."""
        return "AVX2" if self._avx2 else "plain C"

    def judge(self, job: Job) -> None:
        """Judge a batch."""
        self._functions.imagefit_judge(ctypes.addressof(job), self._avx2)

    def cells(self, digit: Digit, rows: int) -> NDArray[np.uint8]:
        """Return the cell of a digit in each row."""
        found = np.empty(rows, np.uint8)
        self._functions.imagefit_cells(ctypes.addressof(digit), rows, found.ctypes.data, self._avx2)
        return found

    def codes(self, columns: Sequence[Column], rows: int) -> None:
        """Write the codes of each column."""
        some: Any = (Column * len(columns))(*columns)
        self._functions.imagefit_codes(ctypes.addressof(some), len(columns), rows, self._avx2)

    def words(self, parts: Sequence[Part], rows: int) -> NDArray[np.uint64]:
        """Return a word for each row, put together from bytes of planes."""
        found = np.empty(rows, np.uint64)
        some: Any = (Part * len(parts))(*parts)
        self._functions.imagefit_words(ctypes.addressof(some), len(parts), rows, found.ctypes.data, self._avx2)
        return found

    def rows(self, sets: Sequence[bytes | None], rows: int, words: int) -> NDArray[np.uint64]:
        """Return so many words for each row: bit n says whether the row is in set n, which has a bit for each row."""
        found = np.empty((rows, words), np.uint64)
        some = (ctypes.c_char_p * len(sets))(*sets)
        self._functions.imagefit_rows(ctypes.addressof(some), len(sets), rows, words, found.ctypes.data, self._avx2)
        return found

    def fits(
        self,
        rows: NDArray[np.uint64],
        groups: NDArray[np.int32],
        first: NDArray[np.int32],
        patterns: NDArray[np.uint64],
    ) -> NDArray[np.int32]:
        """Return for each row the first of the patterns of its group that it fits, or -1.

        Parameters
        ----------
        rows
            *(rows, words)*.
        first
            For each group its first pattern, and for the last one also the end.
        patterns
            *(patterns, 2, words)*: which bits of a row count, and what these have to be.
        """
        found = np.empty(len(rows), np.int32)
        arrays = rows.ctypes.data, groups.ctypes.data, len(rows), rows.shape[1]
        self._functions.imagefit_fits(*arrays, first.ctypes.data, patterns.ctypes.data, found.ctypes.data)
        return found

    def hashes(self, signs: NDArray[np.uint8], ends: NDArray[Any]) -> NDArray[np.uint64]:
        """Return a number for each text, the same for the same.

        Parameters
        ----------
        signs
            The bytes of all.
        ends
            Where each begins among them, and where the last one ends: int32 or int64.
        """
        found = np.empty(len(ends) - 1, np.uint64)
        self._functions.imagefit_hashes(
            signs.ctypes.data, ends.ctypes.data, ends.itemsize, len(found), found.ctypes.data
        )
        return found

    def texts(self, cells: Sequence[Cell], rows: int, at_once: int) -> Iterator[NDArray[np.uint8]]:
        """Yield rows as text, so many at a time: of each row all cells, one after the other.

        Each piece lies where the one before lay: memory that is new is slow.
        """
        some: Any = (Cell * len(cells))(*cells)
        place, count = ctypes.addressof(some), len(cells)
        room = np.empty(0, np.uint8)
        for start in range(0, rows, at_once):
            own = min(at_once, rows - start)
            size = self._functions.imagefit_text_size(place, count, start, own)
            if size + PADDING > len(room):
                room = np.empty(size + PADDING, np.uint8)
            self._functions.imagefit_text(place, count, start, own, room.ctypes.data)
            yield room[:size]

    def slots(self, templates: Templates, rows: int, slots: int) -> NDArray[np.uint8]:
        """Return which of so many rows have which slots in their templates: 1 or 0, *(slots, rows)*."""
        found = np.zeros((slots, rows), np.uint8)
        self._functions.imagefit_slots(ctypes.addressof(templates), rows, found.ctypes.data)
        return found

    def filled(self, templates: Templates, start: int, rows: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Return some rows as text: where each begins, with an end, and the bytes of all."""
        place, ends = ctypes.addressof(templates), np.zeros(rows + 1, np.int64)
        self._functions.imagefit_ends(place, start, rows, ends[1:].ctypes.data)
        found = np.empty(ends[-1], np.uint8)
        self._functions.imagefit_filled(place, start, rows, found.ctypes.data)
        return ends, found

    def count(self, text: NDArray[np.uint8], sign: str) -> int:
        """Return how often an ASCII character stands in a text."""
        return int(self._functions.imagefit_count(text.ctypes.data, len(text), ord(sign)))

    def told_apart(
        self,
        signs: NDArray[np.uint8],
        bounds: NDArray[np.int32],
        known: tuple[int, int] | None,
        between: str | None,
        most: int,
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]] | None:
        """Tell apart texts, or their parts between a character; None where that would take very long.

        Parameters
        ----------
        bounds
            Where each text begins among the bytes of all, and where the last one ends.
        known
            Where the bits lie that say which are known, and which of them is the first text's; None: all are.
        most
            So many parts there are at most.

        Returns
        -------
        The code of each, 0 for an unknown text; where the parts of each text end among the codes; and where the
        different ones stand and how long they are, *(2, codes)*, as they come first.
        """
        texts, size = len(bounds) - 1, 1 << (2 * most).bit_length()
        slots, parts, codes = np.zeros(size, np.int32), np.empty((2, most), np.int32), np.empty(most, np.int32)
        ends = np.empty(0 if between is None else texts, np.int32)
        found = ToldApart(0, 0, size - 1, 64 + 8 * most, slots.ctypes.data, parts[0].ctypes.data, parts[1].ctypes.data)
        bits, first = known or (None, 0)
        sign = -1 if between is None else ord(between)
        told = ctypes.addressof(found), codes.ctypes.data, ends.ctypes.data
        count = self._functions.imagefit_told_apart(
            signs.ctypes.data, bounds.ctypes.data, bits, first, texts, sign, *told
        )
        return None if count < 0 else (codes[:count], ends, parts[:, : found.count])

    def lines(self, text: NDArray[np.uint8], columns: ctypes.Array[ReadColumn], rows: int, longest: int) -> bool:
        """Read so many lines of JSON as columns; returns whether that is sure to be what stands there.

        Of a line of more bytes than `longest` it is not.
        """
        place = ctypes.addressof(columns)
        found: int = self._functions.imagefit_lines(text.ctypes.data, len(text), place, len(columns), rows, longest)
        return found == rows

    def spread(self, left: Spread, text: bytes) -> bytes | None:
        """Return the objects of a list of JSON as lines, as far as they go; None where it is none."""
        found = np.empty(len(text), np.uint8)
        size = self._functions.imagefit_spread(ctypes.addressof(left), text, len(text), found.ctypes.data)
        return None if size < 0 else found[:size].tobytes()

    def rows_of_cells(
        self,
        text: NDArray[np.uint8],
        columns: ctypes.Array[ReadColumn],
        rows: int,
        delimiter: str,
        *,
        are_last: bool,
    ) -> tuple[int, int]:
        """Read so many rows of CSV at most; returns how many, and of how many bytes; -1 of what it is not sure of.

        Unless they are the last, a row that does not end is not read.
        """
        of, read = (text.ctypes.data, len(text), ctypes.addressof(columns), len(columns)), ctypes.c_int64()
        found: int = self._functions.imagefit_csv(*of, rows, ord(delimiter), are_last, ctypes.addressof(read))
        return found, read.value

    def is_utf8(self, text: NDArray[np.uint8]) -> bool:
        """Whether bytes are a text in UTF-8."""
        return bool(self._functions.imagefit_is_utf8(text.ctypes.data, len(text)))

    def elements(
        self, text: NDArray[np.uint8], lists: NDArray[np.int32], count: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return where the elements of some lists begin among all, with an end, and where these stand in the text.

        Parameters
        ----------
        lists
            *(2, lists)*: where the lists stand, and their sizes; the elements are said the same way.
        count
            The number of all elements.
        """
        ends, elements = np.zeros(lists.shape[1] + 1, np.int32), np.empty((2, count), np.int32)
        places, sizes = (array.ctypes.data for array in lists)
        found = (array.ctypes.data for array in elements)
        self._functions.imagefit_elements(text.ctypes.data, places, sizes, lists.shape[1], ends[1:].ctypes.data, *found)
        return ends, elements

    def gathered(
        self, text: NDArray[np.uint8], parts: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Return parts of a text, one after the other: where each begins, with an end, and the bytes of all.

        Parameters
        ----------
        parts
            *(2, parts)*: where they stand, and their sizes.
        """
        places, sizes = parts
        ends = np.zeros(len(sizes) + 1, np.int32)
        np.cumsum(sizes, out=ends[1:])
        found = np.empty(ends[-1], np.uint8)
        self._functions.imagefit_gather(
            text.ctypes.data, places.ctypes.data, sizes.ctypes.data, len(sizes), found.ctypes.data
        )
        return ends, found


def is_compiled() -> bool:
    """Whether there are compiled functions that can be loaded."""
    return isinstance(_loaded(), Kernel)


def compiled() -> Kernel:
    """Return the compiled functions.

    Raises
    ------
    EvaluatorError
        If they were not compiled when imagefit was built: there was no C compiler then.
    """
    found = _loaded()
    if isinstance(found, str):
        raise EvaluatorError(found)
    return found


@cache
def _loaded() -> Kernel | str:
    """Return the compiled functions, or why there are none."""
    spec = importlib.util.find_spec(MODULE)
    if spec is None or spec.origin is None:
        return "the planes evaluator was not compiled: imagefit was built without a C compiler"
    try:
        return Kernel(spec.origin)
    except (OSError, AttributeError) as error:
        return f"the planes evaluator can't be loaded: {error}"
