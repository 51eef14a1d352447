"""What a caller says of tables of his own: which columns are which facts, and how they are written.

The table of names is one of `translation.Translation`s, as the readers of vendors' formats have them. But here the
caller states facts outright: a value that is none of its fact's is an error, and not unknown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field

from imagefit.errors import InputError, UnknownNameError, few, nearest
from imagefit.facts import Field, FieldType, Origin, OriginKind, Value, read_text, read_value, show_value
from imagefit.readers.translation import Translation, one
from imagefit.values import dataclass, pattern, replace

__all__ = ["AS_THEY_ARE", "Map", "OwnTables", "other_unit", "own_names", "read_map"]

Spellings = Mapping[str, Mapping[str, str]]
"""Of facts, what values are called in the tables, and what they are called here."""


@dataclass(frozen=True)
class OwnTables:
    """How tables are written.

    Attributes
    ----------
    names
        The rows of the table of names: each reads one column.
    spelled
        The facts whose values are called otherwise: columns of these are read as text.
    delimiter
        What separates the cells of CSV; None: what the file shows.
    encoding
        Of text without a byte order mark; None: UTF-8.
    is_any
        Whether a table need not state any fact.
    expected, option
        The columns that are said to be there, and where that is said: one that no table has is an error.
    """

    names: Mapping[str, tuple[Translation, ...]] = field(default_factory=dict)
    spelled: frozenset[str] = frozenset()
    delimiter: str | None = None
    encoding: str | None = None
    expected: tuple[str, ...] = ()
    option: str | None = None
    is_any: bool = False

    def known(self, fields: Mapping[str, Field]) -> Mapping[str, Field]:
        """Return the columns that state facts: the facts by their own names, and those of the table of names."""
        if not self.names:
            return fields
        aliases = {column: replace(fields[rows[0].fact], name=column) for column, rows in self.names.items()}
        return {**fields, **aliases}

    def typed(self, fields: Mapping[str, Field]) -> Mapping[str, Field]:
        """Return those of the `known` columns whose values are the facts' own, and not called otherwise."""
        known = self.known(fields)
        spelled = {name for name, rows in self.names.items() if any(row.fact in self.spelled for row in rows)}
        return {name: of for name, of in known.items() if name not in spelled} if spelled else known

    def check(self, columns: Iterable[str], fields: Mapping[str, Field], file: str | None = None) -> None:
        """Raise `InputError` if two of the columns of one table state one fact."""
        stating: dict[str, str] = {}
        for name in columns if self.names else ():
            rows = self.names.get(name, ())
            for fact in [row.fact for row in rows] if rows else [name] if name in fields else []:
                if (other := stating.setdefault(fact, name)) != name:
                    raise InputError(f"two columns state {fact}", file=file, column=f"{other} and {name}")

    def lacking(self, columns: Collection[str]) -> InputError | None:
        """Return what to say of the first column that should be there and is not; None if all are."""
        for name in self.expected:
            if name not in columns:
                near, listed = nearest(name, columns), few(columns)
                return InputError(
                    "no table has this column", option=self.option, value=name, expected=listed, nearest=near
                )
        return None

    def origin(self, fact: str, columns: Collection[str], file: str) -> Origin:
        """Return where a fact comes from that a table states: its file, and the column where that has another name."""
        column = self.column_of(fact, columns)
        return Origin(OriginKind.FILE, file if column == fact else f"{column} in {file}")

    def column_of(self, fact: str, columns: Collection[str]) -> str:
        """Return the column of these that states a fact."""
        return next((name for name in columns if any(row.fact == fact for row in self.names.get(name, ()))), fact)

    def place(self, fact: str, columns: Collection[str]) -> str:
        """Return what to call a column in a message that states a fact: by both names, if they differ."""
        named = self.column_of(fact, columns)
        return fact if named == fact else f"{named} ({fact})"

    def located(self, error: InputError, columns: Collection[str]) -> InputError:
        """Return an error of a value with what its column is called in the table."""
        if error.column is None or (place := self.place(error.column, columns)) == error.column:
            return error
        said = f"{error.expected}; or say what it means: --map-value {error.column}:THEIRS=OURS"
        return type(error)(
            error.message,
            file=error.file,
            row=error.row if error.place is None else error.place,
            column=place,
            value=error.value,
            expected=said,
            nearest=error.nearest,
        )


AS_THEY_ARE = OwnTables()
"""Nothing is said of them."""

Map = Mapping[str, str | tuple[str, Mapping[str, str]]]
"""Columns with their facts, and what values are called that are called otherwise there."""


