"""Running an audit from a source into a writer, once through, with everything counted on the way.

What is written, and how, is the writer's: a `RowsWriter`, which knows nothing of how rows are judged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.auditing.judging import AuditTask, each_slice
from imagefit.auditing.linetexts import Lines
from imagefit.auditing.logrows import LoggedRow, logged_rows
from imagefit.auditing.results import Audited, Results
from imagefit.auditing.tally import Tally
from imagefit.auditing.task import OperationTask
from imagefit.auditing.verdictlines import VerdictLines, odd_rows
from imagefit.columns.arrowdata import arrow
from imagefit.columns.column import Encoded
from imagefit.columns.jsonpieces import RowPieces
from imagefit.errors import InputError
from imagefit.escaping import in_json
from imagefit.sources.batch import BadRow, Batch, Source, row_text, row_texts
from imagefit.sources.files import FilesSource
from imagefit.values import dataclass
from imagefit.verdicts import Verdict
from imagefit.verdicts.baseline import name_of_facts

__all__ = ["AuditedRows", "FoundRow", "RowsWriter", "run_audit"]

BAD_ROWS = 4096
"""So many rows that can't be read have their values in Python at a time."""

WRITTEN_ROWS = 65_536
"""So many rows have their results made at a time; with plans, which are worked out once for all, those of a batch.

A writer whose rows are Python's takes fewer, and says how many: `rows_at_once`.
"""


LinesOf = Callable[[int, int, RowPieces], Iterator[Any]]


@dataclass(frozen=True, slots=True)
class AuditedRows:
    """Some rows of an audit.

    Attributes
    ----------
    rows
        Their number.
    carried
        Makes the caller's columns, a ``pyarrow.RecordBatch``; None if there are none.
    results
        Makes the result columns, Arrow arrays in the order of `RESULT_COLUMNS`: the verdict, then lists of text.
    verdicts
        Makes the full verdict of each row, or of the rows at some places in order.
    lines
        Makes what makes the same as lines of JSON, Arrow arrays of text: of the rows from one place to another, each
        with what stands at its end. Makes None where it can't.
    judged, found
        Make what a log that leaves out the values of some facts, and what a baseline says of each row.
    facts, operations
        Make the facts of the rows, an `Encoded`, and the operation of each row.
    key_of, names
        What a row is called, and what the first rows' own column ``name`` says, if there is one.
    place_of
        The file of a row (empty: none), and its number there.
    """

    rows: int
    carried: Callable[[], Any]
    results: Callable[[], Sequence[Any]]
    verdicts: Callable[..., Iterator[Verdict]]
    lines: Callable[[], LinesOf | None]
    judged: Callable[[frozenset[str]], Iterator[LoggedRow]]
    found: Callable[[], Iterator[FoundRow]]
    facts: Callable[[], Encoded]
    operations: Callable[[], Sequence[str]]
    key_of: Callable[[int], str]
    names: Callable[[int], Sequence[object] | None]
    place_of: Callable[[int], tuple[str, int]]


@dataclass(frozen=True, slots=True)
class FoundRow:
    """What a baseline says of a row: the ids of the rules that fail, that are undecided and that warn.

    `row` is its place among those that could be read.
    """

    row: int
    operation: str
    candidate: str
    failed: Sequence[str]
    unknown: Sequence[str]
    warned: Sequence[str]


class RowsWriter(Protocol):
    """What takes the audited rows."""

    def encode(self, rows: AuditedRows) -> Any:
        """Make what `write` takes; several threads call this at a time."""

    def write(self, encoded: Any) -> None:
        """Write a batch, in the order of the rows."""


@dataclass(frozen=True, slots=True)
class _Done:
    """A batch that a thread has finished."""

    rows: int
    encoded: Any
    bad: list[BadRow]
    tally: Tally


