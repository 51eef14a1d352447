"""Which candidates have the same plans: the same rules are wrong with them, and all that was asked has one answer.

What is asked of a candidate hangs on its rules and on the answers so far. So another one with whom the same rules are
wrong, and who answers alike what was asked of the first, would be asked no more, and has the same plans. Of those that
are not like any who was searched, all that was asked of their kind tells one from the other, and one of each is
searched. What was asked and found is remembered from batch to batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.ascending import ascending
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

Asked = Mapping[int, tuple[Bits, Bits]]
"""The numbers of what was asked of some candidates, each with those of whom it was, and those who said yes."""

Searched = tuple[Sequence[Sketch], Asked]
"""What was found of each of some candidates, and what was asked of them."""

_Name = tuple[bytes, int]
"""Of a group: which rules are wrong, and which actions somebody of its batch can do: nobody was asked about others."""


@dataclass(eq=False, slots=True)
class _Group:
    """Candidates with whom the same rules are wrong: what was asked of some of them, and what was found by the answers.

    `places` has the numbers of the questions, each with the bit that stands for it. `found` has what was found of those
    who were asked the same questions by their answers: both are bits of a number.
    """

    places: dict[int, int] = field(default_factory=dict)
    found: dict[int, dict[int, Sketch]] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """How many bytes the answers take."""
        return (len(self.places) + 7) // 8

    def placed(self, numbers: Iterable[int]) -> list[int]:
        """Return the places of questions among all of the group."""
        places = self.places
        return [places.setdefault(number, len(places)) for number in numbers]

    def sketch(self, answers: int) -> Sketch | None:
        """Return what was found of a candidate that was asked the same and answered it alike."""
        for asked, found in self.found.items():
            if (sketch := found.get(answers & asked)) is not None:
                return sketch
        return None


class Alike:
    """Finds the plans of many candidates by a search on few of them; several threads may share it."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._groups: dict[_Name, _Group] = {}
        self._count = 0
        self._lock = Lock()

    def of(self, candidates: Encoded, search: Callable[..., Searched]) -> tuple[NDArray[np.int32], list[Sketch]]:
        """Return a number for what is found of each candidate, and what the numbers stand for.

        Parameters
        ----------
        search
            Searches some candidates; it is told by ``living=`` which actions to try, as bits.
        """
        numbers: dict[Sketch, int] = {}
        found = np.full(candidates.rows, OPEN, np.int32)
        answers = Answers(self._moves, candidates)
        living = sum(1 << place for place, bits in enumerate(answers.alive) if bits)
        wrong, of_rows = _told_apart(_wrong(answers))
        rows = np.argsort(of_rows, kind="stable")
        searched = partial(search, living=living)
        with self._lock:  # what one batch has found, the next one need not search
            while len(rows):
                there, starts = np.unique(of_rows[rows], return_index=True)
                names = [(wrong[number], living) for number in there.tolist()]  # what no one can do was asked of none
                sizes = np.diff(starts, append=len(rows))
                found[rows] = self._found(candidates.take(rows), names, sizes, searched, numbers)
                rows = rows[found[rows] == OPEN]
        return found, list(numbers)

    def _found(
        self,
        candidates: Encoded,
        names: Sequence[_Name],
        sizes: NDArray[np.intp],
        search: Callable[[Encoded], Searched],
        numbers: dict[Sketch, int],
    ) -> NDArray[np.int32]:
        """Return a number for what is found of each candidate, if it is; they stand in the order of their groups."""
        known = [self._groups.get(name) for name in names]
        cases, codes = _told_apart(_answered(Answers(self._moves, candidates), known, sizes))
        counts, group_of = np.bincount(codes), np.zeros(len(cases), np.intp)
        group_of[codes] = np.repeat(np.arange(len(names)), sizes)
        examples = np.zeros(len(cases), np.intp)
        examples[codes[::-1]] = np.arange(len(codes))[::-1]
        found = np.full(len(cases), OPEN, np.int32)
        new = []
        for case, (group, text) in enumerate(zip(group_of.tolist(), cases, strict=True)):
            own = known[group]
            if own is not None and (sketch := own.sketch(int.from_bytes(text[4:], "little"))) is not None:
                found[case] = numbers.setdefault(sketch, len(numbers))
            elif own is not None or counts[case] == 1:
                new.append(case)
        if new:
            sketches, asked = search(candidates.take(examples[new]))
            is_known = self._learn([names[group] for group in group_of[new].tolist()], sketches, asked)
            for case, sketch, is_whole in zip(new, sketches, is_known, strict=True):
                if is_whole or counts[case] == 1:
                    found[case] = numbers.setdefault(sketch, len(numbers))
        return found[codes]

    def _learn(self, names: Sequence[_Name], sketches: Sequence[Sketch], asked: Asked) -> list[bool]:
        """Remember what was found of some candidates, which stand in the order of their groups.

        Returns whether each was asked no more than what others of its group were asked before.
        """
        numbers = np.array(list(asked), np.intp)
        whom, answers = (_flags([each[part] for each in asked.values()], len(names)) for part in range(2))
        answers &= whom
        starts = [place for place, name in enumerate(names) if not place or names[place - 1] != name]
        is_known: list[bool] = []
        for (start, end), is_asked in zip(
            pairwise([*starts, len(names)]), np.maximum.reduceat(whom, starts, axis=1).T, strict=True
        ):
            group, own = self._groups.setdefault(names[start], _Group()), np.flatnonzero(is_asked)
            before, places = len(group.places), group.placed(numbers[own].tolist())
            masks, values = (_as_bits(each[own, start:end], places, group.width) for each in (whom, answers))
            is_known += [not mask >> before for mask in masks]
            for mask, value, sketch in zip(masks, values, sketches[start:end], strict=True):
                group.found.setdefault(mask, {})[value] = sketch
        self._count += len(names)
        if self._count > MOST:
            self._groups, self._count = {}, 0
        return is_known


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
    own = [np.array([] if group is None else list(group.places), np.intp) for group in groups]
    numbers = ascending(np.concatenate(own))
    packed = np.array([bytes_of(answers.answer(number), answers.rows) for number in numbers.tolist()])
    width = max([4, *(group.width for group in groups if group is not None)])
    found = np.zeros((answers.rows, 4 + width), np.uint8)
    found[:, :4] = np.repeat(np.arange(len(groups), dtype="<u4"), sizes).view(np.uint8).reshape(-1, 4)
    ends = np.cumsum(sizes)
    for group, asked, start, end in zip(groups, own, (ends - sizes).tolist(), ends.tolist(), strict=True):
        if group is None:
            stop = min(end, start + FIRST)
            found[start:stop, 4:8] = np.arange(1, stop - start + 1, dtype="<u4").view(np.uint8).reshape(-1, 4)
        elif len(asked):
            first, last = start >> 3, (end + 7) >> 3
            some = packed[np.searchsorted(numbers, asked), first:last]
            flags = np.unpackbits(some, axis=1, bitorder="little")[:, start - 8 * first : end - 8 * first]
            found[start:end, 4 : 4 + group.width] = np.packbits(flags, axis=0, bitorder="little").T
    return found


