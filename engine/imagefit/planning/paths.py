"""Orders of actions, as far as they hang on no candidate: what is asked on the way, worked out once for all batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from imagefit.planning.covering import ones, union
from imagefit.planning.formulas import Changed
from imagefit.planning.moves import FAILING, Moves, Some
from imagefit.planning.search import MOST_STEPS, Order

__all__ = ["Opened", "Path", "Paths", "Touched", "Trial"]

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


class _Step(NamedTuple):
    """What an action comes to.

    Attributes
    ----------
    operation
        The operation after it.
    questions
        The questions whether it can't be done: what is assumed, it may leave as it is.
    errors
        How many errors there are, where they are all others; None where they are those of before.
    outcomes
        The places of the errors that it touches, each with the outcome.
    """

    operation: str
    questions: tuple[int, ...]
    errors: int | None
    outcomes: Sequence[tuple[int, int]]


Opened = tuple[Sequence[tuple[tuple[int, ...], Touched]], Touched | None]
"""What can be wrong after an order, each with the actions that touch it, as bits.

Of each step the questions whether it can't be done, and those why; and the outcomes of the errors: None where there is
no such order.
"""


Trial = tuple[tuple[Some, ...], int, tuple[int, ...]]
"""What says whether some actions are a plan: nothing that is asked may be answered with yes.

