"""Tables in memory as batches of Arrow data: frames, Arrow's own, lists of mappings.

Only the columns that are facts have to be Arrow's; a table keeps its own form for what the caller gets back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns import arrowdata
from imagefit.columns.objects import arrow_of_objects
from imagefit.errors import InputError
from imagefit.facts import Facts, Field
from imagefit.readers.assembly import Settings
from imagefit.readers.own import AS_THEY_ARE, OwnTables
from imagefit.readers.queried import regions_of, zone_of_ecss
from imagefit.readers.tables import is_table, read_objects, read_table
from imagefit.readers.told import tells_any
from imagefit.sources.accounts import refuse_without_facts
from imagefit.sources.batch import SLICE_ROWS, Batch, keys_of
from imagefit.sources.carrying import column_of_texts, without_null_entries
from imagefit.sources.facts import row_of
from imagefit.sources.frames import levels_of, mappings_of, rows_of, table_of
from imagefit.sources.names import KEY_COLUMNS, OPERATION_COLUMN, near_facts
from imagefit.sources.rows import batches_of
from imagefit.sources.text import is_carried, uncarried

__all__ = ["TableSource", "source_of"]


class TableSource:
    """An Arrow table in memory; of a frame, those of its columns, and of the levels of its index, that are facts.

    Parameters
    ----------
    table
        A ``pyarrow.Table``.
    frame
        The caller's ``pandas.DataFrame``, if it was made of one.
    own
        What the caller says of its columns.
    """

    def __init__(self, table: Any, frame: Any = None, own: OwnTables = AS_THEY_ARE) -> None:
        table = without_null_entries(table)
        few = table.num_rows // SLICE_ROWS + 1
        self.table = table.combine_chunks() if max((c.num_chunks for c in table.columns), default=0) > few else table
        self.frame, self.own = frame, own
        self._theirs = self.table  # the caller's columns, but for a frame's

    @property
    def names(self) -> Sequence[object]:
        """The names of the caller's columns."""
        if self.frame is None:
            return tuple(self._theirs.schema.names)
        return (*self.frame.columns, *levels_of(self.frame))

    @property
    def schema(self) -> Any:
        """The caller's columns, as a ``pyarrow.Schema``."""
        return self._whole.schema

    @property
    def rows(self) -> int:
        """The number of rows."""
        return int(self.table.num_rows)

    def remarks(self, fields: Mapping[str, Field]) -> Sequence[str]:
        """Return what a person should know of the table as a whole: which columns are nearly facts."""
        return near_facts([n for n in self.names if isinstance(n, str) and n not in self.own.names], fields)

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, in order."""
        first = 0
        for data in self.table.to_batches() or [arrowdata.no_rows(self.table.schema)]:
            yield Batch(data, first, own=self.own)
            first += data.num_rows

    def columns(self) -> Iterator[Batch]:
        """Yield the rows, in order."""
        return self.batches()

    def key_of(self, batch: Batch) -> Callable[[int], str]:
        """Return a function that says what the row at a place of a batch is called: by column, label or number."""
        if self.frame is None or batch.has_keys():
            return keys_of(batch)
        labels = self.frame.index
        return lambda row: str(labels[batch.first + row])

    def carried(self, batch: Batch) -> Any:
        """Return the caller's columns of a batch, as a ``pyarrow.RecordBatch``; None if there are none."""
        if self.frame is None and batch.data.schema.names != [""]:
            return batch.data
        return self._carried(batch) if self._whole.num_columns else None

    def _carried(self, batch: Batch) -> Any:
        rows = self._whole.slice(batch.first, batch.data.num_rows).combine_chunks()
        return pa.RecordBatch.from_arrays([arrowdata.whole(c) for c in rows.columns], schema=rows.schema)

    @cached_property
    def _whole(self) -> Any:
        """The caller's columns as an Arrow table."""
        if self.frame is None:
            return self._theirs.drop_columns([""]) if self._theirs.schema.names == [""] else self._theirs
        names = list(map(str, self.frame.columns))
        try:
            return pa.Table.from_pandas(self.frame.set_axis(names, axis=1)).combine_chunks()
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            columns = [_pandas_column(self.frame.iloc[:, place], name, None) for place, name in enumerate(names)]
            return pa.Table.from_arrays(columns, names)

    def filtered(self, masks: Iterable[NDArray[np.bool_]]) -> TableSource:
        """Return the rows for which the masks are true."""
        mask = np.concatenate(list(masks))
        return TableSource(_plain(self.table).filter(pa.array(mask)), self._frame_of(mask), self.own)

    def _frame_of(self, mask: NDArray[np.bool_]) -> Any:
        return None if self.frame is None else self.frame.loc[mask]


