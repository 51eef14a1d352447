"""Reasons and missing facts of a batch: a text for each distinct case, and codes for the rows.

A failing rule's text depends on what its message shows; an unknown one's on what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any as Anything

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.audit_plan import OperationPlan
from imagefit.evaluators.columns import Encoded
from imagefit.rulepack.pack import Outcome
from imagefit.textlists import TextLists, offsets_of

__all__ = ["Elements", "Reasons", "missing_lists", "reasons_of"]


@dataclass(frozen=True)
class Elements:
    """Which rules each row has, row after row.

    Attributes
    ----------
    rows, places
        The row of each element, and the place of its rule among those that are asked about.
    count
        The number of rows.
    """

    rows: NDArray[np.intp]
    places: NDArray[Anything]
    count: int

    @cached_property
    def offsets(self) -> NDArray[np.int32]:
        """Where the elements of each row begin and end."""
        return offsets_of(self.rows, self.count)


def missing_lists(plan: OperationPlan, encoded: Encoded, levels: NDArray[np.uint8], undecided: Elements) -> TextLists:
    """Return the facts that could still change the verdict of each row that is unknown."""
    names: dict[str, int] = {}
    offsets = np.zeros(encoded.rows + 1, np.int32)
    codes: list[int] = []
    bounds = undecided.offsets.tolist()
    for row, level in enumerate(levels.tolist()):
        if level == 1:
            rules = [plan.errors[place] for place in undecided.places[bounds[row] : bounds[row + 1]]]
            codes += [names.setdefault(n, len(names)) for n in plan.explainer.missing(rules, encoded.facts(row))]
        offsets[row + 1] = len(codes)
    return TextLists(offsets, np.array(codes, np.int32), pa.array(list(names), pa.string()))


@dataclass(frozen=True)
class Reasons:
    """The reasons of each row, and of each distinct reason the flag that it explains.

    Attributes
    ----------
    flags
        The place of the rule among the error rules; of an unknown one, counted on from their number.
    """

    lists: TextLists
    flags: NDArray[np.intp]


def reasons_of(plan: OperationPlan, encoded: Encoded, failing: Elements, undecided: Elements) -> Reasons:
    """Return why rules fail, then why others are unknown."""
    texts: dict[tuple[int, str], int] = {}
    rows = np.concatenate((failing.rows, undecided.rows))
    flags = np.concatenate((failing.places.astype(np.intp), undecided.places.astype(np.intp) + len(plan.errors)))
    order = np.argsort(rows, kind="stable")
    codes = []
    for row, flag in zip(rows[order].tolist(), flags[order].tolist(), strict=True):
        outcome = Outcome.UNKNOWN if flag >= len(plan.errors) else Outcome.FAIL
        result = plan.explainer.rule(plan.errors[flag % len(plan.errors)], outcome, encoded.facts(row))
        codes.append(texts.setdefault((flag, result.message), len(texts)))
    lists = TextLists(
        offsets_of(rows, encoded.rows), np.array(codes, np.int32), pa.array([text for _, text in texts], pa.string())
    )
    return Reasons(lists, np.array([flag for flag, _ in texts], np.intp))
