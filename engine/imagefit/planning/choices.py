"""Which of many alternatives fit, the nearest first, which would with one step, and why the others do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Column, Constant, Encoded
from imagefit.columns.stacking import encode_facts, filled
from imagefit.conditions import affirmed
from imagefit.explanations.alike import linked_facts
from imagefit.explanations.cases import Cases, UnknownCases, cases_by_value, cases_of
from imagefit.facts import Facts, Value
from imagefit.planning.distance import distance
from imagefit.planning.looking import compared
from imagefit.planning.planner import PackPlanner
from imagefit.rulepack.pack import Choice
from imagefit.supply import Completed, Same, Supply
from imagefit.verdicts import Plan, VerdictKind

__all__ = ["Alternatives", "Suggestion", "Suggestions", "promising", "suggestions"]


@dataclass(frozen=True, eq=False, slots=True)
class Alternatives:
    """Things of which one could be chosen, and the rest of the candidate, which is the same with all of them.

    Attributes
    ----------
    keys, names
        What each is called.
    facts, assumed
        The facts of each, and the names of those that are assumed.
    rest, given
        The facts of the rest of the candidate, and those that hold whatever anybody says.
    supply
        What is assumed of the candidates.
    put
        Returns the candidate that the alternative at a place would make.
    """

    keys: Sequence[str]
    names: Sequence[str]
    facts: Sequence[Facts]
    assumed: Sequence[Sequence[str]]
    rest: Facts
    given: Facts
    supply: Supply
    put: Callable[[int], Completed]

    def cases(self, planner: PackPlanner) -> Cases | None:
        """Tell apart those on which a comparison of the rules, or of what can be done, comes out otherwise."""
        numbers: dict[tuple[int, tuple[str, ...]], int] = {}  # many have the facts of one that was read like them
        alike = zip(map(id, self.facts), map(tuple, self.assumed), strict=True)
        codes = [numbers.setdefault(each, len(numbers)) for each in alike]
        if len(numbers) == len(codes):
            return self._told_apart(planner)
        _, places = np.unique(codes, return_index=True)
        first = places.tolist()
        few = replace(self, facts=[self.facts[row] for row in first], assumed=[self.assumed[row] for row in first])
        told = few._told_apart(planner)
        return None if told is None else Cases(told.codes[codes], places[told.examples])

    def _told_apart(self, planner: PackPlanner) -> Cases | None:
        """Return what `cases` does, of alternatives none of which has the facts of another one."""
        fields = planner.pack.fields
        own = encode_facts(self.facts, fields)
        columns: dict[str, Column] = {**{name: Constant(value) for name, value in self.rest.items()}, **own.columns}
        for name in self.rest.keys() & own.columns.keys():
            columns[name], _ = filled(own.columns[name], Constant(self.rest[name]), fields[name])
        both = [own.columns[name] for name in self.rest if name in own.columns and name not in self.given]
        columns |= {name: Constant(value) for name, value in self.given.items()}
        digits = []
        for name, assumption in self.supply.assumptions.items():
            other = columns.get(assumption.fact) if isinstance(assumption, Same) else Constant(assumption)
            if other is not None:
                columns[name], mask = filled(columns.get(name), other, fields[name])
                if mask is not None and len(mask) == own.rows:
                    digits.append((mask.view(np.uint8), 2))
        names = {name: place for place, name in enumerate(dict.fromkeys(map(tuple, self.assumed)))}
        if len(names) > 1:
            digits.append((np.array([names[tuple(each)] for each in self.assumed]), len(names)))
        leaves, whole = compared(planner.workshop, planner.operation)
        told = UnknownCases(leaves, linked_facts(map(affirmed, leaves), fields), fields)
        for found in (
            told.of(Encoded(own.rows, columns)),
            cases_by_value([*both, *(columns.get(name) for name in sorted(whole))]),
        ):
            if found is not None:
                digits.append((found.codes, len(found.examples)))
        return cases_of(digits)

    def distances(self, choice: Choice, wanted: Facts) -> NDArray[np.float64]:
        """Return how far each is from what is wanted."""
        names = list(dict.fromkeys(each.fact for each in choice.distance if each.fact in wanted))
        seen: dict[tuple[Value | None, ...], float] = {}
        found = np.zeros(len(self))
        for row, facts in enumerate(self.facts if names else ()):
            key = tuple(map(facts.get, names))
            if key not in seen:
                seen[key] = distance(choice, wanted, facts)
            found[row] = seen[key]
        return found

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An alternative, how far it is from what was asked for, and what it comes to.

    Attributes
    ----------
    plan
        One step that would make it fit; None where it fits, or nothing known speaks against it.
    missing
        The facts that could still change the verdict.
    facts
        What is known of it, of the facts that say what is near.
    """

    key: str
    name: str
    distance: float
    verdict: VerdictKind
    facts: Facts
    plan: Plan | None = None
    missing: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return it as JSON data."""
        return {
            "key": self.key,
            "name": self.name,
            "distance": round(self.distance, 3),
            "verdict": self.verdict.value,
            "facts": {name: sorted(of) if isinstance(of, frozenset) else of for name, of in self.facts.items()},
            "plan": None if self.plan is None else self.plan.to_dict(),
            "missing": list(self.missing),
            "assumed": list(self.assumed),
        }


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What of many alternatives fits, the nearest first.

    Attributes
    ----------
    what, side
        What is chosen, in words, and which part of a candidate it is: ``image`` or ``ecs``.
    wanted
        What was asked for.
    fitting, undecided, one_step
        The nearest of those that are compatible; of those that nothing known speaks against; and of those that one
        step, which chooses nothing else, would make one of these.
    counts
        How many there are of each of these, and of `others`, which do not fit in one step.
    reasons
        By rule, how many of the others it stops.
    """

    what: str
    side: str
    wanted: Facts
    fitting: tuple[Suggestion, ...]
    undecided: tuple[Suggestion, ...]
    one_step: tuple[Suggestion, ...]
    counts: Mapping[str, int]
    reasons: tuple[tuple[str, int], ...]

    @property
    def others(self) -> int:
        """How many do not fit in one step."""
        return self.counts["others"]

    def to_dict(self) -> dict[str, object]:
        """Return them as JSON data."""
        return {
            "what": self.what,
            "counts": dict(self.counts),
            "fitting": [each.to_dict() for each in self.fitting],
            "undecided": [each.to_dict() for each in self.undecided],
            "one_step": [each.to_dict() for each in self.one_step],
            "reasons": dict(self.reasons),
        }


