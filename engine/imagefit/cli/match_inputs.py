"""Reading what ``imagefit match`` is given: whole lists column by column, what completes others record by record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from imagefit.api.defaults import defaults_for
from imagefit.cli.defaults import assumed_of, stated_of
from imagefit.cli.notes import accounts, tell_notes
from imagefit.cli.operations import known_operation
from imagefit.errors import InputError
from imagefit.readers import Kind
from imagefit.readers.own import OwnTables
from imagefit.readers.queried import region_of_ecss, region_of_images, zone_of_ecss
from imagefit.sources.formats import Format
from imagefit.sources.pairing import not_looked_at
from imagefit.sources.spelling import OPTIONS_OF_MATCH
from imagefit.sources.subjects import ECS_KINDS, IMAGE_KINDS, Place, Reader, Subject, check_kind
from imagefit.supply import Assumptions

if TYPE_CHECKING:
    from imagefit.api.match import Match
    from imagefit.facts import Value
    from imagefit.matching.sides import Side
    from imagefit.rulepack.pack import Pack

__all__ = ["Inputs", "files_of"]


class Inputs:
    """Reads both sides, and remembers what there is to say of them.

    Parameters
    ----------
    input_format, zone
        What ``--from`` and ``--az`` say.
    given, assumptions
        What ``--set`` and ``--assume`` say.
    own
        What the options for tables of one's own say.
    no_assume
        Whether nothing is assumed of flavors that are known by their ids alone.

    Attributes
    ----------
    assumptions
        What is assumed of all pairs: what the user says, and what all flavors that are known by their ids share.
    """

    def __init__(
        self,
        pack: Pack,
        input_format: str | None,
        zone: str | None,
        given: Mapping[str, Value],
        assumptions: Assumptions,
        own: OwnTables,
        *,
        no_assume: bool = False,
    ) -> None:
        self.pack, self.given, self.assumptions = pack, given, assumptions
        defaults = defaults_for(pack, given, assumptions, no_assume=no_assume)
        zone = zone_of_ecss(zone, given)
        of = pack.fields, input_format, zone, True, OPTIONS_OF_MATCH
        self.reader = Reader(*of, defaults=defaults, own=own)
        self.notes: list[str] = []
        self._operations: list[str] = []

    def sides(self, places: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return which of the places hold images and which ECSs; raises `InputError` as `images` does."""
        from imagefit.sources.sides import sides_of

        if "-" in places:
            raise InputError("standard input", expected="--images - or --ecs -, which say what it holds")
        images, ecss = sides_of(self.reader, places)
        return list(map(str, images)), list(map(str, ecss))

    def images(self, places: Sequence[str]) -> Side:
        """Read the images; raises `InputError` as `sources.subjects.Reader` does."""
        region = region_of_images(self.given)
        opened = [each for place in places for each in self.reader.open(place, region, "image", by_zone=True)]
        if any(place.file.what.format is Format.MEMBERS or place.file.is_mixed for place in opened):
            return self._joined("image", [], self.reader.with_members(self._subjects(opened, IMAGE_KINDS, "image")))
        return self._joined("image", [self._side(place, "image", IMAGE_KINDS) for place in opened], [])

    def ecss(self, places: Sequence[str], flavors: Sequence[str]) -> Side:
        """Read the ECSs and flavors; raises `InputError` as `sources.subjects.Reader` does."""
        region = region_of_ecss(self.given)
        opened = [each for place in places for each in self.reader.open(place, region, "ecs", by_zone=True)]
        known_by_id = self._assuming(self.reader.flavors(flavors, region), is_all=not opened)
        if any(place.file.what.format in (Format.REQUEST, Format.SCALING) or place.file.is_mixed for place in opened):
            found = [*self._subjects(opened, ECS_KINDS, "ecs"), *known_by_id]
            return self._joined("ecs", [], self.reader.with_requests(found))
        return self._joined("ecs", [self._side(place, "ecs", ECS_KINDS) for place in opened], known_by_id)

    def _assuming(self, known_by_id: list[Subject], *, is_all: bool) -> list[Subject]:
        """Take what all flavors share for an assumption of all pairs, if there are no other ECSs."""
        assumed = [assumed_of(subject.record) for subject in known_by_id]
        if is_all and assumed and all(one == assumed[0] for one in assumed):
            self.assumptions = Assumptions({**assumed[0], **self.assumptions})
            return [replace(each, record=replace(each.record, facts=stated_of(each.record))) for each in known_by_id]
        return known_by_id

    def operation(self, stated: str | None, *, is_fallback: bool = False) -> str:
        """Return the operation that the option names, or else all that asks for one; a fallback after both.

        Raises `InputError` if several are asked for: all pairs are about one.
        """
        asked = list(dict.fromkeys(self._operations))
        if len(asked) > 1 and (stated is None or is_fallback):
            message, expected = "what is given asks for several operations", "one for all pairs"
            raise InputError(message, option="--operation", value=", ".join(asked[:12]), expected=expected)
        if others := [name for name in asked if not is_fallback and stated not in (None, name)]:
            self.notes.append(f"what is given asks for {', '.join(others[:12])}; --operation {stated} counts")
        asked_for = next(iter(asked), None)
        return known_operation(asked_for or stated if is_fallback else stated, asked_for, self.pack)

    def tell_idle(self, found: Match) -> None:
        """Note a side of which no rule of the operation looks at anything."""
        for side, what in ((found.images, "the images"), (found.ecss, "the ECSs")):
            self.notes += not_looked_at(what, side.encoded.columns, found.operation, self.pack)

    def tell(self, verbose: bool) -> None:
        """Say on stderr what the readers noted; only the first notes, unless `verbose`."""
        told = accounts(self.reader.files) if verbose else []
        tell_notes([*told, *self.reader.warnings, *self.notes], verbose)

    def _subjects(self, places: Sequence[Place], kinds: frozenset[Kind], option: str) -> list[Subject]:
        return [subject for place in places for subject in self.reader.subjects(place, kinds, option)]

    def _side(self, place: Place, what: str, kinds: frozenset[Kind]) -> Side:
        """Read the rows of one place."""
        from imagefit.matching.reading import side_of_file, side_of_records

        file = place.file
        if place.selector is not None:
            chosen = [subject.record for subject in self.reader.subjects(place, kinds, what)]
            return side_of_records(chosen, what, self.pack.fields)
        if not file.states_facts and (first := next(file.records(), None)) is not None:  # all are of one kind
            check_kind(first, kinds, file.name, self.reader.spelling.option(what))
        side = side_of_file(file, what, self.pack.fields, self.given)
        self.reader.warnings += file.named(file.warnings)
        return side

    def _joined(self, what: str, sides: list[Side], subjects: Sequence[Subject]) -> Side:
        from imagefit.matching.reading import joined, side_of_records

        records = [subject.record for subject in subjects]
        self._operations += [record.operation for record in records if record.operation]
        if records or not sides:
            sides = [*sides, side_of_records(records, what, self.pack.fields)]
        self._operations += [name for side in sides for name in side.operations]
        self.notes += [note for side in sides for note in side.notes]
        return joined(what, sides, self.pack.fields)


def files_of(places: Sequence[str]) -> list[str]:
    """Return the files that places mean, one by one, without the ids behind them."""
    from imagefit.sources.names import expanded, split_place

    return list(expanded(dict.fromkeys(split_place(str(place))[0] for place in places)))
