"""Steps that choose, made real: which of the flavors, or of the images, that are known to exist would be chosen.

Nearest first, by the distance that the pack gives. Of those that come to the same, or to less, the nearest is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import overload

from imagefit.facts import Facts
from imagefit.planning.distance import distance_from
from imagefit.planning.judging import Judging
from imagefit.planning.workshop import Action, State, Workshop
from imagefit.rulepack.pack import Choice
from imagefit.rulepack.remembered import Remembered
from imagefit.values import dataclass

__all__ = ["Known", "Others", "Real", "real_actions"]

MOST_REAL = 12
"""So many of what comes to different ends are tried."""

REMEMBERED = 64
"""Of so many kinds of candidates it is remembered what tells a list apart."""


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


class Others(Sequence[Real]):
    """What a list has to choose from, without a candidate's own one; what tells it apart is worked out once for many.

    Parameters
    ----------
    listed
        What the list has, each with its id.
    own
        The id of what is left out; None: nothing is.
    """

    def __init__(
        self,
        listed: Sequence[tuple[str, Real]],
        own: str | None = None,
        memory: Remembered[Hashable, list[list[int]]] | None = None,
    ) -> None:
        self._listed, self._own = listed, own
        self._memory = Remembered[Hashable, list[list[int]]](REMEMBERED) if memory is None else memory

    def items(self) -> Sequence[tuple[str, Real]]:
        """Return all that the list has, each with its id."""
        return self._listed

    def beside(self, own: str) -> Others:
        """Return the same list without another one."""
        return Others(self._listed, own, self._memory)

    @overload
    def __getitem__(self, index: int) -> Real: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Real]: ...
    def __getitem__(self, index: int | slice) -> Real | Sequence[Real]:
        return [*self][index]

    def __len__(self) -> int:
        return sum(name != self._own for name, _ in self._listed)

    def __iter__(self) -> Iterator[Real]:
        return (real for name, real in self._listed if name != self._own)

    def alike(self, key: Hashable, told: Callable[[Sequence[Facts]], Sequence[Hashable]]) -> Iterator[list[Real]]:
        """Yield those of which something says the same, together; what has the same key says the same of each."""
        if (found := self._memory.get(key)) is None:
            groups: dict[Hashable, list[int]] = {}
            for place, kind in enumerate(told([real.facts for _, real in self._listed])):
                groups.setdefault(kind, []).append(place)
            found = self._memory.remember(key, list(groups.values()))
        for places in found:
            some = [self._listed[place] for place in places]
            if own := [real for name, real in some if name != self._own]:
                yield own


Known = Mapping[str, Others]
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
    workshop: Workshop, choice: Choice, choosing: Sequence[Action], start: State, some: Others
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
    alike = list(some.alike(*_told_apart(workshop, start, named, choice)))
    distance = distance_from(choice, wanted)

    def far(real: Real) -> tuple[float, str]:
        return distance(real.facts) + real.apart, real.name

    promised = {each.place: _promised(workshop, each, start) for each in choosing}
    ending = [each for each in alike if _end(workshop, choice, named, promised, start, each[0]) is not None]
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
) -> tuple[Hashable, Callable[[Sequence[Facts]], Sequence[Hashable]]]:
    """Return what tells apart what can be chosen, by the rules of the operations that this may lead to; and its key."""
    operations = {start.operation, *(action.remedy.instead for action, _ in named if action.remedy.instead)}
    judgings = [judging for name in sorted(operations) if (judging := workshop.judging(name)) is not None]
    by = [judging.told_apart(frozenset(choice.facts), start.facts) for judging in judgings]
    rest = frozenset((name, value) for name, value in start.facts.items() if name not in choice.facts)
    key = choice.name, tuple(judgings), rest
    return key, lambda every: list(zip(*[told(every) for told in by], strict=True))


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
