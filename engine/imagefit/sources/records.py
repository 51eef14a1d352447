"""What a vendor's API or console gives, laid out as a table: a row for each record, a column for each fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from imagefit.errors import InputError
from imagefit.facts import Field
from imagefit.readers.records import Format, Record
from imagefit.sources.csvtext import parse_csv
from imagefit.sources.files import decoded
from imagefit.sources.reading import read
from imagefit.sources.streams import Opened
from imagefit.sources.tables import Piece

__all__ = ["RecordsTable", "row_of"]


class RecordsTable:
    """The records of a file, all read at once."""

    def __init__(self, file: Opened, fields: Mapping[str, Field], format: str | None, region: str | None) -> None:
        self.name = file.name
        plain = file.decompressed()
        try:
            document = read(plain.path, fields, format=format, region=region)
        except InputError as error:
            error.file = file.name
            raise
        self.records = document.records
        self.size: int | None = len(self.records)
        noted = dict.fromkeys(note for record in self.records for note in record.notes)
        self.notes: Sequence[str] = (*document.warnings, *noted)
        self._rows = [row_of(record, document.format) for record in self.records]
        if document.format is Format.CONSOLE_CSV:  # the caller's own columns come first, and stay as they are
            table = parse_csv(decoded(plain.path.read_bytes(), file.name), file.name)
            cells = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
            self._rows = [{**own, **record.facts} for own, record in zip(cells, self.records, strict=True)]
        self.schema = None

    def share(self) -> float:
        """Return how much of the file was read, from 0 to 1."""
        return 1.0

    def pieces(self) -> Iterator[Piece]:
        """Yield the rows."""
        yield Piece(self._rows, range(1, len(self._rows) + 1), keys=[record.key for record in self.records])


def row_of(record: Record, format: Format) -> dict[str, object]:
    """Return a record as a row: what it is called, what it asks for, the caller's own columns, and the facts."""
    if format in (Format.FACTS_JSON, Format.FACTS_JSONL, Format.FACTS_CSV):
        return {**record.columns, **record.facts}
    row: dict[str, object] = {"id": record.id or record.key, "name": record.name or None}
    if record.operation:
        row["operation"] = record.operation
    return {**row, **record.facts}
