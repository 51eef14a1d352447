"""Whole verdicts as lines of JSON, by columns: each line is pieces of text, most of them the same in many lines.

A row's line is a list of numbers of pieces; the pieces of all lines, one after the other, are the text.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.auditing.plan import OperationPlan
from imagefit.auditing.results import Results
from imagefit.columns.arrowdata import arrow, coded, gather
from imagefit.columns.ascending import ranked
from imagefit.columns.column import Codes, Constant, Encoded, Numbers
from imagefit.columns.distinct import Distinct, DistinctTexts, remembered
from imagefit.columns.distinctsets import DistinctSets
from imagefit.columns.jsonpieces import RowPieces, put_together
from imagefit.columns.jsontexts import json_of_value, json_texts, json_within
from imagefit.conditions import affirmed, leaves
from imagefit.evaluators.results import Flags
from imagefit.explanations.alike import linked_facts
from imagefit.explanations.elements import Elements
from imagefit.explanations.messages import shown_sets
from imagefit.explanations.results import place_of
from imagefit.explanations.templates import Slot, Template, TemplatesOf, json_pieces, slot
from imagefit.explanations.textlists import flags_set
from imagefit.facts import show_value
from imagefit.rulepack.pack import Outcome
from imagefit.rulepack.words import WAIVED
from imagefit.verdicts import AT_LEAST, LEVELS, SHOWN, PackRef, Verdict, json_value

__all__ = ["Lines", "VerdictLines", "odd_rows"]

_KEY: Slot = ("json", " key")  # no facts: these have no blanks in their names
_ODD: Slot = ("json", " odd")
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

    def __init__(self, plan: OperationPlan) -> None:
        explainer, rules = plan.explainer, plan.rules
        self._plan = plan
        self.can_make = not any(rule.id.startswith(WAIVED) for rule in rules)
        shown = [(place, outcome) for place, rule in enumerate(rules) for outcome in SHOWN[rule.severity]]
        self._flags: Flags = tuple(sorted(shown, key=lambda flag: place_of(rules[flag[0]], flag[1])))
        self._failing: Flags = tuple((place, Outcome.FAIL) for place in range(len(rules)))
        every = dict.fromkeys(affirmed(leaf) for rule in rules for leaf in (*leaves(rule.when), *leaves(rule.require)))
        linked = linked_facts(every, plan.pack.fields)
        self._results = [
            TemplatesOf(rules[place], outcome, explainer, plan.operation, linked) for place, outcome in self._flags
        ]
        self._book = _Book()
        self._frames = np.array([[self._book.number(part) for part in self._frame(kind)] for kind in LEVELS])

    def _frame(self, kind: Any) -> list[Template]:
        """Return what stands before, between and after the lists of a verdict, without the brace at the end."""
        data = Verdict("", self._plan.operation, kind, (), (), {}, PackRef.of(self._plan.pack)).to_dict()
        data["key"] = slot(*_KEY)
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
            units.append((np.array(sorted(odd)), np.full(len(odd), self._book.number((_ODD,)))))
            whole = pa.array([odd.get(row, "").removesuffix("}") for row in range(encoded.rows)], _TEXT)
        rows, numbers = (np.concatenate(each) for each in zip(*units, strict=True))
        order = np.argsort(rows, kind="stable")
        return Lines(self._book, encoded, rows[order], numbers[order], {_KEY: keys, _ODD: whole})

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
            if name in self._plan.looked_at:
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
        self._arrays: tuple[NDArray[Any], NDArray[Any], Any] = np.zeros(0, np.intp), np.zeros(0, np.int32), None

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

    def opened(self) -> tuple[NDArray[Any], NDArray[Any], Any, list[Slot]]:
        """Return the length of each template, the numbers of all their pieces, those that are text, and the slots."""
        with self._lock:
            if len(self._arrays[0]) < len(self._lists):
                sizes = np.array([len(each) for each in self._lists])
                flat = np.array([piece for each in self._lists for piece in each], np.int32)
                self._arrays = sizes, flat, pa.array(list(self._pieces), _TEXT)
            return *self._arrays, list(self._slots)


class Lines:
    """The lines of some rows, laid out: the templates of each row, one after the other."""

    def __init__(
        self,
        book: _Book,
        encoded: Encoded,
        rows: NDArray[np.intp],
        numbers: NDArray[np.intp],
        given: Mapping[Slot, Any],
    ) -> None:
        self._book, self._encoded, self._given = book, encoded, given
        self._numbers, self._bounds = numbers, np.searchsorted(rows, np.arange(encoded.rows + 1))

    def texts(self, start: int, stop: int, ends: RowPieces) -> Iterator[Any]:
        """Yield the lines from one row to another, some at a time, as Arrow arrays of text.

        Parameters
        ----------
        ends
            What stands at the end of each of these lines.
        """
        bounds = self._bounds[start : stop + 1] - self._bounds[start]
        numbers = self._numbers[self._bounds[start] : self._bounds[stop]]
        sizes, flat, common, slots = self._book.opened()
        # The end counts as a template of its own, whose pieces are another one's in each row.
        numbers, bounds = np.insert(numbers, bounds[1:], len(sizes)), bounds + np.arange(len(bounds))
        sizes, flat = np.append(sizes, ends.width), np.append(flat, np.zeros(ends.width, np.int32))
        given = {
            name: None if array is None else array.slice(start, stop - start) for name, array in self._given.items()
        }
        given = {_KEY: json_texts(given[_KEY]), _ODD: given[_ODD]}
        starts, lengths = np.cumsum(sizes) - sizes, sizes[numbers]
        edges = np.concatenate([[0], np.cumsum(lengths)])
        of_pieces = np.repeat((starts[numbers] - edges[:-1]).astype(np.int32), lengths)
        of_pieces += np.arange(edges[-1], dtype=np.int32)
        pieces = gather(arrow(flat), of_pieces).copy()
        places = np.flatnonzero(pieces < 0)
        of = -1 - pieces[places]
        order = np.argsort(of.astype(np.uint16), kind="stable")
        bounds = edges[bounds]
        rows = np.searchsorted(bounds, places, side="right") - 1
        shown: Any
        texts: list[Any] = [common]
        begin, size = 0, len(common)
        for each, count in zip(slots, np.bincount(of, minlength=len(slots)).tolist(), strict=True):
            own = order[begin : begin + count]
            begin += count
            if count:
                is_given = each in given
                shown, codes = (given[each], rows[own]) if is_given else _shown(each, self._encoded, rows[own] + start)
                pieces[places[own]] = codes.astype(np.int32) + np.int32(size)
                size += len(shown)
                texts.append(shown)
        if len(ends.places):
            windows = np.lib.stride_tricks.sliding_window_view(pieces, ends.width, writeable=True)
            windows[bounds[1:] - ends.width] = ends.places + np.int32(size)
        return put_together(pa.concat_arrays([*texts, ends.pieces]), pieces, bounds)


def _shown(slot: Slot, encoded: Encoded, rows: NDArray[np.intp]) -> tuple[Any, NDArray[Any]]:
    """Return texts for a fact of some rows that know it, and the place of each row's among them."""
    kind, name = slot
    column = encoded.columns[name]
    if isinstance(column, Constant):
        return pa.array([_text(kind, column.constant)], _TEXT), np.zeros(len(rows), np.intp)
    if isinstance(column, Codes):
        codes = column.codes[rows]
        if column.distinct.size <= max(len(rows), 1024):
            return _texts(column.distinct, kind), codes
        used, places = ranked(codes, column.distinct.size)
        return _texts_of(column.distinct, kind, used), places
    return _numbers(column, kind, rows)


