"""Columns of lists of text, batch after batch: each distinct list is read once, however many batches have it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from imagefit.columns import arrowdata
from imagefit.columns.arrowdata import gather
from imagefit.columns.ascending import ranked
from imagefit.columns.distinct import Distinct, DistinctValues
from imagefit.columns.distinctsets import DistinctSets
from imagefit.columns.toldapart import told_apart
from imagefit.columns.widths import narrowest
from imagefit.facts import Field

__all__ = ["ListReader"]

SOME = 64
"""Sets of so few different elements are words of bits."""

MOST_ELEMENTS, MOST_LISTS = 1 << 16, 1 << 14
"""So many different ones are remembered; beyond, reading starts afresh, so that memory has a bound."""

FEW, MANY = 1 << 8, 1 << 12
"""Of more different ones than many in a batch, none is remembered; nor of more than few, if most lists differ."""

EMPTY = 1
"""The code of the empty list."""

Key = int | bytes
"""A list of several elements: a word with a bit for each, or their numbers."""


class ListReader:
    """Reads the lists of one field; several threads may share it.

    Elements get numbers as they turn up, and codes: a list of one element, as most are, has its element's.
    Longer ones are looked at as words of bits while elements are few, else as the bytes of their elements'
    numbers; Arrow encodes either faster than lists.
    """

    def __init__(self, of: Field) -> None:
        self._field = of
        self._seen = _Seen(of)
        self._lock = threading.Lock()

    def read(self, array: Any) -> tuple[NDArray[Any], Distinct]:
        """Return the codes of an Arrow array of lists of text, and what they stand for; null is code 0."""
        offsets = np.asarray(array.offsets)
        starts = offsets - offsets[0]
        entries, texts = _entries(array.values.slice(offsets[0], starts[-1]))
        lengths = starts[1:] - starts[:-1]
        if (known := arrowdata.known(array)) is not None:
            lengths *= known
        longer = np.flatnonzero(lengths > 1)
        with self._lock:
            if self._seen.is_full:
                self._seen = _Seen(self._field)
            seen = self._seen
            numbers, codes_of_texts, names = seen.elements(texts)
        encoded = _encoded(entries, numbers, _chosen(starts, longer), _chosen(lengths, longer), len(names))
        codes_of_keys: NDArray[Any]
        distinct: Distinct
        if encoded is not None and _is_rarely_repeated(encoded):
            codes_of_texts, codes_of_keys, distinct = self._of_batch(encoded.dictionary, numbers, names)
            places = encoded.indices.to_numpy()
        else:
            keys, places = _keys(encoded)
            with self._lock:
                codes_of_keys, distinct = seen.lists(keys, names)
        width = narrowest(distinct.size)
        is_filled = lengths > 0
        codes = np.zeros(len(lengths), width)
        if len(entries):
            codes = _chosen(codes_of_texts.astype(width), _chosen(entries, starts[:-1] * is_filled)) * is_filled
        codes += ~is_filled * width(EMPTY)
        codes[longer] = _chosen(codes_of_keys.astype(width), places)
        if known is not None:
            codes *= known
        return codes, distinct

    def _of_batch(
        self, keys: Any, numbers: NDArray[np.int32], names: Sequence[str | None]
    ) -> tuple[NDArray[Any], NDArray[Any], DistinctSets]:
        """Read the lists of a batch by their elements, and remember nothing: too few will come again.

        Returns
        -------
        tuple
            The codes of the lists of one element, of the `keys`, and what all stand for; the empty list is the first.
        """
        present, alone = ranked(numbers, len(names))
        place_of = np.zeros(len(names), np.int32)
        place_of[present] = np.arange(len(present))
        ends = np.frombuffer(keys.buffers()[1], np.int64)[keys.offset :][: len(keys) + 1] // numbers.itemsize
        of_keys = np.frombuffer(keys.buffers()[2] or b"", np.int32)[ends[0] : ends[-1]]
        single = np.arange(len(present) + 1)
        distinct = DistinctSets.of_elements(
            self._field,
            [names[number] for number in present.tolist()],
            np.concatenate((single[:-1].astype(np.int32), place_of[of_keys])),
            np.concatenate(([0], single, ends[1:] - ends[0] + len(present))),
        )
        first = EMPTY + 1 + len(present)
        return alone + (EMPTY + 1), np.arange(first, first + len(keys)), distinct


class _Seen:
    """The elements and the lists that turned up so far."""

    def __init__(self, of: Field) -> None:
        self._numbers: dict[str | None, int] = {}
        self._alone = np.zeros(0, np.uint32)  # by number, the code of the list of that element alone
        self._codes: dict[Key, int] = {}
        self._distinct = DistinctValues(of, [[]])

    @property
    def is_full(self) -> bool:
        """Whether there are so many that it is time to forget them."""
        return len(self._numbers) > MOST_ELEMENTS or len(self._codes) > MOST_LISTS

    def elements(self, texts: Sequence[str | None]) -> tuple[NDArray[np.int32], NDArray[Any], list[str | None]]:
        """Return the number of each element, the code of the list of it alone, and all elements by number."""
        known = self._numbers
        if new := list(dict.fromkeys(text for text in texts if text not in known)):
            known |= {text: len(known) + place for place, text in enumerate(new)}
            size = self._distinct.size
            self._alone = np.append(self._alone, np.arange(size, size + len(new), dtype=np.uint32))
            self._distinct = self._distinct.grown([[text] for text in new])
        numbers = np.array([known[text] for text in texts], np.int32)
        return numbers, self._alone[numbers], list(known)

    def lists(self, keys: Sequence[Key], names: Sequence[str | None]) -> tuple[NDArray[np.uint32], DistinctValues]:
        """Return the code of each key, and what the codes stand for; what is new is read."""
        if new := [key for key in keys if key not in self._codes]:
            self._codes |= {key: self._distinct.size + place for place, key in enumerate(new)}
            self._distinct = self._distinct.grown([_elements(key, names) for key in new])
        return np.array([self._codes[key] for key in keys], np.uint32), self._distinct


def _entries(elements: Any) -> tuple[NDArray[Any], list[str | None]]:
    """Return elements as places among distinct texts."""
    elements = arrowdata.plain(elements)
    if types.is_null(elements.type):
        elements = elements.cast(pa.string())
    if not types.is_dictionary(elements.type):
        elements = told_apart(elements)
    entries, texts = arrowdata.numbers(elements.indices), elements.dictionary.to_pylist()
    if (known := arrowdata.known(elements.indices)) is None:
        return entries, texts
    return np.where(known, entries, len(texts)), [*texts, None]


def _elements(key: Key, names: Sequence[str | None]) -> list[str | None]:
    """Return the list that a key stands for."""
    if isinstance(key, bytes):
        return [names[number] for number in np.frombuffer(key, np.int32)]
    return [name for bit, name in enumerate(names) if key >> bit & 1]


def _encoded(
    entries: NDArray[Any],
    numbers: NDArray[np.int32],
    starts: NDArray[Any],
    lengths: NDArray[Any],
    names: int,
) -> Any:
    """Return some lists as a dictionary of distinct keys; None if there are none."""
    if not len(starts):
        return None
    is_short = names <= SOME and lengths.max() <= SOME
    if not is_short:
        return pc.dictionary_encode(_as_bytes(entries, numbers, starts, lengths))
    word = np.uint32 if names <= 32 else np.uint64
    return pc.dictionary_encode(_as_words(entries, numbers, starts, lengths, word))


def _is_rarely_repeated(encoded: Any) -> bool:
    """Whether there are so many distinct keys, of more than 64 elements, that they are not worth remembering."""
    count = len(encoded.dictionary)
    is_large = count > MANY or (count > FEW and 2 * count > len(encoded.indices))
    return is_large and bool(types.is_large_binary(encoded.dictionary.type))


def _keys(encoded: Any) -> tuple[list[Key], NDArray[Any]]:
    """Return distinct keys, and the place of each list's."""
    if encoded is None:
        return [], np.zeros(0, np.intp)
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy()


def _as_words(
    entries: NDArray[Any], numbers: NDArray[np.int32], starts: NDArray[Any], lengths: NDArray[Any], word: type[Any]
) -> Any:
    """Return lists as words with a bit for each element."""
    bits = np.append(_chosen(word(1) << numbers.astype(word), entries), word(0))
    ends = np.stack((starts, starts + lengths), axis=1)
    return pa.array(np.bitwise_or.reduceat(bits, ends.ravel())[::2])


def _as_bytes(entries: NDArray[Any], numbers: NDArray[np.int32], starts: NDArray[Any], lengths: NDArray[Any]) -> Any:
    """Return lists as the bytes of their elements' numbers."""
    offsets = np.zeros(len(starts) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    places = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
    chosen = _chosen(numbers, _chosen(entries, places))
    buffers: list[Any] = [None, pa.py_buffer((offsets * chosen.itemsize).data), pa.py_buffer(chosen.data)]
    return pa.Array.from_buffers(pa.large_binary(), len(starts), buffers)


def _chosen(values: NDArray[Any], places: NDArray[Any]) -> NDArray[Any]:
    return gather(arrowdata.arrow(values), places)
