"""Files as the source of an audit: read piece by piece, never whole, several as one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from os import PathLike, fspath
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns import arrowdata
from imagefit.columns.objects import TYPES, objects_as_arrow
from imagefit.errors import InputError
from imagefit.facts import Field
from imagefit.rulepack.pack import Pack
from imagefit.sources.memory import Batch, key_column
from imagefit.sources.tables import BadRow, Piece, TableFile, expanded, open_table

__all__ = ["FilesSource", "file_source"]

SMALL_ROWS = 1 << 16

LISTS = pa.list_(pa.string())
_SCALARS: Mapping[type, Any] = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}


class FilesSource:
    """Tables on disk, one after the other; a column that one of them lacks is null in its rows.

    Parameters
    ----------
    keep_going
        Yield rows that can't be read with the batches, and do not raise.
    """

    rows = None
    original = None

    def __init__(self, files: Sequence[TableFile], fields: Mapping[str, Field], *, keep_going: bool = False) -> None:
        self.files, self.fields, self.keep_going = files, fields, keep_going
        self._reading = 0

    def __repr__(self) -> str:
        return ", ".join(file.name for file in self.files)

    def share(self) -> float:
        """Return about how much of the files was read, from 0 to 1."""
        return (self._reading + self.files[self._reading].share()) / len(self.files)

    @property
    def names(self) -> Sequence[object]:
        """The names of the caller's columns."""
        return tuple(self.schema.names)

    @cached_property
    def schema(self) -> Any:
        """The columns of all files; where rows are mappings, asking reads the file."""
        schemas = [self._schema_of(file) for file in self.files]
        try:
            return pa.unify_schemas(schemas, promote_options="permissive")
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise InputError(f"the files have columns of one name and different types ({error})") from None

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, in order."""
        first, is_empty = 0, True
        for place, file in enumerate(self.files):
            self._reading = place
            try:
                for piece in _larger(file.pieces()):
                    batch = self._batch(piece, first, file.name)
                    first += batch.data.num_rows
                    is_empty = False
                    yield batch
            except OSError as error:
                raise InputError(
                    f"cannot be read ({getattr(error, 'strerror', None) or error})", file=file.name
                ) from error
        if is_empty:
            yield Batch(pa.RecordBatch.from_arrays([pa.array([], f.type) for f in self.schema], schema=self.schema), 0)

    def key_of(self, batch: Batch) -> Callable[[int], str]:
        """Return a function that says what the row at a place of a batch is called: by column or number."""
        if batch.keys is not None:
            return batch.keys.__getitem__
        return key_column(batch) or (lambda row: str(batch.number(row)))

    def carried(self, batch: Batch) -> Any:
        """Return the caller's columns of a batch; text may be dictionary-encoded where `schema` has it plain."""
        if batch.rows is not None:
            columns = [self._carried_column(f.name, f.type, batch.rows) for f in self.schema]
            return pa.RecordBatch.from_arrays(columns, schema=self.schema)
        if batch.data.schema.names == self.schema.names:
            return batch.data
        own = dict(zip(batch.data.schema.names, batch.data.columns, strict=True))
        columns = [own[f.name] if f.name in own else pa.nulls(batch.data.num_rows, f.type) for f in self.schema]
        return pa.RecordBatch.from_arrays(columns, self.schema.names)

    def _carried_column(self, name: str, kind: Any, rows: Sequence[Mapping[str, object]]) -> Any:
        values = [row.get(name) for row in rows]
        try:
            return _carried_column(values, kind)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            array, _ = objects_as_arrow(self.fields[name], values)
            return array.cast(kind)

    def filtered(self, masks: Iterable[NDArray[np.bool_]]) -> FilteredSource:
        """Return the rows for which the masks, batch after batch, are true."""
        return FilteredSource(self, masks)

    def _batch(self, piece: Piece, first: int, name: str) -> Batch:
        if not isinstance(piece.data, list):
            return Batch(piece.data, first, name, piece.numbers, None, piece.bad, piece.keys)
        rows: Sequence[Mapping[str, object]] = piece.data
        names = dict.fromkeys(name for row in rows for name in row)
        columns: dict[str, Any] = {}
        errors: dict[int, InputError] = {}
        for column in names:
            values = [row.get(column) for row in rows]
            if column in self.fields:
                columns[column], wrong = objects_as_arrow(self.fields[column], values)
                errors = wrong | errors
            else:
                columns[column] = _carried_column(values, pa.string())
        if errors and not self.keep_going:
            row = min(errors)
            raise errors[row].at(file=name, row=piece.numbers[row])
        bad = [
            BadRow(piece.numbers[row], error.at(file=name, row=piece.numbers[row]), json.dumps(rows[row]))
            for row, error in sorted(errors.items())
        ]
        good = [row for row in range(len(rows)) if row not in errors] if errors else None
        data = _record_batch(columns, len(rows))
        if good is not None:
            data, rows = data.take(good), [rows[row] for row in good]
        numbers = piece.numbers if good is None else [piece.numbers[row] for row in good]
        keys = piece.keys if good is None or piece.keys is None else [piece.keys[row] for row in good]
        return Batch(data, first, name, numbers, rows, sorted([*piece.bad, *bad], key=lambda row: row.number), keys)

    def _schema_of(self, file: TableFile) -> Any:
        if file.schema is not None:
            return file.schema
        kinds: dict[str, set[type]] = {}
        for piece in file.pieces():
            for row in piece.data:
                for name, value in row.items():
                    kinds.setdefault(name, set()).add(_kind(value))
        return pa.schema([(name, self._type_of(name, found - {type(None)})) for name, found in kinds.items()])

    def _type_of(self, name: str, kinds: set[type]) -> Any:
        """Return the type of a column whose values are of these types: of the field's own where they are mixed."""
        if len(kinds) == 1:
            (kind,) = kinds
            return LISTS if kind is list else _SCALARS.get(kind, pa.string())
        if kinds == {int, float}:
            return pa.float64()
        return TYPES.get(self.fields[name].type, pa.string()) if name in self.fields else pa.string()


