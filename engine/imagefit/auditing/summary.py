"""The summary of an audit: how many rows have which verdict, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from imagefit.auditing.counted import CountedReasons, ReasonCount
from imagefit.auditing.levers import Levers
from imagefit.errors import number_of
from imagefit.escaping.notebook import fragment
from imagefit.rulepack.pack import Severity
from imagefit.values import dataclass
from imagefit.verdicts import PackRef, VerdictKind

__all__ = ["MissingCount", "ReasonCount", "RuleCount", "Summary"]


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often one rule counts: rows that it fails, rows that only it stops, rows that it leaves undecided."""

    rule: str
    severity: Severity
    failed: int
    only: int
    unknown: int

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as JSON data."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "fail": self.failed,
            "alone": self.only,
            "unknown": self.unknown,
        }


@dataclass(frozen=True, slots=True)
class MissingCount:
    """How many rows are undecided for want of a fact (among others), and the option that would supply it."""

    fact: str
    rows: int
    flag: str

    def to_dict(self) -> dict[str, Any]:
        """Return the count as JSON data."""
        return {"fact": self.fact, "rows": self.rows, "flag": self.flag}


@dataclass(frozen=True)
class Summary:
    """What an audit found.

    Attributes
    ----------
    rows
        The rows that were judged; `bad_rows` could not be read and are not among them.
    verdicts
        The number of rows of each verdict.
    operations
        The number of rows of each operation.
    rules
        The rules that count anywhere: those that fail most rows first, warnings and notices after errors.
        Of a notice, `failed` counts the rows that it applies to. They are objects, for they are few and looked at
        one by one; `imagefit.Match.by_rule` is a table, as its counts by image and by ECS are.
    missing
        The facts that keep rows undecided, most rows first.
    reasons
        The distinct reasons, most rows first.
    untold_reasons
        The reasons of so many rows are not listed, for there were too many different ones.
    assumed
        The number of rows that an assumption was used in, by fact.
    missing_at_least
        Of so many rows other facts may be missing, too: there were too many ways to look at within a budget.
    levers
        Which remedies would make how many rows fit; None where nobody wanted plans.
    """

    pack: PackRef
    rows: int
    verdicts: Mapping[str, int]
    operations: Mapping[str, int]
    rules: Sequence[RuleCount]
    missing: Sequence[MissingCount]
    reasons: CountedReasons
    untold_reasons: int = 0
    assumed: Mapping[str, int] = field(default_factory=dict)
    bad_rows: int = 0
    missing_at_least: int = 0
    levers: Levers | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as JSON data."""
        at_least = {"missing_at_least": self.missing_at_least} if self.missing_at_least else {}
        return {
            "pack": self.pack.to_dict(),
            "rows": self.rows,
            "bad_rows": self.bad_rows,
            "operations": dict(self.operations),
            "verdicts": dict(self.verdicts),
            "rules": [rule.to_dict() for rule in self.rules],
            "missing": [fact.to_dict() for fact in self.missing],
            **at_least,
            "reasons": [reason.to_dict() for reason in self.reasons],
            "untold_reasons": self.untold_reasons,
            "assumed_rows": dict(self.assumed),
        } | ({} if self.levers is None else {"levers": self.levers.to_dict()})

    def __repr__(self) -> str:
        counts = ", ".join(f"{self.verdicts.get(kind, 0)} {kind}" for kind in VerdictKind)
        return f"<Summary of {number_of(self.rows, 'row')}: {counts}>"

    def _repr_html_(self) -> str:
        return fragment("summary_html", self)
