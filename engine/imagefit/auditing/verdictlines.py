"""Whole verdicts as lines of JSON, by columns: each line is pieces of text, most of them the same in many lines.

A row's line is a list of numbers of pieces; the pieces of all lines, one after the other, are the text.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.auditing.linetexts import KEY, ODD, Lines, Opened
from imagefit.auditing.results import Results
from imagefit.auditing.task import OperationTask
from imagefit.columns.column import Encoded
from imagefit.columns.jsontexts import json_of_value
from imagefit.conditions import affirmed, leaves
from imagefit.evaluators.results import Flags
from imagefit.explanations.candidate.ruleresults import place_of
from imagefit.explanations.cases.listedrules import Elements
from imagefit.explanations.cases.templates import Slot, Template, TemplatesOf, json_pieces, slot
from imagefit.explanations.cases.textlists import flags_set
from imagefit.explanations.truths.linkedfacts import linked_facts
from imagefit.rulepack.pack import Outcome
from imagefit.rulepack.words import WAIVED
from imagefit.verdicts import AT_LEAST, LEVELS, SHOWN, PackRef, Verdict

__all__ = ["VerdictLines", "odd_rows"]

_LIST = ("json", " list")
_TEXT = pa.large_string()

MOST = 1 << 16

Units = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Parts of lines: of which rows, in order, and the number of the template of each."""


class VerdictLines:
    """Makes the lines of the rows of one operation; several threads may share it.

    Attributes
    ----------
    can_make
        Whether it can: what a waiver says of a rule is told apart by nothing here.
    """

    @property
    def is_full(self) -> bool:
        """Whether there are so many templates that it is time to begin anew."""
        return self._book.size > MOST

    def __init__(self, task: OperationTask) -> None:
        explainer, rules = task.explainer, task.rules
        self._task = task
        self.can_make = not any(rule.id.startswith(WAIVED) for rule in rules)
        shown = [(place, outcome) for place, rule in enumerate(rules) for outcome in SHOWN[rule.severity]]
        self._flags: Flags = tuple(sorted(shown, key=lambda flag: place_of(rules[flag[0]], flag[1])))
        self._failing: Flags = tuple((place, Outcome.FAIL) for place in range(len(rules)))
        every = dict.fromkeys(affirmed(leaf) for rule in rules for leaf in (*leaves(rule.when), *leaves(rule.require)))
        linked = linked_facts(every, task.pack.fields)
        self._results = [
            TemplatesOf(rules[place], outcome, explainer, task.operation, linked) for place, outcome in self._flags
        ]
        self._book = _Book()
        self._frames = np.array([[self._book.number(part) for part in self._frame(kind)] for kind in LEVELS])

    def _frame(self, kind: Any) -> list[Template]:
        """Return what stands before, between and after the lists of a verdict, without the brace at the end."""
        data = Verdict("", self._task.operation, kind, (), (), {}, PackRef.of(self._task.pack)).to_dict()
        data["key"] = slot(*KEY)
        data["rules"], data["missing"], data["assumed"] = [slot(*_LIST)], [slot(*_LIST)], {slot(*_LIST): 0}
        found: list[Template] = [()]
        for piece in json_pieces(data):
            if piece == _LIST:
                found.append(())
            else:
                found[-1] = (*found[-1], piece.removeprefix(": 0") if isinstance(piece, str) else piece)
        return [*found[:-1], (str(found[-1][0])[:-1],)]

    def lines(self, results: Results, keys: Any, odd: Mapping[int, str]) -> Lines:
        """Lay out the lines of some rows.

        Parameters
        ----------
        keys
            What the rows are called, an Arrow array of text.
        odd
            The verdicts of rows that are not made here, as JSON.
        """
        encoded = results.judged.encoded
        every = np.arange(encoded.rows)
        frames = self._frames[results.levels]
        units = [(every, frames[:, 0])]
        for place, part in enumerate([self._rules(results), self._missing(results), self._assumed(encoded)], start=1):
            units += [part, (every, frames[:, place])]
        whole = None
        if odd:
            is_odd = np.zeros(encoded.rows, np.bool_)
            is_odd[list(odd)] = True
            units = [(rows[~is_odd[rows]], numbers[~is_odd[rows]]) for rows, numbers in units]
            units.append((np.array(sorted(odd)), np.full(len(odd), self._book.number((ODD,)))))
            whole = pa.array([odd.get(row, "").removesuffix("}") for row in range(encoded.rows)], _TEXT)
        rows, numbers = (np.concatenate(each) for each in zip(*units, strict=True))
        order = np.argsort(rows, kind="stable")
        return Lines(self._book.opened, encoded, rows[order], numbers[order], keys, whole)

    def _rules(self, results: Results) -> Units:
        rows, flags = flags_set(results.judged.masks(self._flags), len(self._flags))
        numbers = np.zeros(len(rows), np.intp)
        failing = results.judged.masks(self._failing)
        for flag, own in Elements(rows, flags, results.rows).by_place():
            cases, templates = self._results[flag].cases(results.judged.encoded, rows[own], failing)
            numbers[own] = np.array([self._book.number(template) for template in templates])[cases]
        return _listed(rows, numbers)

    def _missing(self, results: Results) -> Units:
        found = results.missing_facts
        rows = np.repeat(np.arange(results.rows), np.diff(found.offsets))
        numbers = np.array([self._book.number((json_of_value(name),)) for name in found.texts.to_pylist()], np.intp)
        return _listed(rows, numbers[found.codes] if len(rows) else np.zeros(0, np.intp))

    def _assumed(self, encoded: Encoded) -> Units:
        rows: list[NDArray[np.intp]] = [np.zeros(0, np.intp)]
        numbers: list[NDArray[np.intp]] = [np.zeros(0, np.intp)]
        for name, mask in sorted(encoded.assumed.items()):
            if name in self._task.looked_at:
                rows.append(np.arange(encoded.rows) if mask is None else np.flatnonzero(mask))
                template: Template = (f"{json_of_value(name)}: ", ("json", name))
                numbers.append(np.full(len(rows[-1]), self._book.number(template)))
        order = np.argsort(np.concatenate(rows), kind="stable")
        return _listed(np.concatenate(rows)[order], np.concatenate(numbers)[order])


