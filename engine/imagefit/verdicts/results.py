"""What a verdict says of one rule: its outcome, the comparisons that decide it, the remedies that it offers."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from imagefit.rulepack.pack import Outcome, Severity, SourceRef
from imagefit.rulepack.words import WAIVED
from imagefit.values import dataclass
from imagefit.verdicts.leaves import LeafResult, RemedyText, as_json
from imagefit.verdicts.missing import missing_dict

__all__ = ["RuleResult"]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule on one candidate: its outcome and the explanation of it.

    Attributes
    ----------
    missing
        The facts that could still change the outcome.
    not_examined
        Where there were too many ways to look at within a budget: facts of which that is not known.
    address
        Of the source's document; empty where the pack names none.
    """

    rule: str
    title: str
    severity: Severity
    outcome: Outcome
    message: str
    leaves: tuple[LeafResult, ...]
    missing: tuple[str, ...]
    remedies: tuple[RemedyText, ...]
    source: SourceRef
    error_codes: tuple[str, ...] = ()
    not_examined: tuple[str, ...] = ()
    address: str = ""
    _text: str = field(default="", init=False, repr=False, compare=False)

    @property
    def waived(self) -> str:
        """Of the notice of a waiver: the rule that it is of."""
        return self.rule.removeprefix(WAIVED).partition("~")[0] if self.rule.startswith(WAIVED) else ""

    @property
    def missing_at_least(self) -> bool:
        """Whether more facts than `missing` may matter: those `not_examined`, for the budget ended over them."""
        return self.not_examined != ()

    def to_dict(self) -> dict[str, Any]:
        """Return the rule's result as in the JSON of a verdict."""
        return {
            "rule": self.rule,
            "title": self.title,
            "severity": self.severity.value,
            "outcome": self.outcome.value,
            "message": self.message,
            "leaves": [leaf.to_dict() for leaf in self.leaves],
            **missing_dict(self.missing, self.not_examined),
            "remedies": [remedy.to_dict() for remedy in self.remedies],
            "source": {"document": self.source.document, "section": self.source.section, "address": self.address},
            "error_codes": list(self.error_codes),
        }

    def to_json(self) -> str:
        """Return the JSON of `to_dict` as text, which is remembered: candidates of one case share the result."""
        if not self._text:
            object.__setattr__(self, "_text", as_json(self.to_dict()))
        return self._text
