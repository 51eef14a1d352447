"""Texts told apart: dictionaries of them, and of the parts that they have between a character."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from imagefit.columns import arrowdata
from imagefit.kernel.library import Kernel, compiled, is_compiled

__all__ = ["parts_of", "told_apart"]


def told_apart(texts: Any) -> Any:
    """Return an Arrow array of text as a dictionary, in which each text stands once, in the order of their coming.

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


def _codes(texts: Any, between: str | None) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]] | None:
    """Return what compiled code says of texts, if there is some and they are of its kind."""
    if not is_compiled() or not types.is_string(texts.type) or not len(texts):
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
    return pa.Array.from_buffers(pa.string(), len(ends) - 1, buffers)


def _signs(texts: Any) -> NDArray[np.uint8]:
    """Return all bytes that texts are some of."""
    return np.frombuffer(texts.buffers()[2] or b"", np.uint8)