def run_audit(
    source: Source,
    task: AuditTask,
    writer: RowsWriter,
    tally: Tally,
    *,
    all_rules: bool = False,
    on_bad_rows: Callable[[list[BadRow]], None] | None = None,
    on_rows: Callable[[int], None] | None = None,
) -> None:
    """Judge every row, write the results and count them; closing the writer is the caller's.

    Parameters
    ----------
    all_rules
        Explain the rules that pass or do not apply, too, where whole verdicts are written.
    on_bad_rows
        Is given the rows that can't be read, which are left out; without it, the first of them is an error.
    on_rows
        Is told how many rows were finished.

    Raises
    ------
    InputError
        If a row can't be read and there is no `on_bad_rows`.
    """
    makers: dict[OperationTask, VerdictLines] = {}

    def lines(batch: Batch, audited: Audited) -> LinesOf | None:
        for results, _ in audited.parts:
            if results.task not in makers or makers[results.task].is_full:
                makers[results.task] = VerdictLines(results.task)
        if all_rules or not audited.parts or not all(makers[results.task].can_make for results, _ in audited.parts):
            return None
        return verdict_lines(audited, makers, keys_by_row(source, batch))

    def work(batch: Batch) -> _Done:
        audited = task.audited(batch)
        if on_bad_rows is None and (error := first_error(batch, audited)) is not None:
            raise error
        bad = bad_rows(batch, audited)
        key_of = source.key_of(batch)

        def own(row: int) -> int:
            return row if audited.read_rows is None else int(audited.read_rows[row])

        rows = AuditedRows(
            rows=audited.rows - len(audited.errors),
            carried=lambda: carried_rows(source, batch, audited),
            results=audited.columns,
            verdicts=lambda wanted=None: verdicts(audited, key_of, all_rules, wanted and map(own, wanted)),
            lines=lambda: lines(batch, audited),
            judged=lambda redact: logged_rows(audited, key_of, task.supply.given, redact),
            found=lambda: found_rows(audited, batch),
            facts=lambda: audited.facts,
            operations=lambda: audited.operations,
            key_of=lambda row: key_of(own(row)),
            names=lambda count: _names(batch, audited, count),
            place_of=lambda row: (batch.file or "", batch.number(own(row))),
        )
        return _Done(rows.rows + len(bad), writer.encode(rows), bad, tally.beside().add(audited, key_of, len(bad)))

    def released(batch: Batch) -> _Done:
        done = work(batch)
        _release()
        return done

    rows = getattr(writer, "rows_at_once", None) or (None if task.plans else WRITTEN_ROWS)
    for done in each_slice(source, released, rows=rows):
        if done.bad and on_bad_rows is not None:
            on_bad_rows(done.bad)
        tally.merge(done.tally)
        writer.write(done.encoded)
        _release()
        if on_rows is not None:
            on_rows(done.rows)


def _release() -> None:
    """Give back what Arrow keeps, for each thread, of the memory that the thread has freed."""
    pa.default_memory_pool().release_unused()


def first_error(batch: Batch, audited: Audited) -> InputError | None:
    """Return what is wrong with the first row of a batch that could not be read."""
    found = [(bad.number, bad.error) for bad in batch.bad]
    found += [(batch.number(row), error) for row, error in islice(audited.errors.items(), 1)]  # they are in order
    return min(found, key=lambda item: item[0])[1] if found else None


def bad_rows(batch: Batch, audited: Audited) -> list[BadRow]:
    """Return the rows of a batch that could not be read, whether as rows or as facts, in their order."""
    found, rows = list(batch.bad), list(audited.errors)
    for start in range(0, len(rows), BAD_ROWS):
        some = rows[start : start + BAD_ROWS]
        if batch.rows is None:
            texts = row_texts(batch.data.take(pa.array(some)))
        else:
            texts = [row_text(batch.rows[row]) for row in some]
        found += [BadRow(batch.number(row), audited.errors[row], text) for row, text in zip(some, texts, strict=True)]
    return sorted(found, key=lambda bad: bad.number)


