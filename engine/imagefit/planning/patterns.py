"""Patterns of answers: which of them each of many candidates fits, as rows of bits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from imagefit.kernel.library import compiled, is_compiled

__all__ = ["NONE", "Patterns"]

NONE = -1
"""The number of the pattern of a candidate that fits none."""

T = TypeVar("T")

Words = NDArray[np.uint64]
"""Words of 64 bits *(rows, words)*; where others have more words, those that are missing are 0."""


class Patterns(Generic[T]):
    """Answers by which something was found, of groups that are told by numbers from 1 on.

    Attributes
    ----------
    found
        What was found by each pattern.
    """

    def __init__(self) -> None:
        self.found: list[T] = []
        self._groups = np.zeros(0, np.int32)
        self._patterns = np.zeros((0, 2, 1), np.uint64)
        self._fitted = np.zeros(0, np.int64)

    def add(self, groups: Sequence[int], asked: Words, answers: Words, found: Sequence[T]) -> None:
        """Add some patterns, each of a group: what was asked, and which of that was answered with yes."""
        self.found += found
        self._groups = np.concatenate((self._groups, np.array(groups, np.int32)))
        self._patterns = np.concatenate(_alike_wide(self._patterns, np.stack((asked, answers), axis=1)))
        self._fitted = np.concatenate((self._fitted, np.zeros(len(found), np.int64)))

    def fitting(self, rows: Words, groups: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the number of a pattern of its group that each row fits, or `NONE`; what fits most is tried first."""
        order = np.lexsort((-self._fitted, self._groups))
        last = max(int(groups.max(initial=0)), int(self._groups.max(initial=0)))
        first = np.searchsorted(self._groups[order], np.arange(last + 2)).astype(np.int32)
        patterns, rows = (np.ascontiguousarray(each) for each in _alike_wide(self._patterns[order], rows))
        places = (compiled().fits if is_compiled() else _fits)(rows, groups, first, patterns)
        found = np.full(len(rows), NONE, np.int32)
        there = places >= 0
        found[there] = order[places[there]]
        self._fitted += np.bincount(found[there], minlength=len(order))
        return found


def _alike_wide(*arrays: Words) -> list[Words]:
    """Return arrays with as many words as the widest has."""
    most = max(array.shape[-1] for array in arrays)
    return [
        each if each.shape[-1] == most else np.pad(each, [(0, 0)] * (each.ndim - 1) + [(0, most - each.shape[-1])])
        for each in arrays
    ]


def _fits(rows: Words, groups: NDArray[np.int32], first: NDArray[np.int32], patterns: Words) -> NDArray[np.int32]:
    """Return what the kernel does: the first patterns are tried of all rows, then the second ones, and so on."""
    found = np.full(len(rows), NONE, np.int32)
    left = np.flatnonzero(first[groups] < first[groups + 1])
    at, end = first[groups[left]], first[groups[left] + 1]
    while len(left):
        tried = patterns.take(at, axis=0)
        is_fit = ((rows[left] & tried[:, 0]) == tried[:, 1]).all(axis=1)
        found[left[is_fit]] = at[is_fit]
        at += 1
        rest = np.flatnonzero(~is_fit & (at < end))
        left, at, end = left[rest], at[rest], end[rest]
    return found
