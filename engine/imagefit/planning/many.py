"""The search for plans of many candidates at once: each step is tried on all of them, and rules give a bit for each.

What it finds of a candidate is what `search` finds of it alone, and hangs on nothing but what was asked of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from imagefit.budgets import Budget
from imagefit.planning.answers import Answers
from imagefit.planning.covering import Bits, Missed, covering, union, without
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
            for some, left in level.items():
                trial = parts, _, _ = self._paths.trial(some, goal)
                for part in parts if found else ():
                    if part in found:
                        left ^= left & found[part]
                if not left:
                    continue
                good = self._good(some, trial, missed, left, goal, orders)
                if good:
                    found[some] = good
                    left ^= good
                if left and size < MOST_STEPS:
                    self._grow(some, left, MOST_STEPS - size, goal, grown)
            level = grown
        return orders

    def _good(self, some: Some, trial: Trial, missed: Missed, left: Bits, goal: int, orders: dict[Order, Bits]) -> Bits:
        """Return the candidates of whom some actions are a plan, and note the first order that is one of each.

        Of the others it counts as asked what they answer with yes first: whatever they answer to the rest, it is yes.
        """
        if not self._budget.allows():
            return 0
        _, untouched, common = trial
        asked, yes, every = self.asked, self._answers.yes, 0
        left ^= left & missed.of(untouched)
        for number in common:
            if not left:
                return 0
            if said_yes := left & yes[number]:
                asked[number] |= said_yes
                left ^= said_yes
        for order in self._moves.orders(some) if left else ():
            if (tests := self._paths.tests(order, goal, trial)) is None:
                continue
            good = left
            for number in tests:
                if said_yes := good & yes[number]:
                    asked[number] |= said_yes
                    if not (good := good ^ said_yes):
                        break
            if good:
                for number in tests:
                    asked[number] |= good
                orders[order] = good
                every |= good
                if not (left := left ^ good):
                    break
        if every:
            for number in common:
                asked[number] |= every
        return every

    def _grow(self, some: Some, left: Bits, steps: int, goal: int, grown: defaultdict[Some, Bits]) -> None:
        """Add to what has grown some actions with another one that may mend what is wrong after them."""
        alive, asked, yes = self._moves.alive, self.asked, self._answers.yes
        for actions, rows in self._mending(some, left, steps, goal):
            for action in actions:
                more = some | 1 << action
                if more != some:
                    able = rows & yes[alive[action]]
                    if able != rows:  # of the others, what they are asked after it says what comes of it
                        asked[alive[action]] |= rows ^ able
                    for number in self._moves.unmended(action, some) if steps == 1 else ():  # no other one will mend it
                        if said_yes := able & yes[number]:
                            asked[number] |= said_yes
                            able ^= said_yes
                    if able:
                        grown[more] |= able

    def _mending(self, some: Some, left: Bits, steps: int, goal: int) -> Iterator[tuple[Sequence[int], Bits]]:
        """Yield actions of which a plan that goes on from here must have one, with the candidates.

        It counts as asked what is wrong: who has more that is must have others, too.
        """
        asked, yes = self.asked, self._answers.yes
        ends: dict[Touched, Bits] = {}  # the orders of most end alike
        for order in self._moves.orders(some):
            (opened, errors), rest = self._paths.opened(order), left
            for step, (touchers, stops) in opened:
                if stopped := rest & union([yes[number] for number in step]):  # where the step can't be done
                    wrong = []
                    for touching, number in zip(touchers, stops, strict=True):
                        if bits := yes[number] & stopped:
                            asked[number] |= bits
                            wrong.append((touching, bits))
                    yield from covering(wrong, stopped, steps)
                    if not (rest := rest ^ stopped):
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
