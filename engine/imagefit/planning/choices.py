"""What is near to what, by the distance that a pack gives, and which of many alternatives fit."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from imagefit.facts import Facts, Value
from imagefit.planning.planner import PackPlanner
from imagefit.rulepack.pack import Choice, Distance
from imagefit.supply import Completed
from imagefit.verdicts import Plan, VerdictKind

__all__ = ["Alternative", "Suggestion", "Suggestions", "distance", "suggestions"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Something that could be chosen, and the candidate that it would make."""

    key: str
    name: str
    facts: Facts
    candidate: Completed


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An alternative, how far it is from what was asked for, and what it comes to.

    Attributes
    ----------
    plan
        One step that would make it fit; None where it fits, or nothing known speaks against it.
    missing
        The facts that could still change the verdict.
    """

    key: str
    name: str
    distance: float
    verdict: VerdictKind
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
            "plan": None if self.plan is None else self.plan.to_dict(),
            "missing": list(self.missing),
            "assumed": list(self.assumed),
        }


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What of many alternatives fits, the nearest first.

    Attributes
    ----------
    fitting
        Those that are compatible, then those that nothing known speaks against.
    one_step
        Those that one step would make so, which chooses nothing else.
    others
        How many do not fit in one step, and by rule, how many of these it stops.
    """

    what: str
    fitting: tuple[Suggestion, ...]
    one_step: tuple[Suggestion, ...]
    others: int
    reasons: tuple[tuple[str, int], ...]

    def to_dict(self) -> dict[str, object]:
        """Return them as JSON data."""
        return {
            "what": self.what,
            "fitting": [each.to_dict() for each in self.fitting],
            "one_step": [each.to_dict() for each in self.one_step],
            "others": self.others,
            "reasons": dict(self.reasons),
        }


def distance(choice: Choice, wanted: Facts, facts: Facts) -> float:
    """Return how far facts are from those that are wanted; what is not wanted does not count, what is unknown does."""
    return sum(each.weight * _apart(each, wanted.get(each.fact), facts.get(each.fact)) for each in choice.distance)


def _apart(by: Distance, wanted: Value | None, value: Value | None) -> float:
    one, other = _part(by.part, wanted), _part(by.part, value)
    if one is None:
        return 0.0
    if other is None:
        return 1.0
    if by.by == "other" or not (isinstance(one, int | float) and isinstance(other, int | float)):
        return float(one != other)
    if by.by == "difference":
        return float(abs(one - other))
    return abs(math.log2(max(one, 1) / max(other, 1)))


def _part(pattern: str, value: Value | None) -> Value | None:
    if not pattern or not isinstance(value, str):
        return value
    found = _compiled(pattern).search(value)
    return None if found is None else int(found[0]) if found[0].isdigit() else found[0]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def suggestions(
    planner: PackPlanner,
    choice: Choice,
    alternatives: Iterable[Alternative],
    wanted: Facts,
    missing_of: Callable[[Completed], Sequence[str]],
    like: str | None = None,
) -> Suggestions:
    """Return which alternatives fit, which would with one step, and why the others do not.

    Those that no rule tells apart are judged once.

    Parameters
    ----------
    wanted
        Facts of what is asked for: the nearest to them comes first.
    missing_of
        Returns what is missing of a candidate whose verdict is unknown.
    like
        The key of what comes before others that are as near.
    """
    judging = planner.judging(planner.operation)
    names = sorted(judging.looked_at)
    seen: dict[tuple[Value | None, ...], tuple[VerdictKind, Plan | None, tuple[str, ...], tuple[str, ...]]] = {}
    fitting: list[Suggestion] = []
    one_step: list[Suggestion] = []
    reasons: Counter[str] = Counter()
    others = 0
    for each in alternatives:
        facts, used = each.candidate.facts, sorted(each.candidate.used)
        key = (*map(facts.get, names), *used)
        if key not in seen:
            outcomes = judging.outcomes(facts)
            kind = VerdictKind.of(judging.rules, outcomes)
            failing = tuple(judging.rules[place].id for place in judging.failing(outcomes))
            plan = planner.one_step(facts, used) if failing else None
            missing = tuple(missing_of(each.candidate)) if kind is VerdictKind.UNKNOWN else ()
            seen[key] = kind, plan, failing, missing
        kind, plan, failing, missing = seen[key]
        if failing and plan is None:
            others += 1
            reasons.update(failing)
            continue
        assumed = tuple(name for name in used if name in judging.looked_at)
        found = Suggestion(each.key, each.name, distance(choice, wanted, each.facts), kind, plan, missing, assumed)
        (one_step if failing else fitting).append(found)
    return Suggestions(
        choice.title,
        tuple(sorted(fitting, key=lambda s: (s.verdict.level, s.distance, s.key != like, s.key))),
        tuple(sorted(one_step, key=lambda s: (s.distance, s.key != like, s.key))),
        others,
        tuple(reasons.most_common()),
    )
