"""The text of verdicts that are laid out: templates of pieces that many lines share, with slots for facts of each."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns import jsonpieces
from imagefit.columns.arrowdata import arrow, coded, gather
from imagefit.columns.ascending import ranked
from imagefit.columns.column import Codes, Constant, Encoded, Numbers
from imagefit.columns.distinct import Distinct, DistinctTexts, remembered
from imagefit.columns.distinctsets import DistinctSets
from imagefit.columns.jsonpieces import RowPieces, put_together
from imagefit.columns.jsontexts import json_of_value, json_texts, json_within
from imagefit.explanations.cases.messages import shown_sets
from imagefit.explanations.cases.templates import Slot
from imagefit.facts import show_value
from imagefit.kernel.library import Kernel, compiled, is_compiled
from imagefit.kernel.structures import Templates, Texts
from imagefit.values import dataclass
from imagefit.verdicts import json_value

__all__ = ["KEY", "ODD", "Lines", "Opened"]

KEY: Slot = ("json", " key")  # no facts: these have no blanks in their names
ODD: Slot = ("json", " odd")
"""What a row is called, and a line that was made otherwise."""

_TEXT = pa.large_string()


@dataclass(frozen=True, slots=True)
class Opened:
    """Templates by number.

    Attributes
    ----------
    starts
        Where the pieces of each template begin among all, and where those of the last one end.
    flat
        The pieces of all templates: the number of a text, or -1 less the number of a slot.
    common
        The texts, an Arrow array.
    """

    starts: NDArray[np.int64]
    flat: NDArray[np.int32]
    common: Any
    slots: tuple[Slot, ...]


class Lines:
    """The lines of some rows, laid out: the templates of each row, one after the other.

    Parameters
    ----------
    opened
        Returns the templates.
    rows, numbers
        Parts of lines: of which rows, in order, and the number of the template of each.
    keys, whole
        What the rows are called, and those lines that were made otherwise, if there are any: Arrow arrays of text.
    """

    def __init__(
        self,
        opened: Callable[[], Opened],
        encoded: Encoded,
        rows: NDArray[np.intp],
        numbers: NDArray[np.intp],
        keys: Any,
        whole: Any,
    ) -> None:
        self._opened, self._encoded, self._keys, self._whole = opened, encoded, keys, whole
        self._numbers = numbers.astype(np.int64, copy=False)
        self._bounds = np.searchsorted(rows, np.arange(encoded.rows + 1)).astype(np.int64, copy=False)

    def texts(self, start: int, stop: int, ends: RowPieces) -> Iterator[Any]:
        """Yield the lines from one row to another, some at a time, as Arrow arrays of text.

        Parameters
        ----------
        ends
            What stands at the end of each of these lines.
        """
        bounds = self._bounds[start : stop + 1] - self._bounds[start]
        numbers = self._numbers[self._bounds[start] : self._bounds[stop]]
        shown = _Shown(self._encoded, start, json_texts(self._keys.slice(start, stop - start)), self._whole)
        if is_compiled():
            return _filled(compiled(), self._opened(), bounds, numbers, shown, ends)
        return _put_together(self._opened(), bounds, numbers, shown, ends)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What stands in the slots of rows, from one on."""

    encoded: Encoded
    start: int
    keys: Any
    whole: Any

    def of(self, slot: Slot, rows: NDArray[np.intp]) -> tuple[Any, NDArray[Any]]:
        """Return texts for a slot, and the place of each of some rows' among them."""
        if slot == KEY:
            return self.keys, rows
        if slot == ODD:
            return self.whole, rows + self.start
        return _shown(slot, self.encoded, rows + self.start)


def _filled(
    kernel: Kernel,
    opened: Opened,
    bounds: NDArray[np.int64],
    numbers: NDArray[np.int64],
    shown: _Shown,
    ends: RowPieces,
) -> Iterator[Any]:
    """Yield lines that compiled code puts together."""
    end_codes = np.ascontiguousarray(ends.places, np.int32)
    kept: list[Any] = []  # as long as lines are made, for that is where texts lie
    rows, used = len(bounds) - 1, (Texts * len(opened.slots))()
    templates = Templates(
        bounds.ctypes.data,
        numbers.ctypes.data,
        opened.starts.ctypes.data,
        opened.flat.ctypes.data,
        ctypes.addressof(used),
        _texts_at(opened.common),
        _texts_at(ends.pieces, end_codes),
        ends.width,
    )
    for number, has_slot in enumerate(kernel.slots(templates, rows, len(opened.slots))):
        if len(own := np.flatnonzero(has_slot)):
            texts, places = shown.of(opened.slots[number], own)
            codes = np.zeros(rows, np.int32)
            codes[own] = places
            used[number] = _texts_at(texts, codes)
            kept += [texts, codes]
    at_once = jsonpieces.AT_ONCE
    for start in range(0, rows, at_once):
        offsets, signs = kernel.filled(templates, start, min(at_once, rows - start))
        buffers = [None, pa.py_buffer(offsets.data), pa.py_buffer(signs.data)]
        yield pa.Array.from_buffers(_TEXT, len(offsets) - 1, buffers)


def _texts_at(texts: Any, codes: NDArray[np.int32] | None = None) -> Texts:
    """Return where texts lie, which they do as long as what has them is there."""
    _, offsets, signs = texts.buffers()
    places = None if codes is None else codes.ctypes.data
    return Texts(offsets.address + 8 * texts.offset, None if signs is None else signs.address, places)


def _put_together(
    opened: Opened, bounds: NDArray[np.int64], numbers: NDArray[np.int64], shown: _Shown, ends: RowPieces
) -> Iterator[Any]:
    """Yield the same lines, as Arrow takes their pieces."""
    sizes, flat = np.diff(opened.starts), opened.flat
    # The end counts as a template of its own, whose pieces are another one's in each row.
    numbers, bounds = np.insert(numbers, bounds[1:], len(sizes)), bounds + np.arange(len(bounds))
    sizes, flat = np.append(sizes, ends.width), np.append(flat, np.zeros(ends.width, np.int32))
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
    texts: list[Any] = [opened.common]
    begin, size = 0, len(opened.common)
    for slot, count in zip(opened.slots, np.bincount(of, minlength=len(opened.slots)).tolist(), strict=True):
        own = order[begin : begin + count]
        begin += count
        if count:
            found, codes = shown.of(slot, rows[own])
            pieces[places[own]] = codes.astype(np.int32) + np.int32(size)
            size += len(found)
            texts.append(found)
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
