"""Judging the batches of a source: each row by the rules of its operation, on all cores, results in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.auditing.results import PLAN_COLUMNS, RESULT_COLUMNS, Audited, Results
from imagefit.auditing.task import OperationTask
from imagefit.columns import arrowdata
from imagefit.columns.column import Encoded
from imagefit.columns.encoding import Encoder
from imagefit.cores import core_count, in_order
from imagefit.errors import InputError, UnknownNameError
from imagefit.explanations.candidate.prepared import prepare, selectors
from imagefit.facts import Facts, Origin, OriginKind
from imagefit.planning.planner import planner_of
from imagefit.rulepack.pack import Pack
from imagefit.sources.batch import Batch, Source
from imagefit.sources.callednames import with_called
from imagefit.sources.names import OPERATION_COLUMN
from imagefit.supply import Completed, Supply, read_assumptions, read_facts
from imagefit.verdicts import Verdict

__all__ = ["AuditTask", "each_slice"]

T = TypeVar("T")


class AuditTask:
    """What to ask of every candidate.

    Parameters
    ----------
    operation
        The operation of all rows; None: each row's own, in the column `OPERATION_COLUMN`.
    given, assume
        Facts as `read_facts` reads them, and assumptions as `read_assumptions` does.
    beside
        As of `Encoder`.
    plans
        Whether to work out the plans of rows.

    Attributes
    ----------
    overruled
        The operations that rows ask for, where another one counts for all of them.

    Raises
    ------
    InputError, EvaluatorError
        As `imagefit.check` does.
    """

    def __init__(
        self,
        pack: Pack,
        operation: str | None,
        *,
        select: str | Sequence[str] = (),
        ignore: str | Sequence[str] = (),
        given: Mapping[str, object] | None = None,
        beside: Facts | None = None,
        assume: Mapping[str, object] | None = None,
        evaluator: str | None = None,
        plans: bool = False,
    ) -> None:
        self.pack, self.operation, self.plans = pack, operation, plans
        self.select, self.ignore, self.evaluator = selectors(select), selectors(ignore), evaluator
        self.supply = Supply(read_facts(given or {}, pack.fields), read_assumptions(assume, pack.fields))
        self.encoder = Encoder(pack.fields, self.supply, beside=beside)
        self.overruled: set[str] = set()
        self._tasks: dict[str, OperationTask] = {}
        self.task_for(operation if operation is not None else next(iter(pack.operations)))

    def task_for(self, operation: str) -> OperationTask:
        """Return the rules of an operation, made ready."""
        if operation not in self._tasks:
            self._tasks[operation] = OperationTask(
                self.pack, operation, self.select, self.ignore, self.evaluator, plans=self.plans
            )
        return self._tasks[operation]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the result columns."""
        return (*RESULT_COLUMNS, *(PLAN_COLUMNS if self.plans else ()))

    def with_plans(self) -> AuditTask:
        """Return the same with plans."""
        found = copy(self)
        found.plans, found._tasks = True, {}
        return found

    def audited(self, batch: Batch) -> Audited:
        """Judge the rows of a batch."""
        encoded = self.encoder.encode(with_called(batch, self.pack.fields, "image"))
        errors = _errors(encoded, batch)
        parts = []
        for operation, rows in self._rows_by_operation(batch, errors):
            whole = rows is None or len(rows) == encoded.rows
            part = encoded if whole or rows is None else encoded.take(rows)
            task = self.task_for(operation)
            parts.append((Results(task, task.judge(part)), None if whole else rows))
        return Audited(encoded, parts, dict(sorted(errors.items())), len(self.columns))

    def explain(self, batch: Batch, key: str) -> Verdict:
        """Return the full verdict of the one row of a batch, by the reference evaluator."""
        encoded = self.encoder.encode(with_called(batch, self.pack.fields, "image"))
        errors = _errors(encoded, batch)
        for operation, _ in self._rows_by_operation(batch, errors):
            prepared = prepare(self.pack, operation, self.select, self.ignore)
            facts = encoded.facts(0)
            used = {name: facts[name] for name, rows in encoded.assumed.items() if rows is None or rows[0]}
            read = batch.records[0].origins if batch.records else {}
            origins = {name: self._origin(name, name in used, batch, read) for name in facts}
            verdict = prepared.verdict(Completed(facts, used, origins), key=key)
            return replace(verdict, planner=planner_of(self.pack, operation, self.select, self.ignore))
        raise next(iter(errors.values()))

    def _origin(self, name: str, is_assumed: bool, batch: Batch, read: Mapping[str, Origin]) -> Origin:
        if is_assumed:
            return Origin(OriginKind.ASSUMED)
        if batch.file is None or name in self.supply.given:
            return Origin(OriginKind.GIVEN)
        return read.get(name) or batch.own.origin(name, batch.data.schema.names, batch.file)

    def _rows_by_operation(
        self, batch: Batch, errors: dict[int, InputError]
    ) -> Iterator[tuple[str, NDArray[np.intp] | None]]:
        """Yield each operation with its rows (None: all), without those that have errors."""
        if self.operation is not None:
            if OPERATION_COLUMN in batch.data.schema.names:
                self.overruled.update(name for name in self._operations(batch)[0] if name not in ("", self.operation))
            bad = np.fromiter(errors, np.intp, len(errors))
            yield self.operation, np.setdiff1d(np.arange(batch.data.num_rows), bad) if errors else None
            return
        names, codes = self._operations(batch)
        for row in np.flatnonzero(~np.isin(codes, [n for n, name in enumerate(names) if name in self.pack.operations])):
            if row not in errors:
                name = names[codes[row]]
                wrong = (
                    UnknownNameError.of("operation", name, self.pack.operations) if name else _no_operation(self.pack)
                )
                errors[int(row)] = wrong.at(file=batch.file, row=batch.number(int(row)), column=OPERATION_COLUMN)
        for number, name in enumerate(names):
            rows = np.flatnonzero(codes == number)
            if errors:
                rows = np.setdiff1d(rows, np.fromiter(errors, np.intp, len(errors)))
            if len(rows):
                yield name, rows

    def _operations(self, batch: Batch) -> tuple[list[str], NDArray[Any]]:
        place = batch.data.schema.get_field_index(OPERATION_COLUMN)
        if place < 0:
            raise _no_operation(self.pack)
        array: Any = arrowdata.plain(batch.data.column(place))
        if not arrowdata.is_text(array.type) and array.null_count < len(array):
            array = array.dictionary_decode() if hasattr(array, "dictionary") else array.cast("string")
        encoded: Any = pc.dictionary_encode(array.cast("string"), null_encoding="encode")
        return [name or "" for name in encoded.dictionary.to_pylist()], arrowdata.numbers(encoded.indices)


def _errors(encoded: Encoded, batch: Batch) -> dict[int, InputError]:
    return {row: batch.located(row, error) for row, error in encoded.errors()}


def _no_operation(pack: Pack) -> InputError:
    return InputError(
        "say what is to be done", column=OPERATION_COLUMN, expected=f"one of {', '.join(pack.operations)}"
    )


def each_slice(
    source: Source, work: Callable[[Batch], T], *, threads: int | None = None, rows: int | None = None
) -> Iterator[T]:
    """Yield what `work` makes of each slice of the source, in order; a few slices are worked on at a time.

    Parameters
    ----------
    threads
        As many as there are cores by default; one works without a thread of its own.
    rows
        The size of a slice whose results are written.
    """
    slices = (
        piece
        for batch in source.columns()
        for piece in (batch.slices(rows, is_written=True) if rows else batch.slices())
    )
    yield from in_order(work, slices, threads or core_count())
