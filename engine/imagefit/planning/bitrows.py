"""Sets of candidates as rows of bytes: a row for each candidate, whose bits say in which sets it is; and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.kernel.library import compiled, is_compiled
from imagefit.planning.covering import Bits

__all__ = ["BITS", "WORD", "numbers_of", "sets_of", "spread", "texts_of", "told_apart"]

WORD = 8
"""A row has bytes in words of so many."""

BITS = 8 * WORD
"""So many bits has a word."""


def spread(sets: Sequence[Bits], rows: int) -> NDArray[np.uint8]:
    """Return a row of whole words of bytes for each of so many candidates: its bit n says whether it is in set n."""
    size, words = -(-rows // 8), max(1, -(-len(sets) // BITS))
    if is_compiled():
        texts = [each.to_bytes(size, "little") if each else None for each in sets]
        return compiled().rows(texts, rows, words).view(np.uint8)
    found, part = np.zeros((8 * size, words), np.uint64), np.zeros((size, 8, WORD), np.uint8)
    for word in range(words):
        for byte in range(WORD):
            own = sets[BITS * word + 8 * byte : BITS * word + 8 * byte + 8]
            blocks = np.zeros((size, 8), np.uint8)
            for number, each in enumerate(own):
                if each:
                    blocks[:, number] = np.frombuffer(each.to_bytes(size, "little"), np.uint8)
            if any(own):
                _turn(blocks)
            part[:, :, byte] = blocks
        found[:, word] = part.reshape(-1, WORD).view(np.uint64)[:, 0]
    return found[:rows].view(np.uint8)


def sets_of(rows: NDArray[np.uint8]) -> list[Bits]:
    """Return the sets that candidates are in, by a row of bytes for each; there are eight for each byte."""
    count, width = rows.shape
    blocks = np.zeros((width, -(-count // 8), 8), np.uint8)
    blocks.reshape(width, -1)[:, :count] = rows.T
    for each in blocks:
        if each.any():
            _turn(each)
    return numbers_of(blocks.transpose(0, 2, 1).reshape(8 * width, -1))


def _turn(blocks: NDArray[np.uint8]) -> None:
    """Turn blocks of eight rows of eight bits round their diagonals."""
    words = blocks.view("<u8")
    for shift, where in _TURNS:
        turned = (words >> shift) ^ words
        turned &= where
        words ^= turned
        turned <<= shift
        words ^= turned


_TURNS = [
    (np.uint64(7), np.uint64(0x00AA00AA00AA00AA)),
    (np.uint64(14), np.uint64(0x0000CCCC0000CCCC)),
    (np.uint64(28), np.uint64(0x00000000F0F0F0F0)),
]
"""How a block of bits is turned round: parts of it by so many bits, in three steps."""


def numbers_of(rows: NDArray[np.uint8]) -> list[int]:
    """Return each row of bytes as one number."""
    return [int.from_bytes(each, "little") for each in texts_of(rows)]


def texts_of(rows: NDArray[np.uint8]) -> list[bytes]:
    """Return each row of bytes."""
    width, packed = rows.shape[1], rows.tobytes()
    return [packed[at : at + width] for at in range(0, len(packed), width)]


def told_apart(rows: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places where rows of bytes that occur first do, and which of them each row is."""
    packed: Any = np.ascontiguousarray(rows)
    encoded: Any = pc.dictionary_encode(
        pa.FixedSizeBinaryArray.from_buffers(pa.binary(rows.shape[1]), len(rows), [None, pa.py_buffer(packed)])
    )
    codes = encoded.indices.to_numpy().astype(np.intp)
    examples = np.zeros(len(encoded.dictionary), np.intp)
    examples[codes[::-1]] = np.arange(len(codes))[::-1]
    return examples, codes
