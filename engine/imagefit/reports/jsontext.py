"""Verdicts as JSON text that is safe to show on a terminal and the same on every run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from imagefit.escaping import in_json
from imagefit.facts import Origin
from imagefit.reports.tree import condition_dict
from imagefit.rulepack.pack import Pack
from imagefit.verdicts import Verdict, json_value

__all__ = ["json_text", "verdict_data", "verdicts_json"]


def json_text(data: Any, indent: int | None = 2) -> str:
    """Return data as JSON, readable, with control and direction characters escaped."""
    return in_json(json.dumps(data, ensure_ascii=False, indent=indent, allow_nan=False))


def verdicts_json(verdicts: Sequence[Verdict], pack: Pack, *, explain: bool = False) -> str:
    """Return one verdict as an object, several as a list of objects."""
    data = [verdict_data(verdict, pack, explain=explain) for verdict in verdicts]
    return json_text(data[0] if len(data) == 1 else data)


def verdict_data(verdict: Verdict, pack: Pack, *, explain: bool = False) -> dict[str, Any]:
    """Return a verdict as JSON data; with `explain`, also its facts, their origins and each rule's conditions."""
    data = verdict.to_dict()
    if not explain:
        return data
    for shown in data["rules"]:
        rule = pack.rule(shown["rule"])
        shown["when"] = condition_dict(rule.when, verdict.facts)
        shown["require"] = condition_dict(rule.require, verdict.facts)
    data["facts"] = {
        name: {"value": json_value(value)} | _origin(verdict.origins.get(name))
        for name, value in sorted(verdict.facts.items())
    }
    return data


def _origin(origin: Origin | None) -> dict[str, Any]:
    return {} if origin is None else {"origin": {"kind": origin.kind.value, "detail": origin.detail}}
