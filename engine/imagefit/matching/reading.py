"""Reading the two sides of a match: what `audit` reads as tables, and what a vendor's files hold as records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from os import PathLike, fspath
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from imagefit.columns.column import Encoded
from imagefit.columns.encoding import Encoder
from imagefit.columns.stacking import encode_facts, stacked
from imagefit.facts import Facts, Field, Origin, OriginKind
from imagefit.matching.sides import Side
from imagefit.readers import Record
from imagefit.sources.batches import FilesSource
from imagefit.sources.factsfiles import near_facts
from imagefit.sources.memory import KEY_COLUMNS, Batch, TableSource, source_of
from imagefit.sources.tables import expanded, open_table

__all__ = ["joined", "read_side", "side_of_records"]


def read_side(
    source: object,
    what: str,
    fields: Mapping[str, Field],
    *,
    given: Facts | None = None,
    format: str | None = None,
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
    format
        The files' format; by default, the content tells.

    Raises
    ------
    InputError
        If a value is none of its fact's (names file, row and column), or the source is none of these.
    """
    if isinstance(source, str | PathLike):
        return _read_files(expanded([fspath(source)]), what, fields, given, format)
    if isinstance(source, Iterator) and not hasattr(source, "__arrow_c_stream__"):
        source = list(source)
    if isinstance(source, Sequence) and source:
        if all(isinstance(item, str | PathLike) for item in source):
            return _read_files(expanded(fspath(item) for item in source), what, fields, given, format)
        if all(isinstance(item, Record) for item in source):
            return side_of_records(source, what, fields)
    table = source_of(source, fields)
    side = _read(table.batches(), what, fields, given)
    names = [name for name in table.names if isinstance(name, str) and name not in fields]
    return replace(side, keys=_labels(table, side.keys), warnings=tuple(near_facts(names, fields)))


def side_of_records(records: Sequence[Record], what: str, fields: Mapping[str, Field]) -> Side:
    """Return records as one side; a flavor that differs between zones is a row for each."""
    found = [each for record in records for each in record.in_zones or (record,)]
    notes = dict.fromkeys(f"{record.key}: {note}" for record in found for note in record.notes)
    return Side(
        what,
        pa.array([record.key for record in found], pa.string()),
        encode_facts([record.facts for record in found], fields),
        ["" if record.key.rpartition("@")[0] == record.id else record.name for record in found],
        [record.origins for record in found],
        tuple(notes),
    )


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
    )


def _read_files(
    paths: Sequence[str], what: str, fields: Mapping[str, Field], given: Facts | None, format: str | None
) -> Side:
    sides = []
    for path in paths:
        file = open_table(path, fields, format=format)
        records: Sequence[Record] | None = getattr(file, "records", None)
        if records is None:
            side = _read(FilesSource([file], fields).batches(), what, fields, given, file.name)
            sides.append(replace(side, warnings=tuple(f"{file.name}: {note}" for note in file.notes)))
        else:
            side = side_of_records(records, what, fields)
            own = dict.fromkeys(note for record in records for note in record.notes)
            of_file = [f"{file.name}: {note}" for note in file.notes if note not in own]
            sides.append(replace(side, warnings=(*of_file, *side.warnings)))
    return joined(what, sides, fields)


def _read(
    batches: Iterable[Batch], what: str, fields: Mapping[str, Field], given: Facts | None, file: str | None = None
) -> Side:
    """Encode batches; raise the first error of a value."""
    encoder = Encoder({name: field for name, field in fields.items() if name not in (given or {})})
    keys: list[Any] = []

    def encoded() -> Iterator[Encoded]:
        for batch in _ahead(batches):
            found = encoder.encode(batch.data)
            for row, error in found.errors():
                raise error.at(file=batch.file, row=batch.number(row))
            keys.append(_keys_of(batch))
            yield found

    whole = stacked(encoded(), fields)
    pa.default_memory_pool().release_unused()
    origin = None if file is None else dict.fromkeys(whole.columns, Origin(OriginKind.FILE, file))
    return Side(what, pa.concat_arrays(keys), whole, origin=origin)


def _ahead(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Yield the batches, and have the next one read meanwhile."""
    remaining = iter(batches)
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, remaining, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, remaining, None)
            yield batch


def _keys_of(batch: Batch) -> Any:
    """Return what to call each row: the text of its key column, or its number."""
    name = next((name for name in KEY_COLUMNS if name in batch.data.schema.names), None)
    if name is not None:
        column = batch.data.column(name)
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        texts = column.cast(pa.large_string()).fill_null("")
        is_empty = pc.equal(pc.binary_length(texts), pa.scalar(0, pa.int64()))
        if not pc.any(is_empty).as_py():
            return texts
    rows = batch.numbers if batch.numbers is not None else np.arange(batch.data.num_rows) + batch.first + 1
    numbers = pa.array(rows).cast(pa.large_string())
    return numbers if name is None else pc.if_else(is_empty, numbers, texts)


def _labels(table: TableSource, keys: Any) -> Any:
    """Return the labels of a frame's rows, if it has no column of keys."""
    labels: Any = getattr(table.original, "index", None)
    if labels is None or any(name in KEY_COLUMNS for name in table.names):
        return keys
    return pa.array([str(label) for label in labels], pa.large_string())
