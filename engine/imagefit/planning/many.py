"""The search for plans of many candidates at once: each step is tried on all of them, and rules give a bit for each.

What it finds of a candidate is what `search` finds of it alone, and hangs on nothing but what was asked of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from imagefit.budgets import Budget
from imagefit.planning.answers import Answers, Outcome, Stop
from imagefit.planning.bits import Bits, Changed
from imagefit.planning.covering import covering, ones, union, without
from imagefit.planning.moves import Some
from imagefit.planning.search import MOST_STEPS, Order

__all__ = ["ManySearch"]

STEPS = 200_000
"""So many steps are tried on a batch; where that is not enough, its candidates are searched one by one."""


@dataclass(frozen=True, eq=False, slots=True)
class _Node:
    """Candidates after some steps: those on which all of these can be done, and what each error comes to.

    `touched` are the errors that may come to something else than before the steps, `asked` the numbers of what says
    whether the last of the steps can be done.
    """

    operation: str
    changed: Changed
    able: Bits
    errors: Sequence[Outcome]
    touched: frozenset[int] = frozenset()
    asked: Sequence[int] = ()


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

    def __init__(self, answers: Answers, living: int) -> None:
        self._answers, self._moves, self._living = answers, answers.moves, living
        self.asked: dict[int, Bits] = {}
        self._stops: dict[int, list[Stop]] = {}
        self._stopped: dict[tuple[int, tuple[int, ...]], tuple[Bits, Sequence[int]]] = {}
        self._wrong: dict[tuple[int, int, int], tuple[Bits, Sequence[int]]] = {}
        self._alive = [self._moves.number(("alive", place, (), 0)) for place in range(len(self._moves.actions))]
        self._budget = Budget(STEPS)
        rules = self._moves.errors(self._moves.operation)
        start = _Node(self._moves.operation, {}, answers.every, [answers.outcome(rule, {}) for rule in rules])
        self._nodes: dict[Order, _Node | None] = {(): start}

    @property
    def is_whole(self) -> bool:
        """Whether everything was tried that was asked for."""
        return not self._budget.has_ended

    def plans(self) -> tuple[dict[Order, Bits], dict[Order, Bits]]:
        """Return the plans, each with the candidates that have it.

        First those that end compatible. Then, of candidates without any of these, those that clear every failing rule
        and leave undecided what was.
        """
        answers = self._answers
        fitting = self._plans(answers.hopeful("not_passing"), Outcome._fields.index("not_passing"))
        rest = without(answers.hopeful("worse"), fitting.values())
        return fitting, self._plans(rest, Outcome._fields.index("worse"))

    def warned(self, order: Order, candidates: Bits) -> list[Bits]:
        """Return where each warning of the operation that an order ends with fails and did not fail before."""
        operation, changed = self._moves.end(order)
        found = []
        for rule in self._moves.warnings(operation):
            if any(name in changed for name in rule.facts):
                after, before = (self._answers.outcome(rule, each) for each in (changed, {}))
                self._ask((after.number, before.number), candidates)
                found.append(after.failing & ~before.failing)
        return [bits for bits in found if bits]

    def _ask(self, numbers: Iterable[int], candidates: Bits) -> None:
        asked = self.asked
        for number in numbers:
            asked[number] = asked.get(number, 0) | candidates

    def _plans(self, candidates: Bits, goal: int) -> dict[Order, Bits]:
        """Return the orders after which no error is wrong, by the field of its outcome that says so."""
        found: dict[Some, Bits] = {}
        orders: dict[Order, Bits] = {}
        level: dict[Some, Bits] = {(): candidates}
        for size in range(MOST_STEPS + 1):
            grown: dict[Some, Bits] = {}
            for some, bits in sorted(level.items()):
                left = without(bits, (found.get(part, 0) for part in self._moves.parts(some)))
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
                            if action not in some and (able := self._able(action, rows)):
                                more = tuple(sorted((*some, action)))
                                grown[more] = grown.get(more, 0) | able
            level = grown
        return orders

    def _able(self, place: int, candidates: Bits) -> Bits:
        """Return the candidates on which an action can be done, as far as others can mend what stops it."""
        self._ask((self._alive[place],), candidates)
        return candidates & self._answers.alive[place]

    def _hopeful(self, some: Some, candidates: Bits, goal: int) -> Bits:
        """Return the candidates without those on which one of some actions alone has to do something, and does not.

        That is where it can't be done for what no other one changes, or leaves wrong what no other one touches.
        """
        for place, others, alone in self._moves.apart(some):
            for bits, questions in (self._never(place, others), self._left_wrong(place, alone, goal)):
                if not candidates:
                    return 0
                self._ask(questions, candidates)
                candidates &= ~bits
        return candidates

    def _never(self, place: int, others: int) -> tuple[Bits, Sequence[int]]:
        """Return where an action can't be done, whatever comes of the facts that some actions change."""
        if (stops := self._stops.get(place)) is None:
            stops = self._stops[place] = self._answers.stopping(place, {})
        key = place, self._moves.unmended(place, others)
        if (found := self._stopped.get(key)) is None:
            ever = [stops[number] for number in key[1]]
            found = self._stopped[key] = union(stop.where for stop in ever), [stop.number for stop in ever]
        return found

    def _left_wrong(self, place: int, numbers: int, goal: int) -> tuple[Bits, Sequence[int]]:
        """Return where an action alone leaves one of some errors wrong."""
        if (found := self._wrong.get((place, numbers, goal))) is None:
            every, (_, changed) = self._moves.errors(self._moves.operation), self._moves.end((place,))
            rules = [every[number] for number in ones(numbers)]
            outcomes = [self._answers.outcome(rule, changed) for rule in rules]
            wrong, asked = union(each[goal] for each in outcomes), [each.number + goal for each in outcomes]
            found = self._wrong[place, numbers, goal] = wrong, asked
        return found

    def _good(self, order: Order, candidates: Bits, goal: int) -> Bits:
        """Return the candidates on which an order can be done, and after which no error is wrong."""
        before, rest = self._reached(order[:-1], candidates)
        if before is None or not rest:
            return 0
        if not order:
            return self._passing(before, range(len(before.errors)), rest, goal)
        touched, others = self._moves.touched(before.operation, order[-1])
        rest = self._passing(before, others, rest, goal)  # what stays wrong is seen before the step is tried
        if not rest or (node := self._node(order) if len(order) < MOST_STEPS else self._after(order)) is None:
            return 0
        self._ask(node.asked, rest)
        return self._passing(node, touched, rest & node.able, goal)

    def _reached(self, order: Order, candidates: Bits) -> tuple[_Node | None, Bits]:
        """Return what is after some steps, and the candidates on which they can be done."""
        for length in range(len(order) + 1):
            if (node := self._node(order[:length])) is None:
                return None, 0
            self._ask(node.asked, candidates)
            candidates &= node.able
        return node, candidates

    def _passing(self, node: _Node, numbers: Iterable[int], candidates: Bits, goal: int) -> Bits:
        """Return the candidates on which none of some errors is wrong; no more is asked than that takes."""
        for number in numbers:
            if not candidates:
                break
            outcome = node.errors[number]
            if number in node.touched:
                self._ask((outcome.number + goal,), candidates)
            candidates &= ~outcome[goal]
        return candidates

    def _mending(self, order: Order, left: Bits, steps: int, goal: int) -> Iterator[tuple[int, Bits]]:
        """Yield the actions of which a plan that goes on from here must have one, with the candidates."""
        moves = self._moves
        node, here = self._reached(order, left)
        if node is not None and here:
            self._ask([node.errors[number].number + goal for number in node.touched], here)
            open_rules = [
                (moves.touchers(rule.facts, order) & self._living, bits)
                for rule, each in zip(moves.errors(node.operation), node.errors, strict=True)
                if each[goal] and (bits := each[goal] & here)
            ]
            yield from covering(open_rules, here, steps)
        for length, place in enumerate(order):  # where the step after so many can't be done
            before = self._node(order[:length])
            if before is None or not (left := before.able & left):
                return
            if not moves.actions[place].can_follow(before.operation):
                return
            blocked, _ = self._answers.blocked(place, before.changed)
            stops = self._answers.stopping(place, before.changed) if blocked & left else ()
            self._ask([stop.number for stop in stops], blocked & left)
            stopping = [(stop.facts, stop.where) for stop in stops]
            if self._answers.has_assumed:
                unchanged, _ = self._answers.unchanged(place, before.changed)
                stopping.append((moves.read_or_changed(moves.actions[place]), unchanged))
            stopped = [(moves.touchers(names, order), bits) for names, where in stopping if (bits := where & left)]
            if stopped:
                yield from covering(stopped, union(bits for _, bits in stopped), steps)

    def _node(self, order: Order) -> _Node | None:
        """Return what is after an order of actions; None if that can't be done on any candidate."""
        if order not in self._nodes:
            self._nodes[order] = self._after(order)
        return self._nodes[order]

    def _after(self, order: Order) -> _Node | None:
        before, place = self._node(order[:-1]), order[-1]
        moves, answers, action = self._moves, self._answers, self._moves.actions[place]
        if before is None or not before.able or not action.can_follow(before.operation) or not self._budget.allows():
            return None
        operation, changed = moves.end(order)
        if moves.workshop.judging(operation) is None:
            return None
        blocked, number = answers.blocked(place, before.changed)
        able, asked = before.able & ~blocked, [number]
        if answers.has_assumed and not action.remedy.instead:
            unchanged, number = answers.unchanged(place, before.changed)
            able &= ~unchanged
            asked.append(number)
        if not able:
            return _Node(operation, changed, able, (), asked=asked)
        rules, (touched, _) = moves.errors(operation), moves.touched(before.operation, place)
        errors = [answers.outcome(rule, changed) for rule in rules] if action.remedy.instead else list(before.errors)
        for number in touched:
            errors[number] = answers.outcome(rules[number], changed)
        every = frozenset(touched) if action.remedy.instead else before.touched.union(touched)
        return _Node(operation, changed, able, errors, every, asked)
