"""What verdicts of a match rest on that nobody stated: assumptions of all pairs, and those of single rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Constant
from imagefit.facts import OriginKind, Value
from imagefit.matching.product import Product
from imagefit.matching.sides import Side
from imagefit.supply import Assumption, Same, assumption_text
from imagefit.verdicts import json_value

__all__ = ["AssumedFact", "assumed_of_all", "assumed_of_rows", "is_assumed"]


@dataclass(frozen=True, slots=True)
class AssumedFact:
    """A fact that is assumed of some images or ECSs: its value as JSON data, of how many, and how many there are."""

    fact: str
    value: Any
    side: str
    count: int
    of: int


def assumed_of_rows(product: Product) -> tuple[AssumedFact, ...]:
    """Return what was assumed of single images and ECSs, and a rule looks at; what is assumed of most comes first."""
    looked_at = {name for rule in product.rules for name in rule.facts} - product.supply.given.keys()
    found = []
    for side in (product.images, product.ecss):
        counts = Counter((name, value) for name, value in _assumed(side) if name in looked_at)
        found += [
            AssumedFact(name, json_value(value), side.what, count, side.count)
            for (name, value), count in counts.most_common()
        ]
    return tuple(found)


def is_assumed(product: Product) -> bool:
    """Whether the verdict of some pair rests on an assumption: a rule looks at the fact, and nobody stated it."""
    looked_at = {name for rule in product.rules for name in rule.facts} - product.supply.given.keys()
    assumptions = product.supply.assumptions
    return bool(assumed_of_rows(product)) or any(
        _is_used(product, name, assumptions[name]) for name in looked_at & assumptions.keys()
    )


def assumed_of_all(product: Product) -> dict[str, Any]:
    """Return what is assumed for all pairs as JSON data; ``"@other"`` is what the other fact is."""
    return {
        name: assumption_text(assumption) if isinstance(assumption, Same | str) else json_value(assumption)
        for name, assumption in sorted(product.supply.assumptions.items())
    }


def _assumed(side: Side) -> Iterator[tuple[str, Value]]:
    seen: dict[int, list[str]] = {}  # many rows share one object
    for row, origins in enumerate(side.origins):
        if (names := seen.get(id(origins))) is None:
            names = [name for name, origin in origins.items() if origin.kind is OriginKind.ASSUMED]
            seen[id(origins)] = names
        facts = side.facts(row) if names else {}
        yield from ((name, facts[name]) for name in names if name in facts)


def _is_used(product: Product, name: str, assumption: Assumption) -> bool:
    """Whether some pair lacks a fact, and knows the one that is assumed for it."""
    lacking = [~_known(side, name) for side in (product.images, product.ecss)]
    if not isinstance(assumption, Same) or assumption.fact in product.supply.given:
        return all(bool(rows.any()) for rows in lacking)
    telling = [_known(side, assumption.fact) for side in (product.images, product.ecss)]
    return any(bool((lacking[one] & telling[one]).any() and lacking[other].any()) for one, other in ((0, 1), (1, 0)))


def _known(side: Side, name: str) -> NDArray[np.bool_]:
    column = side.encoded.columns.get(name)
    if column is None or isinstance(column, Constant):
        return np.full(side.count, column is not None)
    known: NDArray[np.bool_] = np.broadcast_to(column.known, side.count)
    return known
