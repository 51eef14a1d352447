"""The nearest misses of an image, or of an ECS: the pairs that fail the fewest rules, with the reasons."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import asdict, dataclass, replace
from operator import itemgetter
from typing import Any

import numpy as np

from imagefit.errors import InputError
from imagefit.matching.assumed import AssumedFact, assumed_of_all, assumed_of_rows
from imagefit.matching.fitting import fitting_pairs
from imagefit.matching.others import others_of
from imagefit.matching.product import Product
from imagefit.matching.sides import Side
from imagefit.planning.planner import PackPlanner, best_of, planner_of
from imagefit.verdicts import Plan, Verdict, VerdictKind

__all__ = ["Miss", "PartnersOf", "misses_of", "partners_of"]

CONSIDERED = 50
"""So many of the nearest misses are looked at for plans."""


@dataclass(frozen=True, slots=True)
class Miss:
    """A pair that is not compatible: the numbers and keys of its rows, why not, and the best plan if there is one."""

    image_row: int
    ecs_row: int
    image: str
    ecs: str
    verdict: Verdict
    plan: Plan | None = None


@dataclass(frozen=True, eq=False, slots=True)
class PartnersOf:
    """What fits one image, or one ECS, and what comes near.

    Attributes
    ----------
    side, row
        The image or the ECS that is asked for.
    others
        The other side, of which `fitting` holds numbers of rows.
    assumed, assumed_of
        What is assumed, as of `matching.summary.Summary`.
    """

    side: Side
    row: int
    others: Side
    fitting: list[int]
    misses: list[Miss]
    assumed: dict[str, Any]
    assumed_of: tuple[AssumedFact, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the partners as JSON data."""
        return {
            self.side.what: self.side.key(self.row),
            "fitting": [self.others.key(row) for row in self.fitting],
            "misses": [
                {
                    "partner": getattr(miss, self.others.what),
                    **miss.verdict.to_dict(),
                    "plans": [] if miss.plan is None else [miss.plan.to_dict()],
                }
                for miss in self.misses
            ],
            "assumed": self.assumed,
            "assumed_of": [asdict(each) for each in self.assumed_of],
        }


def partners_of(product: Product, image: int | str | None, ecs: int | str | None, misses: int) -> PartnersOf:
    """Return what fits one image or one ECS, and its nearest misses; raises `InputError` as `misses_of` does."""
    which = _only(image, ecs)
    side, others = (product.images, product.ecss) if image is not None else (product.ecss, product.images)
    column = "ecs_row" if image is not None else "image_row"
    fitting = [int(row) for batch in fitting_pairs(product, image, ecs) for row in batch[column].to_numpy()]
    nearest = misses_of(product, image, ecs, misses)
    assumed, assumed_of = assumed_of_all(product), assumed_of_rows(product)
    return PartnersOf(side, side.row(which), others, fitting, nearest, assumed, assumed_of)


def misses_of(product: Product, image: int | str | None, ecs: int | str | None, n: int) -> list[Miss]:
    """Return the `n` nearest misses of one image or of one ECS: the undecided, then those whose plans cost least.

    Of those that fail the fewest rules and leave the fewest unknown, so many as `CONSIDERED` says are looked at, and
    pairs that no rule tells apart once; those that have no plan stand last. Steps that choose name others of the lists
    of the match, where one of them would do.

    Raises
    ------
    InputError
        Unless one of both is given; if there is no such row.
    """
    _only(image, ecs)
    images = None if image is None else np.array([product.images.row(image)])
    ecss = None if ecs is None else np.array([product.ecss.row(ecs)])
    pairs = product.pairs(images, ecss)
    fails, unknown = (counts.ravel() for counts in pairs.tally())
    missed = np.flatnonzero((fails > 0) | (unknown > 0))
    nearest = missed[np.lexsort((missed, unknown[missed], fails[missed]))][: max(CONSIDERED, n)].tolist()
    rows = [
        (number if images is None else int(images[0]), number if ecss is None else int(ecss[0])) for number in nearest
    ]
    if not n:
        return []
    planner = planner_of(product.pack, product.operation, product.select, product.ignore)
    looked = sorted(planner.judging(product.operation).looked_at)
    seen: dict[Hashable, Plan | None] = {}
    found: list[tuple[tuple[object, ...], Miss]] = []
    for place, (i, j) in enumerate(rows):
        verdict = product.explain(i, j)
        key = tuple((verdict.facts.get(name), name in verdict.assumed) for name in looked)
        if key not in seen:  # of what is undecided, the weight needs no plan
            seen[key] = None if verdict.verdict is VerdictKind.UNKNOWN else best_of(verdict.plans(2))
        plan = seen[key]
        found.append(
            ((*_weight(planner, verdict, plan), place), Miss(i, j, product.images.key(i), product.ecss.key(j), verdict))
        )
    others = others_of(product)
    shown = []
    for _, miss in sorted(found, key=itemgetter(0))[:n]:
        verdict = replace(miss.verdict, planner=planner.knowing(others(miss.image_row, miss.ecs_row)))
        plan = best_of(verdict.plans(2))
        shown.append((_weight(planner, verdict, plan), replace(miss, verdict=verdict, plan=plan)))
    return [miss for _, miss in sorted(shown, key=itemgetter(0))]


def _weight(planner: PackPlanner, verdict: Verdict, plan: Plan | None) -> tuple[object, ...]:
    if verdict.verdict is VerdictKind.UNKNOWN:
        return (False,)  # nothing known speaks against it
    return (True, plan is None, *(() if plan is None else planner.weight(plan)))


def _only(image: int | str | None, ecs: int | str | None) -> int | str:
    """Return the one of both that is given."""
    which = ecs if image is None else image
    if which is None or None not in (image, ecs):
        raise InputError("misses are of one image, or of one ECS", expected="either an image or an ecs")
    return which