def _told_apart(rows: NDArray[np.uint8]) -> tuple[list[bytes], NDArray[np.intp]]:
    """Return the rows of bytes that occur, in the order in which they do first, and which of them each row is."""
    buffer: Any = pa.py_buffer(np.ascontiguousarray(rows).tobytes())
    encoded: Any = pc.dictionary_encode(
        pa.FixedSizeBinaryArray.from_buffers(pa.binary(rows.shape[1]), len(rows), [None, buffer])
    )
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.intp)


def _flags(bits: Sequence[Bits], count: int) -> NDArray[np.uint8]:
    """Return a row for each of some sets of candidates, which has a flag for each candidate."""
    packed = np.array([bytes_of(each, count) for each in bits], np.uint8).reshape(-1, (count + 7) // 8)
    return np.unpackbits(packed, axis=1, count=count, bitorder="little")


def _as_bits(flags: NDArray[np.uint8], places: Sequence[int], width: int) -> list[int]:
    """Return the flags of each column as one number of so many bytes, of which each row's place is a bit."""
    width = max(width, 1)
    spread = np.zeros((8 * width, flags.shape[1]), np.uint8)
    spread[places] = flags
    packed = np.packbits(spread, axis=0, bitorder="little").T.tobytes()
    return [int.from_bytes(packed[at : at + width], "little") for at in range(0, len(packed), width)]
