"""What a match can be asked; each answer is worked out when it is asked for. No pair's facts are ever kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.api.check import check as check_one
from imagefit.evaluators.pairs.product import Pairs
from imagefit.facts import Facts, Origin, OriginKind, Value, read_value
from imagefit.matching.fitting import fitting_pairs
from imagefit.matching.matrix import Matrix, matrix_of
from imagefit.matching.misses import Miss, misses_of
from imagefit.matching.sides import Side
from imagefit.matching.summary import Summary, summary_of
from imagefit.reports.match.html import match_html
from imagefit.rulepack.pack import Pack, Rule, Severity
from imagefit.verdicts import Verdict, VerdictKind

__all__ = ["Match"]


class Match:
    """Every image with every ECS; each answer is worked out when it is asked for, and remembered if it is small.

    Attributes
    ----------
    images, ecss
        The two sides: their keys, and what is known of them.
    rules
        The rules of the operation.
    given, assume
        Facts that hold for every pair, and facts that are assumed where they are missing.
    """

    def __init__(
        self,
        pack: Pack,
        operation: str,
        select: tuple[str, ...],
        ignore: tuple[str, ...],
        images: Side,
        ecss: Side,
        given: Facts,
        assume: Mapping[str, object],
    ) -> None:
        self.pack, self.operation = pack, operation
        self.select, self.ignore = select, ignore
        self.images, self.ecss = images, ecss
        self.given, self.assume = given, assume
        self.rules: tuple[Rule, ...] = pack.rules_for(operation, select, ignore)

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
        """Return for each image, in the caller's order, its key and its number of ECSs of each verdict."""
        return _counted(self.images, *self._by_image, self.ecss.count)

    def by_ecs(self) -> pa.Table:
        """Return for each ECS, in the caller's order, its key and its number of images of each verdict."""
        return _counted(self.ecss, *self._by_ecs, self.images.count)

    def by_rule(self) -> pa.Table:
        """Return for each rule how many pairs it fails, leaves unknown, passes, and does not apply to."""
        columns = dict(zip(("fail", "unknown", "pass", "not_applicable"), self._pairs.outcomes.T, strict=True))
        return pa.table(
            {
                "rule": pa.array([rule.id for rule in self.rules], pa.string()),
                "severity": pa.array([rule.severity.value for rule in self.rules], pa.string()),
                **{name: pa.array(counts) for name, counts in columns.items()},
            }
        )

    def alone(self) -> pa.Table:
        """Return for each error rule how many pairs it stops that no other rule stops."""
        counts = dict(zip((rule.id for rule in self.rules), self._pairs.alone.tolist(), strict=True))
        errors = [rule.id for rule in self.rules if rule.severity is Severity.ERROR]
        return pa.table({"rule": pa.array(errors, pa.string()), "alone": pa.array([counts[id_] for id_ in errors])})

    def fitting(self, image: int | str | None = None, ecs: int | str | None = None) -> pa.RecordBatchReader:
        """Return the compatible pairs as a stream: by image, then by ECS, both in the caller's order.

        Parameters
        ----------
        image, ecs
            The number (counted from 0) or the key of the one image, or the one ECS, that is asked for.

        Returns
        -------
        pyarrow.RecordBatchReader
            The keys ``image`` and ``ecs``, and the numbers ``image_row`` and ``ecs_row`` of the rows.
        """
        return fitting_pairs(self, image, ecs)

    def misses(self, image: int | str | None = None, ecs: int | str | None = None, n: int = 5) -> list[Miss]:
        """Return the pairs of one image, or of one ECS, that come nearest to fitting and do not.

        Nearest is what fails the fewest rules, then what leaves the fewest unknown.

        Raises
        ------
        TypeError
            Unless one of `image` and `ecs` is given.
        """
        return misses_of(self, image, ecs, n)

    def summary(self) -> Summary:
        """Return the verdicts counted, who finds a partner, which rules stop pairs, and which facts are missing."""
        return summary_of(self)

    def explain(self, image: int | str, ecs: int | str) -> Verdict:
        """Return the verdict of one pair with its reasons, as `check` gives it."""
        i, j = self.images.row(image), self.ecss.row(ecs)
        origins: dict[str, Origin] = {}
        for side, row in ((self.ecss, j), (self.images, i)):
            origins |= side.origins_of(row)
        origins |= {name: Origin(OriginKind.GIVEN, "given for all") for name in self.given}
        return check_one(
            {**self.ecss.facts(j), **self.images.facts(i), **self.given},
            operation=self.operation,
            pack=self.pack,
            select=self.select,
            ignore=self.ignore,
            assume=self.assume,
            key=f"{self.images.key(i)} x {self.ecss.key(j)}",
            origins=origins,
        )

    def matrix(self, most: int = 10_000) -> Matrix:
        """Return all verdicts, with the images that no ECS tells apart in one row, and likewise the ECSs.

        Raises
        ------
        InputError
            If more than `most` rows or columns would be left.
        """
        return matrix_of(self, most)

    def pairs(self, images: NDArray[np.intp] | None = None, ecss: NDArray[np.intp] | None = None) -> Pairs:
        """Return the pairs of all or of some images (the rows) and ECSs (the lanes), to be looked at."""
        rows = self.images.encoded if images is None else self.images.encoded.take(images)
        lanes = self.ecss.encoded if ecss is None else self.ecss.encoded.take(ecss)
        return Pairs(self.rules, rows, lanes, given=self.given, assumed=self._assumed)

    @cached_property
    def _assumed(self) -> dict[str, Value]:
        assumed: dict[str, Value] = {}
        for name, raw in self.assume.items():
            is_reference = isinstance(raw, str) and raw.startswith("@")
            value = raw if is_reference else read_value(self.pack.field(name), raw)
            if value is not None:
                assumed[name] = value  # type: ignore[assignment]
        return assumed

    @cached_property
    def _is_turned(self) -> bool:
        """Whether the ECSs are the rows: the longer side is."""
        return self.ecss.count > self.images.count

    @cached_property
    def _pairs(self) -> Pairs:
        if not self._is_turned:
            return self.pairs()
        return Pairs(self.rules, self.ecss.encoded, self.images.encoded, given=self.given, assumed=self._assumed)

    @property
    def _by_image(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self._pairs.totals.by_lane if self._is_turned else self._pairs.by_row

    @property
    def _by_ecs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self._pairs.by_row if self._is_turned else self._pairs.totals.by_lane

    def __repr__(self) -> str:
        counts = ", ".join(f"{count:,} {kind}" for kind, count in self.counts().items())
        return f"<Match {self.images.count:,} images x {self.ecss.count:,} ECSs, {self.operation}: {counts}>"

    def _repr_html_(self) -> str:
        return match_html(self)


def _counted(side: Side, compatible: NDArray[np.int64], unknown: NDArray[np.int64], others: int) -> pa.Table:
    incompatible = others - compatible - unknown
    counts = {"compatible": compatible, "unknown": unknown, "incompatible": incompatible}
    return pa.table({side.what: side.keys, **{name: pa.array(found) for name, found in counts.items()}})
