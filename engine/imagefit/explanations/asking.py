"""What to ask the cloud for, where facts are missing: the pack's calls, those that decide most first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from imagefit.facts import Facts, Origin, OriginKind
from imagefit.rulepack.pack import Call, Pack
from imagefit.verdicts import Ask

__all__ = ["MOST_ASKED", "asks"]

MOST_ASKED = 3
"""So many calls are named."""


def asks(
    missing: Sequence[str], operation: str, pack: Pack, facts: Facts, origins: Mapping[str, Origin]
) -> tuple[Ask, ...]:
    """Return what to ask for, at most `MOST_ASKED` calls.

    Parameters
    ----------
    missing
        The facts that could still change the verdict, the most decisive first.
    facts, origins
        What is known of the candidate. A call whose answer is there already is not asked for again.
    """
    found: dict[str, list[str]] = {}
    for name in missing:
        for call_name in pack.fields[name].supplied_by:
            call = pack.calls[call_name]
            if (not call.operations or operation in call.operations) and not _is_answered(call, pack, origins):
                found.setdefault(call_name, []).append(name)
                break
    ranked = sorted(found.items(), key=lambda item: missing.index(item[1][0]))[:MOST_ASKED]
    return tuple(_ask(pack.calls[name], facts, supplied) for name, supplied in ranked)


def _ask(call: Call, facts: Facts, supplies: Sequence[str]) -> Ask:
    option = f"{call.option} {call.file}"
    return Ask(call.name, call.typed(facts), option, call.api, call.terraform, tuple(supplies))


def _is_answered(call: Call, pack: Pack, origins: Mapping[str, Origin]) -> bool:
    """Whether a payload has told a fact that this call is the usual one for."""
    return any(
        origin.kind is OriginKind.API and pack.fields[name].supplied_by[:1] == (call.name,)
        for name, origin in origins.items()
        if name in pack.fields
    )
