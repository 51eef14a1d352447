"""Rows of bits, 64 to a word: one bit for each ECS (or whatever the other side of a pair is).

The last word is padded with zeros. Nothing here knows what a bit means.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "EVERY",
    "NOTHING",
    "Indices",
    "Words",
    "bits_of",
    "count_bits",
    "count_columns",
    "one_hot",
    "pack_bits",
    "positions",
    "scattered",
    "width",
]

Words = NDArray[np.uint64]
"""An array of words; the last axis runs over the words of a row."""

Indices = NDArray[np.integer[Any]]

_BYTE, _ROWS = 128, 1024

EVERY = np.uint64(2**64 - 1)
NOTHING = np.uint64(0)


def width(bits: int) -> int:
    """Return how many words hold that many bits."""
    return -(-bits // 64)


def pack_bits(flags: NDArray[np.bool_]) -> Words:
    """Pack booleans along the last axis into words."""
    *shape, bits = flags.shape
    padded = np.zeros((*shape, width(bits) * 8), dtype=np.uint8)
    packed = np.packbits(flags, axis=-1, bitorder="little")
    padded[..., : packed.shape[-1]] = packed
    return padded.view("<u8").astype(np.uint64, copy=False)


def bits_of(words: Words, bits: int | None = None) -> NDArray[np.uint8]:
    """Return the bits of each row as zeros and ones, `bits` of them (by default with the padding)."""
    as_bytes = np.ascontiguousarray(words).astype("<u8", copy=False).view(np.uint8)
    return np.unpackbits(as_bytes, axis=-1, count=bits, bitorder="little")


def positions(words: Words) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return row and bit number of every bit that is set, row by row, in order."""
    rows, at = np.nonzero(words)
    inner, bit = np.nonzero(bits_of(words[rows, at][:, None]))
    return rows[inner], at[inner] * 64 + bit


def one_hot(codes: Indices, kinds: int) -> Words:
    """Return a row for each of `kinds` codes, with the bits of the positions that have the code."""
    return scattered(codes, np.arange(len(codes)), kinds, len(codes))


def scattered(rows: Indices, bits: Indices, kinds: int, count: int) -> Words:
    """Return `kinds` rows of `count` bits, of which these are set: of each row given, the bit that goes with it."""
    words = np.zeros((kinds, width(count)), dtype=np.uint64)
    np.bitwise_or.at(words, (rows, bits >> 6), np.uint64(1) << (bits & 63).astype(np.uint64))
    return words


def count_bits(words: Words) -> NDArray[np.int64]:
    """Return how many bits are set in each row."""
    counts = np.bitwise_count(words).astype(np.float64) @ np.ones(words.shape[-1])  # exact, and faster than a sum
    return counts.astype(np.int64)


def count_columns(words: Words) -> NDArray[np.int64]:
    """Return for each bit of a row (padding included) in how many rows it is set."""
    counts = np.zeros(words.shape[-1] * 64, dtype=np.int64)
    for start in range(0, len(words), _ROWS):
        bits = bits_of(words[start : start + _ROWS])
        many = len(bits) // _BYTE
        whole = many * _BYTE  # so many rows can be added in bytes
        parts = bits[:whole].reshape(many, _BYTE, bits.shape[1]).sum(axis=1, dtype=np.uint8)
        counts += parts.sum(axis=0, dtype=np.int64)
        counts += bits[whole:].sum(axis=0, dtype=np.int64)
    return counts
