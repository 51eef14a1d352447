"""Reading the two sides of a match: what `audit` reads as tables, and what a vendor's files hold as records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from os import PathLike, fspath
from typing import Any

import pyarrow as pa

from imagefit.columns.column import Encoded
from imagefit.columns.encoding import Encoder
from imagefit.columns.stacking import encode_facts, stacked
from imagefit.cores import close
from imagefit.facts import Facts, Field, Origin, OriginKind
from imagefit.matching.sides import Side
from imagefit.readers import Record
from imagefit.readers.own import OwnTables
from imagefit.sources.batch import Batch
from imagefit.sources.callednames import with_called
from imagefit.sources.candidates import CandidateFile
from imagefit.sources.files import FilesSource
from imagefit.sources.folders import files_of
from imagefit.sources.memory import TableSource, source_of
from imagefit.sources.names import KEY_COLUMNS, OPERATION_COLUMN
from imagefit.sources.reading import open_file

__all__ = ["joined", "read_side", "side_of_file", "side_of_records"]

_SAME = 1024
"""So many mappings of origins are known by the objects in them."""


def read_side(
    source: object,
    what: str,
    fields: Mapping[str, Field],
    *,
    given: Facts,
    own: OwnTables,
    columns: list[str],
) -> Side:
    """Read one side of a match.

    Parameters
    ----------
    source
        Whatever `audit` takes: a table, a list of mappings, a path or several; or a list of records.
    what
        ``image`` or ``ecs``.
    fields
        The facts to look for.
    given
        Facts that hold for all: what the source says of them is not looked at.
    own
        What the caller says of tables of his own.
    columns
        Gets the columns of the tables that are read.

    Raises
    ------
    InputError
        If a value is none of its fact's (names file, row and column), or the source is none of these.
    """
    if isinstance(source, str | PathLike):
        return _read_files([fspath(source)], what, fields, given, own, columns)
    if isinstance(source, Iterator) and not hasattr(source, "__arrow_c_stream__"):
        source = list(source)
    if isinstance(source, Sequence) and source:
        if all(isinstance(item, str | PathLike) for item in source):
            return _read_files(list(map(fspath, source)), what, fields, given, own, columns)
        if all(isinstance(item, Record) for item in source):
            return side_of_records(source, what, fields)
    table = source_of(source, fields, own, given)
    columns += map(str, table.names)
    side = _read(table.batches(), what, fields, given)
    return replace(side, keys=_labels(table, side.keys), warnings=tuple(table.remarks(fields)))


def side_of_file(file: CandidateFile, what: str, fields: Mapping[str, Field], given: Facts) -> Side:
    """Read a file as one side; its notes are those of its rows, and of the file as a whole nothing is said."""
    return _read(FilesSource([file], is_all=False).batches(), what, fields, given, file.name)


def side_of_records(records: Sequence[Record], what: str, fields: Mapping[str, Field]) -> Side:
    """Return records as one side; a flavor that differs between zones is a row for each."""
    found = [each for record in records for each in record.in_zones or (record,)]
    seen = _Records()
    seen.add(found)
    keys = pa.array([record.key for record in found], pa.large_string())
    return seen.side(Side(what, keys, encode_facts([record.facts for record in found], fields)))


class _Records:
    """What the records say of rows beside their facts: equal origins of many rows are one object."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._origins: list[Mapping[str, Origin]] = []
        self._alike: dict[tuple[tuple[str, Origin], ...], Mapping[str, Origin]] = {}
        self._same: dict[tuple[object, ...], tuple[Mapping[str, Origin], Mapping[str, Origin]]] = {}
        self._notes: dict[str, None] = {}

    def add(self, records: Iterable[Record]) -> None:
        """Take the records of the rows that come next."""
        for record in records:
            self._names.append("" if record.key.rpartition("@")[0] == record.id else record.name)
            self._origins.append(self._one(record.origins))
            self._notes.update(dict.fromkeys(f"{record.key}: {note}" for note in record.notes))

    def _one(self, origins: Mapping[str, Origin]) -> Mapping[str, Origin]:
        """Return the mapping that stands for all that equal it; those of the same objects are not compared again."""
        same = (*origins, *map(id, origins.values()))
        if (known := self._same.get(same)) is None:
            if len(self._same) >= _SAME:
                self._same.clear()
            one = self._alike.setdefault(tuple(origins.items()), origins)
            known = self._same[same] = one, origins  # kept, so that the objects stay these
        return known[0]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._names)

    def side(self, side: Side) -> Side:
        """Return a side with the names, the origins and the notes of its rows."""
        return replace(side, names=self._names, origins=self._origins, notes=tuple(self._notes))


