"""The actions of a search on many candidates: what of them depends on no candidate, worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise, permutations

from imagefit.planning.bits import Changed, Terms
from imagefit.planning.judging import Judging
from imagefit.planning.search import Order
from imagefit.planning.workshop import Action, Workshop, sources, traced
from imagefit.rulepack.pack import Rule

__all__ = ["Moves", "Some"]

Some = tuple[int, ...]
"""Actions that are together, in the order of the search."""


class Moves:
    """The actions for an operation, and what of them does not depend on candidates.

    Attributes
    ----------
    read
        Of each action, the facts that say whether it can be done, and what it makes of others.
    """

    def __init__(self, workshop: Workshop, operation: str) -> None:
        self.workshop, self.operation = workshop, operation
        self.actions = workshop.actions_for(operation)
        self.terms = Terms(workshop.pack.fields)
        self._touching: dict[str, int] = {}
        self._leading = 0
        for place, action in enumerate(self.actions):
            self._leading |= (1 << place) if action.remedy.instead else 0
            for name in action.changed:
                self._touching[name] = self._touching.get(name, 0) | 1 << place
        self._read = [self._facts_read(action) for action in self.actions]
        self.read = [sorted(read) for read in self._read]
        self._needed = {action.place: tuple(sorted(action.needed)) for action in self.actions}
        self._errors: dict[tuple[str, bool], Sequence[Rule]] = {}
        self._touched: dict[tuple[str, int], Sequence[int]] = {}
        self._ends: dict[Order, tuple[str, Changed]] = {}
        self._apart: dict[Some, Sequence[tuple[int, int, int]]] = {}
        self._going_through: dict[tuple[int, str], frozenset[str]] = {}
        self._touchers: dict[tuple[frozenset[str], Some], int] = {}
        self._orders: dict[Some, list[Order]] = {}

    def judging(self, operation: str, all_rules: bool = False) -> Judging:
        """Return what knows the rules of an operation that has some."""
        judging = self.workshop.judging(operation, all_rules=all_rules)
        assert judging is not None
        return judging

    def errors(self, operation: str, all_rules: bool = False) -> Sequence[Rule]:
        """Return the rules of severity error of an operation."""
        if (found := self._errors.get((operation, all_rules))) is None:
            judging = self.judging(operation, all_rules)
            found = self._errors[operation, all_rules] = [judging.rules[place] for place in judging.errors]
        return found

    def touched(self, operation: str, action: Action) -> Sequence[int]:
        """Return which of the errors of an operation look at what an action changes."""
        if (found := self._touched.get((operation, action.place))) is None:
            rules = enumerate(self.errors(operation))
            found = [number for number, rule in rules if not action.changed.isdisjoint(rule.facts)]
            self._touched[operation, action.place] = found
        return found

    def warnings(self, operation: str) -> Sequence[Rule]:
        """Return the rules of severity warning of an operation."""
        judging = self.judging(operation)
        return [judging.rules[place] for place in judging.warnings]

    def end(self, order: Order) -> tuple[str, Changed]:
        """Return the operation that an order of actions ends with, and what facts are then."""
        if (found := self._ends.get(order)) is None:
            operation, changed = self.end(order[:-1]) if order else (self.operation, {})
            for remedy in (self.actions[place].remedy for place in order[-1:]):
                operation, changed = remedy.instead or operation, self.terms.after(remedy.effects, changed)
            found = self._ends[order] = operation, changed
        return found

    def apart(self, some: Some) -> Sequence[tuple[int, int, int]]:
        """Return each of some actions, the others, and the errors that it alone touches: these two as bits.

        Of an action that makes something of what another one changes, no errors; nothing where one leads elsewhere.
        """
        if (found := self._apart.get(some)) is None:
            found = self._apart[some] = list(self._each_apart(some))
        return found

    def _each_apart(self, some: Some) -> Iterator[tuple[int, int, int]]:
        actions = [self.actions[place] for place in some]
        if any(action.remedy.instead for action in actions):
            return
        touched = [sum(1 << number for number in self.touched(self.operation, action)) for action in actions]
        for here, place in enumerate(some):
            others = [other for other in range(len(some)) if other != here]
            made_of = {name for effect in actions[here].remedy.effects for name in sources(effect)}
            alone = touched[here] if all(made_of.isdisjoint(actions[other].changed) for other in others) else 0
            for other in others:
                alone &= ~touched[other]
            yield place, sum(1 << some[other] for other in others), alone

    def going_through(self, action: Action, rule: Rule) -> frozenset[str]:
        """Return the facts that a rule looks at where an action goes through another operation."""
        if (found := self._going_through.get((action.place, rule.id))) is None:
            through = action.remedy.through
            found = traced(rule.facts, () if through is None else through.facts)
            self._going_through[action.place, rule.id] = found
        return found

    def needed(self, action: Action) -> Sequence[str]:
        """Return the facts that an action requires something of, in some order."""
        return self._needed[action.place]

    @cached_property
    def facts(self) -> frozenset[str]:
        """The facts that plans hang on."""
        operations = {self.operation, *(a.remedy.instead for a in self.actions if a.remedy.instead)}
        found = {name for op in operations if (own := self.workshop.judging(op)) for name in own.looked_at}
        return frozenset(found.union(*self._read))

    def orders(self, some: Some) -> list[Order]:
        """Return the orders of some actions that may end differently, each the first of those that end alike."""
        if (found := self._orders.get(some)) is None:
            found = self._orders[some] = [
                order
                for order in permutations(some)
                if not any(a > b and self._commute(a, b) for a, b in pairwise(order))
            ]
        return found

    def touchers(self, names: Iterable[str], order: Order = ()) -> int:
        """Return the actions that change one of these facts, or what the effects of others make it of, as bits."""
        own = frozenset(names)
        linked = tuple(sorted(place for place in order if self._copies(self.actions[place])))
        if (found := self._touchers.get((own, linked))) is None:
            effects = [effect for place in linked for effect in self.actions[place].remedy.effects]
            found = self._leading
            for name in traced(own, effects):
                found |= self._touching.get(name, 0)
            self._touchers[own, linked] = found
        return found

    def read_or_changed(self, action: Action) -> frozenset[str]:
        """Return the facts that an action changes, and those that it makes them of."""
        return action.changed.union(name for effect in action.remedy.effects for name in sources(effect))

    def _copies(self, action: Action) -> bool:
        return any(sources(effect) for effect in action.remedy.effects)

    def _commute(self, one: int, other: int) -> bool:
        """Whether two actions come to the same in either order."""
        first, second = self.actions[one], self.actions[other]
        if first.remedy.instead or second.remedy.instead or first.remedy.operations != second.remedy.operations:
            return False
        return first.changed.isdisjoint(self._read[other] | second.changed) and second.changed.isdisjoint(
            self._read[one]
        )

    def _facts_read(self, action: Action) -> frozenset[str]:
        """Return the facts that say whether an action can be done, and what it makes of others."""
        through = action.remedy.through
        found = action.needed | {name for effect in action.remedy.effects for name in sources(effect)}
        if through is not None:
            found |= traced(self.judging(through.operation, True).looked_at, through.facts)
        return frozenset(found)
