"""Verdicts: how outcomes make one, and what an evaluation says of one candidate, as typed, frozen objects.

What severity and outcome mean together is said here and nowhere else. Nothing here evaluates a rule or
explains an outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from imagefit.errors import InputError, refuse_no_count
from imagefit.escaping import line
from imagefit.escaping.notebook import fragment
from imagefit.facts import Facts, Origin, OriginKind, Value, show_value
from imagefit.rulepack.pack import Outcome, Rule, Severity
from imagefit.values import dataclass
from imagefit.verdicts.asks import Ask
from imagefit.verdicts.leaves import LeafResult, RemedyText, as_json, json_value
from imagefit.verdicts.missing import AT_LEAST, missing_dict, missing_text
from imagefit.verdicts.packref import PackRef
from imagefit.verdicts.plans import Deciding, Passage, Plan, Planner, Plans, Step, plans_dict
from imagefit.verdicts.results import RuleResult, Told

__all__ = [
    "AT_LEAST",
    "LEVELS",
    "NOTED",
    "SHOWN",
    "Ask",
    "Deciding",
    "LeafResult",
    "PackRef",
    "Passage",
    "Plan",
    "Planner",
    "Plans",
    "RemedyText",
    "RuleResult",
    "Step",
    "Told",
    "Verdict",
    "VerdictKind",
    "json_value",
    "level_of",
    "missing_text",
]


_ERROR, _FAIL, _UNKNOWN = Severity.ERROR, Outcome.FAIL, Outcome.UNKNOWN  # a member is slow to get from its class


class VerdictKind(StrEnum):
    """What a candidate is: the first of these that holds of its error rules."""

    INCOMPATIBLE = "incompatible"  # one fails
    UNKNOWN = "unknown"  # one is unknown
    COMPATIBLE = "compatible"

    @classmethod
    def of(cls, rules: Iterable[Rule], outcomes: Iterable[Outcome]) -> VerdictKind:
        """Return the verdict that the outcomes of some rules make: that of the highest level."""
        level = 0
        for rule, outcome in zip(rules, outcomes, strict=True):
            if (outcome is _FAIL or outcome is _UNKNOWN) and (own := level_of(rule.severity, outcome)) > level:
                level = own
                if level == 2:  # there is no higher one
                    break
        return LEVELS[level]

    @property
    def level(self) -> int:
        """Its place in `LEVELS`."""
        return LEVELS.index(self)


LEVELS = (VerdictKind.COMPATIBLE, VerdictKind.UNKNOWN, VerdictKind.INCOMPATIBLE)
"""The verdicts by level, the number that stands for a verdict in arrays: of what is joined, the highest counts."""

NOTED = {Severity.WARNING: Outcome.FAIL, Severity.NOTICE: Outcome.PASS}
"""The outcome with which a rule is among a candidate's warnings: a warning fails, a notice applies."""


def level_of(severity: Severity, outcome: Outcome) -> int:
    """Return the level of the verdict that one outcome makes by itself: only errors decide."""
    if severity is not _ERROR:
        return 0
    return 2 if outcome is _FAIL else 1 if outcome is _UNKNOWN else 0


