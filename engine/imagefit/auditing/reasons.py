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
from imagefit.columns.arrowdata import arrow
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
        self._parts.append(part)
        self._count += part.num_rows
        if self._count > self._joined + MOST_REASONS // 2:
            self._join()

    def _join(self) -> None:
        """Let each reason stand once, and only so many; the order stays that of the rows that have them first."""
        if len(self._parts) > 1 or self._count > self._joined:
            every = pa.concat_tables(self._parts)
            every = every.append_column("at", arrow(np.arange(every.num_rows)))
            groups = every.group_by(["kind", "text"], use_threads=False)
            found = groups.aggregate([("rows", "sum"), ("at", "min")]).sort_by("at_min")
            keys = every["key"].take(found["at_min"])
            columns = [found["kind"], found["text"], found["rows_sum"], keys]
            table = pa.table(columns, schema=SCHEMA)
            if table.num_rows > MOST_REASONS:
                self.untold += pc.sum(table["rows"].slice(MOST_REASONS)).as_py()
                table = table.slice(0, MOST_REASONS)
            self._parts = [table]
        self._count = self._joined = sum(part.num_rows for part in self._parts)


def _keys(key_of: Callable[[int], str], rows: NDArray[np.intp]) -> Any:
    """Return what rows are called."""
    if isinstance(key_of, Keys):
        return key_of.at(rows)
    return pa.array([key_of(row) for row in rows.tolist()], pa.large_string())
