"""Files of candidates, opened: one by one, or several as the source of an audit. Never read whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns import arrowdata
from imagefit.columns.objects import objects_as_arrow
from imagefit.errors import InputError
from imagefit.facts import Facts, Field
from imagefit.readers.own import AS_THEY_ARE, OwnTables
from imagefit.sources.batch import Batch, Source, keys_of, rows_of
from imagefit.sources.candidates import CandidateFile, refuse_lacking
from imagefit.sources.folders import files_of
from imagefit.sources.kept import Kept
from imagefit.sources.memory import source_of
from imagefit.sources.opening import unreadable
from imagefit.sources.reading import open_file
from imagefit.sources.rows import carried_column

__all__ = ["FilesSource", "file_source", "given_source"]

SMALL_ROWS = 1 << 16


class FilesSource:
    """Files, one after the other; a column that one of them lacks is null in its rows.

    Parameters
    ----------
    is_all
        Whether there are no other files: then a column that the caller says is there has to be in one of these.
    told
        What there is to say of how they were found.
    """

    rows = None
    frame = None

    def __init__(self, files: Sequence[CandidateFile], *, is_all: bool = True, told: Sequence[str] = ()) -> None:
        self.files, self.is_all, self.told = files, is_all, told
        self._reading = 0
        self._kept: dict[int, Kept] = {}  # by the places of the files

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
        try:
            return pa.unify_schemas(list(map(self._schema_of, range(len(self.files)))), promote_options="permissive")
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise InputError(f"the files have columns of one name and different types ({error})") from None

    def _schema_of(self, place: int) -> Any:
        kept = self.files[place].kept()
        if kept is None:
            return self.files[place].schema
        if kept.is_whole:
            self._kept[place] = kept
        return kept.schema

    @property
    def carried_from(self) -> Sequence[Path]:
        """Where the files are whose columns lie there as they are carried: all of them, or none."""
        paths = [file.lies_in for file in self.files if file.lies_in is not None]
        is_alike = len(paths) == len(self.files) and all(file.schema.equals(self.schema) for file in self.files)
        return paths if is_alike else ()

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, in order."""
        return self._batches({})

    def columns(self) -> Iterator[Batch]:
        """Yield the rows, in order, without their records: those that were read for `schema` are not read again."""
        kept, self._kept = self._kept, {}
        return self._batches(kept)

    def _batches(self, kept: dict[int, Kept]) -> Iterator[Batch]:
        first, is_empty = 0, True
        for place, file in enumerate(self.files):
            self._reading = place
            try:
                for batch in kept.pop(place).batches(self.schema) if place in kept else _larger(file.batches()):
                    yield replace(batch, first=first)
                    first += batch.count
                    is_empty = False
            except OSError as error:
                raise unreadable(error, file.name) from error
        refuse_lacking(self.files if self.is_all else ())
        if is_empty:
            yield Batch(arrowdata.no_rows(self.schema))

    def key_of(self, batch: Batch) -> Callable[[int], str]:
        """Return a function that says what the row at a place of a batch is called: by column or number."""
        return keys_of(batch)

    def carried(self, batch: Batch) -> Any:
        """Return the columns of a batch; text, in lists too, may have dictionaries where `schema` has none."""
        if batch.rows is not None:
            columns = [self._carried_column(f.name, f.type, batch.rows) for f in self.schema]
            return pa.RecordBatch.from_arrays(columns, schema=self.schema)
        if batch.data.schema.names == self.schema.names and all(
            map(_is_as, batch.data.schema.types, self.schema.types)
        ):
            return batch.data
        own = dict(zip(batch.data.schema.names, batch.data.columns, strict=True))
        columns = [_as(own[f.name], f.type) if f.name in own else pa.nulls(batch.count, f.type) for f in self.schema]
        return pa.RecordBatch.from_arrays(columns, self.schema.names)

    def _carried_column(self, name: str, kind: Any, rows: Sequence[Mapping[str, object]]) -> Any:
        values = [row.get(name) for row in rows]
        try:
            return carried_column(values, kind)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            array, _ = objects_as_arrow(self.files[0].fields[name], values)
            return array.cast(kind)

    def filtered(self, masks: Iterable[NDArray[np.bool_]]) -> FilesSource:
        """Return the rows for which the masks, batch after batch, are true."""
        return _FilteredSource(self, masks)


