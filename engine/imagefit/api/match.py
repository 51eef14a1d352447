"""`match`: every image against every ECS, and what a `Match` can be asked."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from os import PathLike

import pyarrow as pa

from imagefit.api.arguments import pack_of_call, refuse_no_mapping, refuse_no_text, tables_of_call
from imagefit.errors import ImagefitWarning, refuse_no_count
from imagefit.escaping.notebook import fragment
from imagefit.explanations.candidate.prepared import prepare, selectors
from imagefit.facts import Facts, Origin, OriginKind
from imagefit.matching.fitting import fitting_pairs
from imagefit.matching.matrix import Matrix, matrix_of
from imagefit.matching.misses import Miss, misses_of
from imagefit.matching.product import Product
from imagefit.matching.reading import read_side
from imagefit.matching.sides import Side, without_conflict
from imagefit.matching.summary import Summary, summary_of
from imagefit.readers.own import Map, OwnTables
from imagefit.rulepack.pack import Pack
from imagefit.supply import Assumption, Supply, read_assumptions, read_facts

__all__ = ["Match", "match"]


def match(
    images: object,
    ecss: object,
    *,
    operation: str,
    pack: Pack | None = None,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    assume: Mapping[str, object] | None = None,
    set: Mapping[str, object] | None = None,
    evaluator: str = "tabular",
    map: Map | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Match:
    """Evaluate every image with every ECS.

    Parameters
    ----------
    images, ecss
        A pandas or polars DataFrame, an Arrow table or stream, a list of mappings, or a path, or paths, to
        files as `check` and `audit` read them. Rows are called by their ``id``, ``key`` or ``name``, or
        else by their number, counted from 1.
    operation
        What the images are to be used for: ``create_ecs``, ``change_os``, ...
    pack
        The rules; the built-in pack by default.
    select, ignore
        Rule ids, prefixes of ids (``boot``) or tags, one or several; ignoring wins.
    assume
        Facts to use in the pairs that lack them; ``"@other.fact"`` assumes what another fact is, and a text that
        begins with ``@`` is written ``"@@text"``.
    set
        Facts that hold for every pair, whatever the images and the ECSs say.
    evaluator
        ``tabular``, which judges any number of pairs together; the others judge them one by one, a million
        at most. They agree on every pair.
    map
        Columns of tables that are facts by another name: ``{"arch": "image.architecture"}``, or with values
        ``{"arch": ("image.architecture", {"x86": "x86_64"})}``.
    delimiter, encoding
        What separates the cells of CSV, and what text is written in; by default, the file tells.

    Returns
    -------
    Match
        Reads the inputs at once, and counts when it is asked.

    Raises
    ------
    InputError
        If a value is none of its fact's, no column of a table is a fact, or an image and an ECS say different things
        of one fact.
    UnknownNameError
        If the pack knows no such fact, operation or rule.
    EvaluatorError
        If numpy and pyarrow, or what the evaluator needs, are not installed.

    Warns
    -----
    ImagefitWarning
        If a column nearly has the name of a fact, or a service's objects are cut down.

    Examples
    --------
    >>> images = [{"id": "a", "image.architecture": "arm64"}, {"id": "b", "image.architecture": "x86_64"}]
    >>> flavors = [{"id": "small", "ecs.architecture": "x86_64"}]
    >>> matches = match(images, flavors, operation="create_ecs", select=["arch.matches"])
    >>> {str(verdict): count for verdict, count in matches.counts().items()}
    {'incompatible': 1, 'unknown': 0, 'compatible': 1}
    """
    pack = pack_of_call(pack)
    refuse_no_text("operation", "evaluator", operation=operation, evaluator=evaluator)
    refuse_no_mapping(assume=assume, set=set)
    selected, ignored = selectors(select), selectors(ignore)
    made = prepare(pack, operation, selected, ignored, evaluator).evaluator
    given = read_facts(set or {}, pack.fields)
    supply = Supply(given, read_assumptions(assume, pack.fields), Origin(OriginKind.GIVEN, "given for all"))
    own = tables_of_call(map, pack.fields, delimiter, encoding)
    columns: list[str] = []
    image_side, ecs_side = (
        _side(source, what, pack, given, own, columns) for source, what in ((images, "image"), (ecss, "ecs"))
    )
    if (error := own.lacking(columns)) is not None:
        raise error
    for source, side in ((images, image_side), (ecss, ecs_side)):
        for warning in side.warnings if source is not side else ():
            warnings.warn(warning, ImagefitWarning, stacklevel=2)
    without_conflict(image_side, ecs_side, given)
    return Match(pack, operation, image_side, ecs_side, made, select=selected, ignore=ignored, supply=supply)


def _side(source: object, what: str, pack: Pack, given: Facts, own: OwnTables, columns: list[str]) -> Side:
    if isinstance(source, Side):
        return source
    return read_side(source, what, pack.fields, given=given, own=own, columns=columns)


class Match(Product):
    """Every image with every ECS; each answer is worked out when it is asked for, and remembered if it is small.

    Attributes
    ----------
    images, ecss
        The two sides: their keys, and what is known of them.
    rules
        The rules of the operation.
    given, assume
        Facts that hold for every pair, and facts that are assumed where they are missing.
    """

    @property
    def given(self) -> Facts:
        """The facts that hold for every pair."""
        return self.supply.given

    @property
    def assume(self) -> Mapping[str, Assumption]:
        """The facts that are assumed where they are missing."""
        return self.supply.assumptions

    def fitting(self, image: int | str | None = None, ecs: int | str | None = None) -> pa.RecordBatchReader:
        """Return the compatible pairs as a stream: by image, then by ECS, both in the caller's order.

        Parameters
        ----------
        image, ecs
            The number (counted from 0) or the key of the one image, or the one ECS, that is asked for.

        Returns
        -------
        pyarrow.RecordBatchReader
            The keys ``image`` and ``ecs`` (text), and the numbers ``image_row`` and ``ecs_row`` of the rows (int64).
        """
        return fitting_pairs(self, image, ecs)

    def misses(self, image: int | str | None = None, ecs: int | str | None = None, n: int = 5) -> list[Miss]:
        """Return the pairs of one image, or of one ECS, that come nearest to fitting and do not.

        Nearest is what nothing known speaks against, then what costs least to mend, of those that fail the fewest rules
        and leave the fewest unknown.

        Raises
        ------
        InputError
            Unless one of `image` and `ecs` is given, and is there.
        """
        refuse_no_count(n=n)
        return misses_of(self, image, ecs, n)

    def write(self, path: str | PathLike[str]) -> None:
        """Write the match as a page of HTML, which is there whole or not at all.

        Parameters
        ----------
        path
            Where to.
        """
        from imagefit.reports.atomic import write_whole
        from imagefit.reports.html.match import match_html

        write_whole(path, match_html(self).encode())

    def summary(self) -> Summary:
        """Return the verdicts counted, who finds a partner, which rules stop pairs, and which facts are missing."""
        return summary_of(self)

    def matrix(self, most: int = 10_000) -> Matrix:
        """Return all verdicts, with the images that no ECS tells apart in one row, and likewise the ECSs.

        Raises
        ------
        InputError
            If more than `most` rows or columns would be left.
        """
        refuse_no_count(most=most)
        return matrix_of(self, most)

    def __repr__(self) -> str:
        counts = ", ".join(f"{count:,} {kind}" for kind, count in self.counts().items())
        return f"<Match {self.images.count:,} images x {self.ecss.count:,} ECSs, {self.operation}: {counts}>"

    def _repr_html_(self) -> str:
        return fragment("match_html", self)
