"""The search for plans of many candidates at once: each step is tried on all of them, and rules give a bit for each.

What it finds of a candidate is what `search` finds of it alone, and hangs on nothing but what was asked of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from imagefit.budgets import Budget
from imagefit.planning.answers import Answers
from imagefit.planning.covering import Bits, Missed, covering, without
from imagefit.planning.moves import NOT_PASSING, WORSE, Some
from imagefit.planning.paths import Paths, Touched, Trial
from imagefit.planning.search import MOST_STEPS, Order

__all__ = ["ManySearch"]

STEPS = 200_000
"""So many sets of steps are tried on a batch; where that is not enough, its candidates are searched one by one."""


class ManySearch:
    """Searches the plans of many candidates.

    Parameters
    ----------
    living
        The actions that are tried, as bits: those that can be done on some candidate.

    Attributes
    ----------
    asked
        The numbers of what was asked, each with those of whom it was; what rules come to before any step is not in it.
    """

    def __init__(self, answers: Answers, paths: Paths, living: int) -> None:
        self._answers, self._moves, self._paths, self._living = answers, answers.moves, paths, living
        self.asked: defaultdict[int, Bits] = defaultdict(int)
        self._budget = Budget(STEPS)
        self._every_error = (1 << len(self._moves.first)) - 1

    @property
    def is_whole(self) -> bool:
        """Whether everything was tried that was asked for."""
        return not self._budget.has_ended

    def plans(self) -> tuple[dict[Order, Bits], dict[Order, Bits]]:
        """Return the plans, each with the candidates that have it.

        First those that end compatible. Then, of candidates without any of these, those that clear every failing rule
        and leave undecided what was.
        """
        fitting = self._plans(self._answers.hopeful(NOT_PASSING), NOT_PASSING)
        rest = without(self._answers.hopeful(WORSE), fitting.values())
        return fitting, self._plans(rest, WORSE)

    def unwarned(self, order: Order, candidates: Bits) -> Bits:
        """Return the candidates with whom no warning fails after an order that did not fail before."""
        asked, yes = self.asked, self._answers.yes
        for after, before in self._paths.warned(order):
            if not candidates:
                return 0
            fails = candidates & yes[after]
            asked[before] |= fails
            if warned := fails & ~yes[before]:
                asked[after] |= warned
                candidates ^= warned
        for after, _ in self._paths.warned(order):
            asked[after] |= candidates
        return candidates

    def warned(self, order: Order, candidates: Bits) -> list[Bits]:
        """Return where each warning of the operation that an order ends with fails and did not fail before."""
        found = []
        for after, before in self._paths.warned(order):
            self.asked[after] |= candidates
            self.asked[before] |= candidates
            found.append(candidates & self._answers.yes[after] & self._answers.no[before])
        return [bits for bits in found if bits]

    def _plans(self, candidates: Bits, goal: int) -> dict[Order, Bits]:
        """Return the orders after which no error is wrong, by the part of its outcome that says so."""
        found: dict[Some, Bits] = {}
        orders: dict[Order, Bits] = {}
        level: dict[Some, Bits] = {0: candidates}
        missed = Missed([self._answers.yes[number + goal] for number in self._moves.first])
        for size in range(MOST_STEPS + 1):
            grown: defaultdict[Some, Bits] = defaultdict(int)
            for some, bits in level.items():
                trial = self._paths.trial(some, goal)
                left = bits if not found else without(bits, [found[part] for part in trial[0] if part in found])
                for order, good in self._good(some, trial, missed, left, goal) if left else ():
                    found[some] = found.get(some, 0) | good
                    orders[order] = good
                    left ^= good
                if left and size < MOST_STEPS:
                    self._grow(some, left, MOST_STEPS - size, goal, grown)
            level = grown
        return orders

    def _good(self, some: Some, trial: Trial, missed: Missed, left: Bits, goal: int) -> Iterator[tuple[Order, Bits]]:
        """Yield the orders of some actions that are plans, each with the candidates whose first plan of them it is."""
        if not self._budget.allows():
            return
        _, touched, common = trial
        left = self._without(common, left & ~missed.of(self._every_error & ~touched))
        for order in self._moves.orders(some) if left else ():
            if (tests := self._paths.tests(order, goal, trial)) is not None and (good := self._without(tests, left)):
                yield order, good
                if not (left := left ^ good):
                    return

    def _grow(self, some: Some, left: Bits, steps: int, goal: int, grown: defaultdict[Some, Bits]) -> None:
        """Add to what has grown some actions with another one that may mend what is wrong after them."""
        alive, asked, yes = self._moves.alive, self.asked, self._answers.yes
        for actions, rows in self._mending(some, left, steps, goal):
            for action in actions:
                more = some | 1 << action
                if more != some:
                    able = rows & yes[alive[action]]
                    if able:
                        grown[more] |= able
                    if able != rows:  # of the others, what they are asked after it says what comes of it
                        asked[alive[action]] |= rows ^ able

    def _without(self, questions: Sequence[int], candidates: Bits) -> Bits:
        """Return the candidates who answer nothing of this with yes.

        Of the others it counts as asked what they answer with yes first: whatever they answer to the rest, it is yes.
        """
        asked, yes = self.asked, self._answers.yes
        for number in questions:
            if not candidates:
                return 0
            if said_yes := candidates & yes[number]:
                asked[number] |= said_yes
                candidates ^= said_yes
        if candidates:
            for number in questions:
                asked[number] |= candidates
        return candidates

    def _mending(self, some: Some, left: Bits, steps: int, goal: int) -> Iterator[tuple[Sequence[int], Bits]]:
        """Yield actions of which a plan that goes on from here must have one, with the candidates."""
        asked, yes = self.asked, self._answers.yes
        ends: dict[Touched, Bits] = {}  # the orders of most end alike
        for order in self._moves.orders(some):
            (opened, errors), rest = self._paths.opened(order), left
            for step, (touchers, stops) in opened:
                before, rest = rest, self._without(step, rest)
                if stopped := before ^ rest:  # where the step can't be done
                    wrong = []
                    for touching, number in zip(touchers, stops, strict=True):
                        if bits := yes[number] & stopped:
                            asked[number] |= bits
                            wrong.append((touching, bits))
                    yield from covering(wrong, stopped, steps)
                if not rest:
                    break
            if rest and errors is not None:
                ends[errors] = ends.get(errors, 0) | rest
        for errors, rest in ends.items():
            wrong = []
            for touching, number in zip(*errors, strict=True):
                if bits := yes[number + goal] & rest:
                    if number not in self._moves.first_ones:
                        asked[number + goal] |= bits
                    wrong.append((touching & self._living, bits))
            yield from covering(wrong, rest, steps)