class FilteredSource(FilesSource):
    """Some rows of files."""

    def __init__(self, source: FilesSource, masks: Iterable[NDArray[np.bool_]]) -> None:
        super().__init__(source.files, source.fields, keep_going=source.keep_going)
        self._source = source
        self._masks = [np.packbits(mask) for mask in masks]

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, in order."""
        first = 0
        slices = (piece for batch in self._source.batches() for piece in batch.slices())
        for batch, mask in zip(slices, self._masks, strict=True):
            places = np.flatnonzero(np.unpackbits(mask)[: batch.data.num_rows]).tolist()
            rows = None if batch.rows is None else [batch.rows[place] for place in places]
            data = batch.data.take(pa.array(places, pa.int64()))
            keys = None if batch.keys is None else [batch.keys[place] for place in places]
            yield Batch(data, first, batch.file, [batch.number(place) for place in places], rows, keys=keys)
            first += len(places)


def _larger(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Put small pieces together: what a batch costs beside its rows is paid less often."""
    waiting: list[Piece] = []
    for piece in pieces:
        is_small = isinstance(piece.data, pa.RecordBatch) and piece.data.num_rows < SMALL_ROWS and not piece.bad
        if waiting and (not is_small or piece.data.schema != waiting[0].data.schema):
            yield _joined(waiting)
            waiting = []
        if not is_small:
            yield piece
            continue
        waiting.append(piece)
        if sum(small.data.num_rows for small in waiting) >= SMALL_ROWS:
            yield _joined(waiting)
            waiting = []
    if waiting:
        yield _joined(waiting)


def _joined(pieces: Sequence[Piece]) -> Piece:
    if len(pieces) == 1:
        return pieces[0]
    table = pa.Table.from_batches([piece.data for piece in pieces]).unify_dictionaries().combine_chunks()
    batch = pa.RecordBatch.from_arrays([arrowdata.whole(column) for column in table.columns], schema=table.schema)
    first, last = pieces[0].numbers, pieces[-1].numbers
    return Piece(batch, range(first[0], last[-1] + 1) if len(first) and len(last) else ())


def file_source(paths: str | PathLike[str] | Iterable[str | PathLike[str]], pack: Pack) -> FilesSource:
    """Return files, and those that patterns mean, as a source; raises `InputError` if one can't be opened."""
    several = [paths] if isinstance(paths, str | PathLike) else paths
    return FilesSource(
        [open_table(path, pack.fields) for path in expanded(fspath(path) for path in several)], pack.fields
    )


def _record_batch(columns: Mapping[str, Any], rows: int) -> Any:
    """Return a batch; one of rows alone has a column without a name, for Arrow counts rows by columns."""
    if not columns:
        return pa.RecordBatch.from_arrays([pa.nulls(rows)], [""])
    return pa.RecordBatch.from_arrays(list(columns.values()), list(columns))


def _kind(value: object) -> type:
    if isinstance(value, list | tuple | frozenset | set):
        return list if all(isinstance(element, str) for element in value) else dict
    return type(value)


def _carried_column(values: Sequence[object], kind: Any) -> Any:
    """Return values as a column of a type; what is no text stands in one of text as JSON."""
    if kind == LISTS:
        return pa.array([sorted(v) if isinstance(v, set | frozenset) else v for v in values], kind)
    if kind == pa.string():
        return pa.array([v if v is None or isinstance(v, str) else json.dumps(v, default=sorted) for v in values], kind)
    return pa.array(values, kind)
