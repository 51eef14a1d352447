"""The two inputs of a match: images and ECSs, from tables, mappings, records or files, as encoded facts with keys."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from imagefit.errors import InputError
from imagefit.evaluators.columns import Column, Constant, Encoded, Numbers
from imagefit.evaluators.encoding import Encoder
from imagefit.evaluators.stacking import encode_facts, stacked
from imagefit.facts import Facts, Field, FieldType, Origin, Value, read_value, show_value
from imagefit.readers import Record, read
from imagefit.readers.factsfiles import near_facts

__all__ = ["Side", "is_table", "joined", "read_side", "side_of_records", "without_conflict"]

KEYS = ("id", "key", "name")
"""The columns that name a row, the first of them that there is."""

BATCH = 131_072

_SEARCHED = 10_000
_PARQUET, _ARROW = b"PAR1", b"ARROW1"


@dataclass(frozen=True, eq=False)
class Side:
    """Images, or ECSs.

    Attributes
    ----------
    what
        ``image`` or ``ecs``, for messages.
    keys
        What to call each row: an Arrow array of text.
    names
        What a person calls each row, where the input has names beside the keys.
    origins
        Where each row's facts came from, where the input tells.
    warnings
        What a person should know about the input.
    """

    what: str
    keys: Any
    encoded: Encoded
    names: Sequence[str] = ()
    origins: Sequence[Mapping[str, Origin]] = ()
    warnings: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many there are."""
        return self.encoded.rows

    def key(self, row: int) -> str:
        """Return what a row is called."""
        return str(self.keys[row].as_py())

    def label(self, row: int) -> str:
        """Return what to show of a row: its name, if it has one that no other has, else its key."""
        name = self.names[row] if self.names else ""
        return name if name and self._name_counts[name] == 1 else self.key(row)

    @cached_property
    def _name_counts(self) -> Counter[str]:
        return Counter(self.names)

    def row(self, which: int | str) -> int:
        """Return the number of a row, which is given by its number (counted from 0), its key or its name.

        Raises
        ------
        InputError
            If there is no such row, or several have the key.
        """
        if isinstance(which, int):
            if not -self.count <= which < self.count:
                raise InputError(f"no such {self.what}", value=which, expected=f"a row below {self.count}")
            return which % self.count
        found = np.flatnonzero(pc.equal(self.keys, pa.scalar(which, self.keys.type)).to_numpy(zero_copy_only=False))
        if not len(found) and which in self._name_counts:
            found = np.flatnonzero([name == which for name in self.names])
        if len(found) == 1:
            return int(found[0])
        if len(found):
            ids = ", ".join(dict.fromkeys(self.key(int(row)) for row in found[:6]))
            raise InputError(f"{len(found)} {self.what}s are called this", value=which, expected=f"one of {ids}")
        known = [*self.keys.slice(0, _SEARCHED).to_pylist(), *self.names[:_SEARCHED]]
        near = difflib.get_close_matches(which[:200], known, n=1, cutoff=0.5)
        raise InputError(f"no {self.what} is called this", value=which, nearest=near[0] if near else None)

    def only(self, row: int) -> Side:
        """Return one row of the side."""
        one = slice(row, row + 1)
        encoded = self.encoded.take(np.array([row]))
        return replace(self, keys=self.keys[one], encoded=encoded, names=self.names[one], origins=self.origins[one])

    def facts(self, row: int) -> dict[str, Value]:
        """Return the known facts of a row."""
        return self.encoded.facts(row)


def read_side(source: object, what: str, fields: Mapping[str, Field]) -> Side:
    """Read one side of a match.

    Parameters
    ----------
    source
        A pandas or polars DataFrame, an Arrow table or stream, a list of mappings or of records, a path,
        or several paths.
    what
        ``image`` or ``ecs``.
    fields
        The facts to look for.

    Raises
    ------
    InputError
        If a value is none of its fact's, or the source is none of these.
    """
    if isinstance(source, str | Path):
        return _read_file(source, what, fields)
    if hasattr(source, "__arrow_c_stream__") or isinstance(source, pa.RecordBatch):
        return _read_arrow(source, what, fields)
    if isinstance(source, Sequence) and source and all(isinstance(item, str | Path) for item in source):
        return joined(what, [read_side(item, what, fields) for item in source], fields)
    if isinstance(source, Iterable) and not isinstance(source, Mapping):
        rows = list(source)
        if all(isinstance(row, Record) for row in rows):
            return side_of_records(rows, what, fields)
        if all(isinstance(row, Mapping) for row in rows):
            return _read_mappings(rows, what, fields)
    raise InputError(f"not {what}s", value=type(source).__name__, expected="a table, a list of mappings, or a path")


def side_of_records(records: Sequence[Record], what: str, fields: Mapping[str, Field]) -> Side:
    """Return records as one side; a flavor that differs between zones is a row for each."""
    records = [each for record in records for each in record.in_zones or (record,)]
    notes = dict.fromkeys(f"{record.key}: {note}" for record in records for note in record.notes)
    return Side(
        what,
        pa.array([record.key for record in records], pa.string()),
        encode_facts([record.facts for record in records], fields),
        [record.name for record in records] if all(not record.in_zones for record in records) else (),
        [record.origins for record in records],
        tuple(notes),
    )


