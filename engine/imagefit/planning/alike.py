"""Which candidates have the same plans: the same rules are wrong with them, and all that was asked has one answer.

What is asked of a candidate hangs on its rules and on the answers so far. So what was asked of some candidates with
whom the same rules are wrong tells the others apart, and of those that it does not, one has to be searched; where more
is asked of that one, they are told apart anew. What was asked and found is remembered from batch to batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.planning.answers import Answers
from imagefit.planning.bits import Bits, bytes_of
from imagefit.planning.moves import Moves
from imagefit.planning.planner import Sketch

__all__ = ["Alike", "Searched"]

FIRST = 16
"""Of candidates of whose kind nothing was asked yet, so many are searched first."""

MOST = 1 << 18
"""So many cases are remembered."""

OPEN = -1
"""The number of a candidate of which nothing was found yet."""

Searched = tuple[Sequence[Sketch], Mapping[int, Bits]]
"""What was found of each of some candidates, and the numbers of what was asked, each with those of whom it was."""


@dataclass(eq=False, slots=True)
class _Group:
    """Candidates with whom the same rules are wrong: what is asked of them, and what was found by the answers."""

    questions: NDArray[np.intp]
    found: dict[bytes, Sketch] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """How many bytes the answers take."""
        return (len(self.questions) + 7) // 8


class Alike:
    """Finds the plans of many candidates by a search on few of them; several threads may share it."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._groups: dict[bytes, _Group] = {}
        self._count = 0
        self._lock = Lock()

    def of(
        self, candidates: Encoded, search: Callable[[Encoded, int], Searched]
    ) -> tuple[NDArray[np.int32], list[Sketch]]:
        """Return a number for what is found of each candidate, and what the numbers stand for.

        Parameters
        ----------
        search
            Searches some candidates; it is told which actions to try, as bits.
        """
        numbers: dict[Sketch, int] = {}
        found = np.full(candidates.rows, OPEN, np.int32)
        with self._lock:  # what one batch has found, the next one need not search
            while len(rows := np.flatnonzero(found == OPEN)):
                some = candidates if len(rows) == len(found) else candidates.take(rows)
                names, groups = _told_apart(_wrong(Answers(self._moves, some)))
                rows = rows[np.argsort(groups, kind="stable")]
                found[rows] = self._found(candidates.take(rows), names, np.bincount(groups), search, numbers)
        return found, list(numbers)

    def _found(
        self,
        candidates: Encoded,
        names: Sequence[bytes],
        sizes: NDArray[np.intp],
        search: Callable[[Encoded, int], Searched],
        numbers: dict[Sketch, int],
    ) -> NDArray[np.int32]:
        """Return a number for what is found of each candidate, if it is; they stand in the order of their groups."""
        answers = Answers(self._moves, candidates)
        known = [self._groups.get(name) for name in names]
        cases, codes = _told_apart(_answered(answers, known, sizes))
        counts, group_of = np.bincount(codes), np.zeros(len(cases), np.intp)
        group_of[codes] = np.repeat(np.arange(len(names)), sizes)
        examples = np.zeros(len(cases), np.intp)
        examples[codes[::-1]] = np.arange(len(codes))[::-1]
        found = np.full(len(cases), OPEN, np.int32)
        new = []
        for case, (group, texts) in enumerate(zip(group_of.tolist(), cases, strict=True)):
            own = known[group]
            if own is not None and (sketch := own.found.get(texts[4 : 4 + own.width])) is not None:
                found[case] = numbers.setdefault(sketch, len(numbers))
            elif own is not None or counts[case] == 1:
                new.append(case)
        if new:
            living = sum(1 << place for place, bits in enumerate(answers.alive) if bits)
            sketches, asked = search(candidates.take(examples[new]), living)
            starts = np.flatnonzero(np.diff(group_of[new], prepend=-1))
            for (first, end), questions in zip(
                pairwise([*starts.tolist(), len(new)]), _by_group(asked, len(new), starts), strict=True
            ):
                group = group_of[new[first]]
                own = known[group]
                more = questions if own is None else np.setdiff1d(questions, own.questions)
                if own is None or len(more):
                    every = more if own is None else np.concatenate([own.questions, more])
                    self._groups[names[group]] = _Group(every)
                for case, sketch in zip(new[first:end], sketches[first:end], strict=True):
                    if counts[case] == 1 or not len(more):
                        found[case] = numbers.setdefault(sketch, len(numbers))
                    if own is not None and not len(more):
                        own.found[cases[case][4 : 4 + own.width]] = sketch
            self._remember(len(new))
        return found[codes]

    def _remember(self, count: int) -> None:
        self._count += count
        if self._count > MOST:
            self._groups, self._count = {}, 0


