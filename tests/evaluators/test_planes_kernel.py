"""The compiled functions by themselves: what they are told, and where they write."""

from __future__ import annotations

import ctypes
from importlib.machinery import ModuleSpec

import numpy as np
import pytest

from imagefit.errors import EvaluatorError
from imagefit.evaluators import quickest
from imagefit.evaluators.planes import kernel
from imagefit.evaluators.planes.kernel import Digit, Job, Layer, Part, Plane, Use
from kernels import KERNELS, needs_compiler

POINTER = ctypes.sizeof(ctypes.c_void_p)


@pytest.mark.parametrize(
    ("structure", "numbers", "pointers"),
    [(Digit, 32, 7), (Use, 8, 2), (Layer, 16, 0), (Plane, 16, 0), (Job, 24, 8), (Part, 8, 2)],
)
def test_structures_are_as_long_as_in_c(structure: type[ctypes.Structure], numbers: int, pointers: int) -> None:
    assert ctypes.sizeof(structure) == numbers + pointers * POINTER


@needs_compiler
@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("rows", [0, 1, 511, 512, 513])
def test_words_are_shifted_bytes_and_chosen_bits(name: str, rows: int) -> None:
    random = np.random.default_rng(rows)
    first, second = (random.integers(0, 256, rows + 1).astype(np.uint8) for _ in range(2))
    bits = random.integers(0, 2**63, 256).astype(np.uint64)
    parts = [Part(first.ctypes.data, None, 40), Part(second.ctypes.data, bits.ctypes.data, 0)]
    found = KERNELS[name]().words(parts, rows)
    assert found.tolist() == [int(a) << 40 | int(bits[b]) for a, b in zip(first[:rows], second[:rows], strict=True)]


@needs_compiler
def test_code_for_every_processor_says_so() -> None:
    assert KERNELS["plain"]().instructions == "plain C"


def test_tables_judge_columns_where_nothing_was_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel.compiled.cache_clear()
    monkeypatch.setattr(kernel.importlib.util, "find_spec", lambda name: None)
    try:
        assert quickest() == "tabular"
        with pytest.raises(EvaluatorError, match="without a C compiler"):
            kernel.compiled()
    finally:
        kernel.compiled.cache_clear()


def test_a_library_that_can_not_be_loaded_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel.compiled.cache_clear()
    spec = ModuleSpec(kernel.MODULE, None, origin=__file__)
    monkeypatch.setattr(kernel.importlib.util, "find_spec", lambda name: spec)
    try:
        assert quickest() == "tabular"
        with pytest.raises(EvaluatorError, match="can't be loaded"):
            kernel.compiled()
    finally:
        kernel.compiled.cache_clear()
