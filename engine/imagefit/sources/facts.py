"""Rows of candidates as Python has them, and the records of facts files.

Keys are the facts' dotted names, other keys are the caller's own. In facts files the caller states facts outright,
so that a wrong value is an error and not an unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from imagefit.errors import InputError
from imagefit.facts import Facts, Field, Value, read_value
from imagefit.readers.assembly import label
from imagefit.readers.called import called
from imagefit.readers.own import OwnTables
from imagefit.readers.records import Kind, Record
from imagefit.sources.limits import COLUMNS
from imagefit.sources.names import OPERATION_COLUMN
from imagefit.values import dataclass

__all__ = ["MOST_SEEN", "Row", "SeenColumns", "facts_record", "record_of", "row_of"]

MOST_SEEN = 1000
"""So many different columns are remembered."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file.

    Attributes
    ----------
    number
        Its number in the file.
    values
        The caller's own columns and facts, by their names.
    key
        What it is called.
    record
        What it was made of, where a reader gave a record.
    error
        What is wrong with it, where it could not be read; then `key` is its text.
    size
        About how many characters it has, where they may be many.
    """

    number: int
    values: Mapping[str, object]
    key: str
    record: Record | None = None
    error: InputError | None = None
    size: int = 0


def row_of(record: Record, number: int) -> Row:
    """Return a record as a row: what it is called, what it asks for, the caller's own columns, and the facts."""
    if record.columns:
        size = sum(len(cell) for cell in record.columns.values() if isinstance(cell, str))
        return Row(number, {**record.columns, **record.facts}, record.key, record, size=size)
    values: dict[str, object] = {"id": record.id or record.key, "name": record.name or None}
    if record.operation:
        values[OPERATION_COLUMN] = record.operation
    return Row(number, {**values, **record.facts}, record.key, record)


def record_of(
    row: Row,
    fields: Mapping[str, Field],
    file: str,
    tables: OwnTables,
    read: Callable[[Field, object], Value | None] = read_value,
) -> Record:
    """Return the record of a row of a facts file; `tables` is what the caller says of its columns.

    Raises
    ------
    InputError
        If the row could not be read, or a value is none of its fact's; names row and fact.
    """
    if row.error is not None:
        raise row.error
    facts: dict[str, Value] = {}
    own: dict[str, object] = {}
    for name, raw in row.values.items():
        named = tables.names.get(name)
        if name not in fields:
            own[name] = raw
        stated = [(each.fact, each.translate({name: raw})) for each in named] if named is not None else [(name, raw)]
        for fact, as_stated in stated if named is not None or name in fields else ():
            try:
                value = read(fields[fact], as_stated)
            except InputError as error:
                raise tables.located(error.at(file=file, row=row.number), row.values) from None
            if value is not None:
                facts[fact] = value
    return called(facts_record(row.key, facts, own, file, tables), fields)


def facts_record(key: str, facts: Facts, own: Mapping[str, object], file: str, tables: OwnTables) -> Record:
    """Return the record of a row whose facts are read; `own` are the caller's own columns."""
    operation = own.get(OPERATION_COLUMN)
    return Record(
        Kind.FACTS,
        key=key,
        id=label(own.get("id")),
        name=label(own.get("name")),
        facts=facts,
        origins={fact: tables.origin(fact, own, file) for fact in facts},
        columns=own,
        operation=operation if isinstance(operation, str) and operation else None,
    )


class SeenColumns:
    """The columns of rows, facts and others, as they turn up."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}

    def see(self, row: Mapping[str, object]) -> bool:
        """Look at the keys of a row, and say whether there are no more of them than a table has."""
        if self.names.keys() >= row.keys():
            return True
        if len(self.names.keys() | row.keys()) > COLUMNS.most:
            return False
        self.names.update(dict.fromkeys(row))
        return True
