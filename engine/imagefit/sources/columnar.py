"""Parquet and Arrow IPC files, batch by batch; text comes as dictionaries wherever the file has them.

Nothing in such a file is taken on trust: every batch is checked in full before anything looks at it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from imagefit.errors import InputError
from imagefit.sources.accounts import Account, account_of_columns, refuse_without_facts
from imagefit.sources.arrowmessages import bounded_messages
from imagefit.sources.batch import Batch, rows_of
from imagefit.sources.candidates import CandidateFile, Wanted
from imagefit.sources.carrying import check_batch, without_null_entries
from imagefit.sources.formats import Detected
from imagefit.sources.frames import refuse_repeated
from imagefit.sources.limits import COLUMNS, EXPANSION, LEAST_EXPANDED, LEAST_ROWS, ROWS
from imagefit.sources.opening import Opened

__all__ = ["ArrowFile", "ParquetFile"]

BATCH_ROWS = 131_072

BATCH_BYTES = 1 << 28
"""Of a file with very large rows, about so many bytes are read at a time."""

BUFFER_BYTES = 1 << 14
"""So much of each column is read ahead: the whole of it, as Arrow's own way is, takes as long, and room besides."""

MOST_DISTINCT = 4096
"""A column with more different texts is quicker read plain."""

LOOKED_AT = 1024
"""So many rows tell whether a column repeats itself."""

_ARROW_FILE = b"ARROW1\0\0"

_DAMAGE = (pa.ArrowException, OSError, ValueError, MemoryError)
"""What Arrow raises of a file that says wrong things; ValueError, where a name is no UTF-8."""


class _ColumnarFile(CandidateFile):
    """A file with a schema of its own."""

    states_facts = True

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        is_stream = file.start.startswith(b"\xff")  # of Arrow; the others are read from their ends
        super().__init__(file if is_stream else file.decompressed(), what, wanted)
        self._schema: Any = None

    @property
    def schema(self) -> Any:
        """The file's own schema."""
        return self._schema

    def batches(self) -> Iterator[Batch]:
        """Yield the rows; raises `InputError` if no column is a fact."""
        if self.stating.keys().isdisjoint(names := self._schema.names) and (error := self.own.lacking(names)):
            raise error.at(file=self.name)
        if not self.own.is_any:
            refuse_without_facts(names, self.stating, self.name)
        return (replace(batch, own=self.own) for batch in self._batches())

    def _batches(self) -> Iterator[Batch]:
        raise NotImplementedError

    def _check_columns(self) -> None:
        """Refuse very many columns, two of one name, and two that state one fact."""
        if len(self._schema.names) > COLUMNS.most:
            raise COLUMNS.passed(self.name, len(self._schema.names))
        refuse_repeated(self._schema.names, self.name)
        self.own.check(self._schema.names, self.fields, self.name)

    @property
    def columns_read(self) -> Collection[str]:
        """The columns."""
        names: Sequence[str] = self._schema.names
        return names

    def account(self) -> Account:
        """Return which columns are facts."""
        return account_of_columns(str(self.what.format), self._schema.names, self.fields, self.own, self.size)


