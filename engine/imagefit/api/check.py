"""`check`: one candidate, judged and explained."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from imagefit.api.arguments import (
    pack_of_call,
    places_of_call,
    refuse_no_mapping,
    refuse_no_text,
    tables_of_call,
)
from imagefit.api.defaults import defaults_for
from imagefit.errors import ImagefitWarning, InputError, UnknownNameError
from imagefit.explanations.candidate.prepared import Prepared, prepare, selectors
from imagefit.facts import Facts, Origin
from imagefit.planning.planner import PackPlanner, planner_of
from imagefit.readers.own import Map, OwnTables
from imagefit.rulepack.kept import kept_by_pack
from imagefit.rulepack.pack import Pack
from imagefit.supply import FactReader, Supply, read_assumptions
from imagefit.verdicts import Verdict

if TYPE_CHECKING:
    from imagefit.sources.pairing import Candidate
    from imagefit.sources.subjects import Reader

__all__ = ["check"]

_NOTHING = Supply()

T = TypeVar("T")


def check(
    facts: Mapping[str, object] | None = None,
    *,
    image: object = None,
    ecs: object = None,
    flavor: str | None = None,
    operation: str | None = None,
    pack: Pack | None = None,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    assume: Mapping[str, object] | None = None,
    no_assume: bool = False,
    evaluator: str = "reference",
    key: str = "",
    origins: Mapping[str, Origin] | None = None,
    all_rules: bool = False,
    map: Map | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Verdict:
    """Evaluate one candidate and explain the verdict.

    Parameters
    ----------
    facts
        Fact names and values; None, empty text and NaN are unknown, and so is what is not there. They count before
        what `image` and `ecs` say.
    image, ecs
        An image, and an ECS, a flavor or a request, as the command line takes them: the path of a file, ``FILE#ID``
        for one of its records; or what such a file holds, as mappings and lists. A list or a tuple of paths:
        a flavor beside a request, members beside an image.
    flavor
        A flavor known by its id alone.
    operation
        What the image is to be used for: ``create_ecs``, ``share``, ...; a request says it itself.
    pack
        The rules; the built-in pack by default.
    select, ignore
        Rule ids, prefixes of ids (``boot``) or tags, one or several; ignoring wins.
    assume
        Facts to use only where `facts` lacks them; ``"@other.fact"`` assumes what another fact is, and a text
        that begins with ``@`` is written ``"@@text"``. The verdict lists those that a rule looked at.
    no_assume
        Leave unknown what the pack would assume of a `flavor`: that it is on sale, and so on. Such assumptions are
        used where neither `facts` nor `assume` says anything, and the verdict lists them.
    evaluator
        ``reference``, ``tabular`` or another that is installed; they agree on every candidate.
    key
        The caller's name for the candidate, returned in the verdict.
    origins
        Where each fact came from, if that is known.
    all_rules
        Explain the rules that pass or do not apply, too.
    map
        Columns of tables that are facts by another name: ``{"arch": "image.architecture"}``, or with values
        ``{"arch": ("image.architecture", {"x86": "x86_64"})}``.
    delimiter, encoding
        What separates the cells of CSV, and what text is written in; by default, the file tells.

    Raises
    ------
    InputError
        If a value is not one of its fact's type, no rule is selected, a file can't be read, or there is not exactly
        one candidate; `UnknownNameError` if a fact, operation, rule or evaluator is unknown, with the nearest name.
    EvaluatorError
        If the evaluator is not installed.

    Examples
    --------
    >>> verdict = check({"image.status": "queued"}, operation="delete", select=["status"])
    >>> str(verdict.verdict), [rule.rule for rule in verdict.failed]
    ('incompatible', ['status.not-while-created'])
    """
    pack = pack_of_call(pack)
    is_usual = type(operation) is type(evaluator) is type(key) is str and type(facts) is dict
    if not is_usual or flavor is not None or assume is not None or origins is not None:
        refuse_no_text("evaluator", "key", flavor=flavor, operation=operation, evaluator=evaluator, key=key)
        refuse_no_mapping(facts=facts, assume=assume, origins=origins)
    facts, chosen, ignored = facts or {}, selectors(select), selectors(ignore)
    way = check, operation, chosen, ignored, evaluator
    if image is None and ecs is None and flavor is None and not (assume or origins or all_rules):
        ready: tuple[Prepared, PackPlanner] | None = pack.memory.get(way)
        if ready is not None and (quick := ready[0].explainer.reader) is not None:
            return ready[0].verdict_of(_read(facts, pack, quick.read), key, ready[1])
    given: Facts = _read(facts, pack, _reader_of(pack).read)
    stated, candidate = given, None
    assumptions = read_assumptions(assume, pack.fields)
    if image is not None or ecs is not None or flavor is not None:
        defaults = defaults_for(pack, stated, assumptions, no_assume=no_assume)
        own = tables_of_call(map, pack.fields, delimiter, encoding)
        reader, candidate = _candidate(image, ecs, flavor, stated, pack, defaults, own)
        stated, origins = candidate.facts, {**candidate.origins, **(origins or {})}
        key, operation = key or candidate.key, operation or candidate.operation
    if operation is None:
        raise InputError("no operation is named", expected=f"operation= one of {', '.join(pack.operations)}")
    prepared = prepare(pack, operation, chosen, ignored, evaluator)
    supply = Supply(assumptions=assumptions) if assumptions else _NOTHING
    completed = supply.complete(stated, origins)
    notes = () if candidate is None else candidate.notes(operation, pack)
    planner = planner_of(pack, operation, chosen, ignored)
    pack.memory.remember(way, (prepared, planner))
    verdict = prepared.verdict(completed, key=key, all_rules=all_rules, notes=notes, planner=planner)
    if candidate is None:
        return verdict
    from imagefit.api.known import Existing, choosing

    return choosing(verdict, Existing(pack, reader, given, supply).beside(candidate))


def _read(facts: Mapping[str, object], pack: Pack, read: Callable[[Mapping[str, object]], T]) -> T:
    """Read facts that a caller states; raises `InputError` if they are a service's attributes, and says the way."""
    try:
        return read(facts)
    except UnknownNameError:
        from imagefit.readers.tables import holds_attributes

        if any(name in pack.fields or not isinstance(name, str) for name in facts) or not holds_attributes(facts):
            raise
        named = ", ".join(list(facts)[:4])
        expected = "check(image=..., ecs=...), which reads attributes, or facts by their names"
        raise InputError("these are a service's attributes, not facts", value=named, expected=expected) from None