def joined(what: str, sides: Sequence[Side], fields: Mapping[str, Field]) -> Side:
    """Put several sides one below the other."""
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


def without_conflict(images: Side, ecss: Side, given: Facts) -> None:
    """Check that no image and ECS say different things of one fact.

    Raises
    ------
    InputError
        If they do; names the fact and two values.
    """
    for name in images.encoded.columns.keys() & ecss.encoded.columns.keys() - given.keys():
        first, second = (_stated(side.encoded.columns[name]) for side in (images, ecss))
        differing = [(a, b) for a in first for b in second if a != b]
        if differing:
            both = " and ".join(map(show_value, differing[0]))
            raise InputError(f"images and ECSs say different things of it: {both}", column=name)


def _stated(column: Column) -> list[Value]:
    """Return some of the values that occur, two at least where there are as many."""
    if isinstance(column, Constant):
        return [column.constant]
    if isinstance(column, Numbers):
        numbers = column.numbers[column.known]
        return [numbers.min().item(), numbers.max().item()] if len(numbers) else []
    present = {column.values[code] for code in np.unique(column.codes).tolist()[:3]}
    return [value for value in present if value is not None]


def _read_file(path: Path | str, what: str, fields: Mapping[str, Field]) -> Side:
    if str(path) != "-" and is_table(path):
        try:
            return _read_batches(_batches_of(Path(path), fields), what, fields)
        except InputError as error:
            raise error.at(file=str(path)) from None
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"cannot be read as a table ({error})", file=str(path)) from error
    document = read(path, fields)
    side = side_of_records(document.records, what, fields)
    warnings = tuple(f"{document.file}: {warning}" for warning in document.warnings)
    return replace(side, warnings=(*warnings, *side.warnings))


def is_table(path: str | Path) -> bool:
    """Whether a file is a Parquet or an Arrow IPC file, by its first bytes."""
    try:
        with Path(path).open("rb") as file:
            return file.read(6).startswith((_PARQUET, _ARROW))
    except OSError:
        return False


def _batches_of(path: Path, fields: Mapping[str, Field]) -> Iterator[Any]:
    with path.open("rb") as file:
        is_arrow = file.read(6) == _ARROW
    if is_arrow:
        reader = pa.ipc.open_file(str(path))
        return (reader.get_batch(number) for number in range(reader.num_record_batches))
    import pyarrow.parquet as pq

    names = pq.read_schema(path).names
    texts = [name for name in names if name in fields and fields[name].type in (FieldType.ENUM, FieldType.STRING)]
    parquet = pq.ParquetFile(path, read_dictionary=texts)
    return parquet.iter_batches(BATCH, columns=[name for name in names if name in fields or name in KEYS])


def _read_arrow(source: Any, what: str, fields: Mapping[str, Field]) -> Side:
    if isinstance(source, pa.RecordBatchReader):
        return _read_batches(source, what, fields)
    table = source if isinstance(source, pa.Table | pa.RecordBatch) else pa.table(source)
    return _read_batches([table], what, fields)


def _read_batches(batches: Iterable[Any], what: str, fields: Mapping[str, Field]) -> Side:
    encoder = Encoder(fields)
    encoded: list[Encoded] = []
    keys: list[Any] = []
    names: dict[str, None] = {}
    count = 0
    for batch in batches:
        found = encoder.encode(batch)
        for row, error in found.errors():
            raise error.at(row=count + row + 1)
        encoded.append(replace(found, bad=()))
        keys.append(_keys_of(batch, count))
        names |= dict.fromkeys(batch.schema.names)
        count += batch.num_rows
    if not encoded:
        return Side(what, pa.array([], pa.string()), Encoded(0, {}))
    warnings = near_facts((name for name in names if name not in fields), fields)
    texts = pa.concat_arrays([key.cast(pa.large_string()) for key in keys])
    return Side(what, texts, stacked(encoded, fields), warnings=tuple(warnings))


def _keys_of(batch: Any, first: int) -> Any:
    """Return what to call each row: the text of its key column, or its number, counted from 1."""
    name = next((name for name in KEYS if name in batch.schema.names), None)
    numbers = pa.array(np.arange(first + 1, first + batch.num_rows + 1)).cast(pa.string())
    if name is None:
        return numbers
    column: Any = batch.column(name)
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    texts = column.cast(pa.string()).fill_null("")
    return pc.if_else(pc.equal(texts, pa.scalar("")), numbers, texts)


def _read_mappings(rows: Sequence[Mapping[str, object]], what: str, fields: Mapping[str, Field]) -> Side:
    found: list[Facts] = []
    keys = []
    others: dict[str, None] = {}
    for number, row in enumerate(rows, start=1):
        facts: dict[str, Value] = {}
        for name, raw in row.items():
            if name not in fields:
                others[name] = None
                continue
            try:
                value = read_value(fields[name], raw)
            except InputError as error:
                raise error.at(row=number) from None
            if value is not None:
                facts[name] = value
        found.append(facts)
        keys.append(next((str(row[name]) for name in KEYS if row.get(name) not in (None, "")), str(number)))
    warnings = tuple(near_facts(others, fields))
    return Side(what, pa.array(keys, pa.string()), encode_facts(found, fields), warnings=warnings)
