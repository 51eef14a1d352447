"""Facts files: JSON, JSON Lines and CSV whose keys or columns are the facts' dotted names.

Here the caller states facts outright, so that a wrong value is an error and not an unknown.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from itertools import islice

from imagefit.errors import InputError, shortened
from imagefit.facts import Field, Origin, OriginKind, Value, read_text, read_value
from imagefit.readers.assembly import label
from imagefit.readers.records import Kind, Record
from imagefit.sources.csvtext import Table

__all__ = ["near_fact", "near_facts", "read_facts_objects", "read_facts_table"]

_KEYS = ("id", "key", "name")


def read_facts_objects(
    objects: Iterable[dict[str, object]], fields: Mapping[str, Field], name: str
) -> tuple[list[Record], list[str]]:
    """Read JSON objects of facts; returns their records and what there is to warn of.

    Raises
    ------
    InputError
        If a value is none of its fact's; names the row, the fact, the value and what was expected.
    """
    records, others = [], dict[str, None]()
    for row, candidate in enumerate(objects, start=1):
        facts: dict[str, Value] = {}
        columns: dict[str, object] = {}
        for key, raw in candidate.items():
            if key not in fields:
                columns[key] = raw
                others[key] = None
                continue
            try:
                value = read_value(fields[key], raw)
            except InputError as error:
                raise error.at(file=name, row=row) from None
            if value is not None:
                facts[key] = value
        records.append(_record(row, facts, columns, name))
    return records, near_facts(others, fields)


def read_facts_table(table: Table, fields: Mapping[str, Field], name: str) -> tuple[list[Record], list[str]]:
    """Read a CSV of facts; like `read_facts_objects`, with every cell as text."""
    records = []
    for row, cells in enumerate(table.rows, start=1):
        facts: dict[str, Value] = {}
        columns: dict[str, object] = {}
        for column, cell in zip(table.columns, cells, strict=True):
            if column not in fields:
                columns[column] = cell
                continue
            try:
                value = read_text(fields[column], cell)
            except InputError as error:
                raise error.at(file=name, row=row) from None
            if value is not None:
                facts[column] = value
        records.append(_record(row, facts, columns, name))
    return records, near_facts((column for column in table.columns if column not in fields), fields)


def near_facts(columns: Iterable[str], fields: Mapping[str, Field]) -> list[str]:
    """Warn of columns that are nearly a fact's name; the others are the caller's own business."""
    return [
        f"column {shortened(column)} is no fact and is carried through; did you mean {fact!r}?"
        for column in islice(columns, _LOOKED_AT)
        if (fact := near_fact(column, fields)) is not None
    ]


_LOOKED_AT = 200  # comparing spellings is slow; a table with more columns of its own is left alone


def near_fact(column: str, fields: Mapping[str, Field]) -> str | None:
    """Return the fact whose name a column nearly has: judged leniently only if it starts as facts do (``image.``)."""
    squeezed = {_squeezed(fact): fact for fact in fields}
    is_dotted = column.partition(".")[0].lower() in {fact.partition(".")[0] for fact in fields}
    near = difflib.get_close_matches(_squeezed(column), squeezed, n=1, cutoff=0.7 if is_dotted else 0.9)
    return squeezed[near[0]] if near else None


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name[:100].lower())


def _record(row: int, facts: dict[str, Value], columns: dict[str, object], name: str) -> Record:
    key = next((found for column in _KEYS if (found := label(columns.get(column)))), str(row))
    origin = Origin(OriginKind.FILE, name)
    operation = columns.get("operation")
    return Record(
        Kind.FACTS,
        key=key,
        id=label(columns.get("id")),
        name=label(columns.get("name")),
        facts=facts,
        origins=dict.fromkeys(facts, origin),
        columns=columns,
        operation=operation if isinstance(operation, str) and operation else None,
    )
