"""What lies in Arrow arrays, as numpy arrays: codes, bits and numbers, without a Python object per row."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from imagefit.columns.widths import narrowest
from imagefit.kernel.library import compiled, is_compiled
from imagefit.kernel.structures import Column

__all__ = [
    "NARROW",
    "Indices",
    "arrow",
    "bytes_of",
    "coded",
    "codes",
    "empty",
    "ends",
    "gather",
    "is_text",
    "is_text_list",
    "known",
    "narrow_codes",
    "no_rows",
    "numbers",
    "plain",
    "signs",
    "spelled_out",
    "taken",
    "whole",
]

NARROW = 1 << 8
"""So many codes have room in a byte."""

BLOCK = 4
"""So many columns are encoded together: their rows still have room in the processor's cache."""

_TAKE = pc.get_function("array_take")
_UNCHECKED = pc.TakeOptions(boundscheck=False)


def arrow(values: NDArray[Any]) -> Any:
    """Return a numpy array of numbers as an Arrow array, without copying it."""
    return pa.array(values)


def is_text(kind: Any) -> bool:
    """Whether an Arrow type is text."""
    return bool(types.is_string(kind) or types.is_large_string(kind))


def is_text_list(kind: Any) -> bool:
    """Whether an Arrow type is a list of text (or of nulls: a list that is always empty)."""
    if not (types.is_list(kind) or types.is_large_list(kind)):
        return False
    inner = kind.value_type
    inner = inner.value_type if types.is_dictionary(inner) else inner
    return is_text(inner) or types.is_string_view(inner) or types.is_null(inner)


def whole(column: Any) -> Any:
    """Return a column of a batch or of a table as one Arrow array."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    if column.num_chunks == 1:
        return column.chunk(0)
    if types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return column.combine_chunks() if column.num_chunks else empty(column.type)


def empty(kind: Any) -> Any:
    """Return an array of no rows, of any type: of dictionaries of views, or of nulls, `pyarrow.array` makes none."""
    return pa.nulls(0, kind)


def no_rows(schema: Any) -> Any:
    """Return a ``pyarrow.RecordBatch`` of no rows."""
    return pa.RecordBatch.from_arrays([empty(of.type) for of in schema], schema=schema)


def plain(array: Any) -> Any:
    """Return an array in one of the few layouts that are read here; what can't be is returned as it is."""
    kind = array.type
    if types.is_dictionary(kind):
        value = kind.value_type
        if is_text(value) or is_text_list(value):
            return array
        if types.is_string_view(value):
            return pa.DictionaryArray.from_arrays(array.indices, array.dictionary.cast(pa.large_string()))
        return plain(array.dictionary_decode())
    if isinstance(kind, pa.BaseExtensionType):
        return plain(_stored(array))
    if types.is_run_end_encoded(kind):
        return plain(pc.call_function("run_end_decode", [array]))
    if types.is_string_view(kind):
        return array.cast(pa.large_string())
    if types.is_decimal(kind):
        with contextlib.suppress(pa.ArrowInvalid):  # whole numbers, of which floats do not tell the largest apart
            return array.cast(pa.int64())
        return array.cast(pa.float64())
    if types.is_fixed_size_list(kind):
        return array.cast(pa.large_list(kind.value_type))
    if types.is_list_view(kind) or types.is_large_list_view(kind):  # Arrow's own cast of views with nulls is wrong
        return pa.array(array.to_pylist(), pa.large_list(kind.value_type))
    return array


def _stored(array: Any) -> Any:
    """Return what an array of a type of somebody's own holds; numbers there are codes of something, and so are texts.

    A period of pandas is the number of a day, or of a year, and would be taken for any other number.
    """
    kind, stored = array.type, array.storage
    if kind.extension_name == "arrow.bool8":
        return stored.cast(pa.bool_())
    if not types.is_primitive(stored.type):
        return stored
    codes = stored.to_pylist()
    return pa.array([None if code is None else f"{kind.extension_name} {code}" for code in codes], pa.string())


def bytes_of(data: Any) -> int:
    """Return how many bytes an array, or a batch, takes; of views, which Arrow says since 24, all that they are in."""
    try:
        return int(data.nbytes)
    except pa.ArrowTypeError:
        return int(data.get_total_buffer_size())


def known(array: Any) -> NDArray[np.bool_] | None:
    """Return whether each row is not null; None if none is."""
    bitmap = array.buffers()[0]
    if bitmap is None or array.null_count == 0:
        return None
    return _bits(bitmap, array.offset, len(array)).view(np.bool_)


def codes(indices: Any, size: int) -> NDArray[Any]:
    """Return dictionary indices as codes: 0 for null, else the index plus 1.

    Parameters
    ----------
    indices
        Integers of any width; what stands in a null slot does not matter.
    size
        The number of codes.
    """
    if is_compiled():
        return Indices(indices, size).codes()
    found = numbers(indices).astype(narrowest(size))
    found += found.dtype.type(1)
    if (is_known := known(indices)) is not None:
        found *= is_known.view(np.uint8)
    return found


