"""Between rows as Python has them and Arrow data: the one adapter each way.

Rows of mappings, from JSON or from a vendor's records, become batches; batches become records of facts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa

from imagefit.columns.encoding import Encoder
from imagefit.columns.objects import objects_as_arrow, type_of
from imagefit.cores import close
from imagefit.errors import InputError
from imagefit.facts import Field
from imagefit.readers.own import AS_THEY_ARE, OwnTables
from imagefit.readers.records import Record
from imagefit.sources.batch import BadRow, Batch, keys_of, pieces, row_text
from imagefit.sources.carrying import column_of_texts
from imagefit.sources.facts import Row, facts_record
from imagefit.sources.ownnames import named

__all__ = ["Kinds", "batches_of", "carried_column", "kind_of", "records_of", "schema_of", "schema_of_kinds"]

RECORD_ROWS = 4096
"""Rows of columns that are made records at a time."""

_LISTS = pa.list_(pa.string())
_SEVERAL = (list, tuple, frozenset, set)
_SCALARS: Mapping[type, Any] = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}


def batches_of(
    rows: Iterable[Row],
    fields: Mapping[str, Field],
    file: str,
    piece_rows: int,
    *,
    keep_going: bool = False,
    own: OwnTables = AS_THEY_ARE,
) -> Iterator[Batch]:
    """Yield rows as batches; raises `InputError` if a value is none of its fact's, unless it is to keep going.

    `own` is what the caller says of the columns.
    """
    remaining = iter(rows)
    try:
        for piece in pieces(remaining, piece_rows, lambda row: (row.values, row.size)):
            yield _batch(piece, fields, file, keep_going, own)
    finally:
        close(remaining)


def _batch(rows: Sequence[Row], fields: Mapping[str, Field], file: str, keep_going: bool, own: OwnTables) -> Batch:
    bad = [BadRow(row.number, row.error, row.key) for row in rows if row.error is not None] if keep_going else []
    rows = [row for row in rows if row.error is None] if bad else rows
    mappings = [row.values for row in rows]
    columns: dict[str, Any] = {}
    errors: dict[int, InputError] = {}
    for name in dict.fromkeys(chain.from_iterable(mappings)):
        values = [row.get(name) for row in mappings]
        for row in own.names.get(name, ()):
            stated = [row.translate({name: value}) for value in values]
            columns[row.fact], wrong = objects_as_arrow(fields[row.fact], stated)
            errors = {place: own.located(error, [name]) for place, error in wrong.items()} | errors
        if name in columns:
            continue
        if name in fields:
            columns[name], wrong = objects_as_arrow(fields[name], values)
            errors = wrong | errors
        else:
            columns[name] = column_of_texts([_as_text(value) for value in values], name, rows[0].number)
    data = _record_batch(columns, len(rows))
    if errors:
        wrong_rows = {place: error.at(file=file, row=rows[place].number) for place, error in sorted(errors.items())}
        if not keep_going:
            raise next(iter(wrong_rows.values()))
        bad += [BadRow(rows[p].number, error, row_text(rows[p].values)) for p, error in wrong_rows.items()]
        good = [place for place in range(len(rows)) if place not in errors]
        data, rows = data.take(pa.array(good, pa.int64())), [rows[place] for place in good]
        mappings = [row.values for row in rows]
    records = [row.record for row in rows if row.record is not None]
    return Batch(
        data,
        file=file,
        numbers=[row.number for row in rows],
        rows=mappings,
        bad=sorted(bad, key=lambda row: row.number),
        keys=[row.key for row in rows],
        records=records or None,
    )


def records_of(batches: Iterable[Batch], fields: Mapping[str, Field]) -> Iterator[Record]:
    """Yield the rows of batches as records; raises `InputError` if a value is none of its fact's."""
    encoder = Encoder(fields)
    for batch in (piece for whole in batches for piece in whole.slices(RECORD_ROWS)):
        encoded = encoder.encode(named(batch, fields))
        for row, error in encoded.errors():
            raise batch.located(row, error)
        own = [name for name in batch.data.schema.names if name and name not in fields]
        columns = batch.data.select(own).to_pylist() if own else [{}] * batch.count
        key_of = keys_of(batch)
        for row, values in enumerate(columns):
            yield facts_record(key_of(row), encoded.facts(row), values, batch.file or "", batch.own)


class Kinds:
    """Of which types the values of rows are, column by column."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self._fields = fields
        self._found: dict[str, set[type]] = {}

    def see(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Look at some rows."""
        for name in dict.fromkeys(chain.from_iterable(rows)):
            values = [row[name] for row in rows if name in row]
            kinds = set(map(type, values))
            if kinds == {frozenset}:
                kinds = set(map(kind_of, set(values)))
            elif not kinds.isdisjoint(_SEVERAL):
                kinds = set(map(kind_of, values))
            self._found.setdefault(name, set()).update(kinds)

    @property
    def schema(self) -> Any:
        """The columns as a ``pyarrow.Schema``: each of the type that all of its values have."""
        return schema_of_kinds(self._found, self._fields)


def schema_of(rows: Iterable[Row], fields: Mapping[str, Field]) -> Any:
    """Return the columns of rows as a ``pyarrow.Schema``."""
    kinds = Kinds(fields)
    for piece in pieces(rows, RECORD_ROWS, lambda row: (row.values, row.size)):
        kinds.see([row.values for row in piece])
    return kinds.schema


def schema_of_kinds(kinds: Mapping[str, set[type]], fields: Mapping[str, Field]) -> Any:
    """Return columns as a ``pyarrow.Schema``, of the types that their values have, by `kind_of`."""
    return pa.schema([(name, _type_of(fields.get(name), found - {type(None)})) for name, found in kinds.items()])


def carried_column(values: Sequence[object], kind: Any) -> Any:
    """Return values as a column of a type; what is no text stands in one of text as JSON."""
    if kind == _LISTS:
        return pa.array([sorted(v) if isinstance(v, set | frozenset) else v for v in values], kind)
    if kind == pa.string():
        return pa.array([_as_text(value) for value in values], kind)
    if kind == pa.float64():  # of a whole number that needs 64 bits, what is nearest
        return pa.array([float(value) if type(value) is int else value for value in values], kind)
    return pa.array(values, kind)


def _as_text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, default=sorted)


def _record_batch(columns: Mapping[str, Any], rows: int) -> Any:
    """Return a batch; one of rows alone has a column without a name, for Arrow counts rows by columns."""
    if not columns:
        return pa.RecordBatch.from_arrays([pa.nulls(rows)], [""])
    return pa.RecordBatch.from_arrays(list(columns.values()), list(columns))


def _type_of(field: Field | None, kinds: set[type]) -> Any:
    """Return the type of a column whose values are of these types: of the field's own where they are mixed."""
    if len(kinds) == 1:
        (kind,) = kinds
        return _LISTS if kind is list else _SCALARS.get(kind, pa.string())
    if kinds == {int, float}:
        return pa.float64()
    return pa.string() if field is None else type_of(field)


def kind_of(value: object) -> type:
    """Return a value's type, where a list is one of texts; else it is what JSON has to show, as a dict is."""
    if isinstance(value, _SEVERAL):
        return list if all(isinstance(element, str) for element in value) else dict
    return type(value)
