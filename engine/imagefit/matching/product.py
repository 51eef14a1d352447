"""Every image with every ECS: what is counted, and how one pair is explained. No pair's facts are ever kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.evaluators import Evaluator
from imagefit.evaluators.results import OUTCOMES, PairResults
from imagefit.explanations.candidate.prepared import prepare
from imagefit.matching.sides import Side
from imagefit.planning.planner import planner_of
from imagefit.rulepack.pack import Pack, Rule, Severity
from imagefit.supply import Supply
from imagefit.verdicts import Verdict, VerdictKind

__all__ = ["Product"]


class Product:
    """Images, ECSs and the rules of an operation; each answer is worked out when it is asked for.

    Attributes
    ----------
    images, ecss
        The two sides: their keys, and what is known of them.
    rules
        The rules of the operation.
    supply
        What is given and what is assumed for every pair.
    """

    def __init__(
        self,
        pack: Pack,
        operation: str,
        images: Side,
        ecss: Side,
        evaluator: Evaluator,
        *,
        select: tuple[str, ...] = (),
        ignore: tuple[str, ...] = (),
        supply: Supply | None = None,
    ) -> None:
        self.pack, self.operation = pack, operation
        self.select, self.ignore = select, ignore
        self.images, self.ecss = images, ecss
        self.supply = Supply() if supply is None else supply
        self.rules: tuple[Rule, ...] = evaluator.rules
        self._evaluator = evaluator

    def only(self, image: int | str | None = None, ecs: int | str | None = None) -> Product:
        """Return the pairs of one image, or of one ECS, or the one of both."""
        images = self.images if image is None else self.images.only(self.images.row(image))
        ecss = self.ecss if ecs is None else self.ecss.only(self.ecss.row(ecs))
        chosen = {"select": self.select, "ignore": self.ignore}
        return Product(self.pack, self.operation, images, ecss, self._evaluator, **chosen, supply=self.supply)

    @property
    def size(self) -> int:
        """How many pairs there are."""
        return self.images.count * self.ecss.count

    def counts(self) -> dict[VerdictKind, int]:
        """Count the pairs of each verdict."""
        compatible, unknown = (int(counts.sum()) for counts in self._pairs.by_row)
        return {
            VerdictKind.INCOMPATIBLE: self.size - compatible - unknown,
            VerdictKind.UNKNOWN: unknown,
            VerdictKind.COMPATIBLE: compatible,
        }

    def count_both_sides(self, on_rows: Callable[[int], object] | None = None) -> None:
        """Count by image and by ECS in one go, which is less work than one after the other.

        Parameters
        ----------
        on_rows
            Is told how many rows more of the longer side are done, from any thread.
        """
        self._pairs.count(on_rows)

    def by_image(self) -> pa.Table:
        """Return for each image, in the caller's order, its key and its number of ECSs of each verdict.

        Returns
        -------
        pyarrow.Table
            ``image`` (text), ``compatible``, ``unknown`` and ``incompatible`` (int64).
        """
        return _counted(self.images, *self._by_image, self.ecss.count)

    def by_ecs(self) -> pa.Table:
        """Return for each ECS, in the caller's order, its key and its number of images of each verdict.

        Returns
        -------
        pyarrow.Table
            ``ecs`` (text), ``compatible``, ``unknown`` and ``incompatible`` (int64).
        """
        return _counted(self.ecss, *self._by_ecs, self.images.count)

    def by_rule(self) -> pa.Table:
        """Return for each rule how many pairs it fails, leaves unknown, passes, and does not apply to.

        Returns
        -------
        pyarrow.Table
            A row for each rule of the operation, by id: ``rule`` and ``severity`` (text), ``fail``, ``unknown``,
            ``pass`` and ``not_applicable`` (int64, which add up to `size`). It is a table, as `by_image` and `by_ecs`
            are, to be joined and written; ``summary().rules`` has the same as objects, those that fail most first.
        """
        columns = dict(zip((outcome.value for outcome in OUTCOMES), self._pairs.outcomes.T, strict=True))
        return pa.table(
            {
                "rule": pa.array([rule.id for rule in self.rules], pa.string()),
                "severity": pa.array([rule.severity.value for rule in self.rules], pa.string()),
                **{name: pa.array(counts) for name, counts in columns.items()},
            }
        )

    def alone(self) -> pa.Table:
        """Return for each error rule how many pairs it stops that no other rule stops.

        Returns
        -------
        pyarrow.Table
            ``rule`` (text) and ``alone`` (int64).
        """
        counts = dict(zip((rule.id for rule in self.rules), self._pairs.alone.tolist(), strict=True))
        errors = [rule.id for rule in self.rules if rule.severity is Severity.ERROR]
        return pa.table({"rule": pa.array(errors, pa.string()), "alone": pa.array([counts[id_] for id_ in errors])})

    def explain(self, image: int | str, ecs: int | str) -> Verdict:
        """Return the verdict of one pair with its reasons, as `check` gives it."""
        i, j = self.images.row(image), self.ecss.row(ecs)
        prepared = prepare(self.pack, self.operation, self.select, self.ignore)
        candidate = self.supply.complete(
            {**self.ecss.facts(j), **self.images.facts(i)}, {**self.ecss.origins_of(j), **self.images.origins_of(i)}
        )
        verdict = prepared.verdict(candidate, key=f"{self.images.key(i)} x {self.ecss.key(j)}")
        return replace(verdict, planner=planner_of(self.pack, self.operation, self.select, self.ignore))

    def pairs(self, images: NDArray[np.intp] | None = None, ecss: NDArray[np.intp] | None = None) -> PairResults:
        """Return the pairs of all or of some images (the rows) and ECSs (the lanes), to be looked at."""
        rows = self.images.encoded if images is None else self.images.encoded.take(images)
        lanes = self.ecss.encoded if ecss is None else self.ecss.encoded.take(ecss)
        return self._evaluator.pairs(rows, lanes, self.supply)

    @cached_property
    def _is_turned(self) -> bool:
        """Whether the ECSs are the rows: the longer side is."""
        return self.ecss.count > self.images.count

    @cached_property
    def _pairs(self) -> PairResults:
        images, ecss = self.images.encoded, self.ecss.encoded
        rows, lanes = (ecss, images) if self._is_turned else (images, ecss)
        return self._evaluator.pairs(rows, lanes, self.supply)

    @property
    def _by_image(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self._pairs.totals.by_lane if self._is_turned else self._pairs.by_row

    @property
    def _by_ecs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self._pairs.by_row if self._is_turned else self._pairs.totals.by_lane


def _counted(side: Side, compatible: NDArray[np.int64], unknown: NDArray[np.int64], others: int) -> pa.Table:
    incompatible = others - compatible - unknown
    counts = {"compatible": compatible, "unknown": unknown, "incompatible": incompatible}
    return pa.table({side.what: side.keys, **{name: pa.array(found) for name, found in counts.items()}})
