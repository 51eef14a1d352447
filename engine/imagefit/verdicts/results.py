"""What a verdict says of one rule: its outcome, the comparisons that decide it, the remedies that it offers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import TYPE_CHECKING, Any

from imagefit.rulepack.pack import Outcome, Severity, SourceRef
from imagefit.rulepack.words import WAIVED
from imagefit.values import dataclass
from imagefit.verdicts.leaves import LeafResult, RemedyText, as_json
from imagefit.verdicts.missing import missing_dict

__all__ = ["RuleResult", "Told"]

Told = tuple[str, tuple[LeafResult, ...], tuple[str, ...], tuple[str, ...]]
"""What explains an outcome: its `message`, its `leaves`, what is `missing`, and what was `not_examined`."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule on one candidate: its outcome and the explanation of it.

    Attributes
    ----------
    message, leaves
        What the outcome means, and the comparisons that decide it. With `missing` and `not_examined` they are worked
        out when the first of them is read, unless the rule fails.
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
    _tell: Callable[[], Told] | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def told_when_read(
        cls,
        rule: str,
        title: str,
        severity: Severity,
        outcome: Outcome,
        source: SourceRef,
        error_codes: tuple[str, ...],
        address: str,
        tell: Callable[[], Told],
    ) -> RuleResult:
        """Return a result without remedies, of which `tell` explains the outcome once that is read."""
        result = cls(rule, title, severity, outcome, "", (), (), (), source, error_codes, (), address)
        _put(result, "_tell", tell)
        _put(result, "__class__", _Untold)
        return result

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


_put = object.__setattr__

if TYPE_CHECKING:
    _Untold = RuleResult
else:
    WHEN_READ = ("message", "leaves", "missing", "not_examined")

    def _when_read(name):
        return property(lambda self: getattr(_told(self), name))

    def _told(result):  # no method, for another thread may make it as any other while this one looks for that
        if (tell := result._tell) is not None:  # else another thread was quicker
            for name, value in zip(WHEN_READ, tell(), strict=True):
                vars(RuleResult)[name].__set__(result, value)
            _put(result, "__class__", RuleResult)
            _put(result, "_tell", None)
        return result

    class _Untold(RuleResult):
        """A result that is not told yet, until something is asked that it does not know: then it is as any other."""

        __slots__ = ()
        message, leaves, missing, not_examined = map(_when_read, WHEN_READ)

        def __eq__(self, other):
            return _told(self) == other

        def __hash__(self):
            return hash(_told(self))

        def __repr__(self):
            return repr(_told(self))

        def __reduce_ex__(self, protocol):
            return _told(self).__reduce_ex__(protocol)

    _Untold.__name__ = _Untold.__qualname__ = RuleResult.__name__  # as which it is known to who asks
