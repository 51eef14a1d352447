"""The search for plans of many candidates at once: each step is tried on all of them, and rules give a bit for each.

What it finds of a candidate is what `search` finds of it alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from imagefit.budgets import Budget
from imagefit.conditions import TRUE, AllOf, fields
from imagefit.planning.bits import Bits, Changed, TruthBits
from imagefit.planning.covering import covering, ones, union, without
from imagefit.planning.moves import Moves, Some
from imagefit.planning.search import MOST_STEPS, Order
from imagefit.planning.workshop import Action
from imagefit.rulepack.pack import Rule

__all__ = ["ManySearch"]

STEPS = 200_000
"""So many steps are tried on a batch; where that is not enough, its candidates are searched one by one."""


class _Outcome(NamedTuple):
    """Where a rule fails; where it fails or is unknown; and where it does one that it did not before any step."""

    failing: Bits
    not_passing: Bits
    worse: Bits


@dataclass(frozen=True, eq=False, slots=True)
class _Node:
    """Candidates after some steps: those on which all of these can be done, and what each error comes to."""

    operation: str
    changed: Changed
    able: Bits
    errors: Sequence[_Outcome]


_Stop = tuple[frozenset[str], Bits]
"""Facts of which one would have to be another, and where."""


class ManySearch:
    """Searches the plans of many candidates."""

    def __init__(self, moves: Moves, truths: TruthBits) -> None:
        self._moves, self._truths = moves, truths
        self._outcomes: dict[tuple[str, tuple[int, ...]], _Outcome] = {}
        self._required: dict[tuple[int, tuple[int, ...]], list[_Stop]] = {}
        self._blocks: dict[tuple[int, tuple[int, ...]], Bits] = {}
        self._stops: dict[int, list[tuple[int, Bits]]] = {}
        self._stopped: dict[tuple[int, int], Bits] = {}
        self._wrong: dict[tuple[int, int, int], Bits] = {}
        self._budget = Budget(STEPS)
        self._nodes: dict[Order, _Node | None] = {(): self._judged(moves.operation, {}, truths.every)}
        self._alive = self._can_be_done()
        self._living = sum(1 << place for place, bits in enumerate(self._alive) if bits)

    @property
    def is_whole(self) -> bool:
        """Whether everything was tried that was asked for."""
        return not self._budget.has_ended

    def compatible(self, candidates: Bits) -> dict[Order, Bits]:
        """Return the plans that end compatible, each with the candidates that have it."""
        return self._plans(candidates, _Outcome._fields.index("not_passing"))

    def clearing(self, candidates: Bits) -> dict[Order, Bits]:
        """Return the plans that clear every failing rule and leave undecided what was, with the candidates."""
        return self._plans(candidates, _Outcome._fields.index("worse"))

    def warned(self, order: Order) -> list[Bits]:
        """Return where each warning of the operation that an order ends with fails and did not fail before."""
        operation, changed = self._moves.end(order)
        found = [
            self._outcome(rule, changed).failing & ~self._outcome(rule, {}).failing
            for rule in self._moves.warnings(operation)
            if any(name in changed for name in rule.facts)
        ]
        return [bits for bits in found if bits]

    def _plans(self, candidates: Bits, goal: int) -> dict[Order, Bits]:
        """Return the orders after which no error is wrong, by the field of its outcome that says so."""
        found: dict[Some, Bits] = {}
        orders: dict[Order, Bits] = {}
        level: dict[Some, Bits] = {(): candidates}
        for size in range(MOST_STEPS + 1):
            grown: dict[Some, Bits] = {}
            for some, bits in sorted(level.items()):
                left = bits & ~_solved(some, found)
                if size == MOST_STEPS:
                    left = self._hopeful(some, left, goal)
                for order in self._moves.orders(some) if left else ():
                    if good := self._good(order, left, goal):
                        found[some] = found.get(some, 0) | good
                        orders[order] = good
                        left &= ~good
                    if not left:
                        break
                    if size < MOST_STEPS:
                        for action, rows in self._mending(order, left, MOST_STEPS - size, goal):
                            if action not in some and (rows := rows & self._alive[action]):
                                more = tuple(sorted((*some, action)))
                                grown[more] = grown.get(more, 0) | rows
            level = grown
        return orders

    def _can_be_done(self) -> list[Bits]:
        """Return where each action can be done, as far as others can mend what stops it."""
        every, moves = self._truths.every, self._moves
        stops = [
            [(moves.touchers(names), bits) for names, bits in self._stopping(action, {})] for action in moves.actions
        ]
        alive = [every & ~union(bits for _, bits in each) for each in stops]
        for _ in range(MOST_STEPS - 1):
            alive = [
                without(every, (bits & ~union(alive[other] for other in ones(touchers)) for touchers, bits in each))
                for each in stops
            ]
        return alive

    def _hopeful(self, some: Some, candidates: Bits, goal: int) -> Bits:
        """Return the candidates without those on which one of some actions alone has to do something, and does not.

        That is where it can't be done for what no other one changes, or leaves wrong what no other one touches.
        """
        for place, others, alone in self._moves.apart(some):
            if not candidates:
                break
            candidates &= ~(self._never(place, others) | self._left_wrong(place, alone, goal))
        return candidates

    def _never(self, place: int, others: int) -> Bits:
        """Return where an action can't be done, whatever comes of the facts that some actions change."""
        stops = self._stops.get(place)
        if stops is None:
            stopping = self._stopping(self._moves.actions[place], {})
            stops = self._stops[place] = [(self._moves.touchers(names), bits) for names, bits in stopping]
        key = place, sum(1 << number for number, (touchers, _) in enumerate(stops) if not touchers & others)
        if (found := self._stopped.get(key)) is None:
            found = union(bits for number, (_, bits) in enumerate(stops) if key[1] >> number & 1)
            self._stopped[key] = found
        return found

    def _left_wrong(self, place: int, numbers: int, goal: int) -> Bits:
        """Return where an action alone leaves one of some errors wrong."""
        key = place, numbers, goal
        if (found := self._wrong.get(key)) is None:
            rules, (_, changed) = self._moves.errors(self._moves.operation), self._moves.end((place,))
            found = self._wrong[key] = union(self._outcome(rules[number], changed)[goal] for number in ones(numbers))
        return found

    def _good(self, order: Order, candidates: Bits, goal: int) -> Bits:
        """Return the candidates on which an order can be done, and after which no error is wrong."""
        if len(order) < MOST_STEPS:
            node = self._node(order)
            return 0 if node is None else without(candidates & node.able, (each[goal] for each in node.errors))
        before = self._node(order[:-1])  # what is after the last step is not kept: nothing goes on from there
        if before is None or not candidates & before.able:
            return 0
        action = self._moves.actions[order[-1]]
        if action.remedy.instead:
            node = self._after(order[-1], before)
            return 0 if node is None else without(candidates & node.able, (each[goal] for each in node.errors))
        if not action.remedy.is_for(before.operation) or not self._budget.allows():
            return 0
        able = candidates & before.able & ~self._blocked(order[-1], before.changed)
        if self._truths.has_assumed:
            able &= ~self._unchanged(action, before)
        if not able:
            return 0
        _, changed = self._moves.end(order)
        rules, touched = self._moves.errors(before.operation), self._moves.touched(before.operation, action)
        able = without(able, (self._outcome(rules[number], changed)[goal] for number in touched))
        own = set(touched)
        return without(able, (each[goal] for number, each in enumerate(before.errors) if number not in own))

    def _mending(self, order: Order, left: Bits, steps: int, goal: int) -> Iterator[tuple[int, Bits]]:
        """Yield the actions of which a plan that goes on from here must have one, with the candidates."""
        moves = self._moves
        if (node := self._node(order)) is not None:
            here = left & node.able
            open_rules = [
                (moves.touchers(rule.facts, order) & self._living, bits)
                for rule, each in zip(moves.errors(node.operation), node.errors, strict=True)
                if each[goal] and (bits := each[goal] & here)
            ]
            yield from covering(open_rules, here, steps)
        for length in range(len(order)):  # where the step after so many can't be done
            before = self._node(order[:length])
            if before is None or not before.able & left:
                return
            action = moves.actions[order[length]]
            if not action.remedy.is_for(before.operation) or action.remedy.instead == before.operation:
                return
            stopping = [
                *self._stopping(action, before.changed),
                (moves.read_or_changed(action), self._unchanged(action, before)),
            ]
            stopped = [
                (moves.touchers(names, order), here) for names, bits in stopping if (here := bits & left & before.able)
            ]
            if stopped:
                yield from covering(stopped, union(bits for _, bits in stopped), steps)

    def _node(self, order: Order) -> _Node | None:
        """Return what is after an order of actions; None if that can't be done on any candidate."""
        if order not in self._nodes:
            before = self._node(order[:-1])
            self._nodes[order] = None if before is None else self._after(order[-1], before)
        return self._nodes[order]

    def _after(self, place: int, before: _Node) -> _Node | None:
        action = self._moves.actions[place]
        remedy = action.remedy
        if not remedy.is_for(before.operation) or remedy.instead == before.operation or not self._budget.allows():
            return None
        able = before.able & ~self._blocked(place, before.changed)
        if not able:
            return None
        changed = self._moves.terms.after(remedy.effects, before.changed)
        if remedy.instead:
            if self._moves.workshop.judging(remedy.instead) is None:
                return None
            return self._judged(remedy.instead, changed, able)
        able &= ~self._unchanged(action, before)
        if not able:
            return None
        return self._judged(before.operation, changed, able, before, action)

    def _unchanged(self, action: Action, before: _Node) -> Bits:
        """Return where an action changes nothing, which matters only of what is assumed: that is known after it."""
        if action.remedy.instead or not self._truths.has_assumed:
            return 0
        changed = self._moves.terms.after(action.remedy.effects, before.changed)
        return self._truths.every & ~union(self._truths.differ(n, before.changed, changed) for n in action.changed)

    def _judged(
        self, operation: str, changed: Changed, able: Bits, before: _Node | None = None, action: Action | None = None
    ) -> _Node:
        rules = self._moves.errors(operation)
        if before is None or action is None:
            return _Node(operation, changed, able, [self._outcome(rule, changed) for rule in rules])
        errors = list(before.errors)
        for number in self._moves.touched(operation, action):
            errors[number] = self._outcome(rules[number], changed)
        return _Node(operation, changed, able, errors)

    def _outcome(self, rule: Rule, changed: Changed) -> _Outcome:
        key = rule.id, tuple([changed.get(name, 0) for name in rule.facts])
        if (found := self._outcomes.get(key)) is None:
            when, required = self._truths.truths(rule.when, changed), self._truths.truths(rule.required, changed)
            failing, not_passing = when.true & required.false, self._truths.every & ~(when.false | required.true)
            before = self._outcome(rule, {}) if any(key[1]) else None
            undecided_before = 0 if before is None else before.not_passing & ~before.failing
            worse = failing if before is None else not_passing & ~(undecided_before & ~failing)
            found = self._outcomes[key] = _Outcome(failing, not_passing, worse)
        return found

    def _blocked(self, place: int, changed: Changed) -> Bits:
        """Return where an action can't be done."""
        key = place, tuple([changed.get(name, 0) for name in self._moves.read[place]])
        if (found := self._blocks.get(key)) is None:
            found = union(bits for _, bits in self._stopping(self._moves.actions[place], changed))
            self._blocks[key] = found
        return found

    def _stopping(self, action: Action, changed: Changed) -> list[_Stop]:
        """Return where an action can't be done, with the facts of which one would have to be another."""
        remedy, through = action.remedy, action.remedy.through
        found = self._not_required(action, changed) if remedy.requires is not TRUE else []
        if through is not None:
            inside = self._moves.terms.after(through.facts, changed)
            outcomes = ((rule, self._outcome(rule, inside)) for rule in self._moves.errors(through.operation, True))
            stops = ((self._moves.going_through(action, rule), outcome.not_passing) for rule, outcome in outcomes)
            found = [*found, *((names, bits) for names, bits in stops if bits)]
        return found

    def _not_required(self, action: Action, changed: Changed) -> list[_Stop]:
        key = action.place, tuple([changed.get(name, 0) for name in self._moves.needed(action)])
        if key not in self._required:
            whole = action.remedy.requires
            parts = whole.parts if isinstance(whole, AllOf) else (whole,)
            truths = ((part, self._truths.truths(part, changed, stated=True).true) for part in parts)
            stops = [(frozenset(fields(part)), self._truths.every & ~true) for part, true in truths]
            self._required[key] = [(names, bits) for names, bits in stops if bits]
        return self._required[key]


def _solved(some: Some, found: dict[Some, Bits]) -> Bits:
    """Return the candidates for which a part of these actions is a plan."""
    solved = 0
    for mask in range((1 << len(some)) - 1):
        solved |= found.get(tuple([each for place, each in enumerate(some) if mask >> place & 1]), 0)
    return solved
