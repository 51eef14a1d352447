"""The remedies of a pack made ready to be tried: which touch a fact, what stops one, and what comes of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from functools import cached_property

from imagefit.conditions import TRUE, fields
from imagefit.errors import InputError
from imagefit.evaluators.reference import truth
from imagefit.explanations.remedies.effects import applied
from imagefit.facts import Facts, Value
from imagefit.planning.judging import Judging
from imagefit.rulepack.pack import Effect, Outcome, Pack, Remedy, Severity, Through
from imagefit.values import dataclass, replace

__all__ = ["Action", "Blocked", "State", "Workshop", "sources", "traced"]


@dataclass(frozen=True, eq=False)
class Action:
    """Something that can be done to a candidate: a remedy.

    Attributes
    ----------
    place
        Where the remedy stands in the pack.
    chosen
        What it chooses, by name, with the facts of it; None where it chooses nothing that is known.
    assumed
        The facts of what it chooses that are assumed.
    """

    place: int
    remedy: Remedy
    chosen: tuple[str, Mapping[str, Value | None]] | None = None
    assumed: frozenset[str] = frozenset()

    @cached_property
    def changed(self) -> frozenset[str]:
        """The names of the facts that it changes."""
        if self.chosen is not None:
            return frozenset(self.chosen[1])
        return frozenset(effect.fact for effect in self.remedy.effects)

    @cached_property
    def needed(self) -> frozenset[str]:
        """The names of the facts that say whether it can be done."""
        return frozenset(fields(self.remedy.requires))

    def can_follow(self, operation: str) -> bool:
        """Whether it is something to do for an operation: what leads to another one has to lead elsewhere."""
        return self.remedy.is_for(operation) and self.remedy.instead != operation

    def applied(self, facts: Facts) -> Facts:
        """Return the facts of a candidate after it."""
        if self.chosen is None:
            return applied(self.remedy.effects, facts)
        after = {name: value for name, value in facts.items() if name not in self.chosen[1]}
        return after | {name: value for name, value in self.chosen[1].items() if value is not None}


@dataclass(frozen=True, eq=False, slots=True)
class State:
    """A candidate after some steps.

    Attributes
    ----------
    assumed
        The facts that are assumed.
    relied
        The assumptions that the steps so far rest on.
    outcomes
        What the rules of the operation say.
    """

    operation: str
    facts: Facts
    assumed: frozenset[str]
    relied: frozenset[str]
    outcomes: Sequence[Outcome]


@dataclass(frozen=True, eq=False, slots=True)
class Blocked:
    """That a step can't be done: one of these facts would have to be another; of none, nothing helps.

    `looked` are the facts that were looked at to see that.
    """

    facts: frozenset[str] = frozenset()
    looked: frozenset[str] = frozenset()


@dataclass(eq=False)
class Workshop:
    """The remedies of a pack, for the rules that are selected.

    Attributes
    ----------
    warns
        Whether rules that are no errors are judged, too.
    actions
        The remedies that do something, in the order of the pack.
    """

    pack: Pack
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    warns: bool = True
    actions: tuple[Action, ...] = ()
    _for: dict[str, tuple[Action, ...]] = field(default_factory=dict)
    _judging: dict[tuple[str, bool], Judging | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        remedies = enumerate(self.pack.remedies.values())
        self.actions = tuple(Action(place, r) for place, r in remedies if r.effects or r.instead)

    def actions_for(self, operation: str) -> tuple[Action, ...]:
        """Return the actions that can be done for an operation, or for one that others lead to instead of it."""
        if operation not in self._for:
            reached, size = {operation}, 0
            while size != len(reached):
                size = len(reached)
                reached |= {
                    a.remedy.instead for a in self.actions if a.remedy.instead and any(map(a.remedy.is_for, reached))
                }
            self._for[operation] = tuple(a for a in self.actions if any(map(a.remedy.is_for, reached)))
        return self._for[operation]

    def judging(self, operation: str, *, all_rules: bool = False) -> Judging | None:
        """Return what judges by the selected rules of an operation, or by all; None if there is none."""
        key = operation, all_rules
        if key not in self._judging:
            self._judging[key] = self._judging_of(operation, all_rules)
        return self._judging[key]

    def _judging_of(self, operation: str, all_rules: bool) -> Judging | None:
        try:
            rules = (
                self.pack.rules_for(operation)
                if all_rules
                else self.pack.chosen_rules(operation, self.select, self.ignore)
            )
        except InputError:
            return None
        return Judging([rule for rule in rules if self.warns or rule.severity is Severity.ERROR])

    def start(self, operation: str, facts: Facts, assumed: Iterable[str]) -> State:
        """Return a candidate before any step."""
        judging = self.judging(operation)
        outcomes = [] if judging is None else judging.outcomes(facts)
        return State(operation, facts, frozenset(assumed), frozenset(), outcomes)

    def done(self, action: Action, state: State) -> State | Blocked:
        """Do something to a candidate; what it needs must be known, and not assumed."""
        remedy, facts, assumed = action.remedy, state.facts, state.assumed
        if not action.can_follow(state.operation):
            return Blocked()
        if remedy.requires is not TRUE:
            known = facts
            if not assumed.isdisjoint(action.needed):
                known = {name: value for name, value in facts.items() if name not in assumed}
            if truth(remedy.requires, known) is not True:
                return Blocked(action.needed, action.needed)
        relied = state.relied
        if remedy.through is not None:
            passage = self._passage(remedy.through, state)
            if isinstance(passage, Blocked):
                return replace(passage, looked=passage.looked | action.needed)
            relied |= passage
        after = action.applied(facts)
        operation = remedy.instead or state.operation
        if (judging := self.judging(operation)) is None:
            return Blocked()
        if remedy.instead:
            outcomes = judging.outcomes(after)
        else:
            changed = [name for name in action.changed if after.get(name) != facts.get(name)]
            if not changed:  # unless what it copies becomes another
                return Blocked(frozenset(name for effect in remedy.effects for name in sources(effect)))
            outcomes = judging.after(state.outcomes, changed, after)
        still = assumed
        if assumed and action.chosen is None:
            copied = {e.fact for e in remedy.effects if not assumed.isdisjoint(sources(e))}
            still = (assumed - action.changed) | copied
        elif action.chosen is not None:
            still = (assumed - action.changed) | action.assumed
        return State(operation, after, frozenset(name for name in still if name in after), relied, outcomes)

    def looked_at(self, action: Action, operations: Iterable[str]) -> frozenset[str]:
        """Return the facts that say what an action comes to, for one of some operations."""
        remedy = action.remedy
        found: set[str] = set()
        for operation in {*operations, *([remedy.instead] if remedy.instead else ())}:
            if (judging := self.judging(operation)) is not None:
                found |= judging.looked_at if remedy.instead else judging.looked_at_with(action.changed)
        found = set(_without_constants(found, remedy.effects)) | action.needed
        found.update(name for effect in remedy.effects for name in sources(effect))
        if remedy.through is not None and (judging := self.judging(remedy.through.operation, all_rules=True)):
            found |= _without_constants(traced(judging.looked_at, remedy.through.facts), remedy.through.facts)
        return frozenset(found)

    def passage(self, through: Through, facts: Facts) -> Facts:
        """Return the facts with which an operation is gone through."""
        return applied(through.facts, facts)

    def _passage(self, through: Through, state: State) -> Blocked | frozenset[str]:
        """Return the assumptions that going through an operation rests on, or what stops it."""
        judging = self.judging(through.operation, all_rules=True)
        assert judging is not None
        facts = self.passage(through, state.facts)
        if (wrong := judging.first_wrong(facts)) is not None:
            looked = _without_constants(traced(judging.looked_at, through.facts), through.facts)
            return Blocked(traced(judging.rules[wrong].facts, through.facts), looked)
        return state.assumed & traced(judging.looked_at, through.facts)


def sources(effect: Effect) -> tuple[str, ...]:
    """Return the facts that an effect makes its fact of; what is added to a set is made of the set, too."""
    names = (effect.same_as, effect.add_from, effect.fact if effect.add or effect.add_from else None)
    return tuple([name for name in names if name is not None])


def _without_constants(names: Iterable[str], effects: Iterable[Effect]) -> frozenset[str]:
    """Return the facts without those that the effects make the same of, whatever they were."""
    every = list(effects)
    used = {name for effect in every for name in sources(effect)}
    return frozenset(names) - ({effect.fact for effect in every} - used)


def traced(names: Iterable[str], effects: Iterable[Effect]) -> frozenset[str]:
    """Return the facts, with those that the effects make them of."""
    found = set(names)
    size = -1
    every = list(effects)
    while len(found) != size:
        size = len(found)
        for effect in every:
            if effect.fact in found:
                found.update(sources(effect))
    return frozenset(found)