@dataclass(frozen=True, slots=True)
class _Case:
    """What all alternatives of a case come to; `kind` is one of the counts of `Suggestions`."""

    kind: str
    verdict: VerdictKind
    failing: tuple[str, ...]
    missing: tuple[str, ...]


def suggestions(
    planner: PackPlanner,
    choice: Choice,
    alternatives: Alternatives,
    wanted: Facts,
    missing_of: Callable[[Completed], Sequence[str]],
    like: str | None = None,
    most: int = 0,
    *,
    one_step: bool = True,
) -> Suggestions:
    """Return which alternatives fit, which would with one step, and why the others do not.

    Those that no comparison tells apart are judged once.

    Parameters
    ----------
    wanted
        Facts of what is asked for: the nearest to them comes first.
    missing_of
        Returns what is missing of a candidate whose verdict is unknown.
    like
        The key of what comes before others that are as near.
    most
        So many of each kind are returned; 0: all.
    one_step
        Whether to look for steps, too.
    """
    keys, far = alternatives.keys, alternatives.distances(choice, wanted)
    counts = dict.fromkeys(("fitting", "undecided", "one_step", "others"), 0)
    reasons: Counter[str] = Counter()
    rows: dict[str, list[int]] = {kind: [] for kind in counts}
    cases: dict[int, _Case] = {}
    for case, some in _cases(planner, alternatives, missing_of, one_step):
        counts[case.kind] += len(some)
        if case.kind == "others":
            reasons.update(dict.fromkeys(case.failing, len(some)))
        else:
            rows[case.kind] += some
            cases.update(dict.fromkeys(some, case))

    near = list(dict.fromkeys(each.fact for each in choice.distance))

    def shown(kind: str) -> Iterator[Suggestion]:
        nearest = sorted(rows[kind], key=lambda row: (far[row], keys[row] != like, keys[row]))
        for row in nearest[: most or None]:
            case, candidate = cases[row], alternatives.put(row)
            plan = planner.one_step(candidate.facts, sorted(candidate.used)) if case.failing else None
            looked_at = planner.judging(planner.operation).looked_at
            own = alternatives.facts[row]
            yield Suggestion(
                keys[row],
                alternatives.names[row],
                float(far[row]),
                case.verdict,
                {name: own[name] for name in near if name in own},
                plan,
                case.missing,
                tuple(sorted(looked_at.intersection(candidate.used))),
            )

    return Suggestions(
        choice.title,
        choice.of,
        wanted,
        tuple(shown("fitting")),
        tuple(shown("undecided")),
        tuple(shown("one_step")),
        counts,
        tuple(reasons.most_common()),
    )


def promising(
    planner: PackPlanner, choice: Choice, alternatives: Alternatives, wanted: Facts, beside: Collection[str]
) -> list[int]:
    """Return the alternatives that could fit if some other facts were others, too: the nearest of each case, in order.

    That is those on which no rule fails but ones that look at one of these facts.
    """
    judging = planner.judging(planner.operation)
    far = alternatives.distances(choice, wanted)
    found = []
    for some in _alike(planner, alternatives):
        row = min(some, key=lambda row: (far[row], alternatives.keys[row]))
        failing = judging.failing(judging.outcomes(alternatives.put(row).facts))
        if not any(set(judging.rules[place].facts).isdisjoint(beside) for place in failing):
            found.append(row)
    return sorted(found, key=lambda row: (far[row], alternatives.keys[row]))


def _alike(planner: PackPlanner, alternatives: Alternatives) -> Iterator[list[int]]:
    """Yield the places of alternatives that no comparison tells apart."""
    if not len(alternatives):
        return
    told: Any = alternatives.cases(planner)
    codes = np.zeros(len(alternatives), np.intp) if told is None else told.codes
    order = np.argsort(codes, kind="stable")
    for some in np.split(order, np.cumsum(np.bincount(codes))[:-1]):
        yield some.tolist()


def _cases(
    planner: PackPlanner,
    alternatives: Alternatives,
    missing_of: Callable[[Completed], Sequence[str]],
    one_step: bool,
) -> Iterator[tuple[_Case, list[int]]]:
    """Yield what alternatives come to, each with the places of all that come to it alike."""
    judging = planner.judging(planner.operation)
    for some in _alike(planner, alternatives):
        candidate = alternatives.put(some[0])
        outcomes = judging.outcomes(candidate.facts)
        verdict = VerdictKind.of(judging.rules, outcomes)
        failing = tuple(judging.rules[place].id for place in judging.failing(outcomes))
        missing = tuple(missing_of(candidate)) if verdict is VerdictKind.UNKNOWN else ()
        kind = "undecided" if verdict is VerdictKind.UNKNOWN else "fitting"
        if failing:
            found = planner.one_step(candidate.facts, sorted(candidate.used)) if one_step else None
            kind = "others" if found is None else "one_step"
        yield _Case(kind, verdict, failing, missing), some
