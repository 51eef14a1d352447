"""`match`: every image against every ECS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from imagefit.api.audit import require_tables
from imagefit.api.check import apply_assumptions, load_default, read_facts

if TYPE_CHECKING:
    from imagefit.matching.product import Match
    from imagefit.rulepack.pack import Pack

__all__ = ["match"]


def match(
    images: object,
    ecss: object,
    *,
    operation: str,
    pack: Pack | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    assume: Mapping[str, object] | None = None,
    set: Mapping[str, object] | None = None,
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
        Rule ids, prefixes of ids (``boot``) or tags; ignoring wins.
    assume
        Facts to use in the pairs that lack them; ``"@other.fact"`` assumes what another fact is.
    set
        Facts that hold for every pair, whatever the images and the ECSs say.

    Returns
    -------
    Match
        Reads the inputs at once, and counts when it is asked.

    Raises
    ------
    InputError
        If a value is none of its fact's, or an image and an ECS say different things of one fact.
    UnknownNameError
        If the pack knows no such fact, operation or rule.
    EvaluatorError
        If numpy and pyarrow are not installed.

    Examples
    --------
    >>> images = [{"id": "a", "image.architecture": "arm64"}, {"id": "b", "image.architecture": "x86_64"}]
    >>> flavors = [{"id": "small", "ecs.architecture": "x86_64"}]
    >>> matches = match(images, flavors, operation="create_ecs", select=["arch.matches"])
    >>> {str(verdict): count for verdict, count in matches.counts().items()}
    {'incompatible': 1, 'unknown': 0, 'compatible': 1}
    """
    require_tables()
    from imagefit.matching.product import Match
    from imagefit.matching.reading import read_side
    from imagefit.matching.sides import Side, without_conflict

    pack = load_default() if pack is None else pack
    pack.chosen_rules(operation, select, ignore)  # says what is wrong with them
    given = read_facts(set or {}, pack)
    apply_assumptions({}, assume or {}, pack)  # says what is wrong with them
    image_side = images if isinstance(images, Side) else read_side(images, "image", pack.fields, given=given)
    ecs_side = ecss if isinstance(ecss, Side) else read_side(ecss, "ecs", pack.fields, given=given)
    without_conflict(image_side, ecs_side, given)
    return Match(pack, operation, tuple(select), tuple(ignore), image_side, ecs_side, given, dict(assume or {}))
