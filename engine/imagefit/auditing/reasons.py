"""Counting the reasons of an audit's rows by columns, batch after batch: nothing here is done row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.auditing.counted import CountedReasons
from imagefit.auditing.results import Results
from imagefit.columns.arrowdata import arrow, whole
from imagefit.columns.fingerprints import fingerprints, marks
from imagefit.rulepack.pack import Outcome, Pack
from imagefit.sources.batch import Keys

__all__ = ["Reasons"]

MOST_REASONS = 100_000
"""So many distinct reasons are told apart; the rows of further ones are counted together."""

BEGIN = 20
"""So many bits of the mark of a reason are looked at first: most reasons have others than those told."""

ALIKE = 8
"""More different reasons with one fingerprint were made so by somebody: these are told apart by their texts."""

COLUMNS: Mapping[str, pa.DataType] = {
    "kind": pa.int32(),
    "text": pa.large_string(),
    "rows": pa.int64(),
    "key": pa.large_string(),
}
SCHEMA, ROWS = pa.schema(COLUMNS), list(COLUMNS).index("rows")
"""A reason: its rule and outcome as a place in `Reasons.kinds`, the text, the number of rows, the first one's key."""


class _Told:
    """The reasons that are told apart when no more of them come: others are found among them, and count as one."""

    def __init__(self, table: Any) -> None:
        self._table, self._texts, self._kinds = table, whole(table["text"]), _column(table, "kind")
        numbers = _fingerprints(self._texts, self._kinds)
        self._order = np.argsort(numbers)
        self._numbers = numbers[self._order]
        self._has_mark = np.zeros(1 << BEGIN, np.bool_)
        self._has_mark[_marks(self._texts)] = True

    def __len__(self) -> int:
        return len(self._order)

    def table(self, rows: NDArray[np.int64]) -> Any:
        """Return them in their order, with the number of their rows."""
        return self._table.set_column(ROWS, "rows", arrow(rows))

    def places(self, kinds: NDArray[np.int32], texts: Any) -> NDArray[np.intp]:
        """Return the place of each of some reasons; their number where there is none."""
        texts = texts.cast(pa.large_string())
        found = np.full(len(texts), len(self))
        own = np.flatnonzero(self._has_mark[_marks(texts)])  # most are surely none of them
        numbers = _fingerprints(texts.take(arrow(own)), kinds[own])
        among = np.searchsorted(self._numbers, numbers)
        for _ in range(ALIKE):  # mostly once
            is_alike = np.append(self._numbers, 0)[among] == numbers
            is_alike &= among < len(self)
            own, among, numbers = own[is_alike], among[is_alike], numbers[is_alike]
            if not len(own):
                return found
            places = self._order[among]
            is_it = np.asarray(pc.equal(texts.take(arrow(own)), self._texts.take(arrow(places))))
            is_it &= kinds[own] == self._kinds[places]
            found[own[is_it]] = places[is_it]
            own, among, numbers = own[~is_it], among[~is_it] + 1, numbers[~is_it]
        reasons = zip(kinds[own].tolist(), texts.take(arrow(own)).to_pylist(), strict=True)
        found[own] = [self._by_text.get(reason, len(self)) for reason in reasons]
        return found

    @cached_property
    def _by_text(self) -> dict[tuple[int, str], int]:
        """The places of all."""
        reasons = zip(self._kinds.tolist(), self._texts.to_pylist(), strict=True)
        return {reason: place for place, reason in enumerate(reasons)}


