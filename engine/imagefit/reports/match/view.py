"""What somebody wants to see of a match: a view of it, as rows of a table or as findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from imagefit.reports.findings.model import MOST, Checked, Place, Report
from imagefit.verdicts import PackRef, Verdict, VerdictKind

if TYPE_CHECKING:
    from imagefit.matching.product import Product
    from imagefit.matching.sides import Side
    from imagefit.sources.candidates import CandidateFile
    from imagefit.sources.lines import LineFinder

__all__ = ["NAMES", "View", "rule_rows"]

NAMES = {"image": ("image", "images"), "ecs": ("ECS", "ECSs")}
"""What one and several of a side are called."""


@dataclass(frozen=True, slots=True)
class View:
    """A match, and what to show of it.

    Attributes
    ----------
    by
        Whether the counts are wanted by ``image``, by ``ecs`` or by ``rule``.
    image, ecs
        The one image, or the one ECS, whose partners are wanted, with so many `misses`.
    is_matrix
        Whether all verdicts are wanted.
    limit
        How many rows of text and how many findings are shown; 0: all; None: as many as is usual.
    files, opened
        The files of each side by name, by what it is; and as they were opened.
    width, colour, is_unknown_failure
        As of `findings.Report`.
    """

    match: Product
    by: str | None
    image: str | None
    ecs: str | None
    misses: int
    is_matrix: bool
    limit: int | None
    files: Mapping[str, Sequence[str]]
    opened: Sequence[CandidateFile]
    width: int
    colour: bool
    is_unknown_failure: bool

    @property
    def is_of_one(self) -> bool:
        """Whether one image or one ECS is asked for."""
        return self.image is not None or self.ecs is not None

    def table(self) -> tuple[Any, Iterable[Any]]:
        """Return the schema and the batches of the counts: by image, unless something else is asked for."""
        import pyarrow as pa

        if self.by == "rule":
            table = pa.Table.from_pylist(rule_rows(self.match))
        else:
            table = self.match.by_ecs() if self.by == "ecs" else self.match.by_image()
        schema = pa.schema(
            [pa.field(f.name, pa.string() if pa.types.is_large_string(f.type) else f.type) for f in table.schema]
        )
        return schema, table.cast(schema).combine_chunks().to_batches()

    def report(self) -> Report:
        """Return what was found: of each image (or ECS) that fits nothing, why the pair that comes nearest does not."""
        from imagefit.sources.lines import LineFinder

        match, finder = self.match, LineFinder(self.opened)
        own, others = (match.ecss, match.images) if self.by == "ecs" else (match.images, match.ecss)
        counted = match.by_ecs() if self.by == "ecs" else match.by_image()
        fits, may = (counted[name].to_numpy() > 0 for name in ("compatible", "unknown"))
        levels = np.where(fits, 0, np.where(may, 1, 2))
        most = MOST if self.limit is None else self.limit or own.count
        chosen = np.sort(np.argsort(-levels, kind="stable")[:most]).tolist()
        checked = [self._checked(own, others, row, bool(levels[row]), finder) for row in chosen]
        kinds = (VerdictKind.COMPATIBLE, VerdictKind.UNKNOWN, VerdictKind.INCOMPATIBLE)
        counts = {kind: int(np.count_nonzero(levels == kind.level)) for kind in kinds}
        return Report(match.pack, checked, self.is_unknown_failure, counts)

    def _checked(self, own: Side, others: Side, row: int, is_missed: bool, finder: LineFinder) -> Checked:
        place = self._place(own, row, finder)
        if not is_missed or not others.count:
            kind = VerdictKind.INCOMPATIBLE if is_missed else VerdictKind.COMPATIBLE
            match = self.match
            return Checked(Verdict(own.key(row), match.operation, kind, (), (), {}, PackRef.of(match.pack)), place)
        here = np.array([row])
        pairs = self.match.pairs(here, None) if own.what == "image" else self.match.pairs(None, here)
        fails, unknown = (counts.ravel() for counts in pairs.tally())
        nearest = int(np.lexsort((unknown, fails))[0])
        verdict = self.match.explain(*((row, nearest) if own.what == "image" else (nearest, row)))
        which = f"the nearest of {others.count:,} {NAMES[others.what][1]}" if others.count > 1 else "the one ECS"
        return Checked(replace(verdict, key=own.key(row)), place, beside=f"with {others.label(nearest)}, {which}")

    def _place(self, own: Side, row: int, finder: LineFinder) -> Place:
        """Return the file in which the row's key stands: the first of several, where that can't be told."""
        files = self.files.get(own.what, ())
        lines = ((file, finder.line_of_row(file, own.key(row), 0)) for file in files)
        file, line = next(((file, line) for file, line in lines if line), (next(iter(files), ""), None))
        return Place(file, line)


def rule_rows(match: Product) -> list[dict[str, Any]]:
    """Return the counts by rule: of the pairs that a rule fails, also how many it stops alone."""
    alone = {row["rule"]: row["alone"] for row in match.alone().to_pylist()}
    return [{**row, "alone": alone.get(row["rule"])} for row in match.by_rule().to_pylist()]
