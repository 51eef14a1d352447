"""Numbers that stand for texts: the same for the same text in any array, and hardly ever for two different ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns import arrowdata
from imagefit.kernel.library import compiled, is_compiled

__all__ = ["are_surely_distinct", "fingerprints", "marks"]

WORD = 8
_MIX, _TURN = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)
_KEPT = np.array([(1 << 8 * size) - 1 for size in range(WORD + 1)], np.uint64)
"""Of a word that begins with so many bytes of a text, those."""


SOME = 7
"""Of so many words of a text its mark is made."""


def marks(texts: Any) -> NDArray[np.uint64]:
    """Return a number for each text of an Arrow array, by its length and some of its bytes: for a quick look.

    Where there is compiled code, it is the fingerprint, which that has as quickly.
    """
    if is_compiled():
        return fingerprints(texts)
    words, starts, lengths = _words(texts)
    most, kept = np.maximum(lengths - WORD, 0), _KEPT[np.minimum(lengths, WORD)]
    found = lengths.astype(np.uint64)
    for place in range(SOME):
        found ^= words[starts + most * place // (SOME - 1)] & kept
        found *= _MIX
        found ^= found >> _TURN
    return found


def fingerprints(texts: Any) -> NDArray[np.uint64]:
    """Return a number for each text of an Arrow array, by its length and all its bytes, eight at a time."""
    if is_compiled():
        bounds = arrowdata.ends(texts)
        return compiled().hashes(arrowdata.signs(texts), bounds - bounds[0])
    words, begins, lengths = _words(texts)
    order = np.argsort(-lengths)  # so that those that are not at their end yet stand together
    starts, lengths = begins[order], lengths[order]
    last, kept = starts + np.maximum(lengths - WORD, 0), _KEPT[np.minimum(lengths, WORD)]
    own = lengths.astype(np.uint64)
    for place in range(0, int(lengths.max(initial=0)), WORD):
        left = own[: np.searchsorted(-lengths, -place)]
        left ^= words[np.minimum(starts[: len(left)] + place, last[: len(left)])] & kept[: len(left)]
        left *= _MIX
        left ^= left >> _TURN
    found = np.empty_like(own)
    found[order] = own
    return found


def are_surely_distinct(texts: Any) -> bool:
    """Whether no two texts have one fingerprint, where there is compiled code: a fraction of what comparing takes."""
    if not is_compiled():
        return False
    found = np.sort(fingerprints(texts))
    return not bool((found[1:] == found[:-1]).any())


def _words(texts: Any) -> tuple[NDArray[Any], NDArray[np.intp], NDArray[np.intp]]:
    """Return the words that begin with each byte of some texts, and where each text begins and how long it is."""
    ends = arrowdata.ends(texts).astype(np.intp)
    signs = np.append(arrowdata.signs(texts), np.zeros(WORD, np.uint8))
    words: NDArray[Any] = np.ndarray((len(signs) - WORD + 1,), "<u8", signs, strides=(1,))
    return words, ends[:-1] - ends[0], ends[1:] - ends[:-1]
