"""Which of many alternatives fit, the nearest first, which would with one step, and why the others do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence

from imagefit.conditions import affirmed
from imagefit.explanations.truths.comparisons import Truths, comparison_of
from imagefit.explanations.truths.linkedfacts import CaseOf, linked_facts
from imagefit.facts import Facts
from imagefit.planning.distance import distance_from
from imagefit.planning.looking import compared
from imagefit.planning.planner import PackPlanner
from imagefit.rulepack.pack import Choice
from imagefit.supply import Completed, Same, Supply
from imagefit.values import dataclass
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

    def cases(self, planner: PackPlanner) -> list[list[int]]:
        """Return the places of those on which each comparison, of rules and of what can be done, comes out alike."""
        leaves, whole = compared(planner.workshop, planner.operation)
        truths = Truths(map(comparison_of, leaves))
        unknown = CaseOf(leaves, linked_facts(map(affirmed, leaves), planner.pack.fields))
        both = [name for name in self.rest if name not in self.given]
        assumed_as = [each.fact for each in self.supply.assumptions.values() if isinstance(each, Same)]
        counting = dict.fromkeys((*unknown.facts, *whole, *both, *assumed_as, *self.supply.assumptions))

        def told(own: Facts) -> Hashable:
            completed = self.supply.complete({**self.rest, **own, **self.given})
            facts, get = completed.facts, completed.facts.get
            values = *map(own.get, both), *map(get, whole)
            return truths.of(facts), unknown.beyond_truths(facts), values, tuple(completed.used)

        found: dict[Hashable, list[int]] = {}
        of_values: dict[Hashable, Hashable] = {}
        of_record: dict[Hashable, list[int]] = {}  # many have the facts of one that was read like them
        for place, (own, assumed) in enumerate(zip(self.facts, map(tuple, self.assumed), strict=True)):
            if (alike := of_record.get((id(own), assumed))) is None:
                values = tuple(map(own.get, counting))
                if (case := of_values.get(values)) is None:
                    case = of_values[values] = told(own)
                alike = of_record[id(own), assumed] = found.setdefault((case, assumed), [])
            alike.append(place)
        return list(found.values())

    def distances(self, choice: Choice, wanted: Facts) -> list[float]:
        """Return how far each is from what is wanted."""
        return list(map(distance_from(choice, wanted), self.facts))

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An alternative, how far it is from what was asked for, and what it comes to.

    Attributes
    ----------
    plan
        One step that would make it fit; None where it fits, or nothing known speaks against it.
    missing, warnings
        The facts that could still change the verdict; the failing warnings, and the notices that apply.
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
    warnings: tuple[str, ...] = ()

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
            "warnings": list(self.warnings),
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


SaidOf = Callable[[Completed], tuple[Sequence[str], Sequence[str]]]
"""Says which facts are missing of a candidate, and which warnings fail and notices apply."""


@dataclass(frozen=True, eq=False, slots=True)
class _Case:
    """What all alternatives of a case come to; `kind` is one of the counts of `Suggestions`."""

    kind: str
    verdict: VerdictKind
    failing: tuple[str, ...]


def suggestions(
    planner: PackPlanner,
    choice: Choice,
    alternatives: Alternatives,
    wanted: Facts,
    said_of: SaidOf,
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
    said_of
        Returns what is missing of a candidate, and what warns.
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
    for case, some in _cases(planner, alternatives, one_step):
        counts[case.kind] += len(some)
        if case.kind == "others":
            reasons.update(dict.fromkeys(case.failing, len(some)))
        else:
            rows[case.kind] += some
            cases.update(dict.fromkeys(some, case))

    near = list(dict.fromkeys(each.fact for each in choice.distance))
    said: dict[_Case, tuple[Sequence[str], Sequence[str]]] = {}

    def shown(kind: str) -> Iterator[Suggestion]:
        nearest = sorted(rows[kind], key=lambda row: (far[row], keys[row] != like, keys[row]))
        for row in nearest[: most or None]:
            case, candidate = cases[row], alternatives.put(row)
            plan = planner.one_step(candidate.facts, sorted(candidate.used)) if case.failing else None
            missing, warnings = said[case] = said.get(case) or said_of(candidate)
            looked_at = planner.judging(planner.operation).looked_at
            own = alternatives.facts[row]
            yield Suggestion(
                keys[row],
                alternatives.names[row],
                far[row],
                case.verdict,
                {name: own[name] for name in near if name in own},
                plan,
                tuple(missing),
                tuple(sorted(looked_at.intersection(candidate.used))),
                tuple(warnings),
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
    for some in alternatives.cases(planner):
        row = min(some, key=lambda row: (far[row], alternatives.keys[row]))
        failing = judging.failing(judging.outcomes(alternatives.put(row).facts))
        if not any(set(judging.rules[place].facts).isdisjoint(beside) for place in failing):
            found.append(row)
    return sorted(found, key=lambda row: (far[row], alternatives.keys[row]))


def _cases(
    planner: PackPlanner,
    alternatives: Alternatives,
    one_step: bool,
) -> Iterator[tuple[_Case, list[int]]]:
    """Yield what alternatives come to, each with the places of all that come to it alike."""
    judging = planner.judging(planner.operation)
    for some in alternatives.cases(planner):
        candidate = alternatives.put(some[0])
        outcomes = judging.outcomes(candidate.facts)
        verdict = VerdictKind.of(judging.rules, outcomes)
        failing = tuple(judging.rules[place].id for place in judging.failing(outcomes))
        kind = "undecided" if verdict is VerdictKind.UNKNOWN else "fitting"
        if failing:
            found = planner.one_step(candidate.facts, sorted(candidate.used)) if one_step else None
            kind = "others" if found is None else "one_step"
        yield _Case(kind, verdict, failing), some
