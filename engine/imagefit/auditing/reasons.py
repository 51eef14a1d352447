"""Counting the reasons of an audit's rows by columns, batch after batch: nothing here is done row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.auditing.counted import CountedReasons
from imagefit.auditing.results import Results
from imagefit.columns.arrowdata import arrow, whole
from imagefit.rulepack.pack import Outcome, Pack
from imagefit.sources.batch import Keys

__all__ = ["Reasons"]

MOST_REASONS = 100_000
"""So many distinct reasons are told apart; the rows of further ones are counted together."""

COLUMNS: Mapping[str, pa.DataType] = {
    "kind": pa.int32(),
    "text": pa.large_string(),
    "rows": pa.int64(),
    "key": pa.large_string(),
}
SCHEMA = pa.schema(COLUMNS)
"""A reason: its rule and outcome as a place in `Reasons.kinds`, the text, the number of rows, the first one's key."""


class Reasons:
    """Counts the distinct reasons of batches, each in the order in which the rows have them first.

    Attributes
    ----------
    kinds
        Each outcome with each rule, in the order in which a summary has them where they count the same.
    untold
        The rows of the reasons that are not told apart.
    """

    def __init__(self, pack: Pack) -> None:
        outcomes = sorted((Outcome.FAIL, Outcome.UNKNOWN), key=str)
        self.kinds = [(outcome, id) for outcome in outcomes for id in sorted(rule.id for rule in pack.rules)]
        self.untold = 0
        self._place = {kind: place for place, kind in enumerate(self.kinds)}
        self._parts: list[Any] = []
        self._count = self._joined = 0
        self._is_full: bool | None = False

    def add(self, parts: Sequence[tuple[Results, NDArray[np.intp] | None]], key_of: Callable[[int], str]) -> None:
        """Count a batch; of each part the results, and the batch's rows that it is of, if it is not all of them."""
        tables, rows = [], []
        for results, places in parts:
            table, of_rows = self._first_rows(results)
            tables.append(table)
            rows.append(of_rows if places is None else places[of_rows])
        if not tables:
            return
        table, first = pa.concat_tables(tables), np.concatenate(rows)
        if len(tables) > 1:
            order = np.argsort(first, kind="stable")
            table, first = table.take(arrow(order)), first[order]
        self._append(table.append_column("key", _keys(key_of, first)).cast(SCHEMA))

    def merge(self, later: Reasons) -> None:
        """Add what was counted of the rows that follow."""
        self.untold += later.untold
        for part in later._parts:
            self._append(part)

    def counted(self) -> CountedReasons:
        """Return them, most rows first."""
        self._join()
        table = self._parts[0] if self._parts else SCHEMA.empty_table()
        found = table.sort_by([("rows", "descending"), ("kind", "ascending"), ("text", "ascending")])
        return CountedReasons(found, self.kinds)

    def _first_rows(self, results: Results) -> tuple[Any, NDArray[np.intp]]:
        """Return each distinct reason with the number of rows, and the first of these, in the order of the rows."""
        lists, flags, errors = results.explained.lists, results.explained.flags, results.plan.errors
        counts = np.bincount(lists.codes, minlength=len(lists.texts))
        firsts = np.zeros(len(lists.texts), np.intp)
        backwards = np.arange(len(lists.codes) - 1, -1, -1)
        firsts[lists.codes[backwards]] = backwards
        numbers = np.flatnonzero(counts)
        numbers = numbers[np.argsort(firsts[numbers])]
        of_flags = [self._place[outcome, rule.id] for outcome in (Outcome.FAIL, Outcome.UNKNOWN) for rule in errors]
        kinds = np.array(of_flags, np.int32)[flags[numbers].astype(np.intp)]
        texts = lists.texts.take(arrow(numbers)).cast(pa.large_string())
        table = pa.table({"kind": arrow(kinds), "text": texts, "rows": arrow(counts[numbers].astype(np.int64))})
        return table, np.searchsorted(lists.offsets, firsts[numbers], side="right") - 1

    def _append(self, part: Any) -> None:
        if self._is_full is None:
            (told,) = self._parts
            # Then no more of them come, and each is found by its text alone.
            self._is_full = len(told) == MOST_REASONS and pc.count_distinct(told["text"]).as_py() == len(told)
        if self._is_full:
            self._add_to_told(part)
            return
        self._parts.append(part)
        self._count += part.num_rows
        is_much = len(self._parts) > 1 and self._count > self._joined + MOST_REASONS // 2
        if is_much or self._count > MOST_REASONS:
            self._join()

    def _join(self) -> None:
        """Let each reason stand once, and only so many; the order stays that of the rows that have them first."""
        if len(self._parts) > 1 or self._count > self._joined:
            every = pa.concat_tables(self._parts).combine_chunks()
            numbers = self._numbers(every)
            found: Any = pc.dictionary_encode(pa.array(numbers))  # in the order in which they are there first
            codes = found.indices.to_numpy()
            rows = _sums(codes, _column(every, "rows"), len(found.dictionary))
            firsts = np.zeros(len(rows), np.intp)
            firsts[codes[::-1]] = np.arange(len(codes))[::-1]
            self.untold += int(rows[MOST_REASONS:].sum())
            told = every.take(arrow(firsts[:MOST_REASONS]))
            self._parts = [told.set_column(2, "rows", arrow(rows[:MOST_REASONS]))]
            self._is_full = None
        self._count = self._joined = sum(part.num_rows for part in self._parts)

    def _numbers(self, every: Any) -> NDArray[np.int64]:
        """Return a number for each reason of a table, which those that are the same share."""
        texts: Any = pc.dictionary_encode(whole(every["text"]))
        numbers: NDArray[np.int64] = texts.indices.to_numpy().astype(np.int64)
        numbers *= len(self.kinds)
        numbers += _column(every, "kind")
        return numbers

    def _add_to_told(self, part: Any) -> None:
        """Count the rows of those that are told apart, and the rows of all others together."""
        (told,) = self._parts
        rows = _column(told, "rows")
        places = pc.index_in(whole(part["text"]), value_set=whole(told["text"]))
        found = pc.fill_null(places, -1).to_numpy()
        is_told = (found >= 0) & (_column(told, "kind")[found] == _column(part, "kind"))
        more = _column(part, "rows")
        self.untold += int(more[~is_told].sum())
        rows = rows + _sums(found[is_told], more[is_told], len(rows))
        self._parts = [told.set_column(2, "rows", arrow(rows))]


def _sums(places: NDArray[Any], values: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the sum of the values at each place."""
    found = np.zeros(count, np.int64)
    np.add.at(found, places, values)
    return found


def _column(table: Any, name: str) -> NDArray[Any]:
    found: NDArray[Any] = whole(table[name]).to_numpy()
    return found


def _keys(key_of: Callable[[int], str], rows: NDArray[np.intp]) -> Any:
    """Return what rows are called."""
    if isinstance(key_of, Keys):
        return key_of.at(rows)
    return pa.array([key_of(row) for row in rows.tolist()], pa.large_string())