def _plain(table: Any) -> Any:
    """Return a table without views of text, as polars gives them, which Arrow can't filter."""
    kinds = [pa.large_string() if field.type == pa.string_view() else field.type for field in table.schema]
    return table.cast(pa.schema(list(zip(table.schema.names, kinds, strict=True))))


class AttributesSource(TableSource):
    """A table whose columns are a service's attributes, and the facts that were read of its rows.

    Parameters
    ----------
    remarks
        What a person should know of the table as a whole.
    told
        What there is to say of rows, such as what was not understood.
    """

    def __init__(
        self, facts: Any, theirs: Any, frame: Any = None, remarks: Sequence[str] = (), told: Sequence[str] = ()
    ) -> None:
        super().__init__(facts, frame)
        self._theirs, self._remarks, self.told = theirs, remarks, told

    def remarks(self, fields: Mapping[str, Field]) -> Sequence[str]:
        """Return what a person should know of the table as a whole: how many rows are parts of an object."""
        return self._remarks

    def carried(self, batch: Batch) -> Any:
        """Return the caller's columns of a batch, as a ``pyarrow.RecordBatch``."""
        return self._carried(batch)

    def filtered(self, masks: Iterable[NDArray[np.bool_]]) -> AttributesSource:
        """Return the rows for which the masks are true."""
        mask = np.concatenate(list(masks))
        wanted = pa.array(mask)
        theirs = _plain(self._theirs).filter(wanted)
        return AttributesSource(self.table.filter(wanted), theirs, self._frame_of(mask), self._remarks, self.told)


def source_of(
    table: object, fields: Mapping[str, Field], own: OwnTables = AS_THEY_ARE, given: Facts | None = None
) -> TableSource:
    """Return a table in memory as a source; one whose columns are a service's attributes is read as that.

    `own` is what the caller says of its columns, `given` as of `sources.reading.open_file`.

    Raises
    ------
    InputError
        If it is no table, it has columns and none is a fact, or a column of a fact holds what can't be a fact; names
        row and column.
    """
    given = given or {}
    settings = Settings(fields, zone=zone_of_ecss(None, given), regions=regions_of(given))
    source = _source_of(table, settings, own)
    if not isinstance(source, AttributesSource):
        refuse_without_facts(source.names, own.known(fields))
        own.check([name for name in source.names if isinstance(name, str)], fields)
    return source


def _source_of(table: Any, settings: Settings, own: OwnTables) -> TableSource:
    known, typed = own.known(settings.fields), own.typed(settings.fields)
    if _is_pandas(table):
        own_names = (*table.columns, *levels_of(table))
        _expect_carried(own_names)
        names = [name for name in own_names if isinstance(name, str)]
        if _are_attributes(names, known):
            return _of_attributes(rows_of(table), names, settings, table)
        return TableSource(_from_pandas(table, known, typed), table, own)
    if isinstance(table, Sequence) and not isinstance(table, str | bytes) and not hasattr(table, "__arrow_c_stream__"):
        names = list(dict.fromkeys(name for row in table if isinstance(row, Mapping) for name in row))
        if _are_attributes(names, known):
            return _of_attributes(table, names, settings)
        return TableSource(_from_mappings(table, typed), own=own)
    source = _of_arrow(table, own)
    names = source.table.schema.names
    if _are_attributes(names, known):
        return _of_attributes(mappings_of(source.table), names, settings, own=source.table)
    return source


def _of_arrow(table: object, own: OwnTables) -> TableSource:
    if isinstance(table, pa.Table):
        return TableSource(table, own=own)
    if isinstance(table, pa.RecordBatch):
        return TableSource(pa.Table.from_batches([table]), own=own)
    if hasattr(table, "__arrow_c_stream__") and (found := table_of(table)) is not None:
        return TableSource(found, own=own)
    expected = "a pandas or polars DataFrame, Arrow data, a list of mappings, or the path of a file"
    raise InputError("not a table", value=type(table).__name__, expected=expected)


