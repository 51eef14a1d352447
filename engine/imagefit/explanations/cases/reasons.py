"""Reasons of a batch: a text for each distinct case, and codes for the rows.

A failing rule's text depends on what its message shows; an unknown one's on what is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.explanations.cases.listedrules import Elements
from imagefit.explanations.cases.messages import rendered
from imagefit.explanations.cases.rowcases import Cases, cases_by_value
from imagefit.explanations.cases.textlists import TextLists
from imagefit.explanations.cases.unknowns import Memory
from imagefit.rulepack.pack import PLACEHOLDER, Rule
from imagefit.values import dataclass

__all__ = ["Reasons", "reasons_of"]


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


def reasons_of(
    errors: Sequence[Rule],
    encoded: Encoded,
    failing: Elements,
    undecided: Elements,
    numbers: NDArray[np.int32],
    memory: Memory,
) -> Reasons:
    """Return why rules of severity error fail, then why others are unknown; `numbers` are the cases of the latter."""
    codes = np.empty(len(failing.rows) + len(undecided.rows), np.int32)
    texts: list[Any] = []
    flags: list[NDArray[np.intp]] = []
    size = 0
    # In each row the failing rules come first, so that an element moves back by those of the other kind before it.
    moved = np.arange(len(failing.rows)) + undecided.offsets[failing.rows]
    for place, own in failing.by_place():
        found, shown = _texts(errors[place], encoded, failing.rows[own])
        codes[moved[own]] = found + np.int32(size)
        size += len(shown)
        texts.append(shown)
        flags.append(np.full(len(shown), place, np.intp))
    moved = np.arange(len(undecided.rows)) + failing.offsets[undecided.rows + 1]
    cases: Any = pc.dictionary_encode(pa.array(numbers))  # in the order of the rows, whatever the numbers are
    codes[moved] = cases.indices.to_numpy() + np.int32(size)
    texts.append(pa.array([memory.told[number].text for number in cases.dictionary.to_pylist()], pa.string()))
    places = np.zeros(len(cases.dictionary), np.intp)
    places[cases.indices.to_numpy()] = undecided.places
    flags.append(places + len(errors))
    offsets = failing.offsets + undecided.offsets
    return Reasons(TextLists(offsets, codes, pa.concat_arrays(texts)), np.concatenate(flags))


def _texts(rule: Rule, encoded: Encoded, rows: NDArray[np.intp]) -> tuple[NDArray[Any], Any]:
    """Return the message of a failing rule in some rows, as codes and the distinct texts."""
    names = tuple(dict.fromkeys(PLACEHOLDER.findall(rule.message)))
    part = encoded.part(rows, names)
    cases = cases_by_value(part.columns.get(name) for name in names)
    if cases is None:
        cases = Cases(np.zeros(len(rows), np.int32), np.zeros(1, np.intp))
    return cases.codes, rendered(rule.message, part.take(cases.examples))
