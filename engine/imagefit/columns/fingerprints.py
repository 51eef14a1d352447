"""Numbers that stand for texts: the same for the same text in any array, and hardly ever for two different ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns import arrowdata

__all__ = ["fingerprints"]

WORD = 8
_MIX, _TURN = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)
_KEPT = np.array([(1 << 8 * size) - 1 for size in range(WORD + 1)], np.uint64)
"""Of a word that begins with so many bytes of a text, those."""


def fingerprints(texts: Any) -> NDArray[np.uint64]:
    """Return a number for each text of an Arrow array, by its length and all its bytes, eight at a time."""
    ends = arrowdata.ends(texts).astype(np.intp)
    signs = np.append(arrowdata.signs(texts), np.zeros(WORD, np.uint8))
    words: NDArray[Any] = np.ndarray((len(signs) - WORD + 1,), "<u8", signs, strides=(1,))
    lengths = ends[1:] - ends[:-1]
    order = np.argsort(-lengths)  # so that those that are not at their end yet stand together
    starts, lengths = (ends[:-1] - ends[0])[order], lengths[order]
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
