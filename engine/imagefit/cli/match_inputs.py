"""Reading what ``imagefit match`` is given: tables as they are, everything else as `check` reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from imagefit.cli.inputs import Reader, Subject, region_of_ecss, region_of_images, split_place
from imagefit.cli.notes import tell_notes
from imagefit.cli.operations import known_operation

if TYPE_CHECKING:
    from imagefit.facts import Value
    from imagefit.matching.sides import Side
    from imagefit.rulepack.pack import Pack

__all__ = ["Inputs"]


class Inputs:
    """Reads both sides, and remembers what there is to say of them.

    Parameters
    ----------
    input_format, zone
        What ``--from`` and ``--az`` say.
    given
        What ``--set`` says.
    """

    def __init__(self, pack: Pack, input_format: str | None, zone: str | None, given: Mapping[str, Value]) -> None:
        self.pack, self.given = pack, given
        self.reader = Reader(pack.fields, input_format, zone, may_be_empty=True)
        self.notes: list[str] = []
        self._operations: list[str] = []

    def images(self, places: Sequence[str]) -> Side:
        """Read the images; raises `InputError` as `cli.inputs.Reader` does."""
        tables, others = self._tables("image", places)
        subjects = self.reader.images(others, region_of_images(self.given)) if others else []
        return self._joined("image", tables, subjects)

    def ecss(self, places: Sequence[str], flavors: Sequence[str]) -> Side:
        """Read the ECSs and flavors; raises `InputError` as `cli.inputs.Reader` does."""
        tables, others = self._tables("ecs", places)
        subjects = self.reader.ecss(others, flavors, region_of_ecss(self.given))
        return self._joined("ecs", tables, subjects)

    def operation(self, stated: str | None) -> str:
        """Return the operation that the option names, or else a request among the ECSs."""
        return known_operation(stated, next(iter(self._operations), None), self.pack)

    def tell(self, verbose: bool) -> None:
        """Say on stderr what the readers noted; only the first notes, unless `verbose`."""
        tell_notes([*self.reader.warnings, *self.notes], verbose)

    def _tables(self, what: str, places: Sequence[str]) -> tuple[list[Side], list[str]]:
        """Read the places that are tables, and return them and the other places."""
        from imagefit.matching.reading import read_side
        from imagefit.sources.tables import expanded, is_table

        tables, others = [], []
        fields, format = self.pack.fields, self.reader.input_format
        for place in expanded(places):
            path, selector = split_place(place)
            if path != "-" and is_table(path, fields, format=format):
                side = read_side(path, what, fields, given=self.given, format=format)
                tables.append(side if selector is None else side.only(side.row(selector)))
            else:
                others.append(place)
        return tables, others

    def _joined(self, what: str, tables: list[Side], subjects: Sequence[Subject]) -> Side:
        from imagefit.matching.reading import joined, side_of_records

        records = [subject.record for subject in subjects]
        self._operations += [record.operation for record in records if record.operation]
        sides = [*tables, side_of_records(records, what, self.pack.fields)] if records or not tables else tables
        self.notes += [warning for side in sides for warning in side.warnings]
        return joined(what, sides, self.pack.fields)