@remembered
def _texts(distinct: Distinct, kind: str) -> Any:
    return _texts_of(distinct, kind, np.arange(distinct.size))


def _texts_of(distinct: Distinct, kind: str, codes: NDArray[Any]) -> Any:
    """Return what some codes stand for as texts."""
    if isinstance(distinct, DistinctTexts):
        texts = distinct.texts.cast(_TEXT).take(pa.array(np.where(codes > 0, codes.astype(np.int64) - 1, 0)))
        return json_texts(texts) if kind == "json" else json_within(texts)
    if isinstance(distinct, DistinctSets):
        shown = distinct.texts_of(codes, json_texts, "") if kind == "json" else shown_sets(distinct, codes, "")
        return shown if kind == "json" else json_within(shown.cast(_TEXT))
    return pa.array([_text(kind, distinct.values[code]) for code in codes.tolist()], _TEXT)


def _text(kind: str, value: Any) -> str:
    return json_of_value(json_value(value)) if kind == "json" else json_of_value(show_value(value))[1:-1]


def _numbers(column: Numbers, kind: str, rows: NDArray[np.intp]) -> tuple[Any, NDArray[Any]]:
    numbers = column.numbers[rows]
    if numbers.dtype.kind == "i":
        return pa.array(numbers).cast(_TEXT), np.arange(len(rows))
    values, places = coded(numbers)
    return pa.array([_text(kind, value) for value in values.tolist()], _TEXT), places
