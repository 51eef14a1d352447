"""Orders of actions, as far as they hang on no candidate: what is asked on the way, worked out once for all batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from imagefit.planning.covering import ones, union
from imagefit.planning.formulas import Changed
from imagefit.planning.moves import FAILING, Moves, Some
from imagefit.planning.search import MOST_STEPS, Order

__all__ = ["Opened", "Path", "Paths", "Touched", "Trial"]

EVERY = -1
"""All errors, as bits."""

Touched = tuple[tuple[int, ...], tuple[int, ...]]
"""For each of some questions the actions that touch what it is about, as bits; and the questions."""


class Path(NamedTuple):
    """An order of actions: the operation that it ends with, and what facts are then.

    Attributes
    ----------
    steps
        The questions whether a step can't be done.
    errors
        The outcomes of the errors after it.
    """

    operation: str
    changed: Changed
    steps: tuple[int, ...]
    errors: tuple[int, ...]


class Opened(NamedTuple):
    """What can be wrong after an order, each with the actions that touch it, as bits.

    Attributes
    ----------
    steps
        Of each step the questions whether it can't be done, and those why.
    errors
        The outcomes of the errors; None where there is no such order.
    """

    steps: Sequence[tuple[tuple[int, ...], Touched]]
    errors: Touched | None


Trial = tuple[tuple[Some, ...], int, tuple[int, ...]]
"""What says whether some actions are a plan: nothing that is asked may be answered with yes.