class _FilteredSource(FilesSource):
    """Some rows of files."""

    def __init__(self, source: FilesSource, masks: Iterable[NDArray[np.bool_]]) -> None:
        super().__init__(source.files)
        self._source = source
        self._mask = np.packbits(np.concatenate([*masks, np.array([], np.bool_)]))

    carried_from = ()

    @property
    def schema(self) -> Any:
        """The columns of all rows."""
        return self._source.schema

    def batches(self) -> Iterator[Batch]:
        """Yield the rows, in order."""
        first = passed = 0
        for batch in (piece for whole in self._source.batches() for piece in whole.slices()):
            bits = np.unpackbits(self._mask[passed // 8 : (passed + batch.count + 7) // 8])[passed % 8 :]
            places = np.flatnonzero(bits[: batch.count]).tolist()
            yield batch.take(places, first)
            passed += batch.count
            first += len(places)

    def columns(self) -> Iterator[Batch]:
        """Yield the rows, in order."""
        return self.batches()


def file_source(
    paths: str | PathLike[str] | Iterable[str | PathLike[str]],
    fields: Mapping[str, Field],
    own: OwnTables = AS_THEY_ARE,
    given: Facts | None = None,
) -> FilesSource:
    """Return files, and those that patterns and folders mean; raises `InputError` if one can't be opened.

    `given` as of `sources.reading.open_file`.
    """
    several = [paths] if isinstance(paths, str | PathLike) else paths
    told: list[str] = []
    read = partial(open_file, fields=fields, own=own, given=given)
    return FilesSource([read(path) for path in files_of((fspath(path) for path in several), read, told)], told=told)


def given_source(
    table: object, fields: Mapping[str, Field], own: OwnTables, given: Facts
) -> tuple[Source, tuple[str, ...]]:
    """Return a table in memory, a path or paths as a source, and what a person should know of it already.

    Of files, that is known once they were read; `given` as of `file_source`. Raises `InputError` as `memory.source_of`
    and `file_source` do.
    """
    paths = [table] if isinstance(table, str | PathLike) else table
    if isinstance(paths, Sequence) and paths and all(isinstance(path, str | PathLike) for path in paths):
        return file_source(paths, fields, own, given), ()
    source = source_of(table, fields, own, given)
    names = [name for name in source.names if isinstance(name, str)]
    if (error := own.lacking(names)) is not None:
        raise error
    return source, tuple(source.remarks(fields))


def _larger(batches: Iterator[Batch]) -> Iterator[Batch]:
    """Put small batches of columns together: what a batch costs beside its rows is paid less often."""
    waiting: list[Batch] = []
    schema: Any = None  # of all that wait
    for batch in batches:
        rows = rows_of(batch.data.num_columns, SMALL_ROWS, arrowdata.bytes_of(batch.data) / max(batch.count, 1))
        is_small = batch.rows is None and batch.count < rows and not batch.bad
        both = _of_both(schema, batch.data.schema) if waiting and is_small else None
        if waiting and both is None:
            yield _joined(waiting)
            waiting = []
        if not is_small:
            yield batch
            continue
        schema = batch.data.schema if both is None else both
        waiting.append(batch)
        if sum(small.count for small in waiting) >= rows:
            yield _joined(waiting)
            waiting = []
    if waiting:
        yield _joined(waiting)


def _of_both(first: Any, second: Any) -> Any:
    """Return the columns of both, of which one may lack some, or have nulls alone; None if their types differ."""
    if first.equals(second):
        return first
    try:
        return pa.unify_schemas([first, second])
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None


def _joined(batches: Sequence[Batch]) -> Batch:
    if len(batches) == 1:
        return batches[0]
    tables = [pa.Table.from_batches([batch.data]) for batch in batches]
    table = pa.concat_tables(tables, promote_options="default").unify_dictionaries().combine_chunks()
    data = pa.RecordBatch.from_arrays([arrowdata.whole(column) for column in table.columns], schema=table.schema)
    numbers = [batch.numbers for batch in batches if batch.numbers]
    return replace(batches[0], data=data, numbers=range(numbers[0][0], numbers[-1][-1] + 1) if numbers else ())


def _is_as(kind: Any, wanted: Any) -> bool:
    if pa.types.is_dictionary(kind) or kind == wanted:
        return True
    is_of_lists = pa.types.is_list(kind) and pa.types.is_list(wanted) and pa.types.is_dictionary(kind.value_type)
    return bool(is_of_lists and kind.value_type.value_type == wanted.value_type)


def _as(column: Any, kind: Any) -> Any:
    """Return a column as one of a type, where another batch needs that; text may stay dictionary-encoded."""
    if _is_as(column.type, kind):
        return column
    is_json = kind == pa.string() and not pa.types.is_null(column.type)
    return carried_column(column.to_pylist(), kind) if is_json else column.cast(kind, safe=False)
