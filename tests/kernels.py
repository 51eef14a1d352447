"""The compiled functions that tests run: with the instructions that this processor has, and without."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from imagefit.errors import EvaluatorError
from imagefit.kernel.library import Kernel, compiled

__all__ = ["KERNELS", "compile_quickly", "needs_compiler", "texts_of_one_place"]

SANITIZED = os.environ.get("IMAGEFIT_SANITIZED_KERNEL")
"""The library that `make test-sanitize` has compiled with sanitizers, if that is who runs the tests."""


@cache
def quick() -> Kernel:
    """The functions, as they are used."""
    return Kernel(SANITIZED) if SANITIZED else compiled()


@cache
def plain() -> Kernel:
    """The functions in plain C."""
    return Kernel(quick().path, plainly=True)


KERNELS: Mapping[str, Callable[[], Kernel]] = {"quick": quick, "plain": plain}


def _is_compiled() -> bool:
    try:
        quick()
    except EvaluatorError:
        return False
    return True


needs_compiler = pytest.mark.skipif(not _is_compiled(), reason="imagefit was built without a C compiler")


def compile_quickly(checkout: Path) -> None:
    """Change a copy of the project so that it compiles in a tenth of the time, where what is built is not run long."""
    setup = checkout / "setup.py"
    setup.write_text(setup.read_text("utf-8").replace('"-O3"', '"-O0"'), "utf-8")


def texts_of_one_place() -> list[bytes]:
    """Texts of eight bytes of which the hashes, worked back from, have one place."""
    of_hash = np.arange(1 << 22, dtype=np.uint64) << np.uint64(40)
    of_hash ^= of_hash >> np.uint64(29) ^ of_hash >> np.uint64(58)
    of_hash *= np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
    signs = (of_hash ^ np.uint64(8)).view(np.uint8).reshape(-1, 8)
    is_text = ((signs > 0x20) & (signs < 0x7F) & (signs != ord('"')) & (signs != ord("\\"))).all(axis=1)
    texts = [bytes(text) for text in signs[is_text]]
    assert len(texts) > 500
    return texts
