"""The search for plans: sets of at most three remedies, none of which can be left out, in an order in which they work.

A set grows only by what could mend what is still wrong after it: a rule that is not satisfied must see another fact,
and so must what a step needs that can't be done. So no remedy is tried that touches nothing of that, and yet every plan
is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import permutations

from imagefit.budgets import PLANS, Budget
from imagefit.planning.workshop import Action, Blocked, State, Workshop, traced

__all__ = ["MOST_STEPS", "Open", "Order", "Search"]

MOST_STEPS = 3
"""A plan has so many steps at most."""

Order = tuple[int, ...]
"""Actions one after the other, by their places among the actions of a search."""

Open = Callable[[State], Sequence[int]]
"""Says which rules of the operation a candidate still does not satisfy."""


class Search:
    """Searches the plans of one candidate.

    Attributes
    ----------
    is_whole
        Whether everything was tried that was asked for.
    """

    def __init__(
        self, workshop: Workshop, start: State, actions: Sequence[Action], budget: Budget | None = None
    ) -> None:
        self._workshop, self._start, self.actions = workshop, start, actions
        self._ends: dict[Order, State | Blocked] = {(): start}
        self._budget = Budget(PLANS) if budget is None else budget
        self.is_whole = True

    def end(self, order: Order) -> State | Blocked:
        """Return what the candidate is after these actions, or what stops one of them."""
        if (found := self._ends.get(order)) is None:
            before = self.end(order[:-1])
            if isinstance(before, Blocked):
                found = before
            elif not self._budget.allows():
                self.is_whole = False
                return Blocked()
            else:
                found = self._workshop.done(self.actions[order[-1]], before)
            self._ends[order] = found
        return found

    def plans(self, is_open: Open, most_steps: int = MOST_STEPS) -> list[Order]:
        """Return the orders after which nothing is open, each of the fewest actions: no part of them would do."""
        found: list[tuple[frozenset[int], Order]] = []
        level: set[frozenset[int]] = {frozenset()}
        for size in range(most_steps + 1):
            grown: set[frozenset[int]] = set()
            for some in sorted(level, key=sorted):
                if any(plan < some for plan, _ in found):
                    continue
                if size == most_steps:
                    if (last := self._working((), sorted(some), is_open)) is not None:
                        found.append((some, last))
                    continue
                more: set[int] = set()
                for order in permutations(sorted(some)):
                    end = self.end(order)
                    if isinstance(end, State) and not is_open(end):
                        found.append((some, order))
                        break
                    more |= self._mending(order, end, is_open, most_steps - size)
                else:
                    grown |= {some | {one} for one in self._not_chosen_again(more - some, some)}
            level = grown
        return [order for _, order in found]

    def _working(self, order: Order, left: Sequence[int], is_open: Open) -> Order | None:
        """Return the first order of some actions after which nothing is open; nothing is tried after what can't be."""
        for one in left:
            end = self.end((*order, one))
            if isinstance(end, Blocked):
                continue
            if len(left) == 1:
                return None if is_open(end) else (*order, one)
            others = [other for other in left if other != one]
            if (found := self._working((*order, one), others, is_open)) is not None:
                return found
        return None

    def _not_chosen_again(self, more: Iterable[int], some: Iterable[int]) -> Iterator[int]:
        """Yield the actions that do not choose another one of what some choose already, from what is known to exist."""
        actions = self.actions
        chosen = {actions[one].remedy.chooses for one in some}
        for one in more:
            if actions[one].chosen is None or actions[one].remedy.chooses not in chosen:
                yield one

    def _mending(self, order: Order, end: State | Blocked, is_open: Open, left: int) -> set[int]:
        """Return the actions of which a plan that goes on from here must have one."""
        if left == 0:
            return set()
        made = [effect for place in order for effect in self.actions[place].remedy.effects]
        if isinstance(end, Blocked):
            return self._touchers(traced(end.facts, made)) if end.facts else set()
        judging = self._workshop.judging(end.operation)
        assert judging is not None
        sets = sorted((self._touchers(traced(judging.rules[place].facts, made)) for place in is_open(end)), key=len)
        if _apart(sets) > left:  # each of these rules needs an action of its own
            return set()
        return set.intersection(*sets) if left == 1 else sets[0]

    @cached_property
    def _leading(self) -> set[int]:
        return {place for place, action in enumerate(self.actions) if action.remedy.instead}

    @cached_property
    def _touching(self) -> Mapping[str, set[int]]:
        found: dict[str, set[int]] = {}
        for place, action in enumerate(self.actions):
            for name in action.changed:
                found.setdefault(name, set()).add(place)
        return found

    def _touchers(self, names: Iterable[str]) -> set[int]:
        return self._leading.union(*(self._touching.get(name, ()) for name in names))


def _apart(sets: Iterable[set[int]]) -> int:
    """Return how many of the sets have nothing in common, as far as that is seen by taking the smallest first."""
    count = 0
    together: set[int] = set()
    for each in sorted(sets, key=len):
        if together.isdisjoint(each):
            count += 1
            together |= each
    return count
