"""The actions of a search on many candidates: what of them depends on no candidate, worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise, permutations

from imagefit.conditions import AllOf, Condition, fields
from imagefit.planning.covering import ones, union
from imagefit.planning.formulas import FALSE, TRUE, Changed, Formulas, Terms
from imagefit.planning.judging import Judging
from imagefit.planning.numbering import Numbered
from imagefit.planning.search import Order
from imagefit.planning.workshop import Action, Workshop, sources, traced
from imagefit.rulepack.pack import Rule

__all__ = ["FAILING", "NOT_PASSING", "PARTS", "WORSE", "Moves", "Question", "Some", "Stop"]

Some = int
"""Actions that are together, by their places, as bits."""

Stop = tuple[frozenset[str], int]
"""What can stop an action: the facts of which one would have to be another, and the question whether it does."""

Question = tuple[str, str, tuple[int, ...], int]
"""Something that a search looks at: the name of the question, what it is about, numbers, a part.

An outcome is about a rule, by its id: the formulas when it applies and what it requires; the part says which outcome.
Something that has to hold is a formula; what blocks a step are the questions what stops it. The others are about an
action, by its place: whether it changes nothing by the terms of the facts, and where it can be done at all.
"""


FAILING, NOT_PASSING, WORSE = range(3)
"""The parts of an outcome: a rule fails; it fails or is unknown; it does one of these and did not before any step."""

PARTS = 3


def _required(action: Action) -> Sequence[Condition]:
    """Return the parts of what an action requires, all of which have to hold."""
    whole = action.remedy.requires
    return whole.parts if isinstance(whole, AllOf) else (whole,)


class Moves:
    """The actions for an operation, and what of them does not depend on candidates.

    What is asked before any step has its numbers from the first: several threads may ask that.

    Attributes
    ----------
    first
        The numbers of the outcomes of errors before any step.
    alive
        The numbers of the questions where each action can be done, as far as others can mend what stops it.
    """

    def __init__(self, workshop: Workshop, operation: str) -> None:
        self.workshop, self.operation = workshop, operation
        self.actions = workshop.actions_for(operation)
        self.facts_become = Terms(workshop.pack.fields)
        self.formulas = Formulas(self.facts_become)
        self._touching: dict[str, int] = {}
        self._leading = 0
        effects = [action.remedy.effects for action in self.actions]
        self._made_of = [frozenset(name for effect in each for name in sources(effect)) for each in effects]
        self._copying = {place for place, made_of in enumerate(self._made_of) if made_of}
        for place, action in enumerate(self.actions):
            self._leading |= (1 << place) if action.remedy.instead else 0
            for name in action.changed:
                self._touching[name] = self._touching.get(name, 0) | 1 << place
        self._read = [self._facts_read(action) for action in self.actions]
        self._read_in_order = [sorted(read) for read in self._read]
        self._looked_at = [sorted(self.read_or_changed(action)) for action in self.actions]
        self._rules = {rule.id: rule for rule in workshop.pack.rules}
        self._numbered = Numbered[Question]()
        self.questions = self._numbered.made
        self._outcomes: dict[tuple[str, tuple[int, ...]], int] = {}
        self._stops: dict[tuple[int, tuple[int, ...]], Sequence[Stop]] = {}
        self._errors: dict[tuple[str, bool], Sequence[Rule]] = {}
        self._touched: dict[tuple[str, int], tuple[Sequence[int], Sequence[int]]] = {}
        self._going_through: dict[tuple[int, str], frozenset[str]] = {}
        self._touchers: dict[tuple[int, Order], int] = {}
        self._some_facts = Numbered[frozenset[str]]()
        self._error_touchers: dict[tuple[str, Order], tuple[int, ...]] = {}
        self._orders: dict[Some, Sequence[Order]] = {}
        self.never, *_ = [self.number(("never", "", (), part)) for part in range(PARTS)]
        self.first = [self.outcome(rule, {}) for rule in self.errors(operation)]
        self.first_ones = frozenset(self.first)
        self.alive = [self.number(("alive", str(place), (), 0)) for place in range(len(self.actions))]
        self._stopped_by = [
            [(number, self.touchers(facts)) for facts, number in self.stops(place, {})]
            for place in range(len(self.actions))
        ]
        self._menders = [union(touchers for _, touchers in stops) for stops in self._stopped_by]
        self._unmended: dict[tuple[int, Some], Sequence[int]] = {}

    def judging(self, operation: str, all_rules: bool = False) -> Judging:
        """Return what knows the rules of an operation that has some."""
        judging = self.workshop.judging(operation, all_rules=all_rules)
        assert judging is not None
        return judging

    def errors(self, operation: str, all_rules: bool = False) -> Sequence[Rule]:
        """Return the rules of severity error of an operation."""
        if (found := self._errors.get((operation, all_rules))) is None:
            judging = self.workshop.judging(operation, all_rules=all_rules)
            rules = [] if judging is None else [judging.rules[place] for place in judging.errors]
            found = self._errors[operation, all_rules] = rules
        return found

    def touched(self, operation: str, place: int) -> tuple[Sequence[int], Sequence[int]]:
        """Return which errors of an operation look at what an action changes, and which do not.

        After an action that leads to another operation, all errors of that one are new.
        """
        if (found := self._touched.get((operation, place))) is None:
            action = self.actions[place]
            rules = self.errors(action.remedy.instead or operation)
            touched = [
                number
                for number, rule in enumerate(rules)
                if action.remedy.instead or not action.changed.isdisjoint(rule.facts)
            ]
            others = [] if action.remedy.instead else sorted(set(range(len(rules))).difference(touched))
            found = self._touched[operation, place] = touched, others
        return found

    def warnings(self, operation: str) -> Sequence[Rule]:
        """Return the rules of severity warning of an operation."""
        judging = self.judging(operation)
        return [judging.rules[place] for place in judging.warnings]

    def read_by(self, place: int) -> frozenset[str]:
        """Return the facts that say whether an action can be done, and what it makes of others."""
        return self._read[place]

    def unmended(self, place: int, others: Some) -> Sequence[int]:
        """Return the questions about what can stop an action, whatever some other ones do before it."""
        key = place, others & self._menders[place]
        if (found := self._unmended.get(key)) is None:
            every = self._stopped_by[place]
            stops = [number for number, touchers in every if not touchers & others]
            found = self._unmended[key] = (self.any_of(stops),) if stops else ()
        return found

    def made_of(self, place: int) -> frozenset[str]:
        """Return the facts that an action makes others of."""
        return self._made_of[place]

    def going_through(self, action: Action, rule: Rule) -> frozenset[str]:
        """Return the facts that a rule looks at where an action goes through another operation."""
        if (found := self._going_through.get((action.place, rule.id))) is None:
            through = action.remedy.through
            found = traced(rule.facts, () if through is None else through.facts)
            self._going_through[action.place, rule.id] = found
        return found

    def rule(self, name: str) -> Rule:
        """Return a rule by its id."""
        return self._rules[name]

    def looked_at(self, place: int) -> Sequence[str]:
        """Return the facts that say whether an action changes nothing, in some order."""
        return self._looked_at[place]

    def number(self, question: Question) -> int:
        """Return the number of a question."""
        return self._numbered.of(question, question)

    def outcome(self, rule: Rule, changed: Changed) -> int:
        """Return the number of the question whether a rule fails after changes; its other parts follow.

        It is `never` where steps have seen to it that the rule passes.
        """
        key = rule.id, _terms(rule.facts, changed)
        if (found := self._outcomes.get(key)) is None:
            when, required = (self.formulas.of(each, changed) for each in (rule.when, rule.required))
            is_settled = when == FALSE or required == TRUE
            if not is_settled:
                found, *_ = [self.number(("outcome", rule.id, (when, required), part)) for part in range(PARTS)]
            else:
                found = self.never
            self._outcomes[key] = found
        return found

    def blocked(self, place: int, changed: Changed) -> int:
        """Return the number of the question whether an action can't be done after some changes."""
        return self.any_of([number for _, number in self.stops(place, changed)])

    def any_of(self, numbers: Iterable[int]) -> int:
        """Return the number of the question whether one of some is answered with yes."""
        every = tuple(dict.fromkeys(numbers))
        return every[0] if len(every) == 1 else self.number(("blocked", "", every, 0)) if every else self.never

    def unchanged(self, place: int, changed: Changed) -> int:
        """Return the number of the question whether an action changes nothing after some changes."""
        return self.number(("unchanged", str(place), _terms(self._looked_at[place], changed), 0))

    def stops(self, place: int, changed: Changed) -> Sequence[Stop]:
        """Return what can stop an action after some changes."""
        key = place, _terms(self._read_in_order[place], changed)
        if (found := self._stops.get(key)) is None:
            every = self._each_stop(place, changed)
            found = self._stops[key] = [stop for stop in every if stop[1] != self.never + NOT_PASSING]
        return found

    def _each_stop(self, place: int, changed: Changed) -> Iterator[Stop]:
        action = self.actions[place]
        for condition in _required(action):
            formula = self.formulas.of(condition, changed, stated=True)
            if formula != TRUE:
                yield frozenset(fields(condition)), self.number(("required", "", (formula,), 0))
        if (through := action.remedy.through) is not None:
            inside = self.facts_become.after(through.facts, changed)
            for rule in self.errors(through.operation, True):
                yield self.going_through(action, rule), self.outcome(rule, inside) + NOT_PASSING

    @cached_property
    def facts(self) -> frozenset[str]:
        """The facts that plans hang on."""
        operations = {self.operation, *(a.remedy.instead for a in self.actions if a.remedy.instead)}
        found = {name for op in operations if (own := self.workshop.judging(op)) for name in own.looked_at}
        return frozenset(found.union(*self._read))

    def orders(self, some: Some) -> Sequence[Order]:
        """Return the orders of some actions that may end differently, each the first of those that end alike."""
        if (found := self._orders.get(some)) is None:
            every, turning = permutations(ones(some)), self._commuting
            found = self._orders[some] = tuple(
                [each for each in every if not any(a > b and turning[a] >> b & 1 for a, b in pairwise(each))]
            )
        return found

    @cached_property
    def stopped(self) -> Sequence[Sequence[tuple[Some, int]]]:
        """What can stop each action before any step: the actions that change what it looks at, and the question."""
        places = range(len(self.actions))
        return [[(self.changing(facts), number) for facts, number in self.stops(place, {})] for place in places]

    @cached_property
    def _commuting(self) -> Sequence[Some]:
        """The actions that come to the same after each action as before it."""
        places = range(len(self.actions))
        return [sum(1 << other for other in places if self._commute(place, other)) for place in places]

    def touchers(self, names: Iterable[str], order: Order = ()) -> int:
        """Return the actions that change one of these facts, or what the effects of others make it of, as bits."""
        return self._touched_by(frozenset(names), self._linked(order))

    def error_touchers(self, operation: str, order: Order) -> tuple[int, ...]:
        """Return the same of the facts of each error of an operation."""
        key = operation, self._linked(order)
        if (found := self._error_touchers.get(key)) is None:
            found = tuple([self.touchers(rule.facts, order) for rule in self.errors(operation)])
            self._error_touchers[key] = found
        return found

    def _linked(self, order: Order) -> Order:
        return tuple(sorted(self._copying.intersection(order)))

    def _touched_by(self, names: frozenset[str], linked: Order) -> int:
        key = self._some_facts.of(names, names), linked
        if (found := self._touchers.get(key)) is None:
            effects = [effect for place in linked for effect in self.actions[place].remedy.effects]
            found = self._touchers[key] = self._leading | self.changing(traced(names, effects))
        return found

    def changing(self, names: Iterable[str]) -> int:
        """Return the actions that change one of these facts, as bits."""
        return union(self._touching.get(name, 0) for name in names)

    def read_or_changed(self, action: Action) -> frozenset[str]:
        """Return the facts that an action changes, and those that it makes them of."""
        return action.changed.union(name for effect in action.remedy.effects for name in sources(effect))

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


def _terms(names: Sequence[str], changed: Changed) -> tuple[int, ...]:
    """Return what some facts have become."""
    return tuple([changed.get(name, 0) for name in names])