class Reasons:
    """Counts the distinct reasons of batches, each in the order in which the rows have them first.

    Parameters
    ----------
    before
        Counts what this will be merged into: where that tells no more apart, this looks for no others either.

    Attributes
    ----------
    kinds
        Each outcome with each rule, in the order in which a summary has them where they count the same.
    """

    def __init__(self, pack: Pack, before: Reasons | None = None) -> None:
        outcomes = sorted((Outcome.FAIL, Outcome.UNKNOWN), key=str)
        self.kinds = [(outcome, id) for outcome in outcomes for id in sorted(rule.id for rule in pack.rules)]
        self._place = {kind: place for place, kind in enumerate(self.kinds)}
        self._parts: list[Any] = []
        self._count = self._joined = 0
        self._is_beside = before is not None
        self._told: _Told | None = None if before is None else before._told
        self._rows = np.zeros(0 if self._told is None else len(self._told) + 1, np.int64)  # the last: of no one told

    @property
    def untold(self) -> int:
        """The number of rows of all reasons that are not told apart."""
        return 0 if self._told is None else int(self._rows[-1])

    def add(self, parts: Sequence[tuple[Results, NDArray[np.intp] | None]], key_of: Callable[[int], str]) -> None:
        """Count a batch; of each part the results, and the batch's rows that it is of, if it is not all of them."""
        if self._told is not None:
            for results, _ in parts:
                numbers, kinds, counts = self._distinct(results)
                texts = results.explained.lists.texts
                own = texts if len(numbers) == len(texts) else texts.take(arrow(numbers))
                self._add_to_told(self._told, own, kinds, counts)
            return
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
        if later._told is not None:  # then it is ours
            self._rows += later._rows
        for part in later._parts:
            self._append(part)

    def counted(self) -> CountedReasons:
        """Return them, most rows first."""
        if self._told is None:
            self._join()
        if self._told is not None:
            table = self._told.table(self._rows[:-1])
        else:
            table = self._parts[0] if self._parts else SCHEMA.empty_table()
        order = pc.sort_indices(table, [("rows", "descending"), ("kind", "ascending"), ("text", "ascending")])
        return CountedReasons(table, self.kinds, order)

    def _distinct(self, results: Results) -> tuple[NDArray[np.intp], NDArray[np.int32], NDArray[np.int64]]:
        """Return the places of the texts of a batch that some row has, the kind of each, and the number of rows."""
        lists, flags, errors = results.explained.lists, results.explained.flags, results.task.errors
        counts = np.bincount(lists.codes, minlength=len(lists.texts))
        numbers = np.flatnonzero(counts)
        of_flags = [self._place[outcome, rule.id] for outcome in (Outcome.FAIL, Outcome.UNKNOWN) for rule in errors]
        kinds = np.array(of_flags, np.int32)[flags[numbers].astype(np.intp)]
        return numbers, kinds, counts[numbers].astype(np.int64)

    def _first_rows(self, results: Results) -> tuple[Any, NDArray[np.intp]]:
        """Return each distinct reason with the number of rows, and the first of these, in the order of the rows."""
        lists = results.explained.lists
        numbers, kinds, counts = self._distinct(results)
        firsts = np.zeros(len(lists.texts), np.intp)
        backwards = np.arange(len(lists.codes) - 1, -1, -1)
        firsts[lists.codes[backwards]] = backwards
        order = np.argsort(firsts[numbers])
        texts = lists.texts.take(arrow(numbers[order])).cast(pa.large_string())
        table = pa.table({"kind": arrow(kinds[order]), "text": texts, "rows": arrow(counts[order])})
        return table, np.searchsorted(lists.offsets, firsts[numbers[order]], side="right") - 1

    def _append(self, part: Any) -> None:
        if self._told is not None:
            self._add_to_told(self._told, whole(part["text"]), _column(part, "kind"), _column(part, "rows"))
            return
        self._parts.append(part)
        self._count += part.num_rows
        is_much = len(self._parts) > 1 and self._count > self._joined + MOST_REASONS // 2
        if (is_much or self._count > MOST_REASONS) and not self._is_beside:  # else it could leave out what is told
            self._join()

    def _join(self) -> None:
        """Let each reason stand once, and only so many; the order stays that of the rows that have them first."""
        if len(self._parts) > 1 or self._count > self._joined:
            every = pa.concat_tables(self._parts).combine_chunks()
            texts: Any = pc.dictionary_encode(whole(every["text"]))
            numbers = _numbers(texts.indices.to_numpy(), _column(every, "kind"))
            found: Any = pc.dictionary_encode(pa.array(numbers))  # in the order in which they are there first
            codes = found.indices.to_numpy()
            rows = _sums(codes, _column(every, "rows"), len(found.dictionary))
            firsts = np.zeros(len(rows), np.intp)
            firsts[codes[::-1]] = np.arange(len(codes))[::-1]
            told = every.take(arrow(firsts[:MOST_REASONS]))
            self._parts = [told.set_column(ROWS, "rows", arrow(rows[:MOST_REASONS]))]
            if len(rows) >= MOST_REASONS:
                self._told, self._parts = _Told(told), []
                self._rows = np.append(rows[:MOST_REASONS], rows[MOST_REASONS:].sum())
        self._count = self._joined = sum(part.num_rows for part in self._parts)

    def _add_to_told(self, told: _Told, texts: Any, kinds: NDArray[np.int32], counts: NDArray[np.int64]) -> None:
        """Count the rows of those that are told apart, and the rows of all others together."""
        self._rows += _sums(told.places(kinds, texts), counts, len(self._rows))


def _fingerprints(texts: Any, kinds: NDArray[np.int32]) -> NDArray[np.uint64]:
    """Return a number for each reason: the same for the same."""
    return fingerprints(texts) ^ kinds.astype(np.uint64)


def _marks(texts: Any) -> NDArray[np.intp]:
    """Return the first bits of a number for each text that is the same for the same."""
    return (marks(texts) >> np.uint64(64 - BEGIN)).astype(np.intp)


def _numbers(texts: NDArray[Any], kinds: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return a number for each reason by the number of its text and its kind: the same for the same."""
    return (texts.astype(np.int64) << 32) + kinds


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
