"""The compiled functions that tests run: with the instructions that this processor has, and without."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

from imagefit.errors import EvaluatorError
from imagefit.kernel.library import Kernel, compiled

__all__ = ["KERNELS", "compile_quickly", "needs_compiler"]

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
