"""What was read of a file, in a line: its format, how many rows, what of it became facts, and what did not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from imagefit.errors import InputError, shortened
from imagefit.facts import Field
from imagefit.readers.own import OwnTables
from imagefit.sources.names import KEY_COLUMNS, LOOKED_AT, OPERATION_COLUMN, attributes_beside, near_fact
from imagefit.values import dataclass

__all__ = ["Account", "account_of_columns", "refuse_without_facts", "titles_below"]

NAMED = 8
"""So many names are listed in a line."""

LINES = 20
"""So many lines are looked at for one that names a table's columns."""


@dataclass(frozen=True, slots=True)
class Account:
    """What was read.

    Attributes
    ----------
    format
        As ``--from`` calls it.
    things, count
        What the file holds (``rows``), and how many, where that is known.
    names, used
        Of a table of facts, how many columns there are, and how many of them are facts.
    unused
        Those that tell none and are not known to tell none.
    near
        Of these, those that nearly have a known name, with that name.
    beside
        Attributes of a service, which are read where they stand alone.
    """

    format: str
    things: str
    count: int | None
    names: int
    used: int
    unused: tuple[str, ...]
    near: Mapping[str, str]
    beside: tuple[str, ...] = ()

    def __str__(self) -> str:
        number = f", {self.count:,} {self.things if self.count != 1 else self.things[:-1]}" if self.count else ""
        parts = [f"read as {self.format}{number}"]
        if self.names:
            parts.append(f"{self.used} of {self.names} columns are facts")
        if others := [name for name in self.unused if name not in self.near]:
            parts.append(f"{'not facts' if self.names else 'not recognised'}: {_listed(others)}")
        if self.beside:
            parts.append(f"attributes of a service, which are not read beside facts: {_listed(self.beside)}")
        parts += [f"{shortened(name)} is nearly {known}" for name, known in islice(self.near.items(), NAMED)]
        return "; ".join(parts)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(map(shortened, names[:NAMED])) + more


def refuse_without_facts(columns: Iterable[object], fields: Mapping[str, Field], file: str | None = None) -> None:
    """Raise `InputError` if there are columns that could state something, and none of them is a fact."""
    names = [name if isinstance(name, str) else str(name) for name in columns]  # a frame has numbers and tuples, too
    own = [name for name in names if name not in (*KEY_COLUMNS, OPERATION_COLUMN)]
    if not any(own) or any(name in fields for name in own):
        return
    expected = f"facts such as {next(iter(fields), 'those of the pack')}"
    from imagefit.readers.tables import is_table
    from imagefit.readers.told import near_attribute, tells_any

    if tells_any(fields) and is_table(names):
        message = "its columns are attributes of a service, which are read from CSV, XLSX and JSON"
        raise InputError(message, file=file, value=", ".join(own)[:200], expected=f"such a file, or {expected}")
    near = near_attribute(own[:LOOKED_AT], fields)
    near = near or next((known for name in own[:LOOKED_AT] if (known := near_fact(name, fields)) is not None), None)
    raise InputError("no column is a fact", file=file, value=", ".join(own)[:200], expected=expected, nearest=near)


def titles_below(
    lines: Iterable[tuple[int, Sequence[object]]], known: Mapping[str, Field], file: str
) -> InputError | None:
    """Say that what names the columns of a table stands below something else, such as its title; else None."""
    from imagefit.readers.console import is_console_export
    from imagefit.readers.tables import is_table

    for number, cells in islice(lines, 1, LINES):
        titles = tuple(cell.strip() for cell in cells if isinstance(cell, str) and cell.strip())
        facts = sum(title in known for title in titles)
        is_header = facts and (len(titles) == 1 or facts + sum(title in KEY_COLUMNS for title in titles) > 1)
        if is_header or is_console_export(titles) or is_table(titles):
            message, expected = "what names the columns stands below something else", "a table that begins with it"
            return InputError(
                message, file=file, row=f"line {number}", value=", ".join(titles)[:200], expected=expected
            )
    return None


def account_of_columns(
    format: str,
    columns: Iterable[str],
    fields: Mapping[str, Field],
    tables: OwnTables,
    count: int | None,
    things: str = "rows",
) -> Account:
    """Return what was read of a table whose columns are facts by their names, or by `tables`, and others."""
    names, stating = list(columns), tables.known(fields)
    own = [name for name in names if name not in stating and name not in (*KEY_COLUMNS, OPERATION_COLUMN)]
    beside = frozenset(attributes_beside(own[:LOOKED_AT], fields))
    own = [name for name in own if name not in beside]
    near = {name: known for name in own[:LOOKED_AT] if (known := near_fact(name, fields)) is not None}
    used = sum(name in stating for name in names)
    return Account(format, things, count, len(names), used, tuple(own), near, tuple(sorted(beside)))
