"""What a verification found, and how much it looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imagefit.evaluators import EVALUATORS, Way
from imagefit.facts import Facts
from imagefit.supply import set_options
from imagefit.verdicts import json_value

__all__ = ["LIMIT", "Disagreement", "GroupProof", "RuleProof", "Verification"]

LIMIT = 100_000
"""So many combinations of a rule, or of a group of rules, are looked at one by one; of more, a sample is."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A candidate on which something is not what it should be.

    Attributes
    ----------
    rule
        The rule's id; None if it is about the verdict.
    who
        The evaluator; or ``missing`` or ``leaves``, of an explanation.
    found, expected
        What it says, and what is right.
    way
        How the evaluator was given the candidate.
    """

    rule: str | None
    operation: str
    who: str
    facts: Facts
    found: str
    expected: str
    way: Way = Way.CANDIDATES

    @property
    def command(self) -> str:
        """The command that shows it, where candidates are given one by one; else what is right of the candidate."""
        parts = ["imagefit check", f"--operation {self.operation}"]
        if self.rule is not None:
            parts.append(f"--select {self.rule} --all-rules")
        if self.who in EVALUATORS and self.way is Way.CANDIDATES:
            parts.append(f"--evaluator {self.who}")
        return " ".join([*parts, *([set_options(self.facts)] if self.facts else [])])

    def __str__(self) -> str:
        subject = f"the verdict of {self.operation}" if self.rule is None else self.rule
        return f"{subject}: {self.who}: {self.found}; expected {self.expected}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as in the JSON of ``rules verify``."""
        return {
            "rule": self.rule,
            "operation": self.operation,
            "who": self.who,
            "way": self.way.value,
            "facts": {name: json_value(value) for name, value in self.facts.items()},
            "found": self.found,
            "expected": self.expected,
            "command": self.command,
        }


@dataclass(frozen=True, slots=True)
class RuleProof:
    """How many combinations of a rule's cells were looked at, and whether those were all."""

    rule: str
    combinations: int
    is_complete: bool
    disagreements: tuple[Disagreement, ...]


@dataclass(frozen=True, slots=True)
class GroupProof:
    """The same for rules of an operation together."""

    operation: str
    rules: tuple[str, ...]
    combinations: int
    is_complete: bool
    disagreements: tuple[Disagreement, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """The whole report.

    Attributes
    ----------
    ways
        The evaluators that took part, and the ways of each: all that it does not make from another.
    left_out
        The evaluators that could not take part, and why.
    """

    ways: Mapping[str, tuple[Way, ...]]
    left_out: Mapping[str, str]
    rules: tuple[RuleProof, ...]
    groups: tuple[GroupProof, ...]

    @property
    def evaluators(self) -> tuple[str, ...]:
        """The evaluators that took part."""
        return tuple(self.ways)

    @property
    def disagreements(self) -> tuple[Disagreement, ...]:
        """Everything that is not what it should be; nothing is what should be found."""
        return tuple(one for proof in self._proofs for one in proof.disagreements)

    @property
    def combinations(self) -> int:
        """The combinations of all rules and groups."""
        return sum(proof.combinations for proof in self._proofs)

    @property
    def _proofs(self) -> tuple[RuleProof | GroupProof, ...]:
        return (*self.rules, *self.groups)

    def to_dict(self) -> dict[str, Any]:
        """Return it as in the JSON of ``rules verify``."""
        return {
            "evaluators": list(self.evaluators),
            "ways": {name: [way.value for way in ways] for name, ways in self.ways.items()},
            "left_out": dict(self.left_out),
            "rules": [
                {"rule": proof.rule, "combinations": proof.combinations, "complete": proof.is_complete}
                for proof in self.rules
            ],
            "groups": [
                {
                    "operation": proof.operation,
                    "rules": list(proof.rules),
                    "combinations": proof.combinations,
                    "complete": proof.is_complete,
                }
                for proof in self.groups
            ],
            "combinations": self.combinations,
            "disagreements": [one.to_dict() for one in self.disagreements],
        }
