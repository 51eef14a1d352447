"""Reasons and missing facts of a batch: a text for each distinct case, and codes for the rows.

A failing rule's text depends on what its message shows; an unknown one's on what is missing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any as Anything

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.audit_plan import OperationPlan
from imagefit.audit_texts import rendered
from imagefit.conditions import leaves
from imagefit.evaluators.cases import Cases, cases_by_value, cases_of_unknowns
from imagefit.evaluators.columns import Encoded
from imagefit.rulepack.pack import PLACEHOLDER, Outcome, Rule
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

    def by_place(self) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Yield each rule's place, with the numbers of its elements in order."""
        order = np.argsort(self.places, kind="stable")
        counts = np.bincount(self.places).tolist() if len(self.places) else []
        ends = itertools.accumulate(counts)
        for place, (count, end) in enumerate(zip(counts, ends, strict=True)):
            if count:
                yield place, order[end - count : end]

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
    codes = np.empty(len(failing.rows) + len(undecided.rows), np.int32)
    texts: list[Anything] = []
    flags: list[NDArray[np.intp]] = []
    size = 0
    # In each row the failing rules come first, so that an element moves back by those of the other kind before it.
    moved = (undecided.offsets[failing.rows], failing.offsets[undecided.rows + 1])
    for elements, back, outcome in zip((failing, undecided), moved, (Outcome.FAIL, Outcome.UNKNOWN), strict=True):
        for place, own in elements.by_place():
            rule = plan.errors[place]
            found, shown = _texts(plan, rule, outcome, encoded, elements.rows[own])
            codes[own + back[own]] = found + np.int32(size)
            size += len(shown)
            texts.append(shown)
            flag = place + len(plan.errors) * (outcome is Outcome.UNKNOWN)
            flags.append(np.full(len(shown), flag, np.intp))
    offsets = failing.offsets + undecided.offsets
    every = pa.concat_arrays(texts) if texts else pa.array([], pa.string())
    return Reasons(TextLists(offsets, codes, every), np.concatenate(flags) if flags else np.zeros(0, np.intp))


def _texts(
    plan: OperationPlan, rule: Rule, outcome: Outcome, encoded: Encoded, rows: NDArray[np.intp]
) -> tuple[NDArray[Anything], Anything]:
    """Return the text of one rule's outcome in some rows, as codes and the distinct texts."""
    if outcome is Outcome.FAIL:
        names = tuple(dict.fromkeys(PLACEHOLDER.findall(rule.message)))
        part = _part(encoded, rows, names)
        cases = cases_by_value(part.columns.get(name) for name in names)
    else:
        part = _part(encoded, rows, rule.facts)
        cases = cases_of_unknowns((*leaves(rule.when), *leaves(rule.require)), part, plan.pack.fields)
    if cases is None:
        cases = Cases(np.zeros(len(rows), np.int32), np.zeros(1, np.intp))
    examples = part.take(cases.examples)
    if outcome is Outcome.FAIL:
        return cases.codes, rendered(rule.message, examples)
    found = (plan.explainer.rule(rule, outcome, examples.facts(row)).message for row in range(examples.rows))
    return cases.codes, pa.array(found, pa.string())


def _part(encoded: Encoded, rows: NDArray[np.intp], names: Iterable[str]) -> Encoded:
    """Return some facts of some rows."""
    columns = {name: encoded.columns[name].take(rows) for name in names if name in encoded.columns}
    return Encoded(len(rows), columns)
