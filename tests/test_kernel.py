"""The compiled functions by themselves, what they make of Arrow's arrays, and what is there without them."""

from __future__ import annotations

import ctypes
from importlib.machinery import ModuleSpec
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefit.columns import arrowdata
from imagefit.errors import EvaluatorError
from imagefit.evaluators import quickest
from imagefit.kernel import library
from imagefit.kernel.structures import Column, Digit, Job, Layer, Part, Plane, Use
from kernels import KERNELS, needs_compiler
from rowtables import moved_by

POINTER = ctypes.sizeof(ctypes.c_void_p)


@pytest.mark.parametrize(
    ("structure", "numbers", "pointers"),
    [(Digit, 40, 7), (Use, 8, 2), (Layer, 16, 0), (Plane, 16, 0), (Job, 32, 9), (Part, 8, 2), (Column, 16, 3)],
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
@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize(("rows", "count"), [(0, 3), (1, 1), (63, 64), (64, 65), (65, 0), (4100, 130)])
def test_rows_have_a_bit_for_each_set_that_they_are_in(name: str, rows: int, count: int) -> None:
    flags = np.random.default_rng(rows).integers(0, 2, (count, rows)).astype(np.bool_)
    sets = [np.packbits(each, bitorder="little").tobytes() if number % 3 else None for number, each in enumerate(flags)]
    flags[::3] = False
    found = KERNELS[name]().rows(sets, rows, 3)
    bits = np.unpackbits(found.view(np.uint8), axis=1, bitorder="little") if rows else np.zeros((0, 192))
    assert np.array_equal(bits[:, :count], flags.T) and not bits[:, count:].any()


KINDS = [pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64()]


@pytest.mark.parametrize("how", [*KERNELS, "numpy"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(KINDS),
    values=st.lists(st.one_of(st.none(), st.integers(0, 100)), min_size=1, max_size=30),
    times=st.sampled_from([1, 3, 40, 200]),
    start=st.integers(0, 70),
    size=st.sampled_from([101, 300, 70_000]),
    moved=st.integers(0, 7),
)
def test_codes_are_indices_plus_one_and_0_for_null(
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    kind: Any,
    values: list[int | None],
    times: int,
    start: int,
    size: int,
    moved: int,
) -> None:
    use(monkeypatch, how)
    rows = (values * times)[start:]
    indices = moved_by(moved, pa.array(values * times, kind)).slice(start)
    expected = [0 if value is None else value + 1 for value in rows]
    codes = arrowdata.codes(indices, size)
    assert codes.tolist() == expected and codes.dtype == {101: "u1", 300: "u2", 70_000: "u4"}[size]
    flags = pa.array([None if value is None else value % 3 == 0 for value in values * times], pa.bool_())
    flags = flags.slice(start)
    narrow = list(arrowdata.narrow_codes([indices, flags, indices]))
    of_flags = [0 if value is None else 1 + (value % 3 == 0) for value in rows]
    assert [own.tolist() for own in narrow] == [expected, of_flags, expected]


def use(patch: pytest.MonkeyPatch, how: str) -> None:
    """Have Arrow's arrays read by some compiled functions, or by numpy alone."""
    if how == "numpy":
        patch.setattr(arrowdata, "is_compiled", lambda: False)
    elif library.is_compiled():
        patch.setattr(arrowdata, "compiled", KERNELS[how])
    else:
        pytest.skip("imagefit was built without a C compiler")


@needs_compiler
def test_code_for_every_processor_says_so() -> None:
    assert KERNELS["plain"]().instructions == "plain C"


@pytest.fixture
def anew() -> Any:
    """Nothing is remembered of what was compiled, before and after."""
    library._loaded.cache_clear()
    yield
    library._loaded.cache_clear()


@needs_compiler
def test_tables_judge_columns_where_planes_would_be_in_plain_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_loaded", KERNELS["plain"])
    assert quickest() == "tabular"


def test_tables_judge_columns_where_nothing_was_compiled(monkeypatch: pytest.MonkeyPatch, anew: None) -> None:
    monkeypatch.setattr(library.importlib.util, "find_spec", lambda name: None)
    assert quickest() == "tabular"
    with pytest.raises(EvaluatorError, match="without a C compiler"):
        library.compiled()


@needs_compiler
def test_a_library_of_another_version_is_none(monkeypatch: pytest.MonkeyPatch, anew: None) -> None:
    monkeypatch.setattr(library, "VERSION", 0)
    assert quickest() == "tabular"
    with pytest.raises(EvaluatorError, match="of another version of imagefit"):
        library.compiled()


def test_a_library_that_can_not_be_loaded_is_none(monkeypatch: pytest.MonkeyPatch, anew: None) -> None:
    spec = ModuleSpec(library.MODULE, None, origin=__file__)
    monkeypatch.setattr(library.importlib.util, "find_spec", lambda name: spec)
    assert quickest() == "tabular"
    with pytest.raises(EvaluatorError, match="can't be loaded"):
        library.compiled()