def _are_attributes(names: Sequence[str], fields: Mapping[str, Field]) -> bool:
    return not any(name in fields for name in names) and is_table(names)


def _of_attributes(
    rows: Sequence[Any], names: Sequence[str], settings: Settings, frame: Any = None, own: Any = None
) -> AttributesSource:
    """Return rows whose keys are a service's attributes, read."""
    fields = settings.fields
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            raise InputError("not a mapping of attributes", row=number, value=row)
    if not tells_any(fields):
        expected = f"facts such as {next(iter(fields), 'its own')}"
        raise InputError("a service's attributes, for a pack that has none of their facts", expected=expected)
    stated = [{name: _of_json(value) for name, value in row.items()} for row in rows]
    are_objects = own is None and frame is None
    read = read_objects(stated, settings) if are_objects else read_table(names, stated, settings)
    records = [replace(record, columns={}) for record in read]
    told = tuple(dict.fromkeys(note for record in records for note in record.notes))
    remarks = []
    if are_objects and (parts := sum(record.is_part for record in records)):
        remarks.append(f"{parts} of {len(records)} objects are cut down: what they do not say is unknown")
    numbered = [row_of(record, number) for number, record in enumerate(records, start=1)]
    batches = [batch.data for batch in batches_of(numbered, fields, "the table", SLICE_ROWS)]
    facts = pa.concat_tables([pa.Table.from_batches([batch]) for batch in batches], promote_options="permissive")
    columns = _from_mappings(rows, {}) if are_objects else own
    return AttributesSource(facts, facts if columns is None else columns, frame, remarks, told)


def _of_json(value: object) -> object:
    """Return a cell as a file would have it: frames have lists as arrays."""
    return of_numpy() if callable(of_numpy := getattr(value, "tolist", None)) else value


def _is_pandas(table: object) -> bool:
    return type(table).__module__.partition(".")[0] == "pandas" and hasattr(table, "iloc") and hasattr(table, "columns")


def _from_pandas(frame: Any, known: Collection[str], fields: Mapping[str, Field]) -> Any:
    """Return the columns of a frame that an audit looks at; a column of pandas need not be one of Arrow."""
    wanted = {*known, OPERATION_COLUMN, *KEY_COLUMNS}
    places = [place for place, name in enumerate(frame.columns) if isinstance(name, str) and name in wanted]
    own = [(frame.columns[place], frame.iloc[:, place]) for place in places]
    own += [(name, level) for name, level in levels_of(frame).items() if name in wanted]
    columns = [_pandas_column(column, name, fields.get(name)) for name, column in own]
    return _table([name for name, _ in own], columns, len(frame))


def _pandas_column(series: Any, name: str, of: Field | None) -> Any:
    if series.dtype == object:
        return _column(series.tolist(), name, of)
    try:
        return pa.array(series, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return _column(series.tolist(), name, of)


def _from_mappings(rows: Sequence[Any], fields: Mapping[str, Field]) -> Any:
    names: dict[str, None] = {}
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            raise InputError("not a mapping of facts", row=number, value=row)
        names.update(dict.fromkeys(row))
    columns = []
    for name in names:
        values = [row.get(name) for row in rows]
        columns.append(_column(values, str(name), fields.get(name)))
    return _table(list(names), columns, len(rows))


def _table(names: Sequence[str], columns: Sequence[Any], rows: int) -> Any:
    """Return a table; one of rows alone has a column without a name, for Arrow counts rows by columns."""
    _expect_carried(names)
    return pa.table({"": pa.nulls(rows)}) if not names else pa.Table.from_arrays(columns, list(map(str, names)))


def _expect_carried(names: Iterable[object]) -> None:
    for name in map(str, names):
        if not is_carried(name):
            raise uncarried(name, None, "the columns")


def _column(values: Sequence[object], name: str, of: Field | None) -> Any:
    """Return values as Arrow has them; of several types, as the field's own, or else as text.

    Arrow makes one number of 1.0 and True; text beside NaN, as pandas has it, it reads as it should.
    """
    kinds = set(map(type, values)) - {type(None)}
    with contextlib.suppress(pa.ArrowException, TypeError, ValueError, OverflowError):
        if len(kinds) <= 1 or kinds == {str, float}:
            return pa.array(values, from_pandas=True)
    if of is not None:
        return arrow_of_objects(of, values)
    return column_of_texts([None if value is None or _is_nan(value) else str(value) for value in values], name)


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and value != value
