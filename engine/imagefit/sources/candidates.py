"""A file of candidates, whatever its format: records of facts, and batches of Arrow data, of the same rows.

A format gives one of the two, or both; what it does not give is made here of the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from imagefit.errors import InputError, UnknownNameError
from imagefit.readers.assembly import Settings
from imagefit.readers.own import AS_THEY_ARE
from imagefit.readers.records import Record
from imagefit.sources.facts import Row, row_of
from imagefit.sources.formats import Detected, Objects
from imagefit.sources.opening import Opened
from imagefit.values import dataclass, replace

if TYPE_CHECKING:
    from pathlib import Path

    from imagefit.sources.accounts import Account
    from imagefit.sources.batch import Batch
    from imagefit.sources.kept import Kept

__all__ = ["CandidateFile", "Wanted", "refuse_lacking", "unknown_places"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller wants of a file.

    Attributes
    ----------
    settings
        What holds for all records.
    keep_going
        Give rows that can't be read as bad rows of batches, and do not raise.
    by_zone
        In batches, a flavor that differs between availability zones is a row for each.
    sheet
        Of a workbook; None: the first that is not hidden.
    """

    settings: Settings
    keep_going: bool = False
    by_zone: bool = False
    sheet: str | None = None


class CandidateFile:
    """A file of candidates, opened: it can be read again and again.

    A format overrides `records` or `batches`, and what it knows better than what is here.

    Attributes
    ----------
    name
        The file, as messages call it.
    size
        The number of rows, where the file says it; else None.
    own, stating
        What the caller says of tables, and the columns that state facts: by their own names, or the caller's.
    states_facts
        Whether rows are facts by their names, any of them; else what rows are is the format's to say.
    piece_rows
        Rows of mappings in a batch.
    lies_in
        Of Parquet, where its columns lie, for who copies them.
    """

    size: int | None = None
    lies_in: Path | None = None
    states_facts = False
    piece_rows = 4096

    def __init__(self, file: Opened, what: Detected, wanted: Wanted) -> None:
        self.file, self.what, self.wanted = file, what, wanted
        self.name, self.fields, self.own = file.name, wanted.settings.fields, wanted.settings.own
        self.stating = self.own.known(self.fields)
        self._noted: dict[str, None] = {}
        self._refused: list[tuple[str, InputError]] = []  # texts of objects, where it is to go on

    def in_zone(self, zone: str) -> CandidateFile:
        """Return the same file with its flavors as they are in an availability zone."""
        settings = replace(self.wanted.settings, zone=zone)
        return type(self)(self.file, self.what, replace(self.wanted, settings=settings))

    @property
    def is_mixed(self) -> bool:
        """Whether it holds images and ECSs, of which an option takes those that it is for."""
        return isinstance(of := self.what.format.recognised, Objects) and of.is_mixed

    def records(self) -> Iterator[Record]:
        """Yield what was read; raises `InputError` if the file, or a value in it, is not what it should be."""
        from imagefit.sources.rows import records_of

        return records_of(self.batches(), self.fields)

    def batches(self) -> Iterator[Batch]:
        """Yield the rows; raises `InputError` if the file is not what it should be."""
        from imagefit.sources.rows import batches_of

        own = self.own if self.states_facts else AS_THEY_ARE
        return batches_of(
            self.rows(), self.fields, self.name, self.piece_rows, keep_going=self.wanted.keep_going, own=own
        )

    @property
    def columns_read(self) -> Collection[str] | None:
        """The columns of a table of facts; None where they are known once it was read, and it was not."""
        return ()

    def rows(self) -> Iterator[Row]:
        """Yield the rows as mappings, where the file has no columns; what is refused is one, where it is to go on."""
        number = 0
        for record in self.records():
            if record.stands_alone and record.operation is None:  # a planned change that is not read
                self._noted[f"{record.key}: {record.without_image}"] = None
                continue
            for each in (self.wanted.by_zone and record.in_zones) or (record,):
                number += len(self._refused)
                yield from self._refused_rows(number)
                number += 1
                if each.notes:
                    self._noted.update(dict.fromkeys(each.notes))
                yield row_of(each, number)
        yield from self._refused_rows(number + len(self._refused))

    def _refused_rows(self, last: int) -> Iterator[Row]:
        """Yield as rows the texts that were refused meanwhile; `last` is the number of the last of them."""
        refused = self._refused
        for place, (text, error) in enumerate(refused, start=last + 1 - len(refused)):
            yield Row(place, {}, text, error=error, size=len(text))
        refused.clear()

    @property
    def schema(self) -> Any:
        """The columns as a ``pyarrow.Schema``; where rows are mappings, asking reads the file."""
        from imagefit.sources.rows import schema_of

        return schema_of(self.rows(), self.fields)

    def kept(self) -> Kept | None:
        """Return the rows, read once and kept as columns; None where the columns are known without, or rows differ."""
        return None

    @property
    def warnings(self) -> Sequence[str]:
        """What there is to warn of the file as a whole, in words; all of it is known once the file was read."""
        return (*self.told(), *self.remarks(), *self.of_caller())

    @property
    def notes(self) -> Sequence[str]:
        """The warnings, and what there is to say of rows, as far as batches were made of them."""
        return tuple(dict.fromkeys((*self.warnings, *self._noted)))

    def remarks(self) -> Sequence[str]:
        """Return what the format has to say of the file as a whole."""
        return ()

    def of_caller(self) -> Sequence[str]:
        """Return what there is to warn of what the caller said, which is the same for all files."""
        return unknown_places(self.wanted.settings)

    def named(self, notes: Sequence[str]) -> list[str]:
        """Return notes as they stand beside those of other files: with the file's name, unless they are not of it."""
        of_caller = self.of_caller()
        return [note if note in of_caller else f"{self.name}: {note}" for note in notes]

    def account(self) -> Account | None:
        """Return what was read, once the file was; None where there is nothing to say of it."""
        return None

    def told(self, *, is_verbose: bool = False) -> Sequence[str]:
        """Return what was read as a line: where something was not used, or in any case."""
        account = self.account()
        return () if account is None or not (account.unused or account.beside or is_verbose) else (str(account),)

    def share(self) -> float:
        """Return how much of the file was read, from 0 to 1."""
        return self.file.share()


def refuse_lacking(files: Collection[CandidateFile]) -> None:
    """Raise `InputError` if a column that the caller says is there is in no file, as far as all of them are read."""
    columns = [file.columns_read for file in files]
    if not any(each is None for each in columns):
        for file in files:
            if (error := file.own.lacking({name for each in columns for name in each or ()})) is not None:
                raise error


def unknown_places(settings: Settings) -> list[str]:
    """Say that no catalog has the region, or the availability zone, that the caller named, with the nearest."""
    found = []
    named = [("region", name, "regions") for name in dict.fromkeys((settings.region, *settings.regions.values()))]
    for what, name, catalog in (*named, ("availability zone", settings.zone, "zones")):
        if name is not None and name not in (known := getattr(settings.catalogs, catalog)):
            near = UnknownNameError.of(what, name, known).nearest
            found.append(f"{what} {name} is in no catalog" + (f"; did you mean {near}?" if near else ""))
    return found
