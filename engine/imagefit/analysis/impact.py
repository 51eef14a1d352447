"""Which candidates get another verdict from another pack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from imagefit.evaluators.reference import outcome
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack, Rule
from imagefit.verdicts import LEVELS, VerdictKind, level_of

__all__ = ["Impact", "Moved", "compare"]


@dataclass(frozen=True, slots=True)
class Moved:
    """A candidate with another verdict; `rules` are the ids of the rules that are the reason."""

    key: str
    operation: str
    old: VerdictKind
    new: VerdictKind
    rules: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as in the JSON of ``rules diff --on``."""
        rules = list(self.rules)
        return {"key": self.key, "operation": self.operation, "old": self.old, "new": self.new, "rules": rules}


@dataclass
class Impact:
    """What became of some candidates: how many were evaluated, and those with another verdict."""

    candidates: int = 0
    evaluations: int = 0
    moved: list[Moved] = field(default_factory=list)

    def counts(self) -> Counter[tuple[str, VerdictKind, VerdictKind]]:
        """Return how many moved, by operation, old verdict and new verdict."""
        return Counter((moved.operation, moved.old, moved.new) for moved in self.moved)

    def to_dict(self) -> dict[str, Any]:
        """Return it as in the JSON of ``rules diff --on``."""
        return {
            "candidates": self.candidates,
            "evaluations": self.evaluations,
            "changed": len({moved.key for moved in self.moved}),
            "moved": [moved.to_dict() for moved in self.moved],
        }


def compare(old: Pack, new: Pack, candidates: Iterable[tuple[str, Facts, Sequence[str]]]) -> Impact:
    """Evaluate candidates by both packs.

    Parameters
    ----------
    candidates
        A key, the known facts and the operations to evaluate it for, of each.
    """
    impact = Impact()
    for key, facts, operations in candidates:
        impact.candidates += 1
        for operation in operations:
            impact.evaluations += 1
            was, now = _judged(old, operation, facts), _judged(new, operation, facts)
            before, after = _kind(was), _kind(now)
            if before is not after:
                impact.moved.append(Moved(key, operation, before, after, _reasons(was, now, before, after)))
    return impact


Judged = dict[str, tuple[Rule, Outcome]]


def _judged(pack: Pack, operation: str, facts: Facts) -> Judged:
    if operation not in pack.operations:
        return {}
    return {rule.id: (rule, outcome(rule, facts)) for rule in pack.rules_for(operation)}


def _reasons(was: Judged, now: Judged, before: VerdictKind, after: VerdictKind) -> tuple[str, ...]:
    """Return the rules that make the worse of the two verdicts and do not make it in the other pack."""
    worse, better, level = (now, was, after.level) if after.level > before.level else (was, now, before.level)
    reasons = [name for name, judged in worse.items() if _level(*judged) == level]
    return tuple(name for name in reasons if name not in better or _level(*better[name]) != level)


def _kind(judged: Judged) -> VerdictKind:
    return LEVELS[max((_level(*one) for one in judged.values()), default=0)]


def _level(rule: Rule, outcome: Outcome) -> int:
    return level_of(rule.severity, outcome)
