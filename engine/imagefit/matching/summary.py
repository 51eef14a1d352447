"""What a match comes to: the verdicts counted, who finds a partner, which rules stop pairs, which facts are missing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Constant
from imagefit.rulepack.pack import Severity
from imagefit.verdicts import json_value

if TYPE_CHECKING:
    from imagefit.matching.product import Match
    from imagefit.matching.sides import Side

__all__ = ["MissingFact", "Partners", "RuleCounts", "Summary", "summary_of"]


@dataclass(frozen=True, slots=True)
class Partners:
    """How many of one side fit something on the other, may fit something, and fit nothing."""

    fitting: int
    undecided: int
    unfit: int


@dataclass(frozen=True, slots=True)
class RuleCounts:
    """How many pairs a rule fails and leaves unknown, and to how many it applies for sure."""

    rule: str
    severity: Severity
    fail: int
    unknown: int
    passing: int
    not_applicable: int


@dataclass(frozen=True, slots=True)
class MissingFact:
    """A fact that undecided rules look at: how many images, or ECSs, lack it; of how many."""

    fact: str
    side: str
    lacking: int
    of: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole match in a few numbers.

    Attributes
    ----------
    rules
        The rules of the operation: errors, then warnings, then notices; those that fail most first.
    missing
        The facts that error rules are undecided for, those that most lack first.
    """

    operation: str
    images: int
    ecss: int
    counts: dict[str, int]
    images_fitting: Partners
    ecss_fitting: Partners
    rules: tuple[RuleCounts, ...]
    missing: tuple[MissingFact, ...]
    given: dict[str, Any]
    assumed: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as JSON data."""
        return asdict(self)


def summary_of(match: Match) -> Summary:
    """Return the summary of a match."""
    match.count_both_sides()
    images, ecss = match.by_image(), match.by_ecs()
    rules = [
        RuleCounts(
            row["rule"], Severity(row["severity"]), *(row[n] for n in ("fail", "unknown", "pass", "not_applicable"))
        )
        for row in match.by_rule().to_pylist()
    ]
    order = list(Severity)
    rules.sort(key=lambda rule: (order.index(rule.severity), -rule.fail, -rule.unknown, rule.rule))
    return Summary(
        match.operation,
        match.images.count,
        match.ecss.count,
        {kind.value: count for kind, count in match.counts().items()},
        _partners(images),
        _partners(ecss),
        tuple(rules),
        _missing(match, [rule.rule for rule in rules if rule.severity is Severity.ERROR and rule.unknown]),
        {name: json_value(value) for name, value in sorted(match.given.items())},
        dict(sorted(match.assume.items())),
    )


def _partners(counted: Any) -> Partners:
    fits, may = (counted[name].to_numpy() > 0 for name in ("compatible", "unknown"))
    return Partners(int(fits.sum()), int((may & ~fits).sum()), int((~may & ~fits).sum()))


def _missing(match: Match, undecided: list[str]) -> tuple[MissingFact, ...]:
    """Return the facts that these rules look at and that some row of a side that could know them lacks."""
    found = []
    for name in dict.fromkeys(fact for rule in undecided for fact in match.pack.rule(rule).facts):
        if name in match.given or _is_assumed(match, name):
            continue
        sides = [side for side in (match.images, match.ecss) if name in side.encoded.columns]
        for side in sides or _likely(match, name):
            if lacking := _lacking(side, name):
                found.append(MissingFact(name, side.what, lacking, side.count))
    return tuple(sorted(found, key=lambda missing: (-missing.lacking / missing.of, missing.fact)))


def _is_assumed(match: Match, name: str) -> bool:
    """Whether every pair that lacks the fact is assumed to have it."""
    value = match.assume.get(name)
    return value is not None and not (isinstance(value, str) and value.startswith("@"))


def _likely(match: Match, name: str) -> list[Side]:
    """Return the side that a fact which nobody knows belongs to: the one that knows facts of the same family."""
    family = name.partition(".")[0]
    sides = (match.images, match.ecss)
    kin = [side for side in sides if any(c.partition(".")[0] == family for c in side.encoded.columns)]
    return kin[:1] or [side for side in sides if side.what == family] or [match.images]


def _lacking(side: Side, name: str) -> int:
    column = side.encoded.columns.get(name)
    if column is None:
        return side.count
    if isinstance(column, Constant):
        return 0
    known: NDArray[np.bool_] = column.known
    return int(side.count - np.count_nonzero(known))
