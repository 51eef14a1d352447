"""What a search for plans asks of many candidates, and the answers: a bit for each, each question worked out once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from imagefit.columns.column import Encoded
from imagefit.conditions import fields
from imagefit.planning.bits import Bits, Changed, TruthBits
from imagefit.planning.covering import ones, union, without
from imagefit.planning.moves import Moves, required
from imagefit.planning.search import MOST_STEPS
from imagefit.rulepack.pack import Rule

__all__ = ["Answers", "Outcome", "Stop"]


class Outcome(NamedTuple):
    """Where a rule fails; where it fails or is unknown; and where it does one that it did not before any step.

    `number` is that of the question whether it fails; those of the others follow.
    """

    failing: Bits
    not_passing: Bits
    worse: Bits
    number: int


class Stop(NamedTuple):
    """What can stop an action: where it does, the facts of which one would have to be another, and the question."""

    facts: frozenset[str]
    where: Bits
    number: int


class Answers:
    """Answers what is asked of some candidates."""

    def __init__(self, moves: Moves, candidates: Encoded) -> None:
        self.moves, self._truths = moves, TruthBits(candidates, moves.facts_become)
        self.rows, self.every, self.has_assumed = candidates.rows, self._truths.every, self._truths.has_assumed
        self._outcomes: dict[tuple[str, tuple[int, ...]], Outcome] = {}
        self._required: dict[tuple[int, tuple[int, ...]], list[Stop]] = {}
        self._blocks: dict[tuple[int, tuple[int, ...]], tuple[Bits, int]] = {}

    def answer(self, number: int) -> Bits:
        """Return where a question is answered with yes."""
        name, about, terms, part = self.moves.questions[number]
        if isinstance(about, str):
            rule = self.moves.rule(about)
            return self.outcome(rule, dict(zip(rule.facts, terms, strict=True)))[part]
        if name == "alive":
            return self.alive[about]
        changed = dict(zip(self.moves.looked_at(name, about), terms, strict=True))
        if name == "required":
            return self._not_required(about, changed)[part].where
        return self.blocked(about, changed)[0] if name == "blocked" else self.unchanged(about, changed)[0]

    def outcome(self, rule: Rule, changed: Changed) -> Outcome:
        """Return where a rule comes out how after some changes."""
        key = rule.id, tuple([changed.get(name, 0) for name in rule.facts])
        if (found := self._outcomes.get(key)) is None:
            when, required = self._truths.truths(rule.when, changed), self._truths.truths(rule.required, changed)
            failing, not_passing = when.true & required.false, self.every & ~(when.false | required.true)
            before = self.outcome(rule, {}) if any(key[1]) else None
            undecided_before = 0 if before is None else before.not_passing & ~before.failing
            worse = failing if before is None else not_passing & ~(undecided_before & ~failing)
            number, *_ = [self.moves.number(("outcome", *key, part)) for part in range(3)]
            found = self._outcomes[key] = Outcome(failing, not_passing, worse, number)
        return found

    def blocked(self, place: int, changed: Changed) -> tuple[Bits, int]:
        """Return where an action can't be done, and the question."""
        key = place, self.moves.terms("blocked", place, changed)
        if (found := self._blocks.get(key)) is None:
            where = union(stop.where for stop in self.stopping(place, changed))
            found = self._blocks[key] = where, self.moves.number(("blocked", *key, 0))
        return found

    def stopping(self, place: int, changed: Changed) -> list[Stop]:
        """Return what can stop an action."""
        moves, action = self.moves, self.moves.actions[place]
        found = [*self._not_required(place, changed)]
        if (through := action.remedy.through) is not None:
            inside = moves.facts_become.after(through.facts, changed)
            for rule in moves.errors(through.operation, True):
                outcome = self.outcome(rule, inside)
                found.append(Stop(moves.going_through(action, rule), outcome.not_passing, outcome.number + 1))
        return found

    def unchanged(self, place: int, changed: Changed) -> tuple[Bits, int]:
        """Return where an action changes nothing, which matters only of what is assumed: that is known after it."""
        action, number = self.moves.actions[place], -1
        if action.remedy.instead or not self.has_assumed:
            return 0, number
        number = self.moves.number(("unchanged", place, self.moves.terms("unchanged", place, changed), 0))
        after = self.moves.facts_become.after(action.remedy.effects, changed)
        return self.every & ~union(self._truths.differ(name, changed, after) for name in action.changed), number

    @cached_property
    def alive(self) -> Sequence[Bits]:
        """Where each action can be done, as far as others can mend what stops it."""
        places = range(len(self.moves.actions))
        stops = [[(self.moves.changing(s.facts), s.where) for s in self.stopping(place, {})] for place in places]
        alive = [self.every & ~union(where for _, where in each) for each in stops]
        for _ in range(MOST_STEPS - 1):
            alive = [
                without(self.every, (where & ~union(alive[other] for other in ones(others)) for others, where in each))
                for each in stops
            ]
        return alive

    def hopeful(self, goal: str) -> Bits:
        """Return where each error that is wrong, by that field of its outcome, has an action that may mend it."""
        found = self.every
        for rule in self.moves.errors(self.moves.operation):
            wrong: Bits = getattr(self.outcome(rule, {}), goal)
            found &= ~without(wrong, (self.alive[place] for place in ones(self.moves.touchers(rule.facts))))
        return found

    def _not_required(self, place: int, changed: Changed) -> list[Stop]:
        key = place, self.moves.terms("required", place, changed)
        if (found := self._required.get(key)) is None:
            parts = required(self.moves.actions[place])
            truths = (self._truths.truths(part, changed, stated=True) for part in parts)
            numbers = (self.moves.number(("required", *key, part)) for part in range(len(parts)))
            found = self._required[key] = [
                Stop(frozenset(fields(part)), self.every & ~truth.true, number)
                for part, truth, number in zip(parts, truths, numbers, strict=True)
            ]
        return found
