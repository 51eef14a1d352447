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
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.planning.answers import Answers
from imagefit.planning.bitrows import BITS, WORD, numbers_of, sets_of, spread, texts_of, told_apart
from imagefit.planning.covering import Bits, covering, union
from imagefit.planning.moves import FAILING, NOT_PASSING, PARTS, WORSE, Moves
from imagefit.planning.planner import Sketch
from imagefit.planning.search import MOST_STEPS

__all__ = ["Alike", "Searched"]

FIRST = 12
"""Of candidates of whose kind nothing was asked yet, so many are searched first."""

MOST = 1 << 18
"""So many cases are remembered."""

OPEN = -1
"""The number of a candidate of which nothing was found yet."""

FEW = 16
"""Of a case of a known kind all candidates are searched, where they are so few: they need not be told apart again."""

BEGINNING = (1 << 240) - 1
"""The first of some candidates."""

Asked = Mapping[int, tuple[Bits, Bits]]
"""The numbers of what was asked of some candidates, each with those of whom it was, and those who said yes."""

Searched = tuple[Sequence[Sketch], Asked]
"""What was found of each of some candidates, and what was asked of them."""

_Name = tuple[bytes, int]
"""Of a group: which rules are wrong, and which actions somebody of its batch can do: nobody was asked about others."""


@dataclass(eq=False, slots=True)
class _Group:
    """Candidates with whom the same rules are wrong: what was asked of some of them, and what was found by the answers.

    `found` has what was found by what was asked of one, and then by the answers. These are bits of a number, and a
    question has the same place in all groups.
    """

    number: int
    asked: int = 0
    found: dict[int, dict[int, Sketch]] = field(default_factory=dict)

    def sketch(self, row: NDArray[np.uint8]) -> Sketch | None:
        """Return what was found of a candidate that was asked the same and answered it as a row of bytes says."""
        answers = int.from_bytes(row.tobytes(), "little")
        for asked, found in self.found.items():
            if (sketch := found.get(answers & asked)) is not None:
                return sketch
        return None


