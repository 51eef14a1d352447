"""The functions of `kernel.c`, where it was compiled when imagefit was built.

They take addresses alone. The arrays behind them have to outlive the call, and are as long as `kernel.c` says;
`columns` and `layout` see to that.
"""

from __future__ import annotations

import ctypes
import importlib.util
from collections.abc import Sequence
from enum import IntEnum
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from imagefit.errors import EvaluatorError

__all__ = [
    "BLOCK",
    "SHUFFLED",
    "Digit",
    "Job",
    "Kernel",
    "Kind",
    "Layer",
    "Part",
    "Plane",
    "Use",
    "compiled",
    "is_compiled",
]

MODULE = "imagefit.evaluators.planes._kernel"

BLOCK, SHUFFLED = 512, 16
"""As in `kernel.c`: rows judged at a time, and bytes that one step looks up."""

Instructions = Literal["AVX2", "plain C"]


class Kind(IntEnum):
    """Where the cells of a digit come from."""

    CELLS = 0
    CODES = 1
    INTEGERS = 2
    NUMBERS = 3
    INTEGERS_COMPARED = 4
    NUMBERS_COMPARED = 5
    SAME = 6
    SAME_BYTES = 7
    PAIRS = 8
    MEMBERS = 9
    ANY = 10
    ALL = 11


class Digit(ctypes.Structure):
    """A digit, as `kernel.c` has it."""

    _fields_ = (
        ("kind", ctypes.c_int32),
        ("above", ctypes.c_int32),
        ("width", ctypes.c_int32),
        ("other_width", ctypes.c_int32),
        ("size", ctypes.c_int32),
        ("other_size", ctypes.c_int32),
        ("cuts", ctypes.c_int32),
        ("stride", ctypes.c_int32),
        ("values", ctypes.c_void_p),
        ("others", ctypes.c_void_p),
        ("known", ctypes.c_void_p),
        ("other_known", ctypes.c_void_p),
        ("cells", ctypes.c_void_p),
        ("places", ctypes.c_void_p),
        ("other_places", ctypes.c_void_p),
    )


class Use(ctypes.Structure):
    """What a digit says of the terms of a layer."""

    _fields_ = (
        ("digit", ctypes.c_int32),
        ("cells", ctypes.c_int32),
        ("is_true", ctypes.c_void_p),
        ("may_be", ctypes.c_void_p),
    )


class Layer(ctypes.Structure):
    """A term of each condition of a plane."""

    _fields_ = (
        ("first_use", ctypes.c_int32),
        ("uses", ctypes.c_int32),
        ("is_true", ctypes.c_uint8),
        ("may_be", ctypes.c_uint8),
        ("unused", ctypes.c_uint8 * 6),
    )


class Plane(ctypes.Structure):
    """Eight conditions."""

    _fields_ = (
        ("first_layer", ctypes.c_int32),
        ("layers", ctypes.c_int32),
        ("errors", ctypes.c_uint8),
        ("unused", ctypes.c_uint8 * 7),
    )


class Job(ctypes.Structure):
    """A batch to judge."""

    _fields_ = (
        ("rows", ctypes.c_int64),
        ("stride", ctypes.c_int64),
        ("digits", ctypes.c_int32),
        ("planes", ctypes.c_int32),
        ("digit", ctypes.c_void_p),
        ("plane", ctypes.c_void_p),
        ("layer", ctypes.c_void_p),
        ("use", ctypes.c_void_p),
        ("scratch", ctypes.c_void_p),
        ("is_true", ctypes.c_void_p),
        ("is_open", ctypes.c_void_p),
        ("level", ctypes.c_void_p),
    )


class Part(ctypes.Structure):
    """A plane's bytes, and where their bits go in a word."""

    _fields_ = (("bytes", ctypes.c_void_p), ("bits", ctypes.c_void_p), ("shift", ctypes.c_int64))


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
        self._judge, self._words = library.imagefit_judge, library.imagefit_words
        self._judge.argtypes, self._judge.restype = [ctypes.c_void_p, ctypes.c_int], None
        self._words.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int]
        self._words.restype = None
        self._avx2 = 0 if plainly else int(library.imagefit_has_avx2())

    @property
    def instructions(self) -> Instructions:
        """The instructions that are used."""
        return "AVX2" if self._avx2 else "plain C"

    def judge(self, job: Job) -> None:
        """Judge a batch."""
        self._judge(ctypes.addressof(job), self._avx2)

    def words(self, parts: Sequence[Part], rows: int) -> NDArray[np.uint64]:
        """Return a word for each row, put together from bytes of planes."""
        found = np.empty(rows, np.uint64)
        some: Any = (Part * len(parts))(*parts)
        self._words(ctypes.addressof(some), len(parts), rows, found.ctypes.data, self._avx2)
        return found


def is_compiled() -> bool:
    """Whether there are compiled functions that can be loaded."""
    try:
        compiled()
    except EvaluatorError:
        return False
    return True


@cache
def compiled() -> Kernel:
    """Return the compiled functions.

    Raises
    ------
    EvaluatorError
        If they were not compiled when imagefit was built: there was no C compiler then.
    """
    spec = importlib.util.find_spec(MODULE)
    if spec is None or spec.origin is None:
        raise EvaluatorError("the planes evaluator was not compiled: imagefit was built without a C compiler")
    try:
        return Kernel(spec.origin)
    except OSError as error:
        raise EvaluatorError(f"the planes evaluator can't be loaded: {error}") from None