First what is less than these actions: where that is a plan, they are none. Then the errors that an order of them may
touch, as bits; those of the others are what they were before any step. Last what is asked of each order; what is asked
of one besides is known when it comes to that.
"""


class Paths:
    """The paths and trials of some moves.

    Parameters
    ----------
    assumed
        Whether facts of candidates are assumed: then a step may change nothing.
    """

    def __init__(self, moves: Moves, assumed: bool) -> None:
        self._moves, self._assumed = moves, assumed
        self._paths: dict[Order, Path | None] = {(): Path(moves.operation, {}, (), tuple(moves.first))}
        self._trials: dict[int, dict[Some, Trial]] = defaultdict(dict)
        self._tests: dict[int, dict[Order, tuple[int, ...] | None]] = defaultdict(dict)
        self._after: dict[int, Changed] = {}
        self._leading = sum(1 << place for place, action in enumerate(moves.actions) if action.remedy.instead)
        places = range(len(moves.actions))
        self._touching = [union(1 << n for n in moves.touched(moves.operation, place)[0]) for place in places]
        self._makers = [moves.changing(moves.made_of(place)) for place in places]
        self._known = {*moves.first, moves.never}  # outcomes before any step, and of what steps have seen to
        self._opened: dict[Order, Opened] = {}
        self._warned: dict[Order, Sequence[tuple[int, int]]] = {}

    def path(self, order: Order) -> Path | None:
        """Return the path of an order; None if that can't be gone on any candidate."""
        if order not in self._paths:
            self._paths[order] = self._path(order)
        return self._paths[order]

    def _path(self, order: Order) -> Path | None:
        """Return what `path` does; it is not remembered."""
        before, place, moves = self.path(order[:-1]), order[-1], self._moves
        action = moves.actions[place]
        if before is None or not action.can_follow(before.operation):
            return None
        operation = action.remedy.instead or before.operation
        if moves.workshop.judging(operation) is None:
            return None
        changed = moves.facts_become.after(action.remedy.effects, before.changed)
        rules, (touched, _) = moves.errors(operation), moves.touched(before.operation, place)
        errors = [0] * len(rules) if action.remedy.instead else list(before.errors)
        for number in touched:
            errors[number] = moves.outcome(rules[number], changed)
        return Path(operation, changed, (*before.steps, *self._step(place, before)), tuple(errors))

    def _step(self, place: int, before: Path) -> tuple[int, ...]:
        """Return the questions whether an action can't be done: what is assumed, it may leave as it is."""
        moves = self._moves
        blocked = moves.blocked(place, before.changed)
        found = () if blocked == moves.never else (blocked,)
        return (*found, moves.unchanged(place, before.changed)) if self._may_stay(place) else found

    def _may_stay(self, place: int) -> bool:
        """Whether it is asked if an action changes nothing."""
        return self._assumed and not self._moves.actions[place].remedy.instead

    def trial(self, some: Some, part: int) -> Trial:
        """Return what says whether some actions are a plan after which no outcome is wrong, by that part of it."""
        trials = self._trials[part]
        if (found := trials.get(some)) is None:
            found = trials[some] = self._trial(some, part)
        return found

    def _trial(self, some: Some, part: int) -> Trial:
        places = tuple(ones(some))
        if self._leading & some:
            return tuple(_parts(some)), EVERY, ()
        moves = self._moves
        numbers = [number for place in places for number in moves.unmended(place, some & ~(1 << place))]
        touched = union([self._touching[place] for place in places])
        numbers += [number + part for number in self._settled(places, some) if number not in self._known]
        return tuple(_parts(some)), touched, tuple(numbers)

    def _settled(self, some: Sequence[int], bits: Some) -> Iterator[int]:
        """Yield outcomes of errors after some actions, by place and as bits, that are the same in any order.

        That is where each fact that becomes another one is changed by a single action, which makes it of no fact that
        others change.
        """
        moves = self._moves
        settled = [place for place in some if not self._makers[place] & bits & ~(1 << place)]
        once = twice = 0
        for place in some:
            twice |= once & self._touching[place]
            once |= self._touching[place]
        for place in settled:
            if (path := self.path((place,))) is not None:
                yield from (path.errors[number] for number in ones(self._touching[place] & ~twice))
        rules = moves.errors(moves.operation)
        for rule in [rules[number] for number in ones(twice)]:
            owners = [(name, place) for name in rule.facts for place in some if name in moves.actions[place].changed]
            changed = {name: self._alone(place).get(name, 0) for name, place in owners if place in settled}
            if len(changed) == len(owners):
                yield moves.outcome(rule, changed)

    def _alone(self, place: int) -> Changed:
        """Return what an action alone makes of facts."""
        if (found := self._after.get(place)) is None:
            found = self._moves.facts_become.after(self._moves.actions[place].remedy.effects, {})
            self._after[place] = found
        return found

    def tests(self, order: Order, part: int, trial: Trial) -> tuple[int, ...] | None:
        """Return what is asked of an order besides what its trial asks of all; None if there is no such order."""
        tests = self._tests[part]
        if order not in tests:
            path = self._path(order) if len(order) == MOST_STEPS else self.path(order)  # few of these are asked again
            tests[order] = None if path is None else self._asked_of(path, part, trial)
        return tests[order]

    def _asked_of(self, path: Path, part: int, trial: Trial) -> tuple[int, ...]:
        _, touched, common = trial
        never = self._moves.never
        every = [n + part for place, n in enumerate(path.errors) if touched >> place & 1 and n != never]
        return tuple([number for number in (*every, *path.steps) if number not in common])

    def opened(self, order: Order) -> Opened:
        """Return what can be wrong after an order."""
        if (found := self._opened.get(order)) is None:
            found = self._opened[order] = self._open(order)
        return found

    def _open(self, order: Order) -> Opened:
        steps: list[tuple[tuple[int, ...], Touched]] = []
        for length, place in enumerate(order):
            before, action = self.path(order[:length]), self._moves.actions[place]
            if before is None or not action.can_follow(before.operation):
                return Opened(steps, None)
            step, stops = self._step(place, before), list(self._moves.stops(place, before.changed))
            stops += [(self._moves.read_or_changed(action), number) for number in step[-1:] if self._may_stay(place)]
            touchers = tuple([self._moves.touchers(facts, order) for facts, _ in stops])
            steps.append((step, (touchers, tuple([number for _, number in stops]))))
        if (path := self.path(order)) is None:
            return Opened(steps, None)
        touching = zip(self._moves.error_touchers(path.operation, order), path.errors, strict=True)
        there = [(touchers, number) for touchers, number in touching if number != self._moves.never]
        return Opened(steps, (tuple([touchers for touchers, _ in there]), tuple([number for _, number in there])))

    def warned(self, order: Order) -> Sequence[tuple[int, int]]:
        """Return whether each warning that an order touches fails, and whether it did before, as questions."""
        if (found := self._warned.get(order)) is None:
            path, moves = self._path(order) if order else None, self._moves
            rules = [] if path is None else moves.warnings(path.operation)
            changed = {} if path is None else path.changed
            found = self._warned[order] = tuple(
                [
                    (after + FAILING, moves.outcome(rule, {}) + FAILING)
                    for rule in rules
                    if any(name in changed for name in rule.facts)
                    and (after := moves.outcome(rule, changed)) != moves.never
                ]
            )
        return found


def _parts(some: Some) -> Iterator[Some]:
    """Yield what is less than some actions."""
    part = some
    while part:
        part = (part - 1) & some
        yield part
