"""What rule analysis finds: typed, with the place in the pack, a witness or the size of the proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from imagefit.analysis.enumeration import combinations_text
from imagefit.errors import Position
from imagefit.facts import Facts
from imagefit.verdicts import json_value

__all__ = ["Finding", "FindingKind", "LintReport", "NotExamined"]


class FindingKind(StrEnum):
    """The kinds of findings; docs/analysis.md defines each exactly."""

    NEVER_APPLIES = "never-applies"
    NEVER_FAILS = "never-fails"
    NEVER_PASSES = "never-passes"
    IDLE_LEAF = "idle-leaf"
    NEEDLESS_UNKNOWN = "needless-unknown"
    IMPLIED = "implied"
    CONFLICT = "conflict"
    UNUSED_FACT = "unused-fact"
    UNUSED_VALUE = "unused-value"
    UNUSED_CALL = "unused-call"
    UNUSED_ASSUMPTION = "unused-assumption"
    USELESS_REMEDY = "useless-remedy"
    BREAKING_REMEDY = "breaking-remedy"
    HOPELESS = "hopeless"
    UNSATISFIED = "unsatisfied"
    MISSING_EXAMPLE = "missing-example"
    NOT_DECIDED = "not-decided"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that an author should look at.

    Attributes
    ----------
    subject
        The id of the rule, or the name of the fact, the call or the assumption.
    witness
        Facts of a candidate that shows it, where a candidate can.
    combinations
        How many combinations of cells were looked at to know it.
    others
        The other rules that it is about.
    """

    kind: FindingKind
    subject: str
    message: str
    position: Position | None
    combinations: int
    witness: Facts | None = None
    others: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as in the JSON of ``rules lint``."""
        at = self.position
        out: dict[str, Any] = {
            "kind": self.kind.value,
            "subject": self.subject,
            "others": list(self.others),
            "message": self.message,
            "file": at and at.file,
            "line": at and at.line,
            "column": at and at.column,
            "combinations": self.combinations,
        }
        out["witness"] = None if self.witness is None else {n: json_value(v) for n, v in self.witness.items()}
        return out


@dataclass(frozen=True, slots=True)
class NotExamined:
    """A question that was too large to answer: never left out in silence."""

    subjects: tuple[str, ...]
    question: str
    combinations: int

    def __str__(self) -> str:
        return f"{' and '.join(self.subjects)}: {self.question} ({combinations_text(self.combinations)})"

    def finding(self, position: Position | None) -> Finding:
        """Return the question as a finding: what is not known is not fine."""
        size = f" ({combinations_text(self.combinations)})" if self.combinations else ""
        message = f"{self.question}: not decided within the budget{size}"
        first, *others = self.subjects
        return Finding(FindingKind.NOT_DECIDED, first, message, position, self.combinations, None, tuple(others))


@dataclass
class LintReport:
    """Everything that lint looked at and what it found; notes are no findings."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    not_examined: list[NotExamined] = field(default_factory=list)
    rules: int = 0
    pairs: int = 0
    combinations: int = 0

    def sorted(self) -> LintReport:
        """Return the report with its findings in the order of their places."""
        places = sorted(self.findings, key=lambda f: (_place(f.position), f.kind, f.subject, f.message))
        return LintReport(places, self.notes, self.not_examined, self.rules, self.pairs, self.combinations)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as the JSON of ``rules lint``."""
        return {
            "findings": [finding.to_dict() for finding in self.findings],
            "notes": [note.to_dict() for note in self.notes],
            "not_examined": [
                {"rules": list(item.subjects), "question": item.question, "combinations": item.combinations}
                for item in self.not_examined
            ],
            "rules": self.rules,
            "pairs": self.pairs,
            "combinations": self.combinations,
        }


def _place(position: Position | None) -> Sequence[object]:
    return (position.file, position.line, position.column) if position else ("", 0, 0)