class ParquetFile(_ColumnarFile):
    """A Parquet file; batches differ from its schema in that text is dictionary-encoded."""

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        super().__init__(file, what, wanted)
        with self._open([]) as parquet:
            try:
                self._schema = parquet.schema_arrow
                paths = list(_text_paths(parquet))
            except _DAMAGE as error:
                raise _damaged("Parquet", self.name, error) from None
            self.size: int | None = parquet.metadata.num_rows
            self._check_columns()
            self._check_sizes(parquet.metadata)
            self._spans = list(_spans(parquet.metadata))
        self._rows_read = 0
        self.lies_in = self.file.path
        repeating = self._repeating([path for name, path in paths if path == name and name not in self.stating])
        self._flat = [path for name, path in paths if path == name and (name in self.stating or name in repeating)]
        self._all = self._flat + [path for name, path in paths if path != name and name in self.stating]

    def share(self) -> float:
        """Return how much of the file was read, from 0 to 1."""
        return self._rows_read / max(self.size or 0, 1)

    def _batches(self) -> Iterator[Batch]:
        """Yield the rows."""
        self._rows_read = 0
        dictionaries: dict[int, Any] = {}
        with self._open(self._all) as parquet, self._open(self._flat) as careful:
            for groups in self._spans:
                rows = _rows_of(parquet.metadata, groups)
                said = self._rows_read + sum(parquet.metadata.row_group(group).num_rows for group in groups)
                try:
                    for batch in _batches_of(parquet, careful, groups, rows):
                        first = self._rows_read + 1
                        check_batch(batch, first)
                        self._rows_read += batch.num_rows
                        numbers = range(first, self._rows_read + 1)
                        yield Batch(_sharing(batch, dictionaries), file=self.name, numbers=numbers)
                    if self._rows_read != said:  # Arrow does not mind
                        raise ValueError(f"row {said} is said to be the last one, and row {self._rows_read} is")
                except InputError as error:
                    raise error.at(file=self.name) from None
                except _DAMAGE as error:
                    raise self._located(groups, error) from None

    def _check_sizes(self, metadata: Any) -> None:
        """Refuse a row group that becomes larger, decompressed, than anything does that is no bomb; and so many rows.

        No chunk of a column is asked for: of a damaged footer that ends the process.
        """
        size = self.file.path.stat().st_size
        groups = list(map(metadata.row_group, range(metadata.num_row_groups)))
        rows = max(metadata.num_rows, sum(group.num_rows for group in groups))
        if rows > max(LEAST_ROWS, ROWS.most * size):
            raise ROWS.passed(self.name, rows // size)
        for group, large in enumerate(group.total_byte_size for group in groups):
            if large > max(LEAST_EXPANDED, EXPANSION.most * size):
                raise EXPANSION.passed(self.name, large // size, row=f"row group {group + 1}")

    def _repeating(self, paths: Sequence[str]) -> set[str]:
        """Return the columns of text that repeat themselves: plain, they take longer, and could fill the memory."""
        found: set[str] = set()
        with self._open(paths) as parquet, contextlib.suppress(StopIteration, *_DAMAGE):
            rows = parquet.metadata.row_group(0).num_rows if parquet.metadata.num_row_groups else 0
            batch = next(parquet.iter_batches(LOOKED_AT, row_groups=[0], columns=list(paths))) if rows and paths else {}
            for path in paths if rows else ():
                distinct = len(batch[path].dictionary)
                is_whole = distinct > LOOKED_AT or distinct <= LOOKED_AT // 2  # not what these rows have alone
                if is_whole and distinct <= MOST_DISTINCT and distinct * 8 < max(rows, 9):
                    found.add(path)
        return found

    def _located(self, groups: Sequence[int], error: Exception) -> InputError:
        """Return what to say of damage in some row groups: with the group and the column that can't be read alone."""
        for group in groups:
            for column in self._schema.names:
                try:
                    with self._open([]) as parquet:
                        for batch in parquet.iter_batches(BATCH_ROWS, row_groups=[group], columns=[column]):
                            batch.validate(full=True)
                except _DAMAGE as found:
                    return _damaged("Parquet", self.name, found, f"row group {group + 1}", column)
        last = f" to {groups[-1] + 1}" if len(groups) > 1 else ""
        return _damaged("Parquet", self.name, error, f"row group{'s' if last else ''} {groups[0] + 1}{last}")

    def _open(self, dictionaries: Sequence[str]) -> Any:
        names = list(dictionaries)
        try:
            return pq.ParquetFile(
                self.file.path,
                read_dictionary=names,
                pre_buffer=False,
                buffer_size=BUFFER_BYTES,
                page_checksum_verification=True,
            )
        except _DAMAGE as error:
            raise _damaged("Parquet", self.name, error) from None


def _spans(metadata: Any) -> Iterator[list[int]]:
    """Yield row groups to be read together: small ones up to the size of a batch, large ones alone."""
    span: list[int] = []
    rows = 0
    for group in range(metadata.num_row_groups):
        own = metadata.row_group(group).num_rows
        if span and rows + own > BATCH_ROWS:
            yield span
            span, rows = [], 0
        span.append(group)
        rows += own
    if span:
        yield span


def _rows_of(metadata: Any, groups: Sequence[int]) -> int:
    """Return how many rows of some row groups are read at a time: fewer where they are wide or large.

    It is a power of two, of which a row group mostly has some and what is made of them later has a part.
    """
    sizes = [(group.total_byte_size, group.num_rows) for group in map(metadata.row_group, groups)]
    large = max(size // max(rows, 1) for size, rows in sizes)
    rows: int = min(rows_of(metadata.num_columns, BATCH_ROWS), BATCH_BYTES // max(large, 1))
    return 1 << max(64, rows).bit_length() - 1


def _batches_of(parquet: Any, careful: Any, groups: Sequence[int], rows: int) -> Iterator[Any]:
    """Yield the batches of some row groups, lists of text with dictionaries wherever Arrow can read them so.

    It can't where a list's dictionary ends within a batch: then `careful` reads on, where lists are plain.
    """
    done = 0
    if len(groups) == 1:
        try:
            for batch in parquet.iter_batches(rows, row_groups=list(groups)):
                yield batch
                done += batch.num_rows
            return
        except pa.ArrowNotImplementedError:
            pass
    for batch in careful.iter_batches(rows, row_groups=list(groups)):
        if done >= batch.num_rows:
            done -= batch.num_rows
            continue
        yield batch.slice(done)
        done = 0


def _sharing(batch: Any, dictionaries: dict[int, Any]) -> Any:
    """Return a batch with the dictionaries of the batch before where they are equal: those are known already."""
    columns = batch.columns
    for place, column in enumerate(columns):
        if types.is_dictionary(column.type):
            before = dictionaries.setdefault(place, column.dictionary)
            if before.equals(column.dictionary):
                of = column.type
                columns[place] = pa.DictionaryArray.from_arrays(column.indices, before, ordered=of.ordered, safe=False)
            else:
                dictionaries[place] = column.dictionary
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema) if columns else batch


class ArrowFile(_ColumnarFile):
    """An Arrow IPC file, or a stream of IPC messages, which is what is inside of a file."""

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        super().__init__(file, what, wanted)
        self._batches_said: int | None = None
        with self.file.binary() as content:
            try:
                if self.file.start.startswith(_ARROW_FILE):
                    self._batches_said = pa.ipc.open_file(_file_of(content)).num_record_batches
                    content.seek(0)
                self._schema = self._stream(content).schema
                _ = self._schema.names
            except _DAMAGE as error:
                raise _damaged("Arrow IPC", self.name, error) from None
            self._check_columns()

    def _batches(self) -> Iterator[Batch]:
        """Yield the rows."""
        number, count = 1, 0
        with self.file.binary() as content:
            batches = iter(self._stream(content))
            while True:
                try:
                    if (batch := next(batches, None)) is None:
                        if self._batches_said not in (None, count):
                            raise ValueError(f"its end says that there are {self._batches_said}")
                        return
                    count += 1
                    check_batch(batch, number)
                except InputError as error:
                    raise error.at(file=self.name) from None
                except _DAMAGE as error:
                    raise _damaged("Arrow IPC", self.name, error, f"record batch {count or 1}") from None
                numbers = range(number, number + batch.num_rows)
                yield Batch(without_null_entries(batch), file=self.name, numbers=numbers)
                number += batch.num_rows

    def _stream(self, content: BinaryIO) -> Any:
        """Return a reader of the messages, of which none expands beyond measure."""
        if self._batches_said is not None:
            content.read(len(_ARROW_FILE))
        return pa.ipc.open_stream(_file_of(bounded_messages(content, self.name)))


def _file_of(content: BinaryIO) -> Any:
    return pa.PythonFile(content, "r")  # type: ignore[arg-type]


def _text_paths(parquet: Any) -> Iterator[tuple[str, str]]:
    """Yield the columns of text, and of lists of text, with their paths in the file."""
    paths = [parquet.schema.column(number).path for number in range(len(parquet.schema))]
    for field in parquet.schema_arrow:
        of = field.type.value_type if types.is_list(field.type) or types.is_large_list(field.type) else field.type
        if types.is_string(of) or types.is_large_string(of):
            yield from ((field.name, path) for path in paths if path == field.name or path.startswith(f"{field.name}."))


def _damaged(kind: str, name: str, error: Exception, row: str | None = None, column: str | None = None) -> InputError:
    said = getattr(error, "column", None)
    reason = str(error).partition("\n")[0][:200]
    return InputError(f"not a readable {kind} file ({reason})", file=name, row=row, column=column or said)
