"""Which other images and ECSs the lists of a match hold: for steps of plans that choose."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from imagefit.explanations.cases.rowcases import cases_by_value
from imagefit.matching.product import Product
from imagefit.matching.sides import Side
from imagefit.planning.real import Known, Others, Real
from imagefit.rulepack.pack import Choice

__all__ = ["others_of"]

MOST_LISTED = 10_000
"""So many rows of a side are looked at for others to choose."""


def others_of(product: Product) -> Callable[[int, int], Callable[[], Known]]:
    """Return what says, of an image and an ECS by their rows, which others the lists of the match hold.

    Of those that have the same facts, as far as one chooses by them, one is enough.
    """

    @cache
    def listed(name: str) -> Others:
        choice = product.pack.choices[name]
        side = product.images if choice.of == "image" else product.ecss
        some = side.encoded.part(np.arange(min(side.count, MOST_LISTED)), choice.facts)
        cases = cases_by_value(some.columns.values())
        rows = [0] if cases is None else sorted(cases.examples.tolist())
        return Others([(str(row), _real(product, side, row, choice)) for row in rows])

    def of(image: int, ecs: int) -> Callable[[], Known]:
        def known() -> Known:
            own = {"image": image, "ecs": ecs}
            return {c.name: listed(c.name).beside(str(own.get(c.of))) for c in product.pack.choices.values()}

        return known

    return of


def _real(product: Product, side: Side, row: int, choice: Choice) -> Real:
    found = product.supply.complete(side.facts(row), side.origins_of(row))
    facts = {name: found.facts[name] for name in choice.facts if name in found.facts}
    key, label = side.key(row), side.label(row)
    return Real(key if label == key else f"{label} ({key})", facts, frozenset(found.used).intersection(facts))