@kept_by_pack
def _reader_of(pack: Pack) -> FactReader:
    return FactReader(pack.fields)


def _candidate(
    image: object,
    ecs: object,
    flavor: str | None,
    given: Facts,
    pack: Pack,
    defaults: Callable[[Facts], Facts] | None,
    own: OwnTables,
) -> tuple[Reader, Candidate]:
    """Return what has read it, and the one candidate that an image and an ECS make.

    Raises `InputError` if it is not one.
    """
    from imagefit.readers.queried import region_of_ecss, region_of_images, zone_of_ecss
    from imagefit.sources.candidates import refuse_lacking
    from imagefit.sources.pairing import candidates_of
    from imagefit.sources.spelling import ARGUMENTS
    from imagefit.sources.subjects import Reader

    reader = Reader(pack.fields, zone=zone_of_ecss(None, given), spelling=ARGUMENTS, defaults=defaults, own=own)
    images = reader.images(places_of_call(image), region_of_images(given))
    ecss = reader.ecss(places_of_call(ecs), [] if flavor is None else [flavor], region_of_ecss(given))
    refuse_lacking(reader.files)
    candidates = candidates_of(images, ecss, given, ARGUMENTS)
    for warning in reader.warnings:
        warnings.warn(warning, ImagefitWarning, stacklevel=3)
    if len(candidates) != 1:
        keys = ", ".join(candidate.key for candidate in candidates[:4])
        expected = "one image and one ECS, such as FILE#ID; match() and audit() take many"
        raise InputError(f"{len(candidates)} candidates", value=keys, expected=expected)
    return reader, candidates[0]