First what is less than these actions: where that is a plan, they are none. Then the errors that no order of them can
touch, as bits: these are what they were before any step. Last what is asked of each order; what is asked of one besides
is known when it comes to that. What has the lowest number is asked first: it is asked of most other actions, too, and
what is known of it tells fewer candidates apart.
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
        self._steps: dict[tuple[int, str, tuple[tuple[str, int], ...]], _Step | None] = {}
        self._looked_at: dict[tuple[int, str], Collection[str] | None] = {}
        self._leading = sum(1 << place for place, action in enumerate(moves.actions) if action.remedy.instead)
        places = range(len(moves.actions))
        self._touching = [union(1 << n for n in moves.touched(moves.operation, place)[0]) for place in places]
        self._every = (1 << len(moves.first)) - 1
        self._touchers = [sum(1 << p for p in places if self._touching[p] >> n & 1) for n in range(len(moves.first))]
        self._makers = [moves.changing(moves.made_of(place)) for place in places]
        self._known = {*moves.first, moves.never}  # outcomes before any step, and of what steps have seen to
        self._places: dict[int, tuple[int, ...]] = {}
        self._alone = [moves.facts_become.after(action.remedy.effects, {}) for action in moves.actions]
        self._changed = [action.changed for action in moves.actions]
        self._ending = [self._ends_alone(place) for place in places]
        self._common: dict[tuple[int, Some, Some], int | None] = {}
        self._opened: dict[Order, Opened] = {}
        self._warned: dict[Order, Sequence[tuple[int, int]]] = {}

    def path(self, order: Order) -> Path | None:
        """Return the path of an order; None if that can't be gone on any candidate."""
        if order not in self._paths:
            self._paths[order] = self._path(order)
        return self._paths[order]

    def _path(self, order: Order) -> Path | None:
        """Return what `path` does; it is not remembered."""
        before, place = self.path(order[:-1]), order[-1]
        if before is None or (step := self._step(place, before)) is None:
            return None
        changed = self._moves.facts_become.after(self._moves.actions[place].remedy.effects, before.changed)
        return Path(step.operation, changed, (*before.steps, *step.questions), tuple(_errors_after(before, step)))

    def _step(self, place: int, before: Path) -> _Step | None:
        """Return what an action comes to after an order; None if it can't follow it.

        It is the same after all orders that leave the facts alike at which it is looked then.
        """
        about = place, before.operation
        if about not in self._looked_at:
            self._looked_at[about] = self._facts_at_step(*about)
        looked_at = self._looked_at[about]
        changed = tuple([each for each in before.changed.items() if looked_at is None or each[0] in looked_at])
        key = *about, changed
        if key not in self._steps:
            self._steps[key] = self._made_step(place, before.operation, dict(changed))
        return self._steps[key]

    def _facts_at_step(self, place: int, operation: str) -> Collection[str] | None:
        """Return the facts that what an action comes to hangs on; None if on all."""
        moves, action = self._moves, self._moves.actions[place]
        if action.remedy.instead:
            return None
        rules = [moves.errors(operation)[number] for number in moves.touched(operation, place)[0]]
        return moves.read_by(place).union(action.changed, *(rule.facts for rule in rules))

    def _made_step(self, place: int, operation: str, changed: Changed) -> _Step | None:
        moves, action = self._moves, self._moves.actions[place]
        after = action.remedy.instead or operation
        if not action.can_follow(operation) or moves.workshop.judging(after) is None:
            return None
        blocked = moves.blocked(place, changed)
        questions = () if blocked == moves.never else (blocked,)
        if self._may_stay(place):
            questions = *questions, moves.unchanged(place, changed)
        rules, become = moves.errors(after), moves.facts_become.after(action.remedy.effects, changed)
        touched = moves.touched(operation, place)[0]
        outcomes = tuple([(number, moves.outcome(rules[number], become)) for number in touched])
        return _Step(after, questions, len(rules) if action.remedy.instead else None, outcomes)

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
            return tuple(_parts(some)), 0, ()
        unmended = self._moves.unmended
        numbers = [number for place in places for number in unmended(place, some & ~(1 << place))]
        numbers += [number + part for number in self._settled(places, some)]
        untouched = self._every & ~union([self._touching[place] for place in places])
        return tuple(_parts(some)), untouched, tuple(sorted(set(numbers)))

    def _settled(self, some: Sequence[int], bits: Some) -> list[int]:
        """Return outcomes of errors after some actions, by place and as bits, that are the same in any order.

        That is where each fact that becomes another one is changed by a single action, which makes it of no fact that
        others change. What is known without it is left out.
        """
        settled = [place for place in some if not self._makers[place] & bits & ~(1 << place)]
        once = twice = 0
        for place in some:
            twice |= once & self._touching[place]
            once |= self._touching[place]
        found = [number for place in settled for error, number in self._ending[place] if not twice & error]
        if twice:
            alone = sum([1 << place for place in settled])
            both = [self._together(rule, bits, alone) for rule in self._ones(twice)]
            found += [number for number in both if number is not None]
        return found

    def _ends_alone(self, place: int) -> list[tuple[int, int]]:
        """Return the errors that an action touches, as bits, with the outcomes that it alone makes of them."""
        if (path := self.path((place,))) is None or self._leading >> place & 1:
            return []
        each = ((1 << number, path.errors[number]) for number in ones(self._touching[place]))
        return [(error, number) for error, number in each if number not in self._known]

    def _together(self, rule: int, some: Some, settled: Some) -> int | None:
        """Return what comes of an error by some actions, whatever their order; None if that is not settled, or known.

        `settled` are those of them that make facts of nothing that others change.
        """
        touching = some & self._touchers[rule]
        key = rule, touching, settled & touching
        if key not in self._common:
            moves = self._moves
            of = moves.errors(moves.operation)[rule]
            owners = [(name, place) for place in ones(touching) for name in of.facts if name in self._changed[place]]
            changed = {name: self._alone[place].get(name, 0) for name, place in owners if settled >> place & 1}
            found = moves.outcome(of, changed) if len(changed) == len(owners) else None
            self._common[key] = None if found in self._known else found
        return self._common[key]

    def _ones(self, bits: int) -> tuple[int, ...]:
        """Return the places of the bits that are set."""
        if (found := self._places.get(bits)) is None:
            found = self._places[bits] = tuple(ones(bits))
        return found

    def tests(self, order: Order, part: int, trial: Trial) -> tuple[int, ...] | None:
        """Return what is asked of an order besides what its trial asks of all; None if there is no such order."""
        tests = self._tests[part]
        if order not in tests:
            tests[order] = self._asked_of(order, part, trial)
        return tests[order]

    def _asked_of(self, order: Order, part: int, trial: Trial) -> tuple[int, ...] | None:
        _, untouched, common = trial
        if len(order) < MOST_STEPS:
            if (path := self.path(order)) is None:
                return None
            errors, steps = list(path.errors), path.steps
        else:  # no more is asked of these
            before = self.path(order[:-1])
            if before is None or (step := self._step(order[-1], before)) is None:
                return None
            errors, steps = _errors_after(before, step), (*before.steps, *step.questions)
        every = self._ones(self._every & ~untouched) if untouched else range(len(errors))
        never = self._moves.never
        numbers = [n + part for n in [errors[place] for place in every] if n != never]
        return tuple(sorted({*numbers, *steps}.difference(common)))

    def opened(self, order: Order) -> Opened:
        """Return what can be wrong after an order."""
        if (found := self._opened.get(order)) is None:
            found = self._opened[order] = self._open(order)
        return found

    def _open(self, order: Order) -> Opened:
        steps: list[tuple[tuple[int, ...], Touched]] = []
        for length, place in enumerate(order):
            before, action = self.path(order[:length]), self._moves.actions[place]
            if before is None or (made := self._step(place, before)) is None:
                return tuple(steps), None
            step, stops = made.questions, list(self._moves.stops(place, before.changed))
            stops += [(self._moves.read_or_changed(action), number) for number in step[-1:] if self._may_stay(place)]
            by_touchers: dict[int, list[int]] = {}
            for facts, number in stops:
                by_touchers.setdefault(self._moves.touchers(facts, order), []).append(number)
            steps.append((step, (tuple(by_touchers), tuple(map(self._moves.any_of, by_touchers.values())))))
        if (path := self.path(order)) is None:
            return tuple(steps), None
        touching = zip(self._moves.error_touchers(path.operation, order), path.errors, strict=True)
        there = [(touchers, number) for touchers, number in touching if number != self._moves.never]
        errors = tuple([touchers for touchers, _ in there]), tuple([number for _, number in there])
        return tuple(steps), errors

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


def _errors_after(before: Path, step: _Step) -> list[int]:
    """Return the outcomes of the errors after a step."""
    errors = list(before.errors) if step.errors is None else [0] * step.errors
    for place, number in step.outcomes:
        errors[place] = number
    return errors


def _parts(some: Some) -> Iterator[Some]:
    """Yield what is less than some actions."""
    part = some
    while part:
        part = (part - 1) & some
        yield part
