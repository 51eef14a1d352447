"""Columns of lists of text, batch after batch: each distinct list is read once, however many batches have it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any as Anything

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from imagefit.evaluators import arrowdata
from imagefit.evaluators.columns import narrowest
from imagefit.evaluators.distinct import DistinctValues
from imagefit.evaluators.gathering import gather
from imagefit.facts import Field

__all__ = ["ListReader"]

FEW, SOME = 16, 64
"""Sets of so few different elements are numbers of a table, or words of bits."""

MOST = 1 << 18
"""So many different elements, or lists, are remembered; beyond, reading starts afresh."""

Key = int | bytes
"""A list: a word with a bit for each element, or the numbers of the elements."""


class ListReader:
    """Reads the lists of one field; several threads may share it.

    Elements get numbers as they turn up. While these are few, a list is looked at as a word of bits, else
    as the bytes of its elements' numbers; Arrow encodes either faster than lists.
    """

    def __init__(self, of: Field) -> None:
        self._field = of
        self._seen = _Seen(of)
        self._lock = threading.Lock()

    def read(self, array: Anything) -> tuple[NDArray[Anything], DistinctValues]:
        """Return the codes of an Arrow array of lists of text, and what they stand for; null is code 0."""
        offsets = np.asarray(array.offsets)
        elements = _dictionary(array.values.slice(offsets[0], offsets[-1] - offsets[0]))
        starts = offsets - offsets[0]
        with self._lock:
            if self._seen.is_full:
                self._seen = _Seen(self._field)
            seen = self._seen
            numbers, names = seen.numbers_of((None, *elements.dictionary.to_pylist()))
        of_elements = numbers[arrowdata.codes(elements.indices, len(numbers))]
        known = arrowdata.known(array)
        if len(names) > SOME:
            keys, places = _encoded(_as_bytes(of_elements, starts), known)
        elif len(names) > FEW:
            keys, places = _encoded(_as_words(of_elements, starts, np.uint64), known)
        else:
            keys, places = _tabulated(_as_words(of_elements, starts, narrowest(1 << len(names))), known)
        with self._lock:
            codes, distinct = seen.codes_of(keys, names)
        return gather(arrowdata.arrow(np.array([0, *codes], narrowest(distinct.size))), places), distinct


class _Seen:
    """The elements and the lists that turned up so far."""

    def __init__(self, of: Field) -> None:
        self._numbers: dict[str | None, int] = {}
        self._codes: dict[Key, int] = {}
        self._distinct = DistinctValues(of, [])

    @property
    def is_full(self) -> bool:
        """Whether there are so many that it is time to forget them."""
        return len(self._numbers) > MOST or len(self._codes) > MOST

    def numbers_of(self, texts: Sequence[str | None]) -> tuple[NDArray[np.int32], list[str | None]]:
        """Return the numbers of elements, and all elements by number."""
        numbers = self._numbers
        found = np.array([numbers.setdefault(text, len(numbers)) for text in texts], np.int32)
        return found, list(numbers)

    def codes_of(self, keys: Sequence[Key], names: Sequence[str | None]) -> tuple[list[int], DistinctValues]:
        """Return the code of each key, and what the codes stand for; what is new is read."""
        if new := [key for key in keys if key not in self._codes]:
            self._codes |= {key: self._distinct.size + place for place, key in enumerate(new)}
            self._distinct = self._distinct.grown([_elements(key, names) for key in new])
        return [self._codes[key] for key in keys], self._distinct


def _dictionary(elements: Anything) -> Anything:
    elements = arrowdata.plain(elements)
    if types.is_null(elements.type):
        elements = elements.cast(pa.string())
    return elements if types.is_dictionary(elements.type) else pc.dictionary_encode(elements)


def _elements(key: Key, names: Sequence[str | None]) -> list[str | None]:
    """Return the list that a key stands for."""
    if isinstance(key, bytes):
        return [names[number] for number in np.frombuffer(key, np.int32)]
    return [name for bit, name in enumerate(names) if key >> bit & 1]


def _as_words(numbers: NDArray[np.int32], starts: NDArray[Anything], width: type[Anything]) -> NDArray[Anything]:
    """Return each list as a word with a bit for each element."""
    bits = (np.uint64(1) << np.arange(SOME, dtype=np.uint64)).astype(width)
    of_elements = np.append(bits[numbers], width(0))  # for empty lists at the end, which begin after the last element
    words: NDArray[Anything] = np.bitwise_or.reduceat(of_elements, starts[:-1])
    words *= starts[1:] > starts[:-1]  # where a list is empty, reduceat returns what follows it
    return words


def _as_bytes(numbers: NDArray[np.int32], starts: NDArray[Anything]) -> Anything:
    """Return each list as the bytes of its elements' numbers, in an Arrow array."""
    offsets = starts.astype(np.int64) * numbers.itemsize
    buffers: list[Anything] = [None, pa.py_buffer(offsets.data), pa.py_buffer(numbers.data)]
    return pa.Array.from_buffers(pa.large_binary(), len(starts) - 1, buffers)


def _encoded(keys: Anything, known: NDArray[np.bool_] | None) -> tuple[list[Key], NDArray[Anything]]:
    """Return the distinct keys, and the place of each row's, counted from 1; 0 where it is not known."""
    encoded: Anything = pc.dictionary_encode(pa.array(keys) if isinstance(keys, np.ndarray) else keys)
    places = encoded.indices.to_numpy() + np.int32(1)
    if known is not None:
        places *= known
    return encoded.dictionary.to_pylist(), places


def _tabulated(words: NDArray[Anything], known: NDArray[np.bool_] | None) -> tuple[list[Key], NDArray[Anything]]:
    """Return the same of words that are small numbers."""
    counts = np.bincount(words if known is None else words[known])
    keys = np.flatnonzero(counts)
    places = np.zeros(1 << 8 * words.itemsize, np.uint32 if words.itemsize > 1 else np.uint16)
    places[keys] = np.arange(1, len(keys) + 1)
    found = gather(pa.array(places), words)
    return list(keys.tolist()), found if known is None else found * known
