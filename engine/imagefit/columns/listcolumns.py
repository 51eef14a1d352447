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
from imagefit.columns.ragged import as_bytes, entries_of, places_in
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

    The lists of a batch are told apart by the bytes of where their elements stand among its texts. Of the different
    ones, those of one element have its code. Longer ones are words of bits while elements are few, in which their
    order plays no part, else the bytes of their elements' numbers, which they get as they turn up.
    """

    def __init__(self, of: Field) -> None:
        self._field = of
        self._seen = _Seen(of)
        self._lock = threading.Lock()

    def read(self, array: Any) -> tuple[NDArray[Any], Distinct]:
        """Return the codes of an Arrow array of lists of text, and what they stand for; null is code 0."""
        offsets = np.asarray(array.offsets)
        starts = offsets - offsets[0]
        entries, texts = entries_of(array.values.slice(offsets[0], starts[-1]))
        lists = told_apart(as_bytes(entries, starts, arrowdata.known(array)))
        entries = np.frombuffer(lists.dictionary.buffers()[2] or b"", entries.dtype)
        ends = arrowdata.ends(lists.dictionary) // entries.itemsize
        lengths = ends[1:] - ends[:-1]
        longer = np.flatnonzero(lengths > 1)
        with self._lock:
            if self._seen.is_full:
                self._seen = _Seen(self._field)
            seen = self._seen
            numbers, codes_of_texts, names = seen.elements(texts)
        encoded = _encoded(entries, numbers, ends[:-1][longer], lengths[longer], len(names))
        codes_of_keys: NDArray[Any]
        distinct: Distinct
        if encoded is not None and _is_rarely_repeated(encoded, int(np.count_nonzero(starts[1:] - starts[:-1] > 1))):
            codes_of_texts, codes_of_keys, distinct = self._of_batch(encoded.dictionary, numbers, names)
            places = encoded.indices.to_numpy()
        else:
            keys, places = _keys(encoded)
            with self._lock:
                codes_of_keys, distinct = seen.lists(keys, names)
        codes = np.zeros(1 + len(lengths), narrowest(distinct.size))
        codes[1:][lengths == 0] = EMPTY
        codes[1:][lengths == 1] = codes_of_texts[entries[ends[:-1][lengths == 1]]]
        codes[1:][longer] = codes_of_keys[places]
        return _chosen(codes, arrowdata.codes(lists.indices, len(codes))), distinct

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
        ends = arrowdata.ends(keys) // numbers.itemsize
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
    if is_short:
        word = np.uint32 if names <= 32 else np.uint64
        return pc.dictionary_encode(_as_words(entries, numbers, starts, lengths, word))
    own = numbers[entries[places_in(starts, lengths)]]
    return told_apart(as_bytes(own, np.append(0, np.cumsum(lengths))))


def _is_rarely_repeated(encoded: Any, lists: int) -> bool:
    """Whether so many lists have so many distinct keys, of more than 64 elements, that none is worth remembering."""
    count = len(encoded.dictionary)
    is_large = count > MANY or (count > FEW and 2 * count > lists)
    return is_large and not types.is_integer(encoded.dictionary.type)


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


def _chosen(values: NDArray[Any], places: NDArray[Any]) -> NDArray[Any]:
    return gather(arrowdata.arrow(values), places)
