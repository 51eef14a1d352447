"""The compiled functions by themselves, what they make of Arrow's arrays, and what is there without them."""

from __future__ import annotations

import ctypes
from importlib.machinery import ModuleSpec
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from imagefit.columns import arrowdata, textrows
from imagefit.columns.textrows import CellTexts, rows_of_text
from imagefit.errors import EvaluatorError
from imagefit.evaluators import quickest
from imagefit.kernel import library
from imagefit.kernel.structures import Cell, Column, Digit, Job, Layer, Part, Plane, Templates, Texts, ToldApart, Use
from kernels import KERNELS, needs_compiler
from rowtables import moved_by

POINTER = ctypes.sizeof(ctypes.c_void_p)


@pytest.mark.parametrize(
    ("structure", "numbers", "pointers"),
    [
        (Digit, 40, 7),
        (Use, 8, 2),
        (Layer, 16, 0),
        (Plane, 16, 0),
        (Job, 32, 9),
        (Part, 8, 2),
        (Column, 16, 3),
        (Cell, 40, 9),
        (Texts, 0, 3),
        (Templates, 8, 11),
        (ToldApart, 24, 3),
    ],
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


WORDS = st.text('ab"é;,\n', max_size=5) | st.sampled_from(["x" * 7, "x" * 16, "x" * 31, "é" * 16, "x" * 33, "é" * 40])


@st.composite
def columns_of_text(draw: st.DrawFn, rows: int) -> tuple[Any, list[Any]]:
    """A column as Arrow may have it: sliced, with a dictionary, of lists, at an odd address; and its values."""
    is_long, is_list = draw(st.booleans()), draw(st.booleans())
    text = pa.large_string() if is_long else pa.string()
    start = draw(st.integers(0, 9))
    size = start + rows + draw(st.integers(0, 3))
    cells = st.none() | (st.lists(WORDS, max_size=3) if is_list else WORDS)
    values = draw(st.lists(cells, min_size=size, max_size=size))
    flat = [word for own in values for word in own or ()] if is_list else values
    elements = pa.array(flat, text)
    if draw(st.booleans()):
        encoded = elements.dictionary_encode()
        indices = encoded.indices.cast(
            draw(st.sampled_from([pa.int8(), pa.uint8(), pa.int16(), pa.int32(), pa.int64()]))
        )
        indices = moved_by(draw(st.integers(0, 7)), indices) if len(indices) else indices
        elements = pa.DictionaryArray.from_arrays(indices, encoded.dictionary, safe=False)
    if is_list:
        ends = np.cumsum([0, *(len(own or ()) for own in values)]).astype(np.int32)
        mask = pa.array([own is None for own in values], pa.bool_())
        elements = pa.ListArray.from_arrays(pa.array(ends), elements, mask=mask)
    return elements.slice(start, rows), values[start : start + rows]


@needs_compiler
@pytest.mark.parametrize("name", KERNELS)
@given(data=st.data(), rows=st.integers(0, 20), at_once=st.integers(1, 9), many=st.sampled_from([0, 2, 16]))
def test_rows_of_text_have_the_texts_of_their_cells(
    name: str, data: st.DataObject, rows: int, at_once: int, many: int
) -> None:
    parts = st.text(max_size=2).map(str.encode)
    cells, expected = [], [b""] * rows
    for _ in range(data.draw(st.integers(0, 4))):
        array, values = data.draw(columns_of_text(rows))
        cell = CellTexts(array, *(data.draw(parts) for _ in range(4)))
        cells.append(cell)
        for row, value in enumerate(values):
            texts = [value] if isinstance(value, str) else value
            if texts is None:
                expected[row] += cell.unknown
            else:
                expected[row] += cell.before + cell.between.join(text.encode() for text in texts) + cell.after
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(textrows, "MANY", many)
        found = rows_of_text(KERNELS[name](), cells, rows, at_once)
    assert [bytes(piece) for piece in found] == [
        b"".join(expected[start : start + at_once]) for start in range(0, rows, at_once)
    ]


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


def _of_texts(words: list[str], codes: NDArray[np.int32] | None = None) -> tuple[Texts, list[object]]:
    """Words as the compiled functions have them, and what has to outlive their call: no byte is behind the last one."""
    signs = np.frombuffer("".join(words).encode(), np.uint8).copy()
    offsets = np.cumsum([0, *(len(word.encode()) for word in words)], dtype=np.int64)
    own = Texts(offsets.ctypes.data, signs.ctypes.data, None if codes is None else codes.ctypes.data)
    return own, [signs, offsets, codes]


@needs_compiler
@pytest.mark.parametrize("name", KERNELS)
@given(st.data())
def test_templates_are_filled_with_what_each_row_has(name: str, data: st.DataObject) -> None:
    words = st.lists(WORDS, min_size=1, max_size=4)
    common, slots, rows = data.draw(words), data.draw(st.lists(words, max_size=3)), data.draw(st.integers(0, 6))
    pieces = st.lists(st.integers(-len(slots), len(common) - 1), max_size=4)
    templates = data.draw(st.lists(pieces, min_size=1, max_size=4))
    of_rows = [data.draw(st.lists(st.integers(0, len(templates) - 1), max_size=4)) for _ in range(rows)]
    ends, width = data.draw(words), data.draw(st.integers(0, 3))

    def codes(texts: list[str], count: int) -> NDArray[np.int32]:
        size = max(count, 1)  # an array of none has no address of its own
        return np.array(data.draw(st.lists(st.integers(0, len(texts) - 1), min_size=size, max_size=size)), np.int32)

    of_slots, of_ends = [codes(texts, rows) for texts in slots], codes(ends, rows * width)
    held = [_of_texts(common), _of_texts(ends, of_ends), *map(_of_texts, slots, of_slots)]
    bounds = np.cumsum([0, *map(len, of_rows)], dtype=np.int64)
    starts = np.cumsum([0, *map(len, templates)], dtype=np.int64)
    numbers = np.array([each for own in of_rows for each in own], np.int64)
    flat = np.array([each for own in templates for each in own], np.int32)
    used: Any = (Texts * len(slots))(*(own for own, _ in held[2:]))
    addresses = bounds.ctypes.data, numbers.ctypes.data, starts.ctypes.data, flat.ctypes.data, ctypes.addressof(used)
    job, kernel = Templates(*addresses, held[0][0], held[1][0], width), KERNELS[name]()

    expected = [
        "".join(common[piece] if piece >= 0 else slots[-1 - piece][of_slots[-1 - piece][row]] for piece in own)
        + "".join(ends[code] for code in of_ends[row * width : (row + 1) * width])
        for row, own in enumerate([piece for number in numbers for piece in templates[number]] for numbers in of_rows)
    ]
    found = []
    for start in range(0, rows, 2):
        offsets, signs = kernel.filled(job, start, min(2, rows - start))
        found += [signs[begin:end].tobytes().decode() for begin, end in pairwise(offsets.tolist())]
    assert found == expected
    has = [
        [any(-1 - slot in templates[number] for number in numbers) for numbers in of_rows] for slot in range(len(slots))
    ]
    assert kernel.slots(job, rows, len(slots)).tolist() == has


@needs_compiler
@given(st.lists(st.sampled_from(["", "x" * 40, "\n", "\r\n", "é"]), max_size=9))
def test_signs_are_counted(parts: list[str]) -> None:
    text = "".join(parts).encode()
    assert KERNELS["quick"]().count(np.frombuffer(text, np.uint8), "\n") == text.count(b"\n")


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
