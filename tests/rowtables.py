"""Rules and tables of candidates for tests of what works on columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

import pyarrow as pa

from imagefit.conditions import TRUE, Leaf, Relation
from imagefit.facts import Facts, FieldType
from imagefit.rulepack.pack import Pack
from strategies import FIELDS, pack_of, rule_of

ARROW = {
    FieldType.ENUM: pa.string(),
    FieldType.STRING: pa.string(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.INTEGER: pa.int64(),
    FieldType.NUMBER: pa.float64(),
    FieldType.STRING_SET: pa.list_(pa.string()),
}


def moved_by(count: int, array: Any) -> Any:
    """The same numbers, so many bytes further: a file that is mapped into memory may have them at any address."""
    known, values = array.buffers()
    moved = pa.py_buffer(bytes(count) + values.to_pybytes()).slice(count)
    return pa.Array.from_buffers(array.type, len(array), [known, moved], offset=array.offset)


def mixed(sources: Sequence[Facts], names: Iterable[str], count: int, chance: Random) -> list[Facts]:
    """Candidates that have each fact from one of a few, or not at all: many of them are alike."""
    some = list(names)
    rows = [{name: chance.choice([*sources, {}]).get(name) for name in some} for _ in range(count)]
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def table_of(rows: Sequence[Facts], *, dictionaries: bool = False) -> pa.Table:
    """A table of candidates; with `dictionaries`, text is dictionary-encoded."""
    columns: dict[str, Any] = {}
    for name, field in FIELDS.items():
        raw = [sorted(v) if isinstance(v := row.get(name), frozenset) else v for row in rows]
        array = pa.array(raw, ARROW[field.type])
        columns[name] = array.dictionary_encode() if dictionaries and pa.types.is_string(array.type) else array
    return pa.table(columns)


def distinct_texts(count: int) -> tuple[Pack, pa.Table]:
    """Rules that want two texts to be the same, and one in a set, of candidates that all differ: every second fails."""
    same = Leaf("left.text", Relation.EQUALS, None, "right.text")
    among = Leaf("left.set", Relation.CONTAINS, None, "right.text")
    pack = pack_of([rule_of("made.same", TRUE, same), rule_of("made.among", TRUE, among)])
    table = pa.table(
        {
            "left.text": [f"t{n}" for n in range(count)],
            "right.text": pa.array([f"t{n // 2 * 2}" for n in range(count)]).dictionary_encode(),
            "left.set": [[f"t{n}", "x"] for n in range(count)],
        }
    )
    return pack, table
