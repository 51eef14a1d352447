"""`check`: one candidate, judged and explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from imagefit.api.packs import load_default
from imagefit.explanations.prepared import prepare, selectors
from imagefit.facts import Origin
from imagefit.rulepack.pack import Pack
from imagefit.supply import Supply, read_assumptions, read_facts
from imagefit.verdicts import Verdict

__all__ = ["check"]

_NOTHING = Supply()


def check(
    facts: Mapping[str, object],
    *,
    operation: str,
    pack: Pack | None = None,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    assume: Mapping[str, object] | None = None,
    evaluator: str = "reference",
    key: str = "",
    origins: Mapping[str, Origin] | None = None,
    all_rules: bool = False,
) -> Verdict:
    """Evaluate one candidate and explain the verdict.

    Parameters
    ----------
    facts
        Fact names and values; None, empty text and NaN are unknown, and so is what is not there.
    operation
        What the image is to be used for: ``create_ecs``, ``share``, ...
    pack
        The rules; the built-in pack by default.
    select, ignore
        Rule ids, prefixes of ids (``boot``) or tags, one or several; ignoring wins.
    assume
        Facts to use only where `facts` lacks them; ``"@other.fact"`` assumes what another fact is, and a text
        that begins with ``@`` is written ``"@@text"``. The verdict lists those that a rule looked at.
    evaluator
        ``reference``, ``tabular`` or ``durable``; they agree on every candidate.
    key
        The caller's name for the candidate, returned in the verdict.
    origins
        Where each fact came from, if that is known.
    all_rules
        Explain the rules that pass or do not apply, too.

    Raises
    ------
    InputError
        If a value is not one of its fact's type, or no rule is selected; `UnknownNameError` if a fact,
        operation, rule or evaluator is unknown, with the nearest name.
    EvaluatorError
        If the evaluator is not installed.

    Examples
    --------
    >>> verdict = check({"image.status": "queued"}, operation="delete", select=["status"])
    >>> str(verdict.verdict), [rule.rule for rule in verdict.failed]
    ('incompatible', ['status.not-while-created'])
    """
    pack = load_default() if pack is None else pack
    prepared = prepare(pack, operation, selectors(select), selectors(ignore), evaluator)
    supply = Supply(assumptions=read_assumptions(assume, pack.fields)) if assume else _NOTHING
    candidate = supply.complete(read_facts(facts, pack.fields), origins)
    return prepared.verdict(candidate, key=key, all_rules=all_rules)
