"""Texts, or bytes, told apart: dictionaries of them, and of the parts that texts have between a character."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns import arrowdata
from imagefit.kernel.library import Kernel, compiled, is_compiled

__all__ = ["parts_of", "places_among", "told_apart"]

FEW = 4
"""Among so many times fewer others, Arrow finds places as fast: it has to put nothing but these into a table."""

_KINDS = ("string", "binary")
"""What compiled code can read."""


def told_apart(texts: Any) -> Any:
    """Return an Arrow array of text, or of bytes, as a dictionary that has each once, in the order of their coming.

    Where all differ the dictionary is the array itself: Arrow would copy it.
    """
    found = _codes(texts, None)
    if found is None:
        return pc.dictionary_encode(texts)
    codes, _, parts = found
    is_known = arrowdata.known(texts)
    known = None if is_known is None else pa.py_buffer(np.packbits(is_known, bitorder="little").data)
    indices: Any = pa.Array.from_buffers(pa.int32(), len(codes), [known, pa.py_buffer(codes.data)])
    is_itself = known is None and parts.shape[1] == len(texts)
    dictionary = texts if is_itself else _gathered(compiled(), texts, parts)
    return pa.DictionaryArray.from_arrays(indices, dictionary, safe=False)


def parts_of(texts: Any, between: str) -> tuple[NDArray[np.int64], Any]:
    """Return the parts of each of some texts, of which none is null, and which have at least one.

    Returns
    -------
    Where the parts of each text begin among all, with an end; and all parts as a dictionary.
    """
    found = _codes(texts, between)
    if found is None:
        lists = pc.split_pattern(texts, between)
        offsets = np.asarray(lists.offsets)[: len(lists) + 1].astype(np.int64)
        ends = offsets - offsets[0]
        return ends, pc.dictionary_encode(lists.values.slice(offsets[0], ends[-1]))
    codes, ends, parts = found
    indices: Any = arrowdata.arrow(codes)
    dictionary = _gathered(compiled(), texts, parts)
    return np.append(0, ends).astype(np.int64), pa.DictionaryArray.from_arrays(indices, dictionary, safe=False)


def places_among(texts: Any, others: Any) -> NDArray[np.int32]:
    """Return for each of some texts the place of the first of others that is the same; -1 if none is, or it is null."""
    count = len(others)
    is_plain = texts.type == others.type and not texts.null_count and not others.null_count
    found = _codes(pa.concat_arrays([others, texts]), None) if is_plain and count * FEW > len(texts) else None
    if found is None:
        places: NDArray[np.int32] = pc.fill_null(pc.index_in(texts, value_set=others, skip_nulls=True), -1).to_numpy()
        return places
    codes, _, parts = found
    firsts = np.full(parts.shape[1], -1, np.int32)
    firsts[codes[:count][::-1]] = np.arange(count, dtype=np.int32)[::-1]
    return firsts[codes[count:]]


def _codes(texts: Any, between: str | None) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]] | None:
    """Return what compiled code says of texts, if there is some and they are of its kind."""
    if not is_compiled() or str(texts.type) not in _KINDS or not len(texts):
        return None
    kernel, bounds = compiled(), arrowdata.ends(texts)
    if bounds.ctypes.data % bounds.itemsize:
        return None  # lies as no array of C may
    most = len(texts) if between is None else len(texts) + kernel.count(arrowdata.signs(texts), between)
    known = (texts.buffers()[0].address, texts.offset) if texts.null_count else None
    return kernel.told_apart(_signs(texts), bounds, known, between, most)


def _gathered(kernel: Kernel, texts: Any, parts: NDArray[np.int32]) -> Any:
    ends, signs = kernel.gathered(_signs(texts), parts)
    buffers = [None, pa.py_buffer(ends.data), pa.py_buffer(signs.data)]
    return pa.Array.from_buffers(texts.type, len(ends) - 1, buffers)


def _signs(texts: Any) -> NDArray[np.uint8]:
    """Return all bytes that texts are some of."""
    return np.frombuffer(texts.buffers()[2] or b"", np.uint8)
