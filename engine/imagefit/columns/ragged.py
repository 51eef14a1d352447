"""Lists of different lengths that lie one after the other: where their elements are, and which lists are equal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import types

from imagefit.columns import arrowdata
from imagefit.columns.toldapart import told_apart

__all__ = ["as_bytes", "entries_of", "places_in", "tuples_of"]


def places_in(starts: NDArray[Any], lengths: NDArray[Any]) -> NDArray[np.intp]:
    """Return the places of the elements of some lists, list after list.

    Parameters
    ----------
    starts, lengths
        Where each list begins, and how many elements it has.
    """
    ends = np.cumsum(lengths)
    found: NDArray[np.intp] = np.arange(len(ends) and ends[-1]) + np.repeat(starts - (ends - lengths), lengths)
    return found


def as_bytes(elements: NDArray[Any], bounds: NDArray[Any], is_known: NDArray[np.bool_] | None = None) -> Any:
    """Return lists of numbers, which lie between bounds, as the bytes of these: so Arrow tells them apart as texts.

    Parameters
    ----------
    elements
        Integers of any width.
    bounds
        Where each list begins, and then where the last one ends.
    is_known
        Which lists are not null; all, if it is left out.
    """
    is_large = int(bounds[-1]) * elements.itemsize >= 1 << 31
    ends = bounds.astype(np.int64 if is_large else np.int32) * elements.itemsize
    known = None if is_known is None else pa.py_buffer(np.packbits(is_known, bitorder="little").data)
    buffers: list[Any] = [known, pa.py_buffer(ends.data), pa.py_buffer(np.ascontiguousarray(elements).data)]
    return pa.Array.from_buffers(pa.large_binary() if is_large else pa.binary(), len(ends) - 1, buffers)


def entries_of(elements: Any) -> tuple[NDArray[Any], list[str | None]]:
    """Return the elements of lists of text as places among distinct texts, of which the last is None if one is null."""
    elements = arrowdata.plain(elements)
    if types.is_null(elements.type):
        elements = elements.cast(pa.string())
    if not types.is_dictionary(elements.type):
        elements = told_apart(elements)
    texts = elements.dictionary.to_pylist()
    if (known := arrowdata.known(elements.indices)) is None:
        return arrowdata.numbers(elements.indices), texts
    entries = arrowdata.numbers(elements.indices.cast(pa.int32()))  # one more may have no room in narrower ones
    return np.where(known, entries, np.int32(len(texts))), [*texts, None]


def tuples_of(lists: Any) -> NDArray[Any]:
    """Return lists of text, none of which is null, as an array of tuples; what is equal of them is one object."""
    entries, texts = entries_of(lists.values)
    encoded = told_apart(as_bytes(entries, np.asarray(lists.offsets)))
    found = np.empty(len(encoded.dictionary), object)
    found[:] = [
        tuple([texts[entry] for entry in np.frombuffer(raw, entries.dtype).tolist()])
        for raw in encoded.dictionary.to_pylist()
    ]
    made: NDArray[Any] = found[arrowdata.numbers(encoded.indices)]
    return made
