"""An audit as a page: its rows are collected batch by batch, as many as a page holds, and written at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np

from imagefit.auditing.summary import Summary
from imagefit.auditing.writing import AuditedRows
from imagefit.columns.ragged import tuples_of
from imagefit.errors import number_of
from imagefit.explanations.remedies.effects import filled
from imagefit.facts import show_value
from imagefit.reports.files import Layout
from imagefit.reports.html.contents import Contents, Missing, Stopped
from imagefit.reports.html.facts import distinct, fact_columns
from imagefit.reports.html.page import write_page
from imagefit.reports.html.rows import FAILS, NOTED, OPEN, WAIVES, Case, Coded, PlanText, Rows, StepText, Telling
from imagefit.reports.plans import cost_words
from imagefit.rulepack.pack import Pack
from imagefit.rulepack.words import WAIVED
from imagefit.sources.names import KEY_COLUMNS, OPERATION_COLUMN
from imagefit.verdicts import VerdictKind

__all__ = ["MOST_ROWS", "HtmlWriter", "cases_of", "stopped_of"]

MOST_ROWS = 100_000
"""So many rows are in a page; all are counted."""

MOST_VALUES = 1 << 19
"""Nor are there more once their columns have so many different values: such a page is too large to be looked at."""


class HtmlWriter:
    """Writes a page of an audit."""

    rows_at_once = 16_384

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        assert layout.pack is not None
        self._file, self._pack = file, layout.pack
        self._rows, self._is_full = Rows(), False

    def encode(self, rows: AuditedRows) -> Any:
        """Return what is kept of a batch."""
        if self._is_full or not rows.rows:
            return None
        keys = Coded("key", "label", "Candidate")
        keys.add(*distinct([rows.key_of(row) for row in range(rows.rows)]))
        columns = [keys]
        if (names := rows.names(rows.rows)) is not None:
            name = Coded("name", "name", "Candidate")
            name.add(*distinct([None if each in (None, "") else str(each) for each in names]))
            columns.append(name)
        columns += fact_columns(rows.facts(), self._pack)
        columns += _own_columns(rows.carried(), {column.name for column in columns})
        return (*cases_of(rows.results(), rows.operations(), self._pack), columns)

    def write(self, encoded: Any) -> None:
        """Keep a batch, as far as there is room."""
        if encoded is None or self._is_full:
            return
        cases, numbers, columns = encoded
        if (room := MOST_ROWS - self._rows.count) < len(numbers):
            for column in columns:
                column.cut(room)
        self._rows.add(cases, numbers[:room], columns)
        self._is_full = self._rows.count == MOST_ROWS or self._rows.values > MOST_VALUES

    def close(self, summary: Summary) -> None:
        """Write the page."""
        write_page(self._file, contents_of(summary, self._pack, self._rows))


def contents_of(summary: Summary, pack: Pack, rows: Rows) -> Contents:
    """Return what the page of an audit is made of."""
    notes = [f"{fact} was assumed in {number_of(count, 'row')}." for fact, count in summary.assumed.items() if count]
    if summary.bad_rows:
        notes.append(f"{number_of(summary.bad_rows, 'row')} could not be read: not among these.")
    if summary.rows > rows.count:
        notes.append(f"The numbers are those of all rows; the table has the first {rows.count:,}.")
    return Contents(
        verb="audit",
        noun="candidates",
        of="",
        pack=pack,
        operations=list(summary.operations),
        counts={kind: summary.verdicts.get(kind, 0) for kind in VerdictKind},
        stopped=stopped_of(summary),
        missing=[Missing(each.fact, each.rows, summary.rows, "", each.flag) for each in summary.missing],
        rows=rows,
        levers=summary.levers,
        notes=notes,
    )


def stopped_of(summary: Summary) -> list[Stopped]:
    """Return how many candidates each rule stops."""
    return [Stopped(rule.rule, rule.failed, rule.only, rule.unknown) for rule in summary.rules]


def cases_of(results: Sequence[Any], operations: Sequence[str], pack: Pack) -> tuple[list[Case], Any]:
    """Return the distinct cases of some rows, from the columns that an audit adds, and the place of each row's."""
    known: dict[Any, int] = {}
    cases: list[Case] = []
    numbers = np.empty(len(operations), np.uint32)
    told: dict[Telling, Telling] = {}  # what many cases say of a rule is one object
    for row, key in enumerate(zip(operations, results[0].to_pylist(), *map(tuples_of, results[1:]), strict=True)):
        if (number := known.get(key)) is None:
            number = known[key] = len(cases)
            cases.append(_case(pack, told, *key))
        numbers[row] = number
    return cases, numbers


def _case(
    pack: Pack,
    told: dict[Telling, Telling],
    operation: str,
    verdict: str,
    failed: Sequence[str],
    unknown: Sequence[str],
    warnings: Sequence[str],
    missing: Sequence[str],
    reasons: Sequence[str],
    plan: Sequence[str] | None = None,
    _cost: Sequence[str] = (),
) -> Case:
    telling = [(id_, FAILS) for id_ in failed] + [(id_, OPEN) for id_ in unknown]
    rules = [(id_, outcome, reason) for (id_, outcome), reason in zip(telling, reasons, strict=True)]
    rules += [(id_, WAIVES if id_.startswith(WAIVED) else NOTED, "") for id_ in warnings]
    steps = tuple(_step(name, pack) for name in plan or ())
    kind = VerdictKind(verdict)
    return Case(
        kind,
        operation,
        tuple([told.setdefault(each, each) for each in rules]),
        tuple(missing),
        plans=(PlanText(steps),) if steps else (),
        is_hopeless=plan is not None and not steps and kind is VerdictKind.INCOMPATIBLE,
    )


def _step(name: str, pack: Pack) -> StepText:
    remedy = pack.remedies[name]
    return StepText(filled(remedy.text, {}, pack.fields), remedy.actor, cost_words(remedy.cost))


def _own_columns(carried: Any, taken: set[str]) -> list[Coded]:
    """Return the caller's columns that are no facts, as text."""
    made: list[Coded] = []
    for name, column in zip(carried.schema.names, carried.columns, strict=True) if carried is not None else ():
        if name in taken or name in KEY_COLUMNS or name == OPERATION_COLUMN:
            continue
        while name in {each.name for each in made}:  # a frame may have two of one name
            name += " (again)"
        coded = Coded(name, "own", "")
        coded.add(*distinct([None if value in (None, "") else _text(value) for value in column.to_pylist()]))
        made.append(coded)
    return made


def _text(value: object) -> str:
    return show_value(value) if isinstance(value, bool | int | float | str) else str(value)
