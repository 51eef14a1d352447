"""Which candidates have the same plans: the same rules are wrong with them, and all that was asked has one answer.

What is asked of a candidate hangs on its rules and on the answers so far. So another one with whom the same rules are
wrong, and who answers alike what was asked of the first, would be asked no more, and has the same plans. Of those that
are not like any who was searched, all that was asked of their kind tells one from the other, and one of each is
searched. What was asked and found is remembered from batch to batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.planning.answers import Answers
from imagefit.planning.bitrows import WORD, numbers_of, sets_of, spread, texts_of, told_apart
from imagefit.planning.bits import bits_of
from imagefit.planning.covering import Bits, covering, union
from imagefit.planning.moves import FAILING, NOT_PASSING, PARTS, WORSE, Moves
from imagefit.planning.patterns import NONE, Patterns
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

Asked = Mapping[int, tuple[Bits, Bits]]
"""The numbers of what was asked of some candidates, each with those of whom it was, and those who said yes."""

Searched = tuple[Sequence[Sketch], Asked]
"""What was found of each of some candidates, and what was asked of them."""

_Name = tuple[bytes, int]
"""Of a group: which rules are wrong, and which actions somebody of its batch can do: nobody was asked about others."""


@dataclass(eq=False, slots=True)
class _Group:
    """Candidates with whom the same rules are wrong.

    Attributes
    ----------
    asked
        What was asked of some of them, as bits: a question has the same place in all groups.
    known
        What was asked of one and then the answers, as bits, for each of whom something was found.
    """

    number: int
    asked: int = 0
    known: set[tuple[int, int]] = field(default_factory=set)


class _Told(NamedTuple):
    """Answers of some candidates: for each a row of bits, which stand for the questions by their places."""

    questions: Sequence[int]
    words: NDArray[np.uint64]

    @classmethod
    def by(cls, answers: Answers, questions: Sequence[int]) -> _Told:
        """Return the answers to some questions."""
        return cls(questions, spread([answers.yes[number] for number in questions], answers.rows).view(np.uint64))

    def of(self, some: NDArray[np.intp]) -> Mapping[int, Bits]:
        """Return where some of the candidates answered with yes."""
        return dict(zip(self.questions, sets_of(self.words[some].view(np.uint8)), strict=False))


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
        self._patterns = Patterns[Sketch]()
        self._forget()
        self._lock = Lock()

    def of(
        self, candidates: Encoded, search: Callable[..., Searched], among: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.int32], list[Sketch]]:
        """Return a number for what is found of each candidate, and what the numbers stand for.

        Parameters
        ----------
        search
            Searches some candidates, with where questions about them are answered with yes, as far as that is known; it
            is told by ``living=`` which actions to try, as bits.
        among
            The candidates whose plans are wanted: of the others, there are none. None: of all.
        """
        numbers = _Numbers()
        answers = Answers(self._moves, candidates)
        living = answers.living
        told = _Told.by(answers, list(self._places))
        wrong, of_rows = _wrong(answers, living, answers.every if among is None else bits_of(among))
        names = [(each, living) for each in wrong]  # what no one can do was asked of none
        searched = partial(search, living=living)
        hopeless = np.array([not any(each) for each in wrong])
        found = np.where(hopeless[of_rows], numbers.of(Sketch()), OPEN).astype(np.int32)
        with self._lock:  # what one batch has found, the next one need not search
            while len(rows := np.flatnonzero(found == OPEN)):
                if told.questions != list(self._places):  # there are more, or those before were forgotten
                    told = _Told.by(answers, list(self._places))
                found[rows] = self._found(candidates, told, names, of_rows[rows], rows, searched, numbers)
        return found, numbers.sketches

    def _found(
        self,
        candidates: Encoded,
        told: _Told,
        names: Sequence[_Name],
        of_rows: NDArray[np.intp],
        rows: NDArray[np.intp],
        search: Callable[[Encoded, Mapping[int, Bits]], Searched],
        numbers: _Numbers,
    ) -> NDArray[np.int32]:
        """Return a number for what is found of the candidates at some places, of each of whom it is.

        `of_rows` says which name the group of each has.
        """
        groups = [self._groups.get(name) for name in names]
        number_of = np.array([0 if group is None else group.number for group in groups], np.int32)
        words = told.words if len(rows) == len(told.words) else told.words[rows]
        fitting = self._patterns.fitting(words, number_of[of_rows])
        found = np.append(np.zeros(len(self._patterns.found), np.int32), np.int32(OPEN))  # which `NONE` stands for
        for place in np.flatnonzero(np.bincount(fitting[fitting != NONE])).tolist():
            found[place] = numbers.of(self._patterns.found[place])
        of_each: NDArray[np.int32] = found[fitting]
        left = np.flatnonzero(of_each == OPEN)
        if not len(left):
            return of_each
        of_left, is_new = of_rows[left], np.array([group is None for group in groups])
        asked = _asked(groups, words.shape[1])
        examples, codes = told_apart(_answered(words[left], asked, of_left, is_new))
        counts = np.bincount(codes)
        is_searched = ~is_new[of_left[examples]] | (counts == 1)
        few = np.flatnonzero((is_searched & (counts <= FEW))[codes])
        many = np.flatnonzero(is_searched & (counts > FEW))
        some = np.concatenate([few, examples[many]])
        sketches, were_asked = search(candidates.take(rows[left[some]]), told.of(rows[left[some]]))
        is_known = self._learn([names[group] for group in of_left[some].tolist()], sketches, were_asked)
        own_numbers = [numbers.of(sketch) for sketch in sketches]
        of_each[left[few]] = own_numbers[: len(few)]
        for case, number, is_whole in zip(many.tolist(), own_numbers[len(few) :], is_known[len(few) :], strict=True):
            if is_whole:
                of_each[left[codes == case]] = number
        return of_each

    def _learn(self, names: Sequence[_Name], sketches: Sequence[Sketch], asked: Asked) -> list[bool]:
        """Remember what was found of some candidates of named groups.

        Returns whether each was asked no more than what others of its group were asked before.
        """
        alike = 0, (1 << len(names)) - 1
        order = sorted(asked, key=lambda number: asked[number][1] in alike)  # what all answer alike stands together
        places = {self._places.setdefault(number, len(self._places)): asked[number] for number in order}
        every = [places.get(place, (0, 0)) for place in range(len(self._places))]
        parts = [whom for whom, _ in every], [whom & yes for whom, yes in every]
        rows = [spread(each, len(names)) for each in parts]
        masks, values = map(numbers_of, rows)
        for name in names:
            if name not in self._groups:
                self._groups[name] = _Group(1 + len(self._groups))
        groups = [self._groups[name] for name in names]
        is_known = [not mask & ~group.asked for mask, group in zip(masks, groups, strict=True)]
        new = []
        for row, (group, mask, value) in enumerate(zip(groups, masks, values, strict=True)):
            group.asked |= mask
            if (mask, value) not in group.known:
                group.known.add((mask, value))
                new.append(row)
        asked_of_new, answers = (each[new].view(np.uint64) for each in rows)
        self._patterns.add([groups[n].number for n in new], asked_of_new, answers, [sketches[n] for n in new])
        if len(self._patterns.found) > MOST:
            self._forget()
        return is_known

    def _forget(self) -> None:
        every = (*self._moves.alive, *(first + part for first in self._moves.first for part in range(PARTS)))
        self._groups, self._patterns = {}, Patterns()
        # what is known of all need not be asked
        self._places = {number: place for place, number in enumerate(dict.fromkeys(every))}


def _wrong(answers: Answers, living: int, wanted: Bits) -> tuple[list[bytes], NDArray[np.intp]]:
    """Return which rules are wrong with candidates, as far as it matters, and which of these each candidate has.

    It does not matter where there is no hope: nothing that may mend a rule can be done, or more has to be than a plan
    has steps. Nor does it for those whose plans nobody wants.
    """
    moves, parts = answers.moves, (NOT_PASSING, FAILING)
    hopes = [answers.hopeful(part) & wanted for part in (NOT_PASSING, WORSE)]
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


def _asked(groups: Sequence[_Group | None], words: int) -> NDArray[np.uint64]:
    """Return what was asked of some groups: a row of so many words for each."""
    asked = b"".join([(0 if group is None else group.asked).to_bytes(WORD * words, "little") for group in groups])
    return np.frombuffer(asked, np.uint64).reshape(-1, words)


def _answered(
    told: NDArray[np.uint64], asked: NDArray[np.uint64], of_rows: NDArray[np.intp], is_new: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Return a row of bytes for each candidate: its group, and the answers to what is asked of that.

    Of a group of which nothing was asked yet, the first candidates have each a row of their own.
    """
    found = np.column_stack((np.arange(len(asked), dtype=np.uint64), asked)).take(of_rows, axis=0)
    found[:, 1:] &= told
    new = np.flatnonzero(is_new[of_rows])
    narrow = np.uint16 if len(asked) < 1 << 16 else np.intp  # which are sorted faster
    order = new[np.argsort(of_rows[new].astype(narrow), kind="stable")]
    _, starts, sizes = np.unique(of_rows[order], return_index=True, return_counts=True)
    within = np.arange(1, len(order) + 1) - np.repeat(starts, sizes)
    found[order, 0] += np.where(within <= FIRST, within, 0).astype(np.uint64) << np.uint64(32)
    return found.view(np.uint8)