def _wrong(answers: Answers) -> NDArray[np.uint8]:
    """Return which rules are wrong with candidates, as far as it matters: where there is no hope, none."""
    fits, clears = answers.hopeful("not_passing"), answers.hopeful("worse")
    outcomes = [answers.outcome(rule, {}) for rule in answers.moves.errors(answers.moves.operation)]
    bits = [fits, clears, *(o.failing & (fits | clears) for o in outcomes), *(o.not_passing & fits for o in outcomes)]
    packed = np.array([bytes_of(each, answers.rows) for each in bits])
    return np.packbits(np.unpackbits(packed, axis=1, count=answers.rows, bitorder="little"), axis=0).T


def _answered(answers: Answers, groups: Sequence[_Group | None], sizes: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Return a row of bytes for each candidate: its group, and the answers to what is asked of that.

    Of a group of which nothing was asked yet, the first candidates have each a row of their own.
    """
    numbers = np.unique(np.concatenate([np.zeros(0, np.intp), *(g.questions for g in groups if g is not None)]))
    packed = np.array([bytes_of(answers.answer(number), answers.rows) for number in numbers.tolist()])
    width = max([4, *(group.width for group in groups if group is not None)])
    found = np.zeros((answers.rows, 4 + width), np.uint8)
    found[:, :4] = np.repeat(np.arange(len(groups), dtype="<u4"), sizes).view(np.uint8).reshape(-1, 4)
    ends = np.cumsum(sizes)
    for group, start, end in zip(groups, (ends - sizes).tolist(), ends.tolist(), strict=True):
        if group is None:
            stop = min(end, start + FIRST)
            found[start:stop, 4:8] = np.arange(1, stop - start + 1, dtype="<u4").view(np.uint8).reshape(-1, 4)
        elif len(group.questions):
            first, last = start >> 3, (end + 7) >> 3
            some = packed[np.searchsorted(numbers, group.questions), first:last]
            flags = np.unpackbits(some, axis=1, bitorder="little")[:, start - 8 * first : end - 8 * first]
            found[start:end, 4 : 4 + group.width] = np.packbits(flags, axis=0).T
    return found


def _told_apart(rows: NDArray[np.uint8]) -> tuple[list[bytes], NDArray[np.intp]]:
    """Return the rows of bytes that occur, in the order in which they do first, and which of them each row is."""
    buffer: Any = pa.py_buffer(np.ascontiguousarray(rows).tobytes())
    encoded: Any = pc.dictionary_encode(
        pa.FixedSizeBinaryArray.from_buffers(pa.binary(rows.shape[1]), len(rows), [None, buffer])
    )
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.intp)


def _by_group(asked: Mapping[int, Bits], count: int, starts: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Yield the numbers of what was asked of each group of some candidates, by where the groups start."""
    numbers = np.array(list(asked), np.intp)
    packed = np.array([bytes_of(bits, count) for bits in asked.values()], np.uint8).reshape(-1, (count + 7) // 8)
    flags = np.unpackbits(packed, axis=1, count=count, bitorder="little")
    for own in np.maximum.reduceat(flags, starts, axis=1).T:
        yield numbers[np.flatnonzero(own)]