def odd_rows(results: Results) -> NDArray[np.intp]:
    """Return the rows of which `VerdictLines` does not know all that is missing: the budget ended before."""
    found = results.missing_facts
    least = [place for place, text in enumerate(found.texts.to_pylist()) if text == AT_LEAST]
    return np.repeat(np.arange(results.rows), np.diff(found.offsets))[np.isin(found.codes, least)]


def _listed(rows: NDArray[np.intp], numbers: NDArray[np.intp]) -> Units:
    """Return elements of lists with what separates them: of each template, the next one has that before it."""
    is_next = np.zeros(len(rows), np.bool_)
    is_next[1:] = rows[1:] == rows[:-1]
    return rows, numbers + is_next


class _Book:
    """All templates by number, as numbers of pieces; a slot is a negative number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: dict[Template, int] = {}
        self._pieces: dict[str, int] = {}
        self._slots: dict[Slot, int] = {}
        self._lists: list[list[int]] = []
        self._opened: Opened | None = None

    @property
    def size(self) -> int:
        """How many templates there are."""
        return len(self._lists)

    def number(self, template: Template) -> int:
        """Return a template's number; the next number is that of the same template behind another one of a list."""
        if (found := self._numbers.get(template)) is None:
            with self._lock:
                if (found := self._numbers.get(template)) is None:
                    for pieces in (template, (", ", *template)):
                        self._lists.append([self._number(piece) for piece in pieces])
                    found = self._numbers[template] = len(self._lists) - 2
        return found

    def _number(self, piece: str | Slot) -> int:
        if isinstance(piece, str):
            return self._pieces.setdefault(piece, len(self._pieces))
        return -1 - self._slots.setdefault(piece, len(self._slots))

    def opened(self) -> Opened:
        """Return what lines are made of."""
        with self._lock:
            if self._opened is None or len(self._opened.starts) <= len(self._lists):
                starts = np.cumsum([0, *map(len, self._lists)], dtype=np.int64)
                flat = np.array([piece for each in self._lists for piece in each], np.int32)
                self._opened = Opened(starts, flat, pa.array(list(self._pieces), _TEXT), tuple(self._slots))
            return self._opened
