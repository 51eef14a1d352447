"""What a search for plans asks of many candidates, and the answers: a bit for each, each question worked out once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from weakref import WeakMethod

from imagefit.columns.column import Encoded
from imagefit.planning.bits import TruthBits
from imagefit.planning.covering import Bits, ones, union, without
from imagefit.planning.moves import FAILING, NOT_PASSING, WORSE, Moves
from imagefit.planning.search import MOST_STEPS
from imagefit.rulepack.pack import Rule

__all__ = ["Answers"]


class _Answered(dict[int, Bits]):
    """Answers by the numbers of their questions, each worked out when it is asked for.

    What works them out has them, and not the other way round: else all of it would stay until someone looks for cycles.
    """

    def __init__(self, answer: Callable[[int], Bits]) -> None:
        self._answer = WeakMethod(answer)

    def __missing__(self, number: int) -> Bits:
        answer = self._answer()
        assert answer is not None
        found = self[number] = answer(number)
        return found


class Answers:
    """Answers what is asked of some candidates.

    Attributes
    ----------
    yes, no
        Where a question is answered with yes, and where it is not, by its number.

    Parameters
    ----------
    known
        Where some questions are answered with yes.
    """

    def __init__(self, moves: Moves, candidates: Encoded, known: Mapping[int, Bits] | None = None) -> None:
        self.moves, self._truths = moves, TruthBits(candidates, moves.formulas)
        self.rows, self.every, self.has_assumed = candidates.rows, self._truths.every, self._truths.has_assumed
        self.yes = _Answered(self._answer)
        self.yes.update(known or {})
        self.no = _Answered(self._denied)

    def _answer(self, number: int) -> Bits:
        name, about, what, part = self.moves.questions[number]
        if name == "outcome":
            return self._outcome(number - part, self.moves.rule(about), what, part)
        if name == "required":
            return self.every ^ self._truths.of(what[0]).true
        if name == "blocked":
            return union(self.yes[stop] for stop in what)
        if name == "unchanged":
            return self._unchanged(int(about), what)
        return self._alive[int(about)] if name == "alive" else 0

    def _unchanged(self, place: int, terms: Sequence[int]) -> Bits:
        """Return where an action changes nothing after some changes."""
        moves, action = self.moves, self.moves.actions[place]
        changed = dict(zip(moves.looked_at(place), terms, strict=True))
        after = moves.facts_become.after(action.remedy.effects, changed)
        return self.every & ~union(self._truths.differ(each, changed, after) for each in action.changed)

    def _denied(self, number: int) -> Bits:
        return self.every ^ self.yes[number]

    def _outcome(self, number: int, rule: Rule, formulas: Sequence[int], part: int) -> Bits:
        """Return a part of an outcome, whose first one has that number."""
        if part == WORSE:
            failing, not_passing = self.yes[number + FAILING], self.yes[number + NOT_PASSING]
            before = self.moves.outcome(rule, {})
            if number == before:
                return failing
            was_undecided = self.yes[before + NOT_PASSING] ^ self.yes[before + FAILING]
            return not_passing & (failing | (self.every ^ was_undecided)) if was_undecided else not_passing
        when, required = map(self._truths.of, formulas)
        self.yes[number + FAILING] = when.true & required.false
        self.yes[number + NOT_PASSING] = self.every ^ (when.false | required.true)
        return self.yes[number + part]

    @cached_property
    def _alive(self) -> Sequence[Bits]:
        """Where each action can be done, as far as others can mend what stops it."""
        yes, every = self.yes, self.moves.stopped
        blocked = {stop: yes[stop[1]] for stop in dict.fromkeys(stop for each in every for stop in each)}
        alive = [without(self.every, [blocked[stop] for stop in each]) for each in every]
        for _ in range(MOST_STEPS - 1):
            left = {stop: without(where, (alive[o] for o in ones(stop[0]))) for stop, where in blocked.items()}
            alive = [without(self.every, [left[stop] for stop in each if left[stop]]) for each in every]
        return alive

    def hopeful(self, part: int) -> Bits:
        """Return where each error that is wrong, by that part of its outcome, has an action that may mend it."""
        found, moves = self.every, self.moves
        for rule, number in zip(moves.errors(moves.operation), moves.first, strict=True):
            mended = (self.yes[moves.alive[place]] for place in ones(moves.touchers(rule.facts)))
            found &= ~without(self.yes[number + part], mended)
        return found

    @property
    def living(self) -> int:
        """The actions that can be done on some candidate, as bits."""
        return sum(1 << place for place, number in enumerate(self.moves.alive) if self.yes[number])