class _Told(NamedTuple):
    """Answers of some candidates: a row of bytes for each, whose bits stand for questions that have the same answers.

    `bits` has the bit of each question; far fewer questions differ than are asked.
    """

    bits: Mapping[int, int]
    rows: NDArray[np.uint8]

    @classmethod
    def by(cls, answers: Answers, questions: Iterable[int]) -> _Told:
        """Return the answers to some questions."""
        sets: list[Bits] = []
        alike: dict[tuple[int, int], list[int]] = {}  # what begins alike and is as long: a hash of a set takes longer
        bits = {}
        for number in questions:
            yes = answers.yes[number]
            places = alike.setdefault((yes & BEGINNING, yes.bit_length()), [])
            if (found := next((place for place in places if sets[place] == yes), None)) is None:
                found = len(sets)
                places.append(found)
                sets.append(yes)
            bits[number] = found
        return cls(bits, spread(sets, answers.rows))

    def of(self, some: NDArray[np.intp]) -> Mapping[int, Bits]:
        """Return where some of the candidates answered with yes."""
        sets = sets_of(self.rows[some])
        return {number: sets[bit] for number, bit in self.bits.items()}

    def asked(self, by_question: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return rows of bytes whose bits stand for the questions as rows of bytes such as these."""
        of_questions = np.array(list(self.bits.values()), np.intp)
        order = np.argsort(of_questions, kind="stable")
        flags = np.unpackbits(by_question, axis=1, bitorder="little")[:, order]
        starts = np.searchsorted(of_questions[order], np.arange(1 + max(self.bits.values(), default=0)))
        return _packed(np.bitwise_or.reduceat(flags, starts, axis=1))


def _packed(flags: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return rows of flags as rows of bits, in whole words."""
    count, width = flags.shape
    found = np.zeros((count, WORD * max(1, -(-width // BITS))), np.uint8)
    packed = np.packbits(flags, axis=1, bitorder="little")
    found[:, : packed.shape[1]] = packed
    return found


class _Numbers:
    """Numbers sketches; equal ones that are not the same may have several numbers, for to hash one takes long."""

    def __init__(self) -> None:
        self.sketches: list[Sketch] = []
        self._numbers: dict[int, int] = {}

    def of(self, sketch: Sketch) -> int:
        """Return the number of a sketch."""
        if (found := self._numbers.get(id(sketch))) is None:
            found = self._numbers[id(sketch)] = len(self.sketches)
            self.sketches.append(sketch)  # which keeps it, and so its id
        return found


class Alike:
    """Finds the plans of many candidates by a search on few of them; several threads may share it."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._groups: dict[_Name, _Group] = {}
        self._places: dict[int, int] = {}
        self._seen: dict[bytes, Sketch] = {}
        self._forget()
        self._lock = Lock()

    def of(self, candidates: Encoded, search: Callable[..., Searched]) -> tuple[NDArray[np.int32], list[Sketch]]:
        """Return a number for what is found of each candidate, and what the numbers stand for.

        Parameters
        ----------
        search
            Searches some candidates, with where questions about them are answered with yes, as far as that is known; it
            is told by ``living=`` which actions to try, as bits.
        """
        numbers = _Numbers()
        answers = Answers(self._moves, candidates)
        living = answers.living
        wrong, of_rows = _wrong(answers, living)
        names = [(each, living) for each in wrong]  # what no one can do was asked of none
        searched = partial(search, living=living)
        hopeless = np.array([not any(each) for each in wrong])
        found = np.where(hopeless[of_rows], numbers.of(Sketch()), OPEN).astype(np.int32)
        told = None
        with self._lock:  # what one batch has found, the next one need not search
            while len(rows := np.flatnonzero(found == OPEN)):
                if 2 * len(rows) > len(found):  # most questions are answered for all of them
                    found, told = self._found(candidates, answers, names, of_rows, searched, numbers)
                    continue
                rest = candidates.take(rows)
                own = Answers(self._moves, rest, (told or _Told.by(answers, answers.yes)).of(rows))
                found[rows], _ = self._found(rest, own, names, of_rows[rows], searched, numbers)
        return found, numbers.sketches

    def _found(
        self,
        candidates: Encoded,
        answers: Answers,
        names: Sequence[_Name],
        of_rows: NDArray[np.intp],
        search: Callable[[Encoded, Mapping[int, Bits]], Searched],
        numbers: _Numbers,
    ) -> tuple[NDArray[np.int32], _Told]:
        """Return a number for what is found of each candidate, if it is, and what all of them answered.

        `of_rows` says which name the group of each has.
        """
        groups = [self._groups.get(name) for name in names]
        told, seen = _Told.by(answers, self._places), self._seen
        asked = _asked(groups, len(self._places))
        is_new = [group is None for group in groups]
        examples, codes = told_apart(_answered(told.rows, told.asked(asked), of_rows, is_new))
        counts, group_of = np.bincount(codes), of_rows[examples]
        own_answers = spread(list(told.of(examples).values()), len(examples)) & asked[group_of]
        keys = _keys(groups, group_of, own_answers)
        found = np.array([OPEN if (own := seen.get(key)) is None else numbers.of(own) for key in keys], np.int32)
        new = []
        for case in np.flatnonzero(found == OPEN).tolist():
            group = groups[group_of[case]]
            sketch = None if group is None else group.sketch(own_answers[case])
            if sketch is not None:
                found[case], seen[keys[case]] = numbers.of(sketch), sketch
            elif group is not None or counts[case] == 1:
                new.append(case)
        of_each = found[codes]
        if new:
            is_new_and_few = np.zeros(len(examples), np.bool_)
            is_new_and_few[new] = counts[new] <= FEW
            few, many = np.flatnonzero(is_new_and_few[codes]), [case for case in new if counts[case] > FEW]
            some = np.concatenate([few, examples[many]])
            sketches, were_asked = search(candidates.take(some), told.of(some))
            is_known = self._learn([names[group] for group in of_rows[some].tolist()], sketches, were_asked)
            own_numbers = [numbers.of(sketch) for sketch in sketches]
            of_each[few] = own_numbers[: len(few)]
            for case, number, is_whole in zip(many, own_numbers[len(few) :], is_known[len(few) :], strict=True):
                if is_whole:
                    of_each[codes == case] = number
        return of_each, told

    def _learn(self, names: Sequence[_Name], sketches: Sequence[Sketch], asked: Asked) -> list[bool]:
        """Remember what was found of some candidates of named groups.

        Returns whether each was asked no more than what others of its group were asked before.
        """
        alike = 0, (1 << len(names)) - 1
        order = sorted(asked, key=lambda number: asked[number][1] in alike)  # what all answer alike stands together
        places = {self._places.setdefault(number, len(self._places)): asked[number] for number in order}
        every = [places.get(place, (0, 0)) for place in range(len(self._places))]
        parts = [whom for whom, _ in every], [whom & yes for whom, yes in every]
        masks, values = (numbers_of(spread(each, len(names))) for each in parts)
        for name in names:
            if name not in self._groups:
                self._groups[name] = _Group(1 + len(self._groups))
        groups = [self._groups[name] for name in names]
        is_known = [not mask & ~group.asked for mask, group in zip(masks, groups, strict=True)]
        for group, mask, value, sketch in zip(groups, masks, values, sketches, strict=True):
            group.asked |= mask
            group.found.setdefault(mask, {})[value] = sketch
        self._count += len(names)
        if self._count + len(self._seen) > MOST:
            self._forget()
        return is_known

    def _forget(self) -> None:
        every = (*self._moves.alive, *(first + part for first in self._moves.first for part in range(PARTS)))
        self._groups, self._seen, self._count = {}, {}, 0
        self._places = {number: place for place, number in enumerate(every)}  # what is known of all need not be asked


def _wrong(answers: Answers, living: int) -> tuple[list[bytes], NDArray[np.intp]]:
    """Return which rules are wrong with candidates, as far as it matters, and which of these each candidate has.

    It does not matter where there is no hope: nothing that may mend a rule can be done, or more has to be than a plan
    has steps.
    """
    moves, parts = answers.moves, (NOT_PASSING, FAILING)
    hopes = answers.hopeful(NOT_PASSING), answers.hopeful(WORSE)
    wrong = [answers.yes[n + part] & hope for hope, part in zip(hopes, parts, strict=True) for n in moves.first]
    rows = spread([*hopes, *wrong], answers.rows)
    kinds, of_rows = told_apart(rows)
    bits = sets_of(rows[kinds])
    touchers = [moves.touchers(rule.facts) & living for rule in moves.errors(moves.operation)]
    found: list[Bits] = []
    for hope, at in zip(bits[:2], (2, 2 + len(touchers)), strict=True):
        own = bits[at : at + len(touchers)]
        there = [each for each in zip(touchers, own, strict=True) if each[1]]
        mended = union(rows for _, rows in covering(there, hope, MOST_STEPS))
        found += [mended, *(each & mended for each in own)]
    rows = spread(found, len(kinds))
    names, of_kinds = told_apart(rows)
    return texts_of(rows[names]), of_kinds[of_rows]


def _asked(groups: Sequence[_Group | None], questions: int) -> NDArray[np.uint8]:
    """Return what was asked of some groups, of so many questions: a row of bytes for each."""
    width = WORD * max(1, -(-questions // BITS))
    asked = b"".join([(0 if group is None else group.asked).to_bytes(width, "little") for group in groups])
    return np.frombuffer(asked, np.uint8).reshape(-1, width)


def _keys(groups: Sequence[_Group | None], group_of: NDArray[np.intp], answers: NDArray[np.uint8]) -> list[bytes]:
    """Return what is known of cases by: the number of the group of each, which is 0 if it is new, and the answers."""
    numbers = np.array([0 if group is None else group.number for group in groups], np.uint64)
    rows = np.column_stack((numbers[group_of], answers.view(np.uint64)))
    return [text.rstrip(b"\0") for text in texts_of(rows.view(np.uint8))]  # more questions come later


def _answered(
    told: NDArray[np.uint8], asked: NDArray[np.uint8], of_rows: NDArray[np.intp], is_new: Sequence[bool]
) -> NDArray[np.uint8]:
    """Return a row of bytes for each candidate: its group, and the answers to what is asked of that.

    Of a group of which nothing was asked yet, the first candidates have each a row of their own.
    """
    numbered = np.column_stack((np.arange(len(asked), dtype=np.uint64), asked.view(np.uint64)))
    found = numbered.take(of_rows, axis=0)
    found[:, 1:] &= told.view(np.uint64)
    new = np.flatnonzero(np.array(is_new)[of_rows])
    narrow = np.uint16 if len(asked) < 1 << 16 else np.intp  # which are sorted faster
    order = new[np.argsort(of_rows[new].astype(narrow), kind="stable")]
    _, starts, sizes = np.unique(of_rows[order], return_index=True, return_counts=True)
    within = np.arange(1, len(order) + 1) - np.repeat(starts, sizes)
    found[order, 0] += np.where(within <= FIRST, within, 0).astype(np.uint64) << np.uint64(32)
    return found.view(np.uint8)
