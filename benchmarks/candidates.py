"""Tables of candidates for the rules that are measured, as Arrow, made by `generators`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

import generators
from generators import BATCH, REGIONS, Maker
from imagefit import load_pack
from imagefit.facts import Field, FieldType
from imagefit.rulepack.pack import Pack

__all__ = ["BATCH", "batch", "lists_as_such", "sides", "table", "table_part"]

CHANGES = [["name"], ["description"], ["memory"], ["boot_mode"], ["memory", "boot_mode"]]
TEXTS = [f"t{number}" for number in range(1000)]
SIZES = 1024 * 2 ** np.arange(8)


def table(fields: Sequence[Field], rows: int, kind: str = "skewed", seed: int = 1) -> pa.Table:
    """Return candidates with the columns of `fields`; texts and sets are dictionaries, the rest is plain."""
    starts = range(0, rows, BATCH)
    made = [batch(fields, start, min(BATCH, rows - start), kind, seed) for start in starts]
    return pa.Table.from_batches([_with_dictionaries_of(made[0], other) for other in made])


def batch(fields: Sequence[Field], start: int, rows: int, kind: str, seed: int = 1) -> pa.RecordBatch:
    """Return one batch of the table: the one that begins at row `start`."""
    make = _Maker(rows, (seed, start, kind == "skewed"))
    if fields[0].name.startswith("side"):
        columns = {f.name: _generated(make, f) for f in fields}
    elif kind == "skewed":
        columns = generators.candidates(make, kind)
        columns["image.changes"] = make.coded(make.skewed(len(CHANGES)), CHANGES)
        columns["destination.region"] = make.coded(make.skewed(len(REGIONS)), REGIONS)
    else:
        columns = generators.candidates(make, kind) | generators.adversarial(make, "destination.")
    columns |= {f.name: _generated(make, f) for f in fields if f.name not in columns}  # of newer rules
    return pa.RecordBatch.from_pydict({f.name: columns[f.name] for f in fields})


def table_part(fields: Sequence[Field], start: int, rows: int, kind: str, seed: int = 1) -> pa.Table:
    """Return some rows of the table, from one that begins a batch, with sets as plain lists."""
    stop = start + rows
    parts = [batch(fields, first, min(BATCH, stop - first), kind, seed) for first in range(start, stop, BATCH)]
    return lists_as_such(pa.Table.from_batches(parts))


def sides(kind: str, images: int, ecss: int, operation: str = "create_ecs") -> tuple[pa.Table, pa.Table]:
    """Return images and ECSs with the columns that the rules of an operation look at; sets are plain lists."""
    pack = load_pack()
    looked_at = dict.fromkeys(name for rule in pack.rules_for(operation) for name in rule.facts)
    return _side("images", images, kind, looked_at, pack), _side("ecss", ecss, kind, looked_at, pack)


def _side(name: str, rows: int, kind: str, looked_at: Iterable[str], pack: Pack) -> pa.Table:
    found = generators.table(name, rows, kind=kind)
    for fact in looked_at:
        if fact.startswith(f"{name[:-1]}.") and fact not in found.column_names:  # of newer rules
            made = _generated(Maker(rows, (1, len(found.column_names))), pack.fields[fact])
            found = found.append_column(fact, made)
    return found


def lists_as_such(found: pa.Table) -> pa.Table:
    """Return a table whose sets are plain lists, as Parquet, DuckDB and Polars have them."""
    for place, name in enumerate(found.column_names):
        kind = found.schema.field(name).type
        if pa.types.is_dictionary(kind) and pa.types.is_list(kind.value_type):
            chunks = [chunk.dictionary.take(chunk.indices) for chunk in found.column(name).chunks]
            found = found.set_column(place, name, pa.chunked_array(chunks, kind.value_type))
    return found


def _with_dictionaries_of(first: pa.RecordBatch, other: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch that shares its dictionaries with another, as the batches of one table do."""
    columns = [
        pa.DictionaryArray.from_arrays(own.indices, its.dictionary) if pa.types.is_dictionary(own.type) else own
        for own, its in zip(other.columns, first.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, names=first.schema.names)


class _Maker(Maker):
    """Makes sets as dictionaries, too; `lists_as_such` turns them into what others read."""

    def coded(self, codes: Any, values: Sequence[object], is_known: Any = None) -> pa.Array:
        is_known = self.known() if is_known is None else is_known
        indices = pa.array(codes.astype(np.int32), mask=~is_known)
        kind = pa.list_(pa.string()) if isinstance(values[0], list) else None
        return pa.DictionaryArray.from_arrays(indices, pa.array(values, kind))


def _generated(make: Maker, of: Field) -> pa.Array:
    """Return a column of a generated vocabulary."""
    if of.type is FieldType.ENUM:
        return make.coded(make.skewed(len(of.values)), list(of.values))
    if of.type is FieldType.STRING:
        return make.coded(make.skewed(len(TEXTS)), TEXTS)
    if of.type is FieldType.BOOLEAN:
        return make.yes(0.7)
    if of.type is FieldType.STRING_SET:
        some = list(of.values) or [text if not of.elements else f"{text}=true" for text in TEXTS[:20]]
        return make.coded(make.skewed(len(some)), [some[: n + 1] for n in range(len(some))])
    sizes = SIZES[make.skewed(len(SIZES), 0.5)]
    return make.plain(sizes if of.type is FieldType.INTEGER else sizes.astype(np.float64))