def narrow_codes(arrays: Sequence[Any]) -> Iterator[NDArray[np.uint8]]:
    """Yield the codes of dictionary indices, as `codes` has them, and of booleans: 1 for false, 2 for true.

    Parameters
    ----------
    arrays
        Of one length, and with at most `NARROW` codes each.
    """
    for start in range(0, len(arrays), BLOCK):
        block = arrays[start : start + BLOCK]
        found = np.empty((len(block), len(block[0])), np.uint8)
        bits = np.empty((len(block), -(-len(block[0]) // 8)), np.uint8)
        for own, own_bits, array in zip(found, bits, block, strict=True):
            own[:] = _values(array)
            own_bits[:] = _packed(array)
        found += np.uint8(1)
        found *= np.unpackbits(bits, axis=1, count=found.shape[1], bitorder="little")
        yield from found


class Indices:
    """Dictionary indices, or booleans, of which the compiled functions make codes: a `Numbering`.

    Parameters
    ----------
    size
        The number of codes.
    """

    def __init__(self, array: Any, size: int) -> None:
        self._array, self._type = array, narrowest(size)

    @property
    def width(self) -> int:
        """The bytes of a code."""
        return np.dtype(self._type).itemsize

    def codes(self) -> NDArray[Any]:
        """Make the codes."""
        found = np.empty(len(self._array), self._type)
        compiled().codes([self.column(found.ctypes.data)], len(found))
        return found

    def column(self, codes: int) -> Column:
        """Return what the compiled functions are told; it holds as long as this does.

        Parameters
        ----------
        codes
            The address at which codes are to be.
        """
        array = self._array
        known, values = array.buffers()
        size = 0 if types.is_boolean(array.type) else array.type.byte_width
        return Column(
            offset=array.offset,
            width=size,
            code_width=self.width,
            values=None if values is None else values.address + size * array.offset,
            known=None if known is None or array.null_count == 0 else known.address,
            codes=codes,
        )


def _values(array: Any) -> NDArray[Any]:
    return _bits(array.buffers()[1], array.offset, len(array)) if types.is_boolean(array.type) else numbers(array)


def _packed(array: Any) -> NDArray[np.uint8] | int:
    """Return which rows are known as bits from the first byte on; a number if in all."""
    bitmap = array.buffers()[0]
    if bitmap is None or array.null_count == 0:
        return 255
    if array.offset % 8:
        return np.packbits(_bits(bitmap, array.offset, len(array)), bitorder="little")
    return np.frombuffer(bitmap, np.uint8)[array.offset // 8 : (array.offset + len(array) + 7) // 8]


_FLOATS = {"halffloat": "float16", "float": "float32", "double": "float64"}
"""Numpy's names of types, where they are not Arrow's, too."""


def numbers(array: Any) -> NDArray[Any]:
    """Return an array of integers or floats as it lies there, with anything in the null slots."""
    kind = str(array.type)  # Arrow's own way to numpy's type imports pandas before pyarrow 26
    found: NDArray[Any] = np.frombuffer(array.buffers()[1] or b"", _FLOATS.get(kind, kind))
    return found[array.offset : array.offset + len(array)]


def coded(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """Return the different ones among numbers, as they come first, and the place of each number among these."""
    encoded: Any = pc.dictionary_encode(pa.array(values))
    return encoded.dictionary.to_numpy(), encoded.indices.to_numpy()


def ends(texts: Any) -> NDArray[Any]:
    """Return where each text of an array begins among the bytes of all, and then where the last one ends."""
    offsets = texts.buffers()[1]
    if len(texts) == 0 or offsets is None:
        return np.zeros(len(texts) + 1, np.int32)
    found: NDArray[Any] = np.frombuffer(offsets, np.int64 if str(texts.type).startswith("large_") else np.int32)
    return found[texts.offset : texts.offset + len(texts) + 1]


def signs(texts: Any) -> NDArray[np.uint8]:
    """Return the bytes of all texts of an array, one after the other, as they lie there."""
    bounds = ends(texts)
    return np.frombuffer(texts.buffers()[2] or b"", np.uint8)[bounds[0] : bounds[-1]]


def gather(table: Any, codes: NDArray[Any]) -> NDArray[Any]:
    """Return ``table[code]`` for each code.

    Parameters
    ----------
    table
        An Arrow array without nulls.
    codes
        Integers that are places in the table; that is not checked. Arrow takes codes of any width as they
        are and is twice as fast as numpy, which widens them first.
    """
    found: NDArray[Any] = taken(table, codes).to_numpy()
    return found


def taken(table: Any, codes: NDArray[Any]) -> Any:
    """Return the same as an Arrow array."""
    return _TAKE.call([table, pa.array(codes)], _UNCHECKED)


def spelled_out(lists: Any) -> Any:
    """Return an array of lists with its own elements alone, and these as they are without a dictionary."""
    offsets = np.asarray(lists.offsets)
    elements = lists.values.slice(offsets[0], offsets[-1] - offsets[0])
    mask = None if (is_known := known(lists)) is None else arrow(~is_known)
    make = pa.LargeListArray if types.is_large_list(lists.type) else pa.ListArray
    plain_elements = elements.dictionary_decode() if types.is_dictionary(elements.type) else elements
    return make.from_arrays(arrow(offsets - offsets[0]), plain_elements, mask=mask)


def _bits(bitmap: Any, offset: int, count: int) -> NDArray[np.uint8]:
    start = offset // 8
    packed = np.frombuffer(bitmap, np.uint8)[start : (offset + count + 7) // 8]
    return np.unpackbits(packed, bitorder="little")[offset - 8 * start :][:count]
