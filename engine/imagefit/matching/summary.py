"""What a match comes to: the verdicts counted, who finds a partner, which rules stop pairs, which facts are missing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Constant
from imagefit.escaping.notebook import fragment
from imagefit.matching.assumed import AssumedFact, assumed_of_all, assumed_of_rows
from imagefit.matching.product import Product
from imagefit.matching.sides import Side
from imagefit.rulepack.pack import Severity
from imagefit.verdicts import VerdictKind, json_value

__all__ = ["MissingFact", "Partners", "RuleCounts", "Summary", "summary_of"]


@dataclass(frozen=True, slots=True)
class Partners:
    """How many of one side fit something on the other, may fit something, and fit nothing."""

    fitting: int
    undecided: int
    unfit: int


@dataclass(frozen=True, slots=True)
class RuleCounts:
    """How many pairs a rule fails, leaves unknown, passes, and does not apply to."""

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
    given, assumed
        The facts that hold for every pair, and those that are assumed, as JSON data; ``"@other"`` is what the other
        fact is.
    assumed_of
        What is assumed of some images or ECSs only.
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
    assumed_of: tuple[AssumedFact, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as JSON data; outcomes and verdicts are called as everywhere."""
        told = asdict(self)
        told["verdicts"] = told.pop("counts")
        for rule in told["rules"]:
            rule["pass"] = rule.pop("passing")
        return told

    def _repr_html_(self) -> str:
        return fragment("match_summary_html", self)


def summary_of(product: Product) -> Summary:
    """Return the summary of a product."""
    product.count_both_sides()
    images, ecss = product.by_image(), product.by_ecs()
    rules = [
        RuleCounts(
            row["rule"], Severity(row["severity"]), *(row[n] for n in ("fail", "unknown", "pass", "not_applicable"))
        )
        for row in product.by_rule().to_pylist()
    ]
    rules.sort(key=lambda rule: (rule.severity.rank, -rule.fail, -rule.unknown, rule.rule))
    return Summary(
        product.operation,
        images=product.images.count,
        ecss=product.ecss.count,
        counts={kind.value: count for kind, count in product.counts().items()},
        images_fitting=_partners(images),
        ecss_fitting=_partners(ecss),
        rules=tuple(rules),
        missing=_missing(product, [rule.rule for rule in rules if rule.severity is Severity.ERROR and rule.unknown]),
        given={name: json_value(value) for name, value in sorted(product.supply.given.items())},
        assumed=assumed_of_all(product),
        assumed_of=assumed_of_rows(product),
    )


def _partners(counted: Any) -> Partners:
    fits, may = (counted[name].to_numpy() > 0 for name in ("compatible", "unknown"))
    return Partners(int(fits.sum()), int((may & ~fits).sum()), int((~may & ~fits).sum()))


def _missing(product: Product, undecided: list[str]) -> tuple[MissingFact, ...]:
    """Return the facts that these rules look at and that some row of a side that could know them lacks."""
    if not product.counts()[VerdictKind.UNKNOWN]:  # a rule that is unknown where another one fails decides nothing
        return ()
    found = []
    for name in dict.fromkeys(fact for rule in undecided for fact in product.pack.rule(rule).facts):
        if product.supply.is_known_for_all(name):
            continue
        sides = [side for side in (product.images, product.ecss) if name in side.encoded.columns]
        for side in sides or _likely(product, name):
            if lacking := _lacking(side, name):
                found.append(MissingFact(name, side.what, lacking, side.count))
    return tuple(sorted(found, key=lambda missing: (-missing.lacking / missing.of, missing.fact)))


def _likely(product: Product, name: str) -> list[Side]:
    """Return the side that a fact which nobody knows belongs to: the one that knows facts of the same family."""
    family = name.partition(".")[0]
    sides = (product.images, product.ecss)
    kin = [side for side in sides if any(c.partition(".")[0] == family for c in side.encoded.columns)]
    return kin[:1] or [side for side in sides if side.what == family] or [product.images]


def _lacking(side: Side, name: str) -> int:
    column = side.encoded.columns.get(name)
    if column is None:
        return side.count
    if isinstance(column, Constant):
        return 0
    known: NDArray[np.bool_] = column.known
    return int(side.count - np.count_nonzero(known))
