"""`audit`: every row of a table is a candidate; verdicts and reasons for all of them, at the speed of columns."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeVar

from imagefit.api.arguments import pack_of_call, refuse_no_mapping, refuse_no_text, tables_of_call
from imagefit.auditing import summary as counted
from imagefit.auditing.copying import ItsOwnCopy
from imagefit.errors import ImagefitWarning, number_of
from imagefit.escaping.notebook import fragment
from imagefit.readers.own import Map

if TYPE_CHECKING:
    from imagefit.auditing.judging import AuditTask
    from imagefit.auditing.levers import Levers
    from imagefit.auditing.results import Audited
    from imagefit.rulepack.pack import Pack
    from imagefit.sources.batch import Batch, Source
    from imagefit.verdicts import Verdict

__all__ = ["Audit", "Summary", "audit"]

SUMMARISED_ROWS = 1_000_000
"""Of more rows, a notebook shows no reasons unless it asks for the summary: a look should not take long."""

T = TypeVar("T")


def audit(
    table: object,
    *,
    operation: str | None = None,
    pack: Pack | None = None,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    set: Mapping[str, object] | None = None,
    assume: Mapping[str, object] | None = None,
    evaluator: str | None = None,
    prefix: str = "",
    plans: bool = False,
    map: Map | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Audit:
    """Evaluate every row of a table as a candidate.

    Parameters
    ----------
    table
        One candidate a row: a pandas or polars DataFrame, Arrow data, or a list of mappings. Columns that are named
        like facts are facts: text, numbers, booleans, lists of text, dictionaries and categories of them; null, NaN and
        empty text are unknown. Named levels of pandas' index are columns. Others are carried through. Or the path of a
        file, or a list of paths: CSV, JSON Lines, Parquet, image lists, ...; read piece by piece, whenever asked for.
    operation
        What the images are to be used for; None: what the column ``operation`` says in each row.
    pack
        The rules; the built-in pack by default.
    select, ignore
        Rule ids, prefixes of ids (``boot``) or tags, one or several; ignoring wins.
    set
        Facts that are the same in every row, whatever the table says.
    assume
        Facts to use only in rows that lack them; ``"@other.fact"`` assumes what another fact is there, and a text that
        begins with ``@`` is written ``"@@text"``.
    evaluator
        ``planes``, ``tabular`` or another; they agree on every row. By default the quickest that is there.
    prefix
        Put before the names of the result columns.
    plans
        Add the columns ``plan`` and ``plan_cost``: remedies that would make the row fit, and what they cost.
    map
        Columns that are facts by another name, and values: ``{"arch": ("image.architecture", {"x86": "x86_64"})}``.
    delimiter, encoding
        Of files of CSV and of text; by default, the file tells.

    Raises
    ------
    InputError
        If a value is not one of its fact's type (names row and column), no column is a fact, or one has the name of a
        result column; `UnknownNameError` if a fact, operation, rule or evaluator is unknown.
    EvaluatorError
        If numpy and pyarrow, or what the evaluator needs, are not installed.

    Warns
    -----
    ImagefitWarning
        If a column of a table in memory nearly has the name of a fact, or a service's objects in it are cut down.

    Examples
    --------
    >>> rows = [{"id": "a", "image.status": "active"}, {"id": "b", "image.status": "queued"}]
    >>> audit(rows, operation="delete", select=["status"]).summary().verdicts
    {'incompatible': 1, 'unknown': 0, 'compatible': 1}
    """
    from imagefit.auditing.judging import AuditTask
    from imagefit.sources.files import given_source

    pack = pack_of_call(pack)
    refuse_no_text("prefix", operation=operation, evaluator=evaluator, prefix=prefix)
    refuse_no_mapping(set=set, assume=assume)
    task = AuditTask(
        pack, operation, select=select, ignore=ignore, given=set, assume=assume, evaluator=evaluator, plans=plans
    )
    tables = tables_of_call(map, pack.fields, delimiter, encoding)
    source, notes = given_source(table, pack.fields, tables, task.supply.given)
    for note in notes:
        warnings.warn(note, ImagefitWarning, stacklevel=2)
    return Audit(source, task, prefix=prefix, notes=notes)


class Summary(counted.Summary):
    """What an audit found, as `imagefit.auditing.summary.Summary` has it; printed, it is a page."""

    @classmethod
    def of(cls, found: counted.Summary) -> Summary:
        """Return what was counted with a page to print."""
        return cls(**{each.name: getattr(found, each.name) for each in fields(found)})

    def __str__(self) -> str:
        from imagefit.reports.audit.summary import summary_text

        return summary_text(self)


class Audit(ItsOwnCopy):
    """The results of an audit, for the rows of its table in their order.

    Verdicts are worked out first; reasons and missing facts when they are asked for.
    """

    def __init__(self, source: Source, task: AuditTask, *, prefix: str = "", notes: Sequence[str] = ()) -> None:
        self._source, self._task, self._prefix, self._notes = source, task, prefix, tuple(notes)
        self._counts: Sequence[int] | None = None  # of each level, once every row is judged
        from imagefit.auditing.names import check_names

        check_names(source.names, self.columns)
        if source.rows is not None:
            len(self)  # a wrong value in memory is an error now, one in a file when it is read

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the result columns; those of the table are in front of them in `to_arrow`."""
        return tuple(self._prefix + name for name in self._task.columns)

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to say of the table: columns that are nearly facts; of files, what was read, once it was."""
        files, told = getattr(self._source, "files", ()), getattr(self._source, "told", ())
        return (*self._notes, *told, *(note for file in files for note in file.named(file.notes)))

    def __len__(self) -> int:
        return sum(self._counted())

    def summary(self) -> Summary:
        """Return the counts by verdict, by rule, by missing fact and by reason."""
        return self._summary

    def levers(self) -> Levers:
        """Return which remedies would make how many rows fit, alone and three together."""
        return self._summary.levers or Audit(self._source, self._task.with_plans(), prefix=self._prefix).levers()

    def batches(self) -> Iterator[Any]:
        """Yield ``pyarrow.RecordBatch``es: the table's columns with their types, then the result columns.

        These are ``verdict`` (a dictionary of text), then lists of text (whose texts are a dictionary):
        ``failed_rules``, ``unknown_rules``, ``warnings``, ``missing_facts`` and ``reasons``.

        Raises
        ------
        InputError
            If a value is not one of its fact's type; names file, row and column.
        """
        schema = self._source.schema

        def extended(batch: Batch, audited: Audited) -> Any:
            carried = self._source.carried(batch)
            carried = carried if carried is None or carried.schema == schema else carried.cast(schema)
            return _extended(carried, dict(zip(self.columns, audited.columns(), strict=True)))

        return self._each(extended)

    def to_arrow(self) -> Any:
        """Return a ``pyarrow.Table``: the table's columns, then the result columns; as of `batches`."""
        import pyarrow as pa

        return pa.Table.from_batches(list(self.batches())).unify_dictionaries()

    def to_pandas(self) -> Any:
        """Return a ``pandas.DataFrame`` with the result columns added; index, rows and columns stay.

        The verdict is categorical, and the lists are tuples of text.
        """
        from imagefit.auditing.frames import frame_of, with_results

        pieces = list(self._each(lambda batch, audited: (batch, audited.columns())))
        frame = frame_of(self._source, [batch for batch, _ in pieces])
        return with_results(frame, self.columns, [columns for _, columns in pieces])

    def explain(self, row: object) -> Verdict:
        """Return the full verdict of one row, as `check` gives it.

        Parameters
        ----------
        row
            The place of the row, counted from 0 (from the end if negative); or, of a pandas DataFrame whose index
            is not of numbers, its label there.

        Raises
        ------
        IndexError
            If there is no row at that place.
        InputError
            If it is neither a place nor the label of one row.
        """
        place = self._place(row)
        for batch in self._source.batches() if place >= 0 else ():
            if batch.first <= place < batch.first + batch.data.num_rows:
                one = batch.slice(place - batch.first, 1)
                return self._task.explain(one, self._source.key_of(one)(0))
        raise IndexError(f"row {row} of {len(self)}")

    def _place(self, row: object) -> int:
        """Return the place of a row that is given by its place or by its label."""
        try:
            place = operator.index(row)  # type: ignore[arg-type]
        except TypeError:
            from imagefit.auditing.frames import place_of_label

            frame = self._source.frame
            return place_of_label(None if frame is None else frame.index, row)
        return place + len(self) if place < 0 else place

    def write(self, path: str | PathLike[str], format: str | None = None) -> Summary:
        """Write the table with the result columns to a file, which is there whole or not at all.

        Parameters
        ----------
        path
            Where to.
        format
            ``csv``, ``parquet``, ``sarif``, ..., as of the command line; by default, what the name ends in.

        Returns
        -------
        Summary
            As of `summary`.
        """
        from imagefit.auditing.tally import Tally
        from imagefit.auditing.writing import run_audit
        from imagefit.reports.atomic import atomic_file
        from imagefit.reports.audit.layout import audit_layout
        from imagefit.reports.formats import format_of, writer_for

        tally = Tally(self._task.pack)
        of_files = {name: getattr(self._source, name, ()) for name in ("files", "carried_from")}
        layout = audit_layout(lambda: self._source.schema, self.columns, pack=self._task.pack, **of_files)
        with atomic_file(path) as file:
            writer = writer_for(format or format_of(path), file, layout)
            run_audit(self._source, self._task, writer, tally)
            summary = Summary.of(tally.summary())
            writer.close(summary)
        return summary

    def where(self, *, verdict: str | None = None, rule: str | None = None) -> Audit:
        """Return the audit of some of the rows.

        Parameters
        ----------
        verdict
            Rows with this verdict: ``incompatible``, ``unknown`` or ``compatible``.
        rule
            Rows in which this rule fails, is unknown, or is shown as a warning or a notice.

        Raises
        ------
        InputError
            If there is no such verdict or rule.
        """
        from imagefit.auditing.filtering import row_filter

        keep = row_filter(self._task, verdict, rule)
        masks = self._each(lambda _, audited: keep(audited))
        return Audit(self._source.filtered(masks), self._task, prefix=self._prefix, notes=self._notes)

    def _counted(self) -> Sequence[int]:
        """Count the rows of each level, which judges every row; the first time only."""
        if self._counts is None:
            import numpy as np

            from imagefit.verdicts import LEVELS

            counts = np.zeros(len(LEVELS), np.int64)
            for levels in self._each(lambda _, audited: audited.levels):
                counts += np.bincount(levels, minlength=len(LEVELS))
            self._counts = counts.tolist()
        return self._counts

    @cached_property
    def _summary(self) -> Summary:
        from imagefit.auditing.tally import Tally

        tally = Tally(self._task.pack)
        for own in self._each(lambda batch, audited: tally.beside().add(audited, self._source.key_of(batch))):
            tally.merge(own)
        return Summary.of(tally.summary())

    def _each(self, work: Callable[[Batch, Audited], T]) -> Iterator[T]:
        """Yield what `work` makes of each slice and its results."""
        from imagefit.auditing.judging import each_slice

        def judge(batch: Batch) -> T:
            audited = self._task.audited(batch)
            for error in audited.errors.values():
                raise error
            return work(batch, audited)

        return each_slice(self._source, judge)

    def __repr__(self) -> str:
        if self._source.rows is None and self._counts is None:
            return f"<Audit of {self._source}, not read yet>"
        from imagefit.verdicts import LEVELS

        counts = reversed(list(zip(LEVELS, self._counted(), strict=True)))
        return f"<Audit of {number_of(len(self), 'row')}: {', '.join(f'{count} {level}' for level, count in counts)}>"

    def _repr_html_(self) -> str:
        from imagefit.verdicts import LEVELS

        counts = dict(zip(LEVELS, self._counted(), strict=True))
        summary = self.summary() if len(self) <= SUMMARISED_ROWS else None
        return fragment("audit_html", counts, summary, next(iter(self.batches())), self._task.columns)


def _extended(data: Any, columns: Mapping[str, Any]) -> Any:
    import pyarrow as pa

    if data is None:
        return pa.RecordBatch.from_arrays(list(columns.values()), list(columns))
    fields = [*data.schema, *(pa.field(name, column.type) for name, column in columns.items())]
    return pa.RecordBatch.from_arrays(
        [*data.columns, *columns.values()], schema=pa.schema(fields, data.schema.metadata)
    )
