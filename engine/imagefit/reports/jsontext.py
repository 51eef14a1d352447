"""Verdicts as JSON text that is safe to show on a terminal and the same on every run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from imagefit.escaping import in_json
from imagefit.facts import Origin
from imagefit.reports.tree import condition_dict
from imagefit.rulepack.pack import Pack
from imagefit.rulepack.words import WAIVED
from imagefit.verdicts import PackRef, RuleResult, Verdict, json_value

__all__ = ["FORMAT_VERSION", "Side", "json_text", "verdict_data", "verdicts_json"]


def json_text(data: Any, indent: int | None = 2) -> str:
    """Return data as JSON, readable, with control and direction characters escaped."""
    return in_json(json.dumps(data, ensure_ascii=False, indent=indent, allow_nan=False))


FORMAT_VERSION = 1
"""Of what `check`, `audit` and `match` print as JSON: it grows where a key gets another meaning or goes away."""


MOST_INDENTED = 100
"""Of more verdicts, each stands on a line: nobody reads them, and indenting takes ten times as long as the rest."""


@dataclass(frozen=True, slots=True)
class Side:
    """The image or the ECS of a candidate: its id and name, and the file that says most of it; empty: not known."""

    id: str = ""
    name: str = ""
    file: str = ""


def verdicts_json(
    verdicts: Sequence[Verdict],
    pack: Pack,
    *,
    sides: Sequence[tuple[Side | None, Side | None]] | None = None,
    explain: bool = False,
    plans: int | None = None,
) -> str:
    """Return what a check prints: an object with the pack and all verdicts.

    Parameters
    ----------
    sides
        The image and the ECS of each verdict's candidate, where they are known.
    plans
        So many plans of each at most; None leaves them out.
    """
    of = sides if sides is not None else [(None, None)] * len(verdicts)
    data = [
        verdict_data(verdict, pack, image=image, ecs=ecs, explain=explain, plans=plans)
        for verdict, (image, ecs) in zip(verdicts, of, strict=True)
    ]
    head = {"format_version": FORMAT_VERSION, "pack": PackRef.of(pack).to_dict()}
    if len(data) <= MOST_INDENTED:
        return json_text({**head, "verdicts": data})
    lines = ",\n".join(json_text(each, None) for each in data)
    return f'{json_text(head, None)[:-1]}, "verdicts": [\n{lines}\n]}}'


def verdict_data(
    verdict: Verdict,
    pack: Pack,
    *,
    image: Side | None = None,
    ecs: Side | None = None,
    explain: bool = False,
    plans: int | None = None,
) -> dict[str, Any]:
    """Return a verdict as JSON data, with what it is of and where its rules are written down.

    With `explain`, also its facts, their origins and each rule's conditions.
    """
    told = verdict.to_dict(plans)
    data = {"key": told.pop("key")} | {
        name: None if side is None else asdict(side) for name, side in (("image", image), ("ecs", ecs))
    }
    data |= told
    data["waived"] = [
        {"rule": result.rule.removeprefix(WAIVED).partition("~")[0], "waiver": result.message, "place": _place(result)}
        for result in verdict.waived
    ]
    for shown in data["rules"]:
        rule = pack.rule(shown["rule"])
        source = pack.sources.get(rule.source.document)
        shown["title"] = rule.title
        shown["source"] = {**shown["source"], "address": "" if source is None else source.address}
        if explain:
            shown["when"] = condition_dict(rule.when, verdict.facts)
            shown["require"] = condition_dict(rule.require, verdict.facts)
    if explain:
        data["facts"] = {
            name: {"value": json_value(value)} | _origin(verdict.origins.get(name))
            for name, value in sorted(verdict.facts.items())
        }
    return data


def _place(result: RuleResult) -> str:
    return f"{result.source.document}, {result.source.section}"


def _origin(origin: Origin | None) -> dict[str, Any]:
    return {} if origin is None else {"origin": {"kind": origin.kind.value, "detail": origin.detail}}
