"""Steps that choose, made real: which of the flavors, or of the images, that are known to exist would be chosen.

Nearest first, by the distance that the pack gives. Of those that come to the same, or to less, the nearest is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

from imagefit.facts import Facts
from imagefit.planning.distance import distance_from
from imagefit.planning.judging import Judging
from imagefit.planning.workshop import Action, State, Workshop
from imagefit.rulepack.pack import Choice
from imagefit.values import dataclass

__all__ = ["Known", "Real", "real_actions"]

MOST_REAL = 12
"""So many of what comes to different ends are tried."""


@dataclass(frozen=True, slots=True)
class Real:
    """Something that exists and could be chosen.

    Attributes
    ----------
    name, facts, assumed
        What it is called, its facts, and which of these are assumed.
    apart
        How far it is from what was asked for, by what is only likely of that.
    """

    name: str
    facts: Facts
    assumed: frozenset[str] = frozenset()
    apart: float = 0.0


Known = Mapping[str, Sequence[Real]]
"""What is known to exist, by the names of the pack's choices; of what is not in it, nothing is known."""


def real_actions(workshop: Workshop, actions: Sequence[Action], start: State, known: Known) -> list[Action]:
    """Return the actions with those that choose made real, where it is known what there is to choose from."""
    found: dict[int, list[Action]] = {}
    for name, some in known.items():
        choosing = [action for action in actions if action.remedy.chooses == name]
        if choosing:
            for action in _nearest(workshop, workshop.pack.choices[name], choosing, start, some):
                found.setdefault(action.place, []).append(action)
    return [
        each
        for action in actions
        for each in (found.get(action.place, ()) if action.remedy.chooses in known else (action,))
    ]


@dataclass(frozen=True, slots=True)
class _End:
    """What choosing something comes to: the action, and the rules that stay open or warn."""

    action: Action
    kind: Hashable
    open: frozenset[int]

    def is_no_better_than(self, other: _End) -> bool:
        return self.kind == other.kind and other.open <= self.open


def _nearest(
    workshop: Workshop, choice: Choice, choosing: Sequence[Action], start: State, some: Sequence[Real]
) -> Iterator[Action]:
    """Yield what can be chosen, each by a remedy that is named by a rule, or touches one, which it then satisfies."""
    judging = workshop.judging(start.operation)
    assert judging is not None
    wanted = {each.fact: start.facts[each.fact] for each in choice.distance if each.fact in start.facts}
    open_rules = [
        judging.rules[place] for place in (*judging.failing(start.outcomes), *judging.undecided(start.outcomes))
    ]
    named = [(each, rule.id) for rule in open_rules for each in choosing if each.remedy.id in rule.remedies]
    named += [(each, rule.id) for rule in open_rules for each in choosing if not each.changed.isdisjoint(rule.facts)]
    alike: dict[Hashable, list[Real]] = {}
    told = _told_apart(workshop, start, named, choice)
    for kind, real in zip(told([real.facts for real in some]), some, strict=True):
        alike.setdefault(kind, []).append(real)

    distance = distance_from(choice, wanted)

    def far(real: Real) -> tuple[float, str]:
        return distance(real.facts) + real.apart, real.name

    promised = {each.place: _promised(workshop, each, start) for each in choosing}
    ending = [each for each in alike.values() if _end(workshop, choice, named, promised, start, each[0]) is not None]
    kept: list[_End] = []
    for real in sorted((min(each, key=far) for each in ending), key=far):
        end = _end(workshop, choice, named, promised, start, real)
        if end is not None and not any(map(end.is_no_better_than, kept)):
            kept.append(end)
            yield end.action
            if len(kept) == MOST_REAL:
                return


def _told_apart(
    workshop: Workshop, start: State, named: Iterable[tuple[Action, str]], choice: Choice
) -> Callable[[Sequence[Facts]], Sequence[Hashable]]:
    """Return what tells apart what can be chosen, by the rules of the operations that this may lead to."""
    operations = {start.operation, *(action.remedy.instead for action, _ in named if action.remedy.instead)}
    judgings = [judging for name in sorted(operations) if (judging := workshop.judging(name)) is not None]
    by = [judging.told_apart(frozenset(choice.facts), start.facts) for judging in judgings]
    return lambda every: list(zip(*[told(every) for told in by], strict=True))


def _promised(workshop: Workshop, action: Action, start: State) -> frozenset[int]:
    """Return the rules that something settles that is just what a remedy says: what exists has to settle them, too."""
    after = workshop.done(action, start)
    if not isinstance(after, State) or (judging := workshop.judging(after.operation)) is None:
        return frozenset()
    still = _open(judging, after)
    touched = [place for place, rule in enumerate(judging.rules) if not action.changed.isdisjoint(rule.facts)]
    return frozenset(touched) - still


def _end(
    workshop: Workshop,
    choice: Choice,
    named: Sequence[tuple[Action, str]],
    promised: Mapping[int, frozenset[int]],
    start: State,
    real: Real,
) -> _End | None:
    """Return what choosing something comes to, by the first remedy that it is true of and whose rule it satisfies."""
    chosen = real.name, {name: real.facts.get(name) for name in choice.facts}
    ends: dict[int, tuple[_End, frozenset[str]] | None] = {}
    for action, rule in named:
        if action.place not in ends:
            made = Action(action.place, action.remedy, chosen, real.assumed.intersection(choice.facts))
            ends[action.place] = _ended(workshop, made, start)
        end = ends[action.place]
        if end is not None and rule not in end[1] and promised[action.place].isdisjoint(end[0].open):
            return end[0]
    return None


def _ended(workshop: Workshop, made: Action, start: State) -> tuple[_End, frozenset[str]] | None:
    """Return what an action comes to, and the rules that are open then; None if it can't be done."""
    after = workshop.done(made, start)
    if not isinstance(after, State) or (judging := workshop.judging(after.operation)) is None:
        return None
    still = {*judging.failing(after.outcomes), *judging.undecided(after.outcomes)}
    end = _End(made, (after.operation, made.remedy.cost), _open(judging, after))
    return end, frozenset(judging.rules[place].id for place in still)


def _open(judging: Judging, after: State) -> frozenset[int]:
    """Return the places of the rules that fail, are unknown or warn."""
    of = after.outcomes
    return frozenset([*judging.failing(of), *judging.undecided(of), *judging.warned(of)])