def joined(what: str, sides: Sequence[Side], fields: Mapping[str, Field]) -> Side:
    """Put several sides one below the other."""
    if len(sides) == 1:
        return sides[0]
    origins = [origins for side in sides for origins in (side.origins or [{}] * side.count)]
    names = [name for side in sides for name in (side.names or [""] * side.count)]
    return Side(
        what,
        pa.concat_arrays([side.keys.cast(pa.large_string()) for side in sides]),
        stacked([side.encoded for side in sides], fields),
        names if any(side.names for side in sides) else (),
        origins if any(side.origins for side in sides) else (),
        tuple(dict.fromkeys(warning for side in sides for warning in side.warnings)),
        tuple(dict.fromkeys(note for side in sides for note in side.notes)),
    )


def _read_files(
    paths: Sequence[str],
    what: str,
    fields: Mapping[str, Field],
    given: Facts,
    own: OwnTables,
    columns: list[str],
) -> Side:
    told: list[str] = []
    read = partial(open_file, fields=fields, by_zone=True, own=own, given=given)
    sides = []
    for path in files_of(paths, read, told):
        file = read(path)
        side = side_of_file(file, what, fields, given)
        columns += file.columns_read or ()
        sides.append(replace(side, warnings=tuple(file.named(file.warnings))))
    whole = joined(what, sides, fields)
    return replace(whole, warnings=(*told, *whole.warnings)) if told else whole


def _read(
    batches: Iterable[Batch], what: str, fields: Mapping[str, Field], given: Facts, file: str | None = None
) -> Side:
    """Encode batches; raise the first error of a value."""
    encoder = Encoder({name: field for name, field in fields.items() if name not in given})
    keys: list[Any] = []
    records = _Records()
    operations: dict[str, None] = {}

    def encoded() -> Iterator[Encoded]:
        for batch in _ahead(batches):
            found = encoder.encode(with_called(batch, fields, what))
            for row, error in found.errors():
                raise batch.located(row, error)
            keys.append(batch.key_texts())
            records.add(batch.records or ())
            operations.update(dict.fromkeys(_operations_of(batch) if file is not None else ()))
            yield found

    whole = stacked(encoded(), fields)
    pa.default_memory_pool().release_unused()
    origin = None if file is None else dict.fromkeys(whole.columns, Origin(OriginKind.FILE, file))
    side = Side(what, pa.concat_arrays(keys), whole, origin=origin, operations=tuple(operations))
    return records.side(side) if records.count else side


def _operations_of(batch: Batch) -> list[str]:
    """Return the operations that rows ask for."""
    if OPERATION_COLUMN not in batch.data.schema.names:
        return []
    stated: Any = batch.data.column(OPERATION_COLUMN).drop_null()
    return [name for value in stated.unique().to_pylist() if (name := str(value))]


def _ahead(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Yield the batches, and have the next one read meanwhile."""
    remaining = iter(batches)
    try:
        with ThreadPoolExecutor(1) as reader:
            coming = reader.submit(next, remaining, None)
            while (batch := coming.result()) is not None:
                coming = reader.submit(next, remaining, None)
                yield batch
    finally:
        close(remaining)


def _labels(table: TableSource, keys: Any) -> Any:
    """Return the labels of a frame's rows, if it has no column of keys."""
    if table.frame is None or any(name in KEY_COLUMNS for name in table.names):
        return keys
    return pa.array([str(label) for label in table.frame.index], pa.large_string())