def read_map(said: Map | None, fields: Mapping[str, Field], delimiter: str | None, encoding: str | None) -> OwnTables:
    """Return what a caller in Python says of tables; raises `InputError` as `own_names` does, or if it is no map.

    >>> from imagefit.facts import Field, FieldType
    >>> fields = {"image.architecture": Field("image.architecture", FieldType.ENUM, ("arm64", "x86_64"))}
    >>> tables = read_map({"CPU": ("image.architecture", {"x86": "x86_64"})}, fields, None, None)
    >>> [row.translate({"CPU": "x86"}) for row in tables.names["CPU"]]
    ['x86_64']
    """
    names: list[tuple[str, str]] = []
    spellings: dict[str, dict[str, str]] = {}
    for column, meant in (said or {}).items():
        try:
            fact, values = (meant, {}) if isinstance(meant, str) else (meant[0], dict(meant[1]))
        except (TypeError, ValueError, LookupError):
            expected = "{COLUMN: FACT} or {COLUMN: (FACT, {THEIRS: OURS})}"
            raise InputError("no map of columns to facts", option="map=", value=meant, expected=expected) from None
        names.append((column, fact))
        if values:
            spellings.setdefault(fact, {}).update(values)
    try:
        table = own_names(names, spellings, fields)
    except InputError as error:
        raise error.at(option="map=") from None
    return OwnTables(table, frozenset(spellings), delimiter, encoding, tuple(said or ()), "map=")


def own_names(
    names: Iterable[tuple[str, str]], spellings: Spellings, fields: Mapping[str, Field]
) -> Mapping[str, tuple[Translation, ...]]:
    """Return a table of names by column.

    Parameters
    ----------
    names
        Columns with their facts. A column may be several facts, and a fact several columns, of different tables.
    spellings
        They hold for every column of a fact, the one that is named like it, too.

    Raises
    ------
    InputError
        If there is no such fact, a value is none of it, or a column is by its name in another unit.
    """
    found: dict[str, dict[str, Translation]] = {}
    for column, fact in (*names, *((fact, fact) for fact in spellings)):
        if fact not in fields:
            raise UnknownNameError.of("fact", fact, fields)
        if unit := other_unit(column, fields[fact]):
            expected = f"a column in {fields[fact].unit}, as {fact} is"
            raise InputError(f"by its name this column is in {unit}", value=column, expected=expected)
        found.setdefault(column, {})[fact] = _row(column, fields[fact], spellings.get(fact, {}))
    return {column: tuple(rows.values()) for column, rows in found.items()}


_UNIT = pattern(
    r"(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))(?i:bytes?|[kmgtp]i?b)(?![A-Za-z])|(?<=[(\[])(?i:[bkmgtp])(?=[)\]])"
)
"""Units of size in a column's name: ``Memory (GB)``, ``memoryMB``, ``Memory(G)``."""


def other_unit(column: str, of: Field) -> str:
    """Return the unit in a column's name, where it is another one than the fact's; ``GB`` and ``GiB`` are one.

    >>> from imagefit.facts import Field, FieldType
    >>> of = Field("image.min_memory_mib", FieldType.INTEGER, unit="MiB")
    >>> [other_unit(name, of) for name in ("Min RAM (GB)", "min_ram_mb", "Min RAM")]
    ['GB', '', '']
    """
    said: list[str] = _UNIT.findall(unicodedata.normalize("NFKC", column)) if _UNIT.fullmatch(of.unit) else []
    scales = {unit[0].casefold() for unit in said}
    return said[0] if said and of.unit[0].casefold() not in scales else ""


def _row(column: str, of: Field, spellings: Mapping[str, str]) -> Translation:
    for theirs, ours in spellings.items():
        if not theirs:
            message = "an empty cell is unknown, and means nothing"
            raise InputError(message, column=of.name, expected=f"--assume {of.name}={ours or 'VALUE'}")
        read_text(of, ours)

    def read(attribute: str, raw: object) -> Value | None:
        if not spellings:
            return raw  # type: ignore[return-value]  # as it is: what it may be is the fact's to say
        if of.type is FieldType.STRING_SET:
            try:
                elements = read_value(any_set, raw)
            except InputError:
                return raw  # type: ignore[return-value]
            if not isinstance(elements, frozenset):
                return None
            return show_value(frozenset(spellings.get(each, each) for each in elements) - {""})
        text = _text(raw)
        return spellings.get(text, text) or None

    any_set = Field(of.name, FieldType.STRING_SET)
    rule = "as it is" if not spellings else ", ".join(f"{theirs}: {ours}" for theirs, ours in spellings.items())
    return Translation(of.name, (column,), rule, one(column, read), origin=OriginKind.FILE)


def _text(raw: object) -> str:
    """Return a cell as text, a whole number without a point."""
    if isinstance(raw, bool):
        return show_value(raw)
    if isinstance(raw, float):
        return "" if raw != raw else show_value(raw) if raw.is_integer() else repr(raw)
    return str(raw)