def carried_rows(source: Source, batch: Batch, audited: Audited) -> Any:
    """Return the caller's columns of the rows that could be read."""
    carried = source.carried(batch)
    if carried is None or audited.read_rows is None:
        return carried
    return carried.take(pa.array(audited.read_rows))


def _names(batch: Batch, audited: Audited, count: int) -> Sequence[object] | None:
    if "name" not in batch.data.schema.names:
        return None
    rows = range(count) if audited.read_rows is None else audited.read_rows[:count].tolist()
    column = batch.data.column("name")
    return [column[row].as_py() for row in rows]


def verdicts(
    audited: Audited, key_of: Callable[[int], str], all_rules: bool = False, wanted: Iterable[int] | None = None
) -> Iterator[Verdict]:
    """Yield the full verdict of each row that could be read, or of those that are wanted."""
    only = None if wanted is None else frozenset(wanted)
    for row, results, own in audited.places():
        if only is None or row in only:
            yield _verdict(results, own, key_of(row), all_rules)


def keys_by_row(source: Source, batch: Batch) -> Any:
    """Return what each row of a batch is called, as an Arrow array of text."""
    if isinstance(source, FilesSource):
        return batch.key_texts()
    key_of = source.key_of(batch)
    return pa.array([key_of(row) for row in range(batch.count)], pa.large_string())


def verdict_lines(audited: Audited, makers: Mapping[OperationTask, VerdictLines], keys: Any) -> LinesOf:
    """Return what makes the full verdicts of the rows that could be read, as of `AuditedRows.lines`."""
    parts: list[tuple[Lines, NDArray[np.intp]]] = []
    for results, rows in audited.parts:
        own = keys.take(arrow(numbers := np.arange(results.rows) if rows is None else rows))
        odd = {
            row: in_json(json.dumps(verdict.to_dict(), ensure_ascii=False, allow_nan=False))
            for row in odd_rows(results).tolist()
            for verdict in (_verdict(results, row, own[row].as_py(), all_rules=False),)
        }
        among = numbers if audited.read_rows is None else np.searchsorted(audited.read_rows, numbers)
        parts.append((makers[results.task].lines(results, own, odd), among))

    def made(start: int, stop: int, ends: RowPieces) -> Iterator[Any]:
        found, places = [], []
        for lines, rows in parts:
            first, last = np.searchsorted(rows, (start, stop)).tolist()
            places.append(rows[first:last] - start)
            found.append(lines.texts(first, last, ends.take(places[-1])))
        if len(found) == 1:
            return found[0]
        every = pa.concat_arrays([texts for some in found for texts in some])
        return iter([every.take(arrow(np.argsort(np.concatenate(places))))])

    return made


def found_rows(audited: Audited, batch: Batch) -> Iterator[FoundRow]:
    """Yield what a baseline says of each row that could be read, those of an operation together."""
    names, read = batch.names(), audited.read_rows
    for results, rows in audited.parts:
        columns = (results.failed_rules, results.unknown_rules, results.warnings)
        lists = zip(*(column.to_arrow().to_pylist() for column in columns), strict=True)
        numbers = range(results.rows) if rows is None else rows.tolist()
        for own, (row, (failed, unknown, warned)) in enumerate(zip(numbers, lists, strict=True)):
            candidate = names[row] or name_of_facts(results.judged.encoded.facts(own))
            place = row if read is None else int(np.searchsorted(read, row))
            yield FoundRow(place, results.task.operation, candidate, failed, unknown, warned)


def _verdict(results: Results, row: int, key: str, all_rules: bool) -> Verdict:
    task, judged = results.task, results.judged
    facts = judged.encoded.facts(row)
    assumed = {
        name: facts[name]
        for name, rows in judged.encoded.assumed.items()
        if name in task.looked_at and (rows is None or rows[row])
    }
    return task.explainer.verdict(
        task.operation, judged.outcomes(row), facts, key=key, assumed=assumed, all_rules=all_rules
    )