SHOWN = {
    severity: tuple(dict.fromkeys((Outcome.FAIL, Outcome.UNKNOWN, NOTED.get(severity, Outcome.FAIL))))
    for severity in Severity
}
"""The outcomes with which a verdict shows a rule without being asked for all: it fails, is unknown, or is noted."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one candidate and one operation.

    Attributes
    ----------
    rules
        The results worth reading: failing rules, unknown ones and the notices that apply or may apply;
        errors first, then warnings, then notices; failing before unknown; by id. With ``all_rules``, all.
    missing
        The facts that could still change the verdict, most decisive first; empty unless it is unknown.
    not_examined
        Where there were too many ways to look at within a budget: facts of which that is not known.
    assumed
        The assumptions that a rule of the operation looked at, with their values.
    facts, origins
        The candidate's known facts, assumptions included, and where each came from (where known).
    ask
        The calls that supply what is missing, at most three, those that decide most first. Lines of an audit's
        JSON have none.
    notes
        What a person should know of the candidate, in words: that its request names another image.
    planner
        What works out `plans`.
    """

    key: str
    operation: str
    verdict: VerdictKind
    rules: tuple[RuleResult, ...]
    missing: tuple[str, ...]
    assumed: Mapping[str, Value]
    pack: PackRef
    facts: Facts = field(default_factory=dict, repr=False)
    origins: Mapping[str, Origin] = field(default_factory=dict, repr=False)
    ask: tuple[Ask, ...] = ()
    notes: tuple[str, ...] = ()
    not_examined: tuple[str, ...] = ()
    planner: Planner | None = field(default=None, repr=False, compare=False)

    def plans(self, limit: int = 3) -> Plans:
        """Work out what would make the candidate fit: plans that were applied to it and re-checked, the cheapest first.

        Parameters
        ----------
        limit
            So many at most; the one with the fewest steps is among them.

        Raises
        ------
        InputError
            If the verdict was not made by `check`, `audit` or `match`, so that the rules are not at hand; if `limit` is
            no number of plans.
        """
        refuse_no_count(limit=limit)
        if self.planner is None:
            raise InputError("this verdict does not know its rules", expected="one that check, audit or match returned")
        if self.verdict is VerdictKind.COMPATIBLE or limit < 1:
            return Plans()
        return self.planner.plans(self.facts, self._assumed(), limit)

    def deciding(self) -> tuple[Deciding, ...]:
        """Work out what would decide an `unknown` verdict: the smallest sets of facts that can, at most three.

        For each there are values with which it fits, and others with which it does not, with the best plan for these.
        Sets that can only decide against it are named where none can let it fit.

        Raises
        ------
        InputError
            As `plans`.
        """
        if self.planner is None:
            raise InputError("this verdict does not know its rules", expected="one that check, audit or match returned")
        if self.verdict is not VerdictKind.UNKNOWN:
            return ()
        return self.planner.deciding(self.facts, self._assumed())

    def _assumed(self) -> list[str]:
        return [name for name, origin in self.origins.items() if origin.kind is OriginKind.ASSUMED]

    @property
    def missing_at_least(self) -> bool:
        """Whether more facts than `missing` may matter: those `not_examined`, for the budget ended over them."""
        return self.not_examined != ()

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        """The error rules that fail: the reasons of an `incompatible`."""
        return self._of(Severity.ERROR, Outcome.FAIL)

    @property
    def undecided(self) -> tuple[RuleResult, ...]:
        """The error rules that are unknown: the reasons of an `unknown`."""
        return self._of(Severity.ERROR, Outcome.UNKNOWN)

    @property
    def warnings(self) -> tuple[RuleResult, ...]:
        """The failing rules of severity warning and the notices that apply."""
        return tuple(rule for severity, outcome in NOTED.items() for rule in self._of(severity, outcome))

    @property
    def waived(self) -> tuple[RuleResult, ...]:
        """The notices of waivers that apply: rules that fail, and for which somebody answers."""
        return tuple(rule for rule in self._of(Severity.NOTICE, Outcome.PASS) if rule.waived)

    def _of(self, severity: Severity, outcome: Outcome) -> tuple[RuleResult, ...]:
        return tuple(rule for rule in self.rules if rule.severity is severity and rule.outcome is outcome)

    def to_dict(self, plans: int | None = None) -> dict[str, Any]:
        """Return the verdict as the JSON that ``check --format json`` prints.

        Parameters
        ----------
        plans
            Work out so many plans at most; None leaves `plans` and `no_plan` out. The command line asks for three.
        """
        return self._data([rule.to_dict() for rule in self.rules], plans)

    def _data(self, rules: list[dict[str, Any]], plans: int | None) -> dict[str, Any]:
        data: dict[str, Any] = {
            "key": self.key,
            "operation": self.operation,
            "verdict": self.verdict.value,
            "rules": rules,
            **missing_dict(self.missing, self.not_examined),
            "ask": [ask.to_dict() for ask in self.ask],
            "assumed": {name: json_value(value) for name, value in sorted(self.assumed.items())},
            "waived": [
                {
                    "rule": result.waived,
                    "waiver": result.message,
                    "place": f"{result.source.document}, {result.source.section}",
                }
                for result in self.waived
            ],
            "notes": list(self.notes),
            "pack": self.pack.to_dict(),
        }
        if plans is not None:
            data |= plans_dict(self.plans(plans), self.deciding() if plans else ())
        return data

    def to_json(self, plans: int | None = None) -> str:
        """Return the JSON of `to_dict` as text in one line, quicker: what rules say is written once for each case."""
        if plans is not None or self.ask or self.assumed or self.notes or self.waived:
            data = as_json(self._data([], plans))
        else:
            alike = _without_key(self.operation, self.verdict, self.missing, self.not_examined, self.pack)
            data = f'{{"key": {as_json(self.key)}, {alike}'
        rules = ", ".join([rule.to_json() for rule in self.rules])
        return data.replace('"rules": []', f'"rules": [{rules}]', 1)  # no text holds it: its quotes are escaped

    def __str__(self) -> str:
        """Return the verdict and its reasons, a line each, for a log or a prompt."""
        lines = [f"{self.verdict}: {self.operation}" + (f" ({self.key})" if self.key else "")]
        for rule in self.rules:
            mark = "" if rule.severity is Severity.ERROR else f" ({rule.severity})"
            lines.append(f"  {rule.rule}{mark}: {rule.message}")
        if self.missing:
            lines.append(f"  would decide it: {missing_text(self.missing, self.not_examined)}")
        lines += [f"  to ask: {ask.command}, then {ask.option}" for ask in self.ask]
        if self.assumed:
            lines.append("  assumed: " + ", ".join(f"{k} = {show_value(v)}" for k, v in sorted(self.assumed.items())))
        return "\n".join(map(line, lines))

    def __repr__(self) -> str:
        reasons = [rule.rule for rule in self.failed or self.undecided]
        why = f", {'failed' if self.failed else 'undecided'}={reasons}" if reasons else ""
        missing = f", missing={list(self.missing)}" if self.missing else ""
        return f"<Verdict {self.key!r} {self.operation}: {self.verdict}{why}{missing}>"

    def _repr_html_(self) -> str:
        return fragment("verdict_html", self)


@lru_cache(1024)
def _without_key(
    operation: str, kind: VerdictKind, missing: tuple[str, ...], not_examined: tuple[str, ...], pack: PackRef
) -> str:
    """Return the JSON of a verdict that has nothing else but its rules, behind its key."""
    verdict = Verdict("", operation, kind, (), missing, {}, pack, not_examined=not_examined)
    return as_json(verdict._data([], None)).removeprefix('{"key": "", ')
