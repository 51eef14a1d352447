"""Parquet and Arrow IPC files, batch by batch; text comes as dictionaries wherever the file has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from imagefit.errors import InputError
from imagefit.sources.accounts import Account, account_of_columns, refuse_without_facts
from imagefit.sources.batch import Batch
from imagefit.sources.candidates import CandidateFile, Wanted
from imagefit.sources.formats import Detected
from imagefit.sources.opening import Opened

__all__ = ["ArrowFile", "ParquetFile"]

BATCH_ROWS = 131_072


class _ColumnarFile(CandidateFile):
    """A file with a schema of its own."""

    states_facts = True

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        super().__init__(file.decompressed(), what, wanted)
        self._schema: Any = None

    @property
    def schema(self) -> Any:
        """The file's own schema."""
        return self._schema

    def batches(self) -> Iterator[Batch]:
        """Yield the rows; raises `InputError` if no column is a fact."""
        refuse_without_facts(self._schema.names, self.fields, self.name)
        return self._batches()

    def _batches(self) -> Iterator[Batch]:
        raise NotImplementedError

    def account(self) -> Account:
        """Return which columns are facts."""
        return account_of_columns(str(self.what.format), self._schema.names, self.fields, self.size)


class ParquetFile(_ColumnarFile):
    """A Parquet file; batches differ from its schema in that text is dictionary-encoded."""

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        super().__init__(file, what, wanted)
        with self._open([]) as parquet:
            self._schema = parquet.schema_arrow
            self.size: int | None = parquet.metadata.num_rows
            paths = [(name, path) for name, path in _text_paths(parquet) if name in self.fields]
            self._spans = list(_spans(parquet.metadata))
        self._rows_read = 0
        self._flat = [path for name, path in paths if path == name]
        self._all = [path for _, path in paths]

    def share(self) -> float:
        """Return how much of the file was read, from 0 to 1."""
        return self._rows_read / max(self.size or 0, 1)

    def _batches(self) -> Iterator[Batch]:
        """Yield the rows."""
        self._rows_read = 0
        dictionaries: dict[int, Any] = {}
        try:
            with self._open(self._all) as parquet, self._open(self._flat) as careful:
                for groups in self._spans:
                    for batch in _batches_of(parquet, careful, groups):
                        first = self._rows_read + 1
                        self._rows_read += batch.num_rows
                        numbers = range(first, self._rows_read + 1)
                        yield Batch(_sharing(batch, dictionaries), file=self.name, numbers=numbers)
        except (pa.ArrowException, OSError) as error:
            raise _damaged("Parquet", self.name, error) from None

    def _open(self, dictionaries: Sequence[str]) -> Any:
        try:
            return pq.ParquetFile(self.file.path, read_dictionary=list(dictionaries), pre_buffer=True)
        except (pa.ArrowException, OSError) as error:
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


def _batches_of(parquet: Any, careful: Any, groups: Sequence[int]) -> Iterator[Any]:
    """Yield the batches of some row groups, lists of text with dictionaries wherever Arrow can read them so.

    It can't where a list's dictionary ends within a batch: then `careful` reads on, where lists are plain.
    """
    done = 0
    if len(groups) == 1:
        try:
            for batch in parquet.iter_batches(BATCH_ROWS, row_groups=list(groups)):
                yield batch
                done += batch.num_rows
            return
        except pa.ArrowNotImplementedError:
            pass
    for batch in careful.iter_batches(BATCH_ROWS, row_groups=list(groups)):
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
    """An Arrow IPC file, or a stream of IPC messages."""

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        super().__init__(file, what, wanted)
        with self.file.binary() as content:
            self._schema = self._reader(content).schema

    def _batches(self) -> Iterator[Batch]:
        """Yield the rows; each batch is checked first, for a malformed one could crash what reads it."""
        number = 1
        with self.file.binary() as content:
            reader = self._reader(content)
            try:
                is_stream = isinstance(reader, pa.RecordBatchReader)
                for batch in reader if is_stream else map(reader.get_batch, range(reader.num_record_batches)):
                    batch.validate(full=True)
                    yield Batch(batch, file=self.name, numbers=range(number, number + batch.num_rows))
                    number += batch.num_rows
            except (pa.ArrowException, OSError, MemoryError) as error:
                raise _damaged("Arrow IPC", self.name, error) from None

    def _reader(self, content: Any) -> Any:
        try:
            source = pa.PythonFile(content, "r")
            return pa.ipc.open_file(source) if self.file.start.startswith(b"ARROW1") else pa.ipc.open_stream(source)
        except (pa.ArrowException, OSError) as error:
            raise _damaged("Arrow IPC", self.name, error) from None


def _text_paths(parquet: Any) -> Iterator[tuple[str, str]]:
    """Yield the columns of text, and of lists of text, with their paths in the file."""
    paths = [parquet.schema.column(number).path for number in range(len(parquet.schema))]
    for field in parquet.schema_arrow:
        of = field.type.value_type if types.is_list(field.type) or types.is_large_list(field.type) else field.type
        if types.is_string(of) or types.is_large_string(of):
            yield from ((field.name, path) for path in paths if path == field.name or path.startswith(f"{field.name}."))


def _damaged(kind: str, name: str, error: Exception) -> InputError:
    return InputError(f"not a readable {kind} file ({str(error).partition(chr(10))[0][:200]})", file=name)
